// SPDX-License-Identifier: Apache-2.0
import { type HopspanError, invalidOption, type PointRole } from '@hopspan/core';
import { HopProbeError } from './errors.ts';
import { isGlob } from './glob.ts';
import { loadNative } from './native.ts';
import { type NetworkInterface, readLinks } from './netlink/links.ts';
import { assignRoles, type WantedInterfaces } from './point-roles.ts';

/** A device that is to be watched. */
export interface WatchedInterface extends NetworkInterface {
  readonly role: PointRole;
}

/**
 * The devices of this process's network namespace, by index.
 * @throws HopProbeError HOPSPAN_ERR_SYSTEM, and what loading the addon throws
 */
export function listInterfaces(): NetworkInterface[] {
  return readLinks(loadNative());
}

/**
 * Checks that what is to be watched makes sense on this machine. NIC patterns win over vport globs, so that
 * `vport: ['*']` beside a named NIC means all others.
 * @throws HopProbeError HOPSPAN_ERR_NO_SUCH_INTERFACE when a name is missing or nothing matches
 * @throws HopspanError HOPSPAN_ERR_INVALID_OPTION when `points` lists a device that is nothing to be between
 */
export function resolveInterfaces(
  wanted: WantedInterfaces,
  existing: readonly NetworkInterface[],
  allowNone = false,
): WatchedInterface[] {
  const names = existing.map(({ ifname }) => ifname);
  for (const name of namesOf(wanted)) if (!names.includes(name)) throw noSuchInterface(name, names);
  const watched = selectInterfaces(wanted, existing);
  const roles = assignRoles(wanted, existing);
  const listed = betweenOf(wanted);
  const stray = existing.find(({ ifname, ifindex }) => listed.includes(ifname) && !roles.has(ifindex));
  if (stray !== undefined) throw notBetween(stray);
  if (watched.length === 0 && !allowNone) throw nothingMatches(wanted, names);
  return watched;
}

/**
 * Those of the devices that there are now that are wanted, NICs first. A glob means devices that are up: one that is
 * being made passes no packet yet, and container engines make devices here that are to go elsewhere.
 * @param watched indexes of the devices that are watched already, which may go down and stay
 */
export function selectInterfaces(
  wanted: WantedInterfaces,
  existing: readonly NetworkInterface[],
  watched: ReadonlySet<number> = new Set(),
): WatchedInterface[] {
  const roles = assignRoles(wanted, existing);
  const selected = existing.flatMap((device) => {
    const role = roles.get(device.ifindex);
    const ready = device.up !== false || watched.has(device.ifindex) || isNamed(device.ifname, wanted);
    return role !== undefined && ready ? [{ ...device, role }] : [];
  });
  return [...selected.filter(({ role }) => role === 'nic'), ...selected.filter(({ role }) => role !== 'nic')];
}

/** Whether a device is wanted by its name and not by a pattern. */
export function isNamed(ifname: string, wanted: WantedInterfaces): boolean {
  return namesOf(wanted).includes(ifname);
}

function namesOf(wanted: WantedInterfaces): string[] {
  return [...wanted.nic, ...wanted.vport, ...betweenOf(wanted)].filter((name) => !isGlob(name));
}

function betweenOf({ points }: WantedInterfaces): readonly string[] {
  return typeof points === 'object' ? points : [];
}

function notBetween({ ifname, kind = 'hardware' }: NetworkInterface): HopspanError {
  return invalidOption(
    'HopProbe',
    'points',
    `${ifname} (${kind})`,
    'a list of bridges, tunnel devices and bonds; uplinks belong into interfaces.nic, the host-side ends of pods into interfaces.vport',
  );
}

/** The error for a device that is not there, with the names that look most like it. */
export function noSuchInterface(name: string, existing: readonly string[]): HopProbeError {
  return new HopProbeError(
    'HOPSPAN_ERR_NO_SUCH_INTERFACE',
    `find interface: there is no interface '${name}' in this network namespace; nearest: ${nearestNames(name, existing).join(', ')}. 'ip link' lists them all.`,
  );
}

function nothingMatches({ nic, vport }: WantedInterfaces, names: readonly string[]): HopProbeError {
  return new HopProbeError(
    'HOPSPAN_ERR_NO_SUCH_INTERFACE',
    `find interfaces: nothing matches nic [${nic.join(', ')}] or vport [${vport.join(', ')}]; there are ${names.slice(0, 10).join(', ')}. Set allowNoInterfaces to start without any.`,
  );
}

function nearestNames(name: string, existing: readonly string[]): string[] {
  const ranked = existing.map((other) => ({ other, distance: editDistance(name, other) }));
  ranked.sort((a, b) => a.distance - b.distance || a.other.localeCompare(b.other));
  return ranked.slice(0, 3).map(({ other }) => other);
}

/** Levenshtein distance. Interface names have at most 15 characters (IFNAMSIZ). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
