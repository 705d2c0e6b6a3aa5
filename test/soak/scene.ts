// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type LabAgent, startAgent } from '../lab/agent.ts';
import { Lab, type LabPod, OtlpCollector, type OverlayType, type PodAttachment } from '../lab/index.ts';
import type { ClientPlan, Target } from './client/client-plan.ts';
import { type KindName, kindNames } from './client/kinds/kinds.ts';
import type { Places } from './expected-hops.ts';
import { toSeenHop } from './seen-hop.ts';
import { addService } from './service.ts';
import { readTcpCounters, type TcpCounters } from './tcp-counters.ts';
import { readTruth } from './truth.ts';
import type { Outcome } from './verdict.ts';
import { Wire } from './wire.ts';

const PORT = 8080;
const SERVICE = { address: '10.43.0.10', port: 80, masquerade: false };
const MASQUERADED = { address: '10.43.0.11', port: 80, masquerade: true };
/**
 * What is shown is not the machine's speed: rings and queue hold what comes while the agent or the collector get no
 * CPU, and the table every message for as long as a copy of it may come.
 */
const AGENT_SETTINGS = [
  'receivers::ebpf_hops::ring_bytes=4194304',
  'receivers::ebpf_hops::table_slots=131072',
  'exporters::otlp_grpc::sending_queue::queue_size=1000000',
];
const QUIET_MILLIS = 3000;
const script = (name: string): string => fileURLToPath(new URL(`${name}.ts`, import.meta.url));

/** How packets travel in a scene. */
export interface SceneOptions {
  readonly overlay: OverlayType;
  readonly podAttachment: PodAttachment;
}

/** One round of load. */
export interface RoundOptions {
  /** At least so many, of all kinds of load to all targets together. */
  readonly requests: number;
  /** Connections at once of each kind to each target. */
  readonly connections: number;
  /** One packet in so many is lost on the wire; 0: none. */
  readonly loseEveryNth: number;
  /** Default: all. */
  readonly kinds?: readonly KindName[];
  /** After this time a client that is not done counts as hanging. */
  readonly timeoutMillis: number;
  readonly onProgress: (line: string) => void;
}

/** What came of a round, and what the machine itself has to say of it. */
export interface RoundOutcome extends Outcome {
  /** Packets that the wire has lost. */
  readonly lostOnWire: number;
  /** By pod. */
  readonly tcp: Readonly<Record<string, TcpCounters>>;
}

/** Two nodes; on the first a client pod for each kind of load and a server, on the second the other server. */
export class SoakScene implements AsyncDisposable {
  readonly lab: Lab;
  readonly #collector: OtlpCollector;
  readonly #wire: Wire;
  readonly #targets: readonly Target[];
  #rounds = 0;

