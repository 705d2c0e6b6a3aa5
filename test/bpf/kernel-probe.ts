// SPDX-License-Identifier: Apache-2.0
// The real object in the real kernel, fed by BPF_PROG_TEST_RUN instead of by a device. Such packets come from the
// loopback device of the namespace, so that is the one tracing point there is.
import type { Hook, Hop, TracingPoint } from '@hopspan/core';
import { HopDecoder } from '../../packages/bpf-probe/src/hop-decoder.ts';
import type { LinkLayer } from '../../packages/bpf-probe/src/link-layer.ts';
import { type LoadedProbe, loadProbe } from '../../packages/bpf-probe/src/loaded-probe.ts';
import { loadNative, type NativeRingSet } from '../../packages/bpf-probe/src/native.ts';
import { type HopProbeOptions, resolveProbeOptions } from '../../packages/bpf-probe/src/options.ts';
import { readObjectFor } from '../../packages/bpf-probe/src/probe-object.ts';
import { createProbeSpec } from '../../packages/bpf-probe/src/probe-spec.ts';
import { createProbeTally } from '../../packages/bpf-probe/src/probe-tally.ts';
import { Sweeper, type TableState } from '../../packages/bpf-probe/src/sweeper.ts';

const loopback = 1;
const actUnspec = 0xffff_ffff;

export class KernelProbe implements Disposable {
  readonly #native = loadNative();
  readonly #probe: LoadedProbe;
  readonly #points: Record<Hook, TracingPoint>;
  readonly #sweeper: Sweeper;
  readonly #decoder: HopDecoder;
  #rings: NativeRingSet | undefined;

  /** @param options of the probe; responses are not followed unless they say so */
  constructor(options: Partial<HopProbeOptions> = {}) {
    const machine = {
      possibleCpus: this.#native.possibleCpus(),
      pageSize: this.#native.pageSize(),
      netns: 0,
    };
    const resolved = resolveProbeOptions({
      interfaces: { nic: [], vport: [] },
      responses: false,
      ...options,
    });
    const spec = createProbeSpec(resolved, machine, readObjectFor(resolved));
    this.#probe = loadProbe(this.#native, spec);
    this.#sweeper = new Sweeper({
      native: this.#native,
      sweepFd: this.#probe.sweepFd,
      sweepConnectionsFd: this.#probe.sweepConnectionsFd,
      tableSets: spec.tableSets,
      connectionSets: spec.connectionSets,
      capacity: resolved.tableSlots,
      connectionCapacity: resolved.connectionSlots,
      tally: createProbeTally(),
    });
    const point = (index: number, hook: Hook) =>
      ({ index, ifindex: loopback, ifname: 'lo', role: 'nic', hook }) as const;
    const pointOf = (index: number) => Object.values(this.#points).find((each) => each.index === index);
    this.#decoder = new HopDecoder(65_536, pointOf);
    this.#points = { ingress: point(1, 'ingress'), egress: point(2, 'egress') };
    for (const each of Object.values(this.#points)) this.#probe.points.set(each);
  }

  /**
   * Shows a packet to a program. To one for devices without Ethernet headers it begins with IP, and the kernel, which
   * knows no such test runs, takes the upper half of an IPv4 source address for the EtherType, and the third group of
   * an IPv6 one.
   * @returns the counters that it raised, by how much
   */
  show(packet: Buffer, hook: Hook = 'ingress', linkLayer: LinkLayer = 'ethernet'): Record<string, number> {
    const { index } = this.#points[hook];
    const before = this.#probe.counters.readIndex(index);
    const out = Buffer.alloc(packet.length);
    const result = this.#native.testRun(this.#probe.programs(linkLayer)[hook].fd, packet, out, 1);
    if (result.status !== 0 || result.returned !== actUnspec || !out.equals(packet)) {
      throw new Error(`the program did not pass the packet on unchanged: ${JSON.stringify(result)}`);
    }
    const after = Object.entries(this.#probe.counters.readIndex(index));
    const raised = after.map(([name, count]) => [name, count - before[name as keyof typeof before]] as const);
    return Object.fromEntries(raised.filter(([, count]) => count !== 0));
  }

  /** All counters of a point so far. */
  counters(hook: Hook): Readonly<Record<string, number>> {
    return this.#probe.counters.readIndex(this.#points[hook].index);
  }

  /** What the tables hold; gives up what timed out. */
  sweep(): TableState {
    return this.#sweeper.sweep();
  }

  /** The hops that were recorded since the last call. */
  takeHops(): Hop[] {
    const status = this.#openRings().drain(this.#decoder.buffer);
    if (status < 0) throw new Error(`cannot read the rings: ${status}`);
    const hops = this.#decoder.decode(status, 0n);
    if (this.#decoder.tally.records_invalid > 0) throw new Error(JSON.stringify(this.#decoder.tally));
    return hops;
  }

  #openRings(): NativeRingSet {
    if (this.#rings !== undefined) return this.#rings;
    this.#rings = new this.#native.RingSet();
    const status = this.#rings.open(this.#probe.ringFds, () => undefined);
    if (status < 0) throw new Error(`cannot open the rings: ${status}`);
    return this.#rings;
  }

  /** Nanoseconds a run, over many runs in the kernel. */
  timeNs(packet: Buffer, hook: Hook, repeat: number): number {
    return this.#native.testRun(this.#probe.programs('ethernet')[hook].fd, packet, undefined, repeat)
      .durationNs;
  }

  close(): void {
    this.#rings?.close();
    this.#probe.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
