// SPDX-License-Identifier: Apache-2.0
import type { Hook, TracingPoint } from '@hopspan/core';
import { type AttachContext, type Attachment, type OrderState, worstState } from './attachment.ts';
import { checkStatus } from './check-status.ts';
import type { WatchedInterface } from './interfaces.ts';
import { type LinkLayer, linkLayerOf } from './link-layer.ts';
import type { LoadedProgram } from './loaded-probe.ts';
import { isOurs } from './our-programs.ts';

/** enum bpf_attach_type: BPF_TCX_INGRESS and BPF_TCX_EGRESS (Linux 6.6). */
const ATTACH_TYPE: Readonly<Record<Hook, number>> = { ingress: 46, egress: 47 };

/** Before all programs that are there; without it a link goes behind them and sees what they let through. */
const BPF_F_BEFORE = 8;

/**
 * A link for each of the two hooks. Links are not pinned: they vanish with the process.
 * @throws HopProbeError HOPSPAN_ERR_ATTACH, HOPSPAN_ERR_NOT_PERMITTED
 */
export function attachTcx(
  context: AttachContext,
  watched: WatchedInterface,
  points: readonly TracingPoint[],
): Attachment {
  const links: TcxLink[] = [];
  const detach = (): void => {
    for (const link of links) link.close();
  };
  const linkLayer = linkLayerOf(watched.hardwareType);
  try {
    for (const point of points) links.push(new TcxLink(context, point, linkLayer));
  } catch (error) {
    detach();
    throw error;
  }
  const restoreOrder = (): OrderState => worstState(links.map((link) => link.restoreOrder()));
  return { mechanism: 'tcx', watched, points, detach, restoreOrder };
}

class TcxLink {
  readonly #context: AttachContext;
  readonly #point: TracingPoint;
  readonly #linkLayer: LinkLayer;
  #program: LoadedProgram;
  #fd: number;

  constructor(context: AttachContext, point: TracingPoint, linkLayer: LinkLayer) {
    this.#context = context;
    this.#point = point;
    this.#linkLayer = linkLayer;
    this.#program = context.probe.programs(linkLayer)[point.hook];
    this.#fd = this.#create(this.#program);
  }

  close(): void {
    this.#context.native.closeFd(this.#fd);
  }

  restoreOrder(): OrderState {
    const { ifindex, hook } = this.#point;
    const ids = this.#context.native.queryPrograms(ifindex, ATTACH_TYPE[hook]);
    if (typeof ids === 'number') return 'unknown';
    if (this.#runsFirst(ids)) return 'in-place';
    try {
      this.#overtake(ids.includes(this.#program.id));
    } catch {
      return 'unknown';
    }
    return 'restored';
  }

  /** Another Hopspan before ours does no harm, and two that each insist on the first place would never rest. */
  #runsFirst(ids: readonly number[]): boolean {
    const first = ids.find((id) => id === this.#program.id || !isOurs(this.#context.native, id));
    return first === this.#program.id;
  }

  /**
   * The new link goes in before the old one comes out, so that no packet passes unseen. Between the two
   * the kernel waits for an RCU grace period, some 10 ms, and packets of that time are seen twice at one
   * point: counted as repeated, the path goes on from the later sighting, and the hop carries
   * `retransmission: 1`. Nothing is lost and no hop comes twice.
   */
  #overtake(stillThere: boolean): void {
    const next = stillThere ? this.#other() : this.#program;
    const fd = this.#create(next);
    this.close();
    this.#fd = fd;
    this.#program = next;
  }

  /** The copy that is not attached. */
  #other(): LoadedProgram {
    const { probe } = this.#context;
    const { hook } = this.#point;
    const first = probe.programs(this.#linkLayer)[hook];
    return this.#program === first ? probe.twin(this.#linkLayer)[hook] : first;
  }

  #create(program: LoadedProgram): number {
    const { native } = this.#context;
    const { ifindex, ifname, hook } = this.#point;
    const status = native.linkCreate(program.fd, ifindex, ATTACH_TYPE[hook], BPF_F_BEFORE);
    return checkStatus(native, 'HOPSPAN_ERR_ATTACH', `attach to tcx ${hook} of '${ifname}'`, status);
  }
}
