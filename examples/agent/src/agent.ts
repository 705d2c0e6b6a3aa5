// SPDX-License-Identifier: Apache-2.0
import { type Clock, createPipeline, type Pipeline } from '@hopspan/core';
import { HopDurationHistogram } from '@hopspan/exporter';
import type { AgentConfig } from './config/agent-config.ts';
import { findChanges } from './config/changes.ts';
import { DeviceWatch } from './device-watch.ts';
import { type Devices, resolveDevices } from './devices.ts';
import type { AgentEnvironment } from './env.ts';
import { describeError } from './errors.ts';
import { type AgentExporter, createExporter } from './exporters/create-exporter.ts';
import type { Logger } from './logging/logger.ts';
import { findBypassed } from './net/bypass.ts';
import { findUnreachable, formatTarget } from './net/reach.ts';
import type { Platform, Probe } from './platform.ts';
import { capabilitiesToKeep } from './privileges.ts';
import { toProbeOptions } from './probe-options.ts';
import { type AgentProcessor, createProcessor } from './processors/create-processor.ts';
import type { ResourceAttributes } from './resource.ts';
import type { AgentCounters, PointReport } from './telemetry/agent-counters.ts';
import { AgentTelemetry } from './telemetry/agent-telemetry.ts';
import type { AgentState, ComponentHealth } from './telemetry/health.ts';

/** What an agent is made of. */
export interface AgentOptions {
  readonly config: AgentConfig;
  readonly platform: Platform;
  readonly resource: ResourceAttributes;
  readonly log: Logger;
  /** Writes to standard output. */
  readonly write: (text: string) => void;
  readonly shutdownTimeoutMillis: number;
  /** The node's address in its cluster, where it is known. */
  readonly nodeAddress?: string | undefined;
  /** Where a pod finds the Kubernetes API. */
  readonly apiServer?: AgentEnvironment['apiServer'];
}