  private constructor(lab: Lab, collector: OtlpCollector, targets: readonly Target[]) {
    this.lab = lab;
    this.#collector = collector;
    this.#targets = targets;
    this.#wire = new Wire(
      lab.fabric,
      lab.nodes.map((_, i) => `port${i + 1}`),
    );
  }

  static async create({ overlay, podAttachment }: SceneOptions): Promise<SoakScene> {
    await using undo = new AsyncDisposableStack();
    const lab = undo.use(
      await Lab.create({
        name: 'soak',
        nodes: [{ name: 'node1' }, { name: 'node2' }],
        pods: [
          { name: 'near', node: 'node1' },
          { name: 'far', node: 'node2' },
          ...kindNames.map((name) => ({ name: podOf(name), node: 'node1' })),
        ],
        overlay: { type: overlay },
        podAttachment,
        lossy: true,
      }),
    );
    const collector = undo.use(await OtlpCollector.start({ socket: join(lab.folder, 'otlp.sock') }));
    const servers = ['near', 'far'].map((name) => lab.pod(name));
    await Promise.all(servers.map(serve));
    // Pods on one bridge answer each other directly, past the node that would have to undo its translation.
    const services = podAttachment === 'routed' ? [SERVICE, MASQUERADED] : [MASQUERADED];
    for (const service of services) await addService(lab.node('node1'), service, servers, PORT);
    const targets = [
      ...servers.map(({ address }) => ({ host: address, port: PORT })),
      ...services.map(({ address, port }) => ({ host: address, port })),
    ];
    undo.move();
    return new SoakScene(lab, collector, targets);
  }

  /** Sends the load of one round with an agent on each node, from their start to their end. */
  async play(options: RoundOptions): Promise<RoundOutcome> {
    const round = ++this.#rounds;
    this.#collector.clear();
    await this.#wire.lose(options.loseEveryNth);
    const tcpBefore = await this.#tcp();
    const agents = await Promise.all(
      this.lab.nodes.map((node) =>
        startAgent(node, {
          endpoint: this.#collector.endpoint,
          set: AGENT_SETTINGS,
        }),
      ),
    );
    const kinds = options.kinds ?? kindNames;
    const requests = Math.ceil(options.requests / (kinds.length * this.#targets.length));
    const logs = await Promise.all(kinds.map((kind) => this.#send(kind, round, { ...options, requests })));
    await this.#quiet();
    const counters = await stopAll(agents);
    const tcpAfter = await this.#tcp();
    return {
      truth: logs.flatMap(readTruth),
      hops: this.#collector.spans().map(toSeenHop),
      counters,
      places: this.#places(),
      lostOnWire: await this.#wire.lost(),
      tcp: Object.fromEntries(
        Object.entries(tcpAfter).map(([pod, { sent, retransmitted }]) => [
          pod,
          {
            sent: sent - (tcpBefore[pod]?.sent ?? 0),
            retransmitted: retransmitted - (tcpBefore[pod]?.retransmitted ?? 0),
          },
        ]),
      ),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab.destroy();
    await this.#collector.stop();
  }

  /** @returns the client's log */
  async #send(kind: KindName, round: number, options: RoundOptions): Promise<string> {
    const { requests, connections, timeoutMillis, onProgress } = options;
    const log = join(this.lab.folder, `${kind}-${round}.jsonl`);
    const plan: ClientPlan = { kind, targets: this.#targets, requests, connections, log };
    const client = this.lab
      .pod(podOf(kind))
      .spawn(process.execPath, [script('client/client'), JSON.stringify(plan)]);
    client.stdout.onLine((line) => onProgress(`${kind}: ${line}`));
    await client.waitForLine(/^done /, timeoutMillis);
    return log;
  }

  /** Waits until no more spans come: what is queued need not be sent within the time of a shutdown. */
  async #quiet(): Promise<void> {
    for (let before = -1; before !== this.#collector.counters().spans; ) {
      before = this.#collector.counters().spans;
      await sleep(QUIET_MILLIS);
    }
  }

  #places(): Places {
    const place = (pod: LabPod) => ({ node: pod.node.name, endpoint: `${pod.address}:${PORT}` });
    return {
      clientNode: 'node1',
      servers: { near: place(this.lab.pod('near')), far: place(this.lab.pod('far')) },
    };
  }

  async #tcp(): Promise<Record<string, TcpCounters>> {
    const read = this.lab.pods.map(async (pod) => [pod.name, await readTcpCounters(pod)] as const);
    return Object.fromEntries(await Promise.all(read));
  }
}

function podOf(kind: KindName): string {
  return kind.toLowerCase();
}

async function serve(pod: LabPod): Promise<void> {
  const server = pod.spawn(process.execPath, [script('server'), pod.name, String(PORT)]);
  await server.waitForLine(/^listening$/, 60_000);
}

async function stopAll(agents: readonly LabAgent[]): Promise<Outcome['counters']> {
  const counters = agents.map(async (agent) => [agent.node, await agent.stop()] as const);
  return Object.fromEntries(await Promise.all(counters));
}
