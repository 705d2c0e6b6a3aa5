// SPDX-License-Identifier: Apache-2.0
import type { PointRole } from '@hopspan/core';
import type { EbpfHopsConfig } from './config/schema.ts';
import { defaultVportGlobs } from './config/schema.ts';
import { suggest } from './config/suggest.ts';
import { AgentError, ExitCode } from './errors.ts';
import { isGlob, selectByGlobs } from './net/glob.ts';
import { checkNics, findNics, type NodeView } from './net/nics.ts';
import type { Platform } from './platform.ts';

/** What the configuration means on this machine. */
export interface Devices {
  /** Names, or globs where those are configured. */
  readonly nic: readonly string[];
  /** Names and globs: those that match later are watched, too. */
  readonly vport: readonly string[];
  /** Those that are here now. */
  readonly present: {
    readonly nic: readonly string[];
    readonly vport: readonly string[];
    readonly between: readonly { readonly ifname: string; readonly role: PointRole }[];
  };
  /** What looks wrong, one line each. */
  readonly warnings: readonly string[];
}

/** Keys of the receiver that name devices. */
type DeviceKey = 'interfaces::nic' | 'interfaces::vport' | 'points';

/** A device that is configured is not there: exit status 1. */
export class DeviceError extends AgentError {
  constructor(key: DeviceKey, message: string) {
    super('HOPSPAN_ERR_AGENT_DEVICE', ExitCode.failure, `receivers::ebpf_hops::${key}: ${message}`);
    this.name = 'DeviceError';
  }
}

/**
 * Every name must be there, and at least one NIC; a node without pods is fine, since pods come. A NIC is never a
 * vport too. Throws DeviceError.
 * @param nodeAddress the node's address in its cluster, where it is known
 */
export function resolveDevices(
  {
    interfaces: { nic, vport = [...defaultVportGlobs] },
    points,
  }: Pick<EbpfHopsConfig, 'interfaces' | 'points'>,
  platform: Pick<Platform, 'network' | 'getAddresses' | 'assignRoles'>,
  nodeAddress?: string,
): Devices {
  const links = platform.network.links();
  const view: NodeView = {
    links,
    routes: platform.network.routes(),
    addresses: platform.getAddresses(),
    nodeAddress,
  };
  const names = links.map(({ ifname }) => ifname);
  const wanted = nic ?? findDefault(view);
  requireNames('interfaces::nic', wanted, names);
  requireNames('interfaces::vport', vport, names);
  if (typeof points === 'object') requireNames('points', points, names);
  const nics = selectByGlobs(names, wanted);
  if (nics.length === 0)
    throw new DeviceError('interfaces::nic', `no device matches ${wanted.join(', ')}; ${list(names)}`);
  return {
    nic: wanted,
    vport,
    present: sortByRole(view.links, platform.assignRoles({ nic: wanted, vport, points }, links)),
    warnings: checkNics(nics, view),
  };
}

function sortByRole(links: NodeView['links'], roles: ReadonlyMap<number, PointRole>): Devices['present'] {
  const present = links.flatMap(({ ifname, ifindex }) => {
    const role = roles.get(ifindex);
    return role === undefined ? [] : [{ ifname, role }];
  });
  const namesOf = (role: PointRole) =>
    present.filter((each) => each.role === role).map(({ ifname }) => ifname);
  return {
    nic: namesOf('nic'),
    vport: namesOf('vport'),
    between: present.filter(({ role }) => role !== 'nic' && role !== 'vport'),
  };
}

function requireNames(key: DeviceKey, wanted: readonly string[], present: readonly string[]): void {
  const missing = wanted.find((name) => !isGlob(name) && !present.includes(name));
  if (missing === undefined) return;
  const nearest = suggest(missing, present);
  const hint = nearest === undefined ? list(present) : `did you mean "${nearest}"? ${list(present)}`;
  throw new DeviceError(key, `there is no device "${missing}"; ${hint}`);
}

function findDefault(view: NodeView): readonly string[] {
  const nics = findNics(view);
  if (nics.length > 0) return nics;
  throw new DeviceError(
    'interfaces::nic',
    "there is no default route to take the NIC from; name the node's uplink device",
  );
}

function list(present: readonly string[]): string {
  const shown = present.slice(0, 12).join(', ');
  return `devices here: ${shown === '' ? 'none' : shown}${present.length > 12 ? ', …' : ''}`;
}