/** The probe, the exporters, and what tells of them: one agent for one node. Starts and stops once. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #startTime = new Date();
  readonly #histogram: HopDurationHistogram;
  readonly #telemetry: AgentTelemetry;
  readonly #clock: Clock;
  #state: AgentState = 'starting';
  #config: AgentConfig;
  #devices: Devices | undefined;
  #deviceWatch: DeviceWatch | undefined;
  #probe: Probe | undefined;
  readonly #processors: readonly AgentProcessor[];
  readonly #exporters: AgentExporter[] = [];
  #pipeline: Pipeline | undefined;
  #capabilities: readonly string[] | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#clock = options.platform.createClock();
    this.#histogram = new HopDurationHistogram();
    this.#processors = options.config.processors.map((each) =>
      createProcessor(each, { ...options, pods: options.config.receiver.config.pods }),
    );
    this.#telemetry = new AgentTelemetry({ ...options, source: this, histogram: this.#histogram });
  }

  /**
   * Opens the agent's own ports, then attaches. Rejects with ListenError, DeviceError or the probe's own error,
   * and leaves nothing open.
   */
  async start(): Promise<void> {
    const { config, platform, shutdownTimeoutMillis } = this.#options;
    try {
      await this.#telemetry.open();
      const hasHistogram = await this.#createExporters();
      const watch = this.#watchDevices();
      await Promise.all(this.#processors.map((each) => each.start?.()));
      this.#probe = platform.createProbe({
        ...toProbeOptions(config.receiver.config, watch.first()),
        clock: this.#clock,
      });
      this.#pipeline = createPipeline({
        receiver: this.#probe,
        processors: this.#processors.map(({ processor }) => processor),
        exporters: [
          ...this.#exporters.map(({ consumer }) => consumer),
          ...(hasHistogram ? [] : [this.#histogram]),
        ],
        shutdownTimeoutMillis,
      });
      await this.#pipeline.start();
      await watch.start(this.#probe);
      this.#telemetry.start();
      await this.#dropCapabilities();
      this.#state = 'ok';
    } catch (error) {
      await this.shutdown();
      throw error;
    }
  }

  /**
   * Goes over to another configuration as far as that is possible without a gap: devices, selected pods, sampling, filters. What else has
   * changed is told. Throws DeviceError, and then nothing has changed.
   */
  async reload(config: AgentConfig): Promise<void> {
    const { live } = findChanges(this.#config, config);
    // Against the configuration that it was started with: what waits for a restart goes on waiting.
    const { restart } = findChanges(this.#options.config, config);
    const devices = this.#resolveDevices(config);
    this.#config = config;
    this.#devices = devices;
    const { pods } = config.receiver.config;
    for (const each of this.#processors) {
      each.selectPods?.(pods);
      const changed = config.processors.find(({ id }) => id === each.id);
      if (changed !== undefined) each.configure?.(changed);
    }
    await this.#deviceWatch?.configure(devices, pods !== undefined);
    const { log } = this.#options;
    log.info('configuration reloaded', { changed: live });
    if (restart.length > 0)
      log.warn(`changed, and taken into account at the next start: ${restart.join(', ')}`);
  }

  /** From here on the agent attaches, reads and sends. It goes on with all that it has where that cannot be changed. */
  async #dropCapabilities(): Promise<void> {
    const { config, platform, log } = this.#options;
    try {
      this.#capabilities = await platform.dropCapabilities(capabilitiesToKeep(config));
    } catch (error) {
      log.warn(`the agent keeps capabilities that it does not need: ${describeError(error)}`);
    }
  }

  #watchDevices(): DeviceWatch {
    const { config, log } = this.#options;
    this.#devices = this.#resolveDevices(config);
    const watch = new DeviceWatch(this.#devices, config.receiver.config.pods !== undefined, log);
    this.#deviceWatch = watch;
    for (const each of this.#processors) each.followDevices?.((devices) => void watch.find(devices));
    return watch;
  }

  #resolveDevices({ receiver }: AgentConfig): Devices {
    const { platform, nodeAddress, log } = this.#options;
    const devices = resolveDevices(receiver.config, platform, nodeAddress);
    for (const warning of devices.warnings) log.warn(`receivers::${receiver.id}::interfaces: ${warning}`);
    return devices;
  }

  /** Whether the histogram gets the hops from one of the exporters, which knows the ids of their spans. */
  async #createExporters(): Promise<boolean> {
    const { config, resource, write, shutdownTimeoutMillis } = this.#options;
    const first = config.exporters.find(({ type }) => type !== 'debug');
    const context = { resource, write, shutdownTimeoutMillis: getSendingLimit(shutdownTimeoutMillis) };
    for (const each of config.exporters) {
      const histogram = each === first ? this.#histogram : undefined;
      this.#exporters.push(await createExporter(each, { ...context, histogram }));
    }
    return first !== undefined;
  }

  /** Flushes and detaches within the time limit. Never rejects. */
  async shutdown(): Promise<void> {
    this.#state = 'stopping';
    if (this.#pipeline === undefined) {
      const components = [
        ...this.#processors.map(({ processor }) => processor),
        ...this.#exporters.map(({ consumer }) => consumer),
      ];
      await Promise.allSettled(components.map((component) => component.shutdown()));
    }
    await this.#pipeline?.shutdown();
    await this.#telemetry.close();
  }

  /** Warns once for each endpoint where nobody answers; the exporter goes on trying by itself. */
  async warnUnreachable(): Promise<void> {
    for (const { id, endpoint } of this.#exporters) {
      const reason = endpoint && (await findUnreachable(endpoint.target));
      if (endpoint === undefined || reason === undefined) continue;
      const target = formatTarget(endpoint.target);
      this.#options.log.warn(
        `exporters::${id}: ${target} cannot be reached (${reason}); the agent goes on and retries within the bounds of retry_on_failure and sending_queue`,
      );
    }
  }

  state(): AgentState {
    return this.#state;
  }

  startTime(): Date {
    return this.#startTime;
  }

  /** Those that it has kept; undefined when it could not drop the others. */
  capabilities(): readonly string[] | undefined {
    return this.#capabilities;
  }

  /** Addresses of the agent's own endpoints. */
  addresses(): Readonly<Record<string, string>> {
    return this.#telemetry.addresses();
  }

  components(): Record<string, ComponentHealth> {
    const processors = this.#processors.flatMap(({ id, health }) =>
      health === undefined ? [] : [[`processors/${id}`, { status: this.#state, ...health() }] as const],
    );
    const exporters = this.#exporters.map(({ id, health }) => [`exporters/${id}`, health()] as const);
    return {
      [`receivers/${this.#options.config.receiver.id}`]: this.#receiverHealth(),
      ...Object.fromEntries([...processors, ...exporters]),
    };
  }

  #receiverHealth(): ComponentHealth {
    const attached = this.#probe?.attached() ?? [];
    const count = (role: string): number => attached.filter((each) => each.role === role).length;
    const interfaces = { nic: count('nic'), vport: count('vport') };
    const refused = this.#probe?.counters().interfaces_refused ?? 0;
    if (this.#state === 'ok' && interfaces.nic === 0)
      return { status: 'degraded', interfaces, reason: 'no NIC is watched: no transmit and no receive hops' };
    if (this.#state === 'ok' && refused > 0)
      return { status: 'degraded', interfaces, reason: `${refused} devices could not be attached to` };
    const bypassed = findBypassed(this.points());
    if (this.#state === 'ok' && bypassed.length > 0) {
      const reason = `${bypassed.join(', ')}: packets of one direction alone are seen; the others are taken past the host's side (bpf_redirect_peer), and their hops are missing`;
      return { status: 'degraded', interfaces, reason };
    }
    const none = this.#state === 'ok' && interfaces.vport === 0;
    const reason = `no device matches ${this.#devices?.vport.join(', ')} yet: there is nothing to measure`;
    return { status: this.#state, interfaces, ...(none ? { reason } : {}) };
  }

  points(): PointReport[] {
    return (this.#probe?.pointCounters() ?? []).map(({ point, counters }) => ({
      interface: point.ifname,
      ifindex: point.ifindex,
      role: point.role,
      hook: point.hook,
      counters,
    }));
  }

  counters(): AgentCounters {
    // Reading the table sweeps it, which counts: so it comes first.
    const table = this.#probe?.table() ?? { live: 0, held: 0, suspected: 0, capacity: 0 };
    return {
      receivers: { [this.#options.config.receiver.id]: this.#probe?.counters() ?? {} },
      points: this.points(),
      table,
      clock: this.#clock.counters(),
      pipeline: this.#pipeline?.counters() ?? {},
      processors: Object.fromEntries(this.#processors.map(({ id, processor }) => [id, processor.counters()])),
      exporters: Object.fromEntries(this.#exporters.map(({ id, consumer }) => [id, consumer.counters()])),
      histogram: this.#histogram.counters(),
      metrics: this.#telemetry.counters(),
    };
  }
}

/** What of the time limit of the shutdown is for sending: closing connections and detaching need the rest. */
function getSendingLimit(shutdownTimeoutMillis: number): number {
  const restMillis = 1500;
  return Math.ceil(Math.max(shutdownTimeoutMillis - restMillis, shutdownTimeoutMillis / 2));
}
