// SPDX-License-Identifier: Apache-2.0
import type { AgentCounters } from '../lab/agent.ts';
import { bookinfoNodes, type DriveReport, driveFrom } from '../lab/bookinfo.ts';
import { Lab, OtlpCollector } from '../lab/index.ts';
import type { RunningContainer } from '../runtime/containerd.ts';
import {
  BOOKINFO_PORT,
  bookinfoNamespaces,
  bookinfoServices,
  createBookinfoPod,
  createBookinfoService,
  createBookinfoSlice,
} from './bookinfo-objects.ts';
import { applyChart, createDaemonSetPod } from './chart-objects.ts';
import { KubeCluster } from './cluster.ts';
import type { Manifest } from './helm.ts';
import { type RunningPod, readLog } from './kubelet.ts';
import { createNamespace } from './objects.ts';
import { TcpRelay } from './tcp-relay.ts';
import { until } from './until.ts';
import { type ServiceRoute, WorkerNode } from './worker-node.ts';

const COUNTERS_URL = 'http://127.0.0.1:13143/debug/counters';

/** Counters of an agent with processors. */
export type AgentReport = AgentCounters & {
  readonly processors: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

/**
 * Bookinfo on the four nodes of the lab, in containers, out of objects of a real API server, with an agent on each
 * node as the chart sets it up by default.
 */
export class BookinfoCluster implements AsyncDisposable {
  readonly #resources = new AsyncDisposableStack();
  readonly #nodes = new Map<string, WorkerNode>();
  readonly #pods = new Map<string, RunningPod>();
  readonly #agents = new Map<string, RunningPod>();
  #lab!: Lab;
  #cluster!: KubeCluster;
  #collector!: OtlpCollector;

  private constructor() {}

  static async start(): Promise<BookinfoCluster> {
    const scene = new BookinfoCluster();
    try {
      await scene.#startNodes();
      await scene.#startBookinfo();
      await scene.#startAgents();
      return scene;
    } catch (error) {
      await scene[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where spans go, those of the services, too. */
  get collector(): OtlpCollector {
    return this.#collector;
  }

  /** The pod of a service. */
  podOf(service: string): RunningPod {
    return find(this.#pods, service);
  }

  /** Node and pod of each agent. */
  agents(): { readonly worker: WorkerNode; readonly agent: RunningPod }[] {
    return [...this.#agents].map(([name, agent]) => ({ worker: find(this.#nodes, name), agent }));
  }

  /** Sends requests to the gateway from outside of the cluster. */
  drive(requests: number): Promise<DriveReport> {
    const address = this.podOf('gateway').pod.status.podIP;
    const url = `http://${address}:${BOOKINFO_PORT}/productpage`;
    return driveFrom(this.#lab.fabric, url, { requests, concurrency: 4 });
  }

  /** Kills the API server. Resolves when every agent has said that it goes on with what it knows. */
  async killApiServer(): Promise<void> {
    await this.#cluster.killApiServer();
    await this.#untilAllSay('going on with what is known');
  }

  /** Resolves when every agent has said that it follows the API again. */
  async startApiServer(): Promise<void> {
    await this.#cluster.startApiServer();
    await this.#untilAllSay('following the API again');
  }

  /** What each agent has said of the API server so far. */
  apiMessages(): string[][] {
    return this.agents().map(({ agent }) =>
      readLog(mainContainer(agent)).filter((line) => line.includes('kubernetes discovery:')),
    );
  }

  async #untilAllSay(text: string): Promise<void> {
    await until(`all agents say: ${text}`, () =>
      this.apiMessages().every((lines) => lines.some((line) => line.includes(text))),
    );
  }

  /** Ends services and agents by SIGTERM, which makes them send what is queued. @returns the agents' last counters */
  async stop(): Promise<AgentReport[]> {
    await Promise.all([...this.#pods.values()].map((pod) => this.#stopPod(pod)));
    await Promise.all([...this.#agents.values()].map((pod) => this.#stopPod(pod)));
    return [...this.#agents.values()].map((agent) => {
      const line = readLog(mainContainer(agent)).findLast((text) => text.includes('"msg":"stopped"'));
      if (line === undefined)
        throw new Error(`an agent printed no counters:\n${readLog(mainContainer(agent))}`);
      return (JSON.parse(line) as { counters: AgentReport }).counters;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }

  async #startNodes(): Promise<void> {
    const cluster = this.#resources.use(await KubeCluster.start());
    const lab = this.#resources.use(await Lab.create({ nodes: bookinfoNodes }));
    const [apiSocket, otlpSocket] = [`${lab.folder}/api.sock`, `${lab.folder}/otlp.sock`];
    this.#resources.use(await TcpRelay.start(cluster.url, apiSocket));
    this.#collector = this.#resources.use(await OtlpCollector.start({ socket: otlpSocket }));
    this.#cluster = cluster;
    this.#lab = lab;
    await Promise.all(
      lab.nodes.map(async ({ name }) => {
        this.#nodes.set(name, await WorkerNode.start(name, { lab, cluster, apiSocket, otlpSocket }));
      }),
    );
  }

  /** Callees first: a pod is told the addresses of the services before it. */
  async #startBookinfo(): Promise<void> {
    for (const namespace of bookinfoNamespaces) await createNamespace(this.#cluster, namespace);
    const addresses = new Map<string, string>();
    const routes: ServiceRoute[] = [];
    for (const service of bookinfoServices) {
      const { clusterIP: clusterIp } = (await createBookinfoService(this.#cluster, service)).spec;
      const running = await this.#run(await createBookinfoPod(this.#cluster, service, addresses));
      this.#pods.set(service.name, running);
      await createBookinfoSlice(this.#cluster, service.name, running.pod);
      const { podIP } = running.pod.status;
      const port = BOOKINFO_PORT;
      if (!service.headless) routes.push({ clusterIp, port, backend: `${podIP}:${port}` });
      addresses.set(service.name, service.headless ? podIP : clusterIp);
    }
    await Promise.all([...this.#nodes.values()].map((worker) => worker.route(routes)));
    for (const [name, pod] of this.#pods) {
      const listens = () => readLog(mainContainer(pod)).some((line) => / listening /.test(line));
      await until(`${name} listens`, listens);
    }
  }

  async #startAgents(): Promise<void> {
    const daemonSet = await applyChart(this.#cluster, 'observability');
    await Promise.all(
      [...this.#nodes.keys()].map(async (name) => {
        this.#agents.set(name, await this.#run(await createDaemonSetPod(this.#cluster, daemonSet, name)));
      }),
    );
    for (const { worker, agent } of this.agents()) {
      const ready = () => readLog(mainContainer(agent)).some((line) => line.includes('"msg":"ready"'));
      await until(`the agent of ${worker.node.name} is ready`, ready);
      await until(`the agent of ${worker.node.name} knows the cluster`, () => this.#knowsAll(worker));
    }
  }

  /** One Service more than Bookinfo's: that of the API server, which it makes itself. One pod more on each node: the agent's. */
  async #knowsAll({ node }: WorkerNode): Promise<boolean> {
    const code = `fetch('${COUNTERS_URL}').then((answer) => answer.text()).then(console.log)`;
    const { stdout } = await node.exec(process.execPath, ['--eval', code]);
    const { pods, services, endpoint_slices } =
      (JSON.parse(stdout) as AgentReport).processors.k8s_attributes ?? {};
    const here = [...this.#pods.values()].filter(({ pod }) => pod.spec.nodeName === node.name);
    return (
      pods === here.length + 1 && services === this.#pods.size + 1 && endpoint_slices === this.#pods.size
    );
  }

  #run(pod: Manifest): Promise<RunningPod> {
    return find(this.#nodes, pod.spec.nodeName).kubelet.run(pod);
  }

  async #stopPod({ pod, containers }: RunningPod): Promise<void> {
    const { containerd } = find(this.#nodes, pod.spec.nodeName);
    const grace = pod.spec.terminationGracePeriodSeconds;
    await Promise.all([...containers.values()].map(({ id }) => containerd.stopContainer(id, grace)));
  }
}

function mainContainer({ containers }: RunningPod): RunningContainer {
  return containers.values().next().value as RunningContainer;
}

function find<T>(map: ReadonlyMap<string, T>, name: string): T {
  const found = map.get(name);
  if (found === undefined) throw new Error(`there is no ${name}; there are ${[...map.keys()].join(', ')}`);
  return found;
}
