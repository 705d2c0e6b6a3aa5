// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { describeErrno, HopProbeError } from './errors.ts';

/** What loading and attaching needs (Linux 5.8), and its bit (linux/capability.h). */
const NEEDED = [
  { name: 'CAP_BPF', bit: 39n, why: 'to load programs and maps' },
  { name: 'CAP_PERFMON', bit: 38n, why: 'to let programs use packet pointers and see dropped packets' },
  { name: 'CAP_NET_ADMIN', bit: 12n, why: 'to attach programs to network devices' },
] as const;

/** CAP_SYS_ADMIN stands in for the two capabilities that were split off it. */
const SYS_ADMIN_BIT = 21n;

/** A capability and whether this thread has it. */
export interface CapabilityState {
  readonly name: string;
  readonly why: string;
  readonly held: boolean;
}

/** @param status text of /proc/thread-self/status */
export function readCapabilities(status: string): CapabilityState[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const has = (bit: bigint): boolean => ((effective >> bit) & 1n) === 1n;
  return NEEDED.map(({ name, bit, why }) => ({
    name,
    why,
    held: has(bit) || (name !== 'CAP_NET_ADMIN' && has(SYS_ADMIN_BIT)),
  }));
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
