// SPDX-License-Identifier: Apache-2.0
import { invalidOption, type PointRole } from '@hopspan/core';
import { describeErrno, HopProbeError } from './errors.ts';
import { loadNative, type NetworkInterface } from './native.ts';
import type { InterfaceOptions } from './options.ts';

/** A device that is to be watched. */
export interface WatchedInterface extends NetworkInterface {
  readonly role: PointRole;
}

/**
 * The devices of this process's network namespace, by index.
 * @throws HopProbeError HOPSPAN_ERR_SYSTEM, and what loading the addon throws
 */
export function listInterfaces(): NetworkInterface[] {
  const list = loadNative().listInterfaces();
  if (typeof list !== 'number') return list;
  throw new HopProbeError('HOPSPAN_ERR_SYSTEM', `list interfaces: ${describeErrno(-list)}`, { errno: -list });
}

/**
 * Which of the devices that exist are to be watched, and as what. NIC patterns win over vport globs, so
 * that `vport: ['*']` beside a named NIC means all others.
 * @throws HopProbeError HOPSPAN_ERR_NO_SUCH_INTERFACE when a name is missing or nothing matches
 * @throws HopspanError HOPSPAN_ERR_INVALID_OPTION when one name is given as both
 */
export function resolveInterfaces(
  wanted: InterfaceOptions,
  existing: readonly NetworkInterface[],
  allowNone = false,
): WatchedInterface[] {
  const twice = wanted.vport.find((name) => !isGlob(name) && wanted.nic.includes(name));
  if (twice !== undefined) {
    throw invalidOption('HopProbe', 'interfaces.vport', twice, 'different from interfaces.nic');
  }
  const names = existing.map(({ ifname }) => ifname);
  for (const name of [...wanted.nic, ...wanted.vport]) {
    if (!isGlob(name) && !names.includes(name)) throw noSuchInterface(name, names);
  }
  const watched = existing.flatMap((device) => {
    const role = roleOf(device.ifname, wanted);
    return role === undefined ? [] : [{ ...device, role }];
  });
  if (watched.length === 0 && !allowNone) throw nothingMatches(wanted, names);
  return watched;
}

/** The error for a device that is not there, with the names that look most like it. */
export function noSuchInterface(name: string, existing: readonly string[]): HopProbeError {
  return new HopProbeError(
    'HOPSPAN_ERR_NO_SUCH_INTERFACE',
    `find interface: there is no interface '${name}' in this network namespace; nearest: ${nearestNames(name, existing).join(', ')}. 'ip link' lists them all.`,
  );
}

function nothingMatches({ nic, vport }: InterfaceOptions, names: readonly string[]): HopProbeError {
  return new HopProbeError(
    'HOPSPAN_ERR_NO_SUCH_INTERFACE',
    `find interfaces: nothing matches nic [${nic.join(', ')}] or vport [${vport.join(', ')}]; there are ${names.slice(0, 10).join(', ')}. Set allowNoInterfaces to start without any.`,
  );
}

function roleOf(ifname: string, { nic, vport }: InterfaceOptions): PointRole | undefined {
  if (vport.includes(ifname)) return 'vport';
  if (nic.some((pattern) => matchesGlob(ifname, pattern))) return 'nic';
  return vport.some((pattern) => matchesGlob(ifname, pattern)) ? 'vport' : undefined;
}

function isGlob(name: string): boolean {
  return /[*?]/.test(name);
}

/** `*` stands for any characters, `?` for one. */
function matchesGlob(name: string, glob: string): boolean {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name);
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
