// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { currentCapabilities } from './capabilities.ts';
import {
  formatRelease,
  isKernelAtLeast,
  MINIMUM_KERNEL,
  requireKernel,
  TCX_KERNEL,
} from './kernel-release.ts';
import { loadNative, readProbeObject } from './native.ts';

/** One answer of checkSystem. */
export interface SystemCheck {
  /** `platform`, `kernel`, `addon`, `bpf-object`, `cap_bpf`, …, `attach`, `btf`. */
  readonly name: string;
  readonly ok: boolean;
  /** Whether a probe can start without it. */
  readonly required: boolean;
  /** What was found, and, when it is not ok, how to mend it. */
  readonly detail: string;
}

/** Whether a probe could start here, without starting one. Needs no privilege and never throws. */
export function checkSystem(): SystemCheck[] {
  if (process.platform !== 'linux') return [attempt('platform', process.platform, () => void loadNative())];
  return [
    { name: 'platform', ok: true, required: true, detail: `linux ${process.arch}` },
    attempt('kernel', `Linux ${release()}`, () => requireKernel(release())),
    attempt('addon', 'loads', () => void loadNative()),
    attempt('bpf-object', 'readable', () => void readProbeObject()),
    ...capabilityChecks(),
    attachCheck(release()),
    btfCheck(),
  ];
}

function attempt(name: string, good: string, check: () => void): SystemCheck {
  try {
    check();
    return { name, ok: true, required: true, detail: good };
  } catch (error) {
    return { name, ok: false, required: true, detail: (error as Error).message };
  }
}

function capabilityChecks(): SystemCheck[] {
  return currentCapabilities().map(({ name, why, held }) => ({
    name: name.toLowerCase(),
    ok: held,
    required: true,
    detail: held ? 'held' : `missing: ${name} is needed ${why}. Run as root or grant it.`,
  }));
}

function attachCheck(kernel: string): SystemCheck {
  const tcx = isKernelAtLeast(kernel, TCX_KERNEL);
  const detail = tcx ? 'tcx links' : `clsact filters (tcx needs Linux ${formatRelease(TCX_KERNEL)})`;
  return { name: 'attach', ok: isKernelAtLeast(kernel, MINIMUM_KERNEL), required: true, detail };
}

function btfCheck(): SystemCheck {
  const ok = existsSync('/sys/kernel/btf/vmlinux');
  const detail = ok ? '/sys/kernel/btf/vmlinux' : 'the kernel has no BTF of its own (CONFIG_DEBUG_INFO_BTF)';
  return { name: 'btf', ok, required: false, detail };
}
