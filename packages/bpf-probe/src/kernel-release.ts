// SPDX-License-Identifier: Apache-2.0
import { HopProbeError } from './errors.ts';

/** Major and minor number of a kernel. */
export interface KernelRelease {
  readonly major: number;
  readonly minor: number;
}

/** The oldest kernel the programs are tested on. They need bpf_loop (Linux 5.17). */
export const MINIMUM_KERNEL: KernelRelease = { major: 6, minor: 1 };

/** tcx links came with Linux 6.6. */
export const TCX_KERNEL: KernelRelease = { major: 6, minor: 6 };

/** Reads the first two numbers of `uname -r`, `6.12.0-13-amd64` for example. */
export function parseKernelRelease(release: string): KernelRelease | undefined {
  const numbers = /^(\d+)\.(\d+)/.exec(release);
  return numbers === null ? undefined : { major: Number(numbers[1]), minor: Number(numbers[2]) };
}

/** False also when the release cannot be read. */
export function isKernelAtLeast(release: string, floor: KernelRelease): boolean {
  const kernel = parseKernelRelease(release);
  if (kernel === undefined) return false;
  return kernel.major === floor.major ? kernel.minor >= floor.minor : kernel.major > floor.major;
}

/** @throws HopProbeError HOPSPAN_ERR_KERNEL_TOO_OLD */
export function requireKernel(release: string): void {
  if (isKernelAtLeast(release, MINIMUM_KERNEL)) return;
  throw new HopProbeError(
    'HOPSPAN_ERR_KERNEL_TOO_OLD',
    `check kernel: this is Linux ${release}; ${formatRelease(MINIMUM_KERNEL)} or newer is needed. Boot a newer kernel.`,
  );
}

export function formatRelease({ major, minor }: KernelRelease): string {
  return `${major}.${minor}`;
}
