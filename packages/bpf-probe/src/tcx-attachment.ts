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
export async function attachTcx(
  context: AttachContext,
  watched: WatchedInterface,
  points: readonly TracingPoint[],
): Promise<Attachment> {
  const links = points.map((point) => new TcxLink(context, point, linkLayerOf(watched.hardwareType)));
  const detach = async (): Promise<void> => {
    for (const link of links) await link.close();
  };
  try {
    for (const link of links) await link.open();
  } catch (error) {
    await detach();
    throw error;
  }
  const restoreOrder = async (): Promise<OrderState> => {
    const states: OrderState[] = [];
    for (const link of links) states.push(await link.restoreOrder());
    return worstState(states);
  };
  return { mechanism: 'tcx', watched, points, detach, restoreOrder };
}

/** Programs that were overtaken are remembered up to about this many; then we begin anew. */
const OVERTAKEN_MAX = 16;

/** The calls that take the kernel a grace period are not made on this thread. */
class TcxLink {
  readonly #context: AttachContext;
  readonly #point: TracingPoint;
  readonly #linkLayer: LinkLayer;
  readonly #overtaken = new Set<number>();
  #program: LoadedProgram;
  #fd: number | undefined;

  constructor(context: AttachContext, point: TracingPoint, linkLayer: LinkLayer) {
    this.#context = context;
    this.#point = point;
    this.#linkLayer = linkLayer;
    this.#program = context.probe.programs(linkLayer)[point.hook];
  }

  async open(): Promise<void> {
    this.#fd = await this.#create(this.#program);
  }

  async close(): Promise<void> {
    if (this.#fd !== undefined) await this.#context.native.linkClose(this.#fd);
    this.#fd = undefined;
  }

  async restoreOrder(): Promise<OrderState> {
    const { ifindex, hook } = this.#point;
    const ids = this.#context.native.queryPrograms(ifindex, ATTACH_TYPE[hook]);
    if (typeof ids === 'number') return 'unknown';
    const at = ids.indexOf(this.#program.id);
    const before = at < 0 ? ids : ids.slice(0, at);
    if (at >= 0 && before.every((id) => this.#mayStandBefore(id))) return 'in-place';
    try {
      await this.#overtake(at >= 0);
    } catch {
      return 'unknown';
    }
    this.#remember(before);
    return 'restored';
  }

  /**
   * Another Hopspan before ours does no harm, and two that each insist on the first place would never rest. Where
   * owners cannot be told, whatever comes before ours a second time insists.
   */
  #mayStandBefore(id: number): boolean {
    return isOurs(this.#context.native, id) ?? this.#overtaken.has(id);
  }

  #remember(ids: readonly number[]): void {
    if (this.#overtaken.size >= OVERTAKEN_MAX) this.#overtaken.clear();
    for (const id of ids) this.#overtaken.add(id);
  }

  /**
   * The new link goes in before the old one comes out, so that no packet passes unseen. Between the two
   * the kernel waits for an RCU grace period, some 10 ms, and packets of that time are seen twice at one
   * point: counted as repeated, the path goes on from the later sighting, and the hop carries
   * `retransmission: 1`. Nothing is lost and no hop comes twice.
   */
  async #overtake(stillThere: boolean): Promise<void> {
    const next = stillThere ? this.#other() : this.#program;
    const fd = await this.#create(next);
    await this.close();
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

  async #create(program: LoadedProgram): Promise<number> {
    const { native } = this.#context;
    const { ifindex, ifname, hook } = this.#point;
    const status = await native.linkCreate(program.fd, ifindex, ATTACH_TYPE[hook], BPF_F_BEFORE);
    return checkStatus(native, 'HOPSPAN_ERR_ATTACH', `attach to tcx ${hook} of '${ifname}'`, status);
  }
}
