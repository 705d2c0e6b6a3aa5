// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { type AgentCounters, type LabAgent, startAgent } from '../lab/agent.ts';
import { type Bookinfo, bookinfoNodes, bookinfoPods, deployBookinfo } from '../lab/bookinfo.ts';
import { Lab, OtlpCollector } from '../lab/index.ts';
import type { Placement } from './expected-hops.ts';

/** Options of a stage. */
export interface StageOptions {
  readonly pods: 'routed' | 'bridged';
  /** Collector that gets every span too. Default: none. */
  readonly forwardTo?: string | undefined;
  /** Share of traces that the gateway samples. Default: 1. */
  readonly sampleRatio?: number;
  /** More of the agents' configuration, as `--set` takes it. Default: none. */
  readonly agentSettings?: readonly string[];
  readonly onProgress?: (line: string) => void;
}

/** Everything that is running while the demo plays: lab, collector, application, one agent a node. */
export class Stage implements AsyncDisposable {
  readonly lab: Lab;
  readonly collector: OtlpCollector;
  readonly bookinfo: Bookinfo;
  readonly agents: readonly LabAgent[];
  #closed: Promise<void> | undefined;

  private constructor(lab: Lab, collector: OtlpCollector, bookinfo: Bookinfo, agents: readonly LabAgent[]) {
    this.lab = lab;
    this.collector = collector;
    this.bookinfo = bookinfo;
    this.agents = agents;
  }

  /** Builds all of it, or nothing: what was made before a failure is removed. */
  static async set({
    pods,
    forwardTo,
    sampleRatio,
    agentSettings,
    onProgress = () => undefined,
  }: StageOptions): Promise<Stage> {
    await using undo = new AsyncDisposableStack();
    onProgress('building four nodes, five pods and a VXLAN overlay');
    const lab = undo.use(
      await Lab.create({
        nodes: bookinfoNodes,
        pods: bookinfoPods,
        overlay: { type: 'vxlan' },
        podAttachment: pods,
      }),
    );
    const collector = undo.use(
      await OtlpCollector.start({ socket: join(lab.folder, 'otlp.sock'), ...(forwardTo && { forwardTo }) }),
    );
    onProgress('starting one agent on each node');
    const agents = await Promise.all(
      lab.nodes.map((node) => startAgent(node, { endpoint: collector.endpoint, set: agentSettings ?? [] })),
    );
    onProgress('starting Bookinfo');
    const bookinfo = await deployBookinfo(lab, {
      endpoint: collector.endpoint,
      ...(sampleRatio !== undefined && { sampleRatio }),
    });
    undo.move();
    return new Stage(lab, collector, bookinfo, agents);
  }

  /** Which service runs where, as the lab was told. */
  placements(): Placement[] {
    return this.lab.pods.map((pod) => ({ service: pod.name, node: pod.node.name, address: pod.address }));
  }

  /** Stops the application, then the agents, so that every span is at the collector; the lab stays. */
  async quiesce(): Promise<ReadonlyMap<string, AgentCounters>> {
    await this.bookinfo.stop();
    const counters = await Promise.all(
      this.agents.map(async (agent) => [agent.node, await agent.stop()] as const),
    );
    return new Map(counters);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.lab.destroy();
    await this.collector.stop();
  }
}
