// SPDX-License-Identifier: Apache-2.0
import {
  type ClusterAccess,
  CriRuntime,
  HopEnrichment,
  KubeDiscovery,
  loadInClusterAccess,
  loadKubeconfig,
  PodVports,
} from '@hopspan/k8s-discovery';
import type { K8sProcessorConfig } from '../config/agent-config.ts';
import { AgentError, describeError, ExitCode } from '../errors.ts';
import type { AgentProcessor, ProcessorContext } from './create-processor.ts';
import { NatNames } from './nat-names.ts';
import { PodSelection } from './pod-selection.ts';
import { tellUnwatched } from './unwatched.ts';

/** The first hops have names where the API server answers within this time; else they go without, and are counted. */
const SYNC_MILLIS = 5000;

/** Names of pods, services and nodes for hops and lost messages, and the devices of the pods, from the Kubernetes API. */
export function createK8sAttributes(config: K8sProcessorConfig, context: ProcessorContext): AgentProcessor {
  const processor = new K8sAttributes(config, context);
  return {
    id: config.id,
    processor,
    start: () => processor.start(),
    health: () => processor.health(),
    followDevices: (listener) => processor.followDevices(listener),
    selectPods: (selector) => processor.selectPods(selector),
  };
}

class K8sAttributes {
  readonly #config: K8sProcessorConfig;
  readonly #context: ProcessorContext;
  readonly #enrichment: HopEnrichment;
  #discovery: KubeDiscovery | undefined;
  #vports: PodVports | undefined;
  readonly #selection: PodSelection;
  readonly #nat: NatNames;
  #onDevices: (devices: readonly string[]) => void = () => undefined;

  constructor(config: K8sProcessorConfig, context: ProcessorContext) {
    this.#config = config;
    this.#context = context;
    this.#selection = new PodSelection({
      ...context,
      selector: context.pods,
      onChange: () => void this.#vports?.refresh(),
    });
    const discovery = (): KubeDiscovery | undefined => this.#discovery;
    this.#nat = new NatNames(config.config, {
      resolve: (...question) => discovery()?.resolve(...question) ?? { kind: 'unknown' },
      get live() {
        return discovery()?.live ?? false;
      },
    });
    this.#enrichment = new HopEnrichment(this.#nat.resolver, (ifindex) => this.#vports?.podOf(ifindex));
  }

  /** Rejects when there is no way to know the cluster; an API server that does not answer is waited for. */
  async start(): Promise<void> {
    const { node, remote_pods, processes, cri } = this.#config.config;
    const discovery = new KubeDiscovery({
      access: await this.#loadAccess(),
      nodeName: node,
      remotePods: remote_pods,
    });
    this.#discovery = discovery;
    discovery.start();
    const vports = new PodVports({
      source: {
        pods: () => this.#selection.select(discovery),
        watchPods: (listener) => discovery.watchPods(listener),
      },
      network: this.#context.platform.network,
      nodeProcesses: processes,
      ...(cri === undefined ? {} : { runtime: new CriRuntime(cri.endpoint) }),
      onChange: () => this.#onDevices(vports.devices()),
    });
    this.#vports = vports;
    const known = Promise.all([discovery.synced(), this.#selection.start(), this.#nat.start()]);
    await Promise.race([known, new Promise((resolve) => setTimeout(resolve, SYNC_MILLIS))]);
    this.#selection.warnOfUnknown(discovery);
    await vports.start();
  }

  health(): { status?: 'degraded'; reason?: string } {
    if (this.#discovery?.live !== true)
      return { status: 'degraded', reason: 'the API server cannot be followed: names may be out of date' };
    const unwatched = new Map(this.#vports?.unwatched());
    // They are meant to be without one.
    unwatched.delete('host_network');
    return tellUnwatched(unwatched);
  }

  followDevices(listener: (devices: readonly string[]) => void): void {
    this.#onDevices = listener;
  }

  selectPods(selector: ProcessorContext['pods']): void {
    this.#selection.configure(selector);
    if (this.#discovery !== undefined) this.#selection.warnOfUnknown(this.#discovery);
    void this.#vports?.refresh();
  }

  process(hops: Parameters<HopEnrichment['process']>[0]): ReturnType<HopEnrichment['process']> {
    return this.#enrichment.process(hops);
  }

  processLost(lost: Parameters<HopEnrichment['processLost']>[0]): ReturnType<HopEnrichment['processLost']> {
    return this.#enrichment.processLost(lost);
  }

  counters() {
    return {
      ...this.#enrichment.counters(),
      ...this.#discovery?.counters(),
      ...this.#vports?.counters(),
      ...this.#selection.counters(),
      ...this.#nat.counters(),
    };
  }

  forceFlush(): Promise<void> {
    return this.#enrichment.forceFlush();
  }

  async shutdown(): Promise<void> {
    await Promise.all([this.#selection.shutdown(), this.#nat.shutdown()]);
    await this.#vports?.shutdown();
    await this.#discovery?.shutdown();
  }

  async #loadAccess(): Promise<ClusterAccess> {
    const { id, config } = this.#config;
    try {
      if (config.kubeconfig !== undefined)
        return await loadKubeconfig({ path: config.kubeconfig, context: config.context });
      return await loadInClusterAccess(this.#context.apiServer);
    } catch (cause) {
      const message = `processors::${id}: ${describeError(cause)}`;
      throw new AgentError('HOPSPAN_ERR_AGENT_KUBE', ExitCode.failure, message, { cause });
    }
  }
}
