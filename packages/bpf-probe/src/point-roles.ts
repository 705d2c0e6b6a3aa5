// SPDX-License-Identifier: Apache-2.0
import type { PointRole } from '@hopspan/core';
import { matchesGlob } from './glob.ts';
import type { NetworkInterface } from './netlink/links.ts';
import type { InterfaceOptions, PointsOption } from './options.ts';

/** What is to be watched. */
export interface WantedInterfaces extends InterfaceOptions {
  /** Default: 'two'. */
  readonly points?: PointsOption;
}

/**
 * What a device between NIC and vport is, by its kind (IFLA_INFO_KIND). WireGuard is not among the tunnels but a
 * NIC: what it has encrypted cannot be read at the device below.
 */
const ROLES: Readonly<Record<string, PointRole>> = {
  bridge: 'bridge',
  bond: 'bond',
  team: 'bond',
  vxlan: 'tunnel',
  geneve: 'tunnel',
  gre: 'tunnel',
  gretap: 'tunnel',
  ip6gre: 'tunnel',
  ip6gretap: 'tunnel',
  ipip: 'tunnel',
  ip6tnl: 'tunnel',
  sit: 'tunnel',
  wireguard: 'nic',
};

/**
 * The role of each device that is wanted, by index. A bond that is a point of its own lies between the others and its
 * parts, which are the NICs then; otherwise it is the NIC, and its parts are no points: the same packet would pass two.
 */
export function assignRoles(
  wanted: WantedInterfaces,
  existing: readonly NetworkInterface[],
): Map<number, PointRole> {
  const roles = new Map<number, PointRole>();
  for (const device of existing) {
    const role = roleOf(device, wanted);
    if (role !== undefined) roles.set(device.ifindex, role);
  }
  for (const { ifindex, master } of existing) {
    if (master === undefined || !isBond(existing, master)) continue;
    if (roles.get(master) === 'bond') roles.set(ifindex, 'nic');
    else if (roles.get(master) === 'nic') roles.delete(ifindex);
  }
  return roles;
}

/** The role that its kind gives a device which is neither named nor matched as NIC or vport; undefined for others. */
export function roleOfKind(kind: string | undefined): PointRole | undefined {
  return kind === undefined ? undefined : ROLES[kind];
}

function roleOf(device: NetworkInterface, wanted: WantedInterfaces): PointRole | undefined {
  const end = endRoleOf(device.ifname, wanted);
  if (end === 'vport') return end;
  const between = isSelected(device, wanted.points ?? 'two') ? roleOfKind(device.kind) : undefined;
  return between === 'bond' ? between : (end ?? between);
}

function endRoleOf(ifname: string, { nic, vport }: InterfaceOptions): PointRole | undefined {
  if (vport.includes(ifname)) return 'vport';
  if (nic.some((pattern) => matchesGlob(ifname, pattern))) return 'nic';
  return vport.some((pattern) => matchesGlob(ifname, pattern)) ? 'vport' : undefined;
}

function isSelected({ ifname }: NetworkInterface, points: PointsOption): boolean {
  if (points === 'two') return false;
  return points === 'all' || points.some((pattern) => matchesGlob(ifname, pattern));
}

function isBond(existing: readonly NetworkInterface[], ifindex: number): boolean {
  return existing.some((device) => device.ifindex === ifindex && roleOfKind(device.kind) === 'bond');
}
