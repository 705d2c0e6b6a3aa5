// SPDX-License-Identifier: Apache-2.0
// What the tests of agents on an overlay share: two nodes, a client pod on one, a server pod on each.
import { join } from 'node:path';
import { type AgentCounters, type LabAgent, startAgent } from '../lab/agent.ts';
import { type CollectedSpan, Lab, type LabOptions, OtlpCollector } from '../lab/index.ts';
import { type SendOptions, type Sent, sendRequests, serve, serveOn } from '../lab/traffic.ts';

export interface OverlayOptions {
  readonly podAttachment?: 'routed' | 'bridged';
  /** Default: VXLAN. */
  readonly overlay?: LabOptions['overlay'];
  /** Default: false. */
  readonly ipv6?: boolean;
  /** Whether packets are going to be lost. Default: false. */
  readonly lossy?: boolean;
  /** More of the agents' configuration. Default: none. */
  readonly set?: readonly string[];
}

export class Overlay implements AsyncDisposable {
  readonly lab: Lab;
  readonly collector: OtlpCollector;
  /** URLs of the servers: on the client's node, and across the overlay. */
  readonly near: string;
  readonly far: string;
  readonly #set: readonly string[];

  private constructor(lab: Lab, collector: OtlpCollector, urls: readonly string[], set: readonly string[]) {
    this.lab = lab;
    this.collector = collector;
    [this.near = '', this.far = ''] = urls;
    this.#set = set;
  }

  static async create({
    podAttachment = 'routed',
    overlay,
    ipv6,
    lossy,
    set = [],
  }: OverlayOptions = {}): Promise<Overlay> {
    const lab = await Lab.create({
      nodes: [{ name: 'node1' }, { name: 'node2' }],
      pods: [
        { name: 'client', node: 'node1' },
        { name: 'near', node: 'node1' },
        { name: 'far', node: 'node2' },
      ],
      overlay: overlay ?? { type: 'vxlan' },
      ipv6: ipv6 ?? false,
      lossy: lossy ?? false,
      podAttachment,
    });
    const collector = await OtlpCollector.start({ socket: join(lab.folder, 'otlp.sock') });
    const urls = await Promise.all(['near', 'far'].map((name) => serve(lab.pod(name))));
    return new Overlay(lab, collector, urls, set);
  }

  /** Servers at the client itself and outside of the cluster, on the same port. */
  async serveMore(): Promise<void> {
    await Promise.all([serve(this.lab.pod('client')), serveOn(this.lab.fabric)]);
  }

  startAgent(node: string, set: readonly string[] = []): Promise<LabAgent> {
    return startAgent(this.lab.node(node), {
      endpoint: this.collector.endpoint,
      set: [...this.#set, ...set],
    });
  }

  startAgents(): Promise<LabAgent[]> {
    return Promise.all(this.lab.nodes.map((node) => this.startAgent(node.name)));
  }

  send(url: string, options: SendOptions): Promise<Sent> {
    return sendRequests(this.lab.pod('client'), url, options);
  }

  /** Hop spans by `traceid-spanid` of the message, as the collector has them. */
  hops(): Map<string, CollectedSpan[]> {
    return Map.groupBy(this.collector.spans(), ({ traceId, parentSpanId }) => `${traceId}-${parentSpanId}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab.destroy();
    await this.collector.stop();
  }
}

/** The counters of one tracing point. */
export function pointOf(
  counters: AgentCounters,
  role: string,
  hook: string,
  name?: string,
): Readonly<Record<string, number>> {
  const point = counters.points.find(
    (each) => each.role === role && each.hook === hook && (name === undefined || each.interface === name),
  );
  if (point === undefined) throw new Error(`no tracing point ${role} ${hook} ${name ?? ''}`);
  return point.counters;
}
