// SPDX-License-Identifier: Apache-2.0
// The real object in the real kernel, fed by BPF_PROG_TEST_RUN instead of by a device. Such packets come from the
// loopback device of the namespace, so that is the one tracing point there is.
import type { Hook, Hop, TracingPoint } from '@hopspan/core';
import { HopDecoder } from '../../packages/bpf-probe/src/hop-decoder.ts';
import type { LinkLayer } from '../../packages/bpf-probe/src/link-layer.ts';
import { type LoadedProbe, loadProbe } from '../../packages/bpf-probe/src/loaded-probe.ts';
import { loadNative, readProbeObject } from '../../packages/bpf-probe/src/native.ts';
import { type HopProbeOptions, resolveProbeOptions } from '../../packages/bpf-probe/src/options.ts';
import { createProbeSpec } from '../../packages/bpf-probe/src/probe-spec.ts';

const loopback = 1;
const actUnspec = 0xffff_ffff;

export class KernelProbe implements Disposable {
  readonly #native = loadNative();
  readonly #probe: LoadedProbe;
  readonly #points: Record<Hook, TracingPoint>;

  constructor(options: Partial<HopProbeOptions> = {}) {
    const machine = { possibleCpus: this.#native.possibleCpus(), pageSize: this.#native.pageSize() };
    const resolved = resolveProbeOptions({ interfaces: { nic: [], vport: [] }, ...options });
    this.#probe = loadProbe(this.#native, createProbeSpec(resolved, machine, readProbeObject()));
    const point = (index: number, hook: Hook) =>
      ({ index, ifindex: loopback, ifname: 'lo', role: 'nic', hook }) as const;
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

  /** The hops that were recorded since the last call. */
  takeHops(): Hop[] {
    const rings = new this.#native.RingSet();
    const points = Object.values(this.#points);
    const decoder = new HopDecoder(65_536, (index) => points.find((point) => point.index === index));
    try {
      const status = rings.open(this.#probe.ringFds, () => undefined) || rings.drain(decoder.buffer);
      if (status < 0) throw new Error(`cannot read the rings: ${status}`);
      const hops = decoder.decode(status, 0n);
      if (decoder.tally.records_invalid > 0) throw new Error(JSON.stringify(decoder.tally));
      return hops;
    } finally {
      rings.close();
    }
  }

  /** Nanoseconds a run, over many runs in the kernel. */
  timeNs(packet: Buffer, hook: Hook, repeat: number): number {
    return this.#native.testRun(this.#probe.programs('ethernet')[hook].fd, packet, undefined, repeat)
      .durationNs;
  }

  [Symbol.dispose](): void {
    this.#probe.close();
  }
}
