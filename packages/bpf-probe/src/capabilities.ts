// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { describeErrno, HopProbeError } from './errors.ts';

/** Capabilities that an agent may have a use for, and their bits (linux/capability.h). */
const BITS = {
  CAP_DAC_OVERRIDE: 1n,
  CAP_DAC_READ_SEARCH: 2n,
  CAP_NET_ADMIN: 12n,
  CAP_NET_RAW: 13n,
  CAP_SYS_PTRACE: 19n,
  CAP_SYS_ADMIN: 21n,
  CAP_PERFMON: 38n,
  CAP_BPF: 39n,
} as const;

/** Name of a capability as capabilities(7) has it. */
export type CapabilityName = keyof typeof BITS;

/** What loading and attaching needs (Linux 5.8). */
const NEEDED = [
  { name: 'CAP_BPF', why: 'to load programs and maps' },
  { name: 'CAP_PERFMON', why: 'to let programs use packet pointers and see dropped packets' },
  { name: 'CAP_NET_ADMIN', why: 'to attach programs to network devices' },
] as const;

export function capabilityMask(names: readonly CapabilityName[]): bigint {
  return names.reduce((mask, name) => mask | (1n << BITS[name]), 0n);
}

/** The names of the bits in a mask; the number of one that has no name here. */
export function namesIn(mask: bigint): string[] {
  const known = Object.entries(BITS);
  return Array.from({ length: 64 }, (_, bit) => BigInt(bit))
    .filter((bit) => (mask >> bit) & 1n)
    .map((bit) => known.find(([, value]) => value === bit)?.[0] ?? `capability ${bit}`);
}

/** A capability and whether this thread has it. */
export interface CapabilityState {
  readonly name: string;
  readonly why: string;
  readonly held: boolean;
}

/** @param status text of /proc/thread-self/status */
export function readCapabilities(status: string): CapabilityState[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const has = (name: CapabilityName): boolean => ((effective >> BITS[name]) & 1n) === 1n;
  // CAP_SYS_ADMIN stands in for the two capabilities that were split off it.
  const held = (name: CapabilityName) => has(name) || (name !== 'CAP_NET_ADMIN' && has('CAP_SYS_ADMIN'));
  return NEEDED.map(({ name, why }) => ({ name, why, held: held(name) }));
}

/** This thread's: capabilities belong to threads, and a worker may have dropped its own. */
export function currentCapabilities(): CapabilityState[] {
  return readCapabilities(readFileSync('/proc/thread-self/status', 'utf8'));
}

/** @throws HopProbeError HOPSPAN_ERR_NOT_PERMITTED */
export function requireCapabilities(states: readonly CapabilityState[] = currentCapabilities()): void {
  const missing = states.filter(({ held }) => !held);
  if (missing.length === 0) return;
  throw new HopProbeError(
    'HOPSPAN_ERR_NOT_PERMITTED',
    `start probe: this process lacks ${missing.map(({ name, why }) => `${name} (${why})`).join(', ')}. Run it as root, or give it ${missing.map(({ name }) => name).join(', ')}.`,
  );
}

/** The error for EPERM in spite of all capabilities. */
export function notPermitted(operation: string, errno: number): HopProbeError {
  return new HopProbeError(
    'HOPSPAN_ERR_NOT_PERMITTED',
    `${operation}: ${describeErrno(errno)}, although the process has the capabilities. Those of a user namespace do not count; seccomp and the kernel's lockdown may also forbid it.`,
    { errno },
  );
}
