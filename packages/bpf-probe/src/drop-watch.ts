// SPDX-License-Identifier: Apache-2.0
import { diag } from '@opentelemetry/api';
import { checkStatus } from './check-status.ts';
import type { NativeAddon, NativeProbeObject } from './native.ts';
import { loadDrop } from './probe-object.ts';
import type { ProbeSpec } from './probe-spec.ts';

/** BPF_TRACE_RAW_TP of linux/bpf.h. */
const TRACE_RAW_TP = 23;

/** The program at the kernel's tracepoint for dropped packets. */
export interface DropWatch {
  /** Nothing is noticed from now on. */
  detach(): void;
  close(): void;
}

/**
 * Has the kernel tell of packets that it drops. A kernel that cannot, for want of BTF for example, leaves only
 * retransmissions as evidence of a loss; that is said, and no reason not to start.
 */
export async function watchDrops(
  native: NativeAddon,
  spec: ProbeSpec,
  first: NativeProbeObject,
): Promise<DropWatch | undefined> {
  try {
    return await attachDrop(native, loadDrop(native, spec, first));
  } catch (error) {
    diag.warn(
      `hopspan probe: dropped packets are not seen, so only a retransmission tells of a lost message: ${(error as Error).message}`,
    );
    return undefined;
  }
}

async function attachDrop(native: NativeAddon, object: NativeProbeObject): Promise<DropWatch> {
  try {
    const program = object.programFd('hopspan_drop');
    const status = await native.linkCreate(program, 0, TRACE_RAW_TP, 0);
    const link = checkStatus(native, 'HOPSPAN_ERR_ATTACH', 'attach to skb:kfree_skb', status);
    let attached = true;
    const detach = (): void => {
      if (attached) native.closeFd(link);
      attached = false;
    };
    return {
      detach,
      close: () => {
        detach();
        object.close();
      },
    };
  } catch (error) {
    object.close();
    throw error;
  }
}
