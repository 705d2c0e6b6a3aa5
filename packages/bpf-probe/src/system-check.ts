// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { currentCapabilities } from './capabilities.ts';
import { describeErrno } from './errors.ts';
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
  /** `platform`, `kernel`, `addon`, `bpf-object`, `cap_bpf`, …, `attach`, `btf`, `drop-reasons`. */
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
    dropCheck(),
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

/** Lost messages are reported without it, too, but only those that are sent again. */
function dropCheck(): SystemCheck {
  const names = attempt('drop-reasons', 'dropped packets are seen, with the reasons of this kernel', () => {
    const status = loadNative().kernelEnum('skb_drop_reason');
    if (typeof status === 'number')
      throw new Error(
        `the kernel does not tell of dropped packets: ${describeErrno(-status)} for the type skb_drop_reason in its BTF. Only a retransmission tells of a lost message.`,
      );
  });
  return { ...names, required: false };
}

function btfCheck(): SystemCheck {
  const ok = existsSync('/sys/kernel/btf/vmlinux');
  const detail = ok ? '/sys/kernel/btf/vmlinux' : 'the kernel has no BTF of its own (CONFIG_DEBUG_INFO_BTF)';
  return { name: 'btf', ok, required: false, detail };
}
