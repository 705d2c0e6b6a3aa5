// SPDX-License-Identifier: Apache-2.0
// What tells of the agent from outside: health endpoint, /metrics, metrics that are sent.
import type { Counters } from '@hopspan/core';
import { type HopDurationHistogram, joinOpenMetrics, OPEN_METRICS_CONTENT_TYPE } from '@hopspan/exporter';
import type { AgentConfig, ExtensionConfig } from '../config/agent-config.ts';
import type { ReaderConfig } from '../config/schema.ts';
import type { Logger } from '../logging/logger.ts';
import type { Platform } from '../platform.ts';
import type { ResourceAttributes } from '../resource.ts';
import { formatFamily, toFamilies } from './families.ts';
import { answerHealth, type HealthSource } from './health.ts';
import { type HttpAnswer, HttpListener } from './http-listener.ts';
import { MetricsPush } from './metrics-push.ts';

/** Options of AgentTelemetry. */
export interface AgentTelemetryOptions {
  readonly config: Pick<AgentConfig, 'extensions' | 'readers'>;
  readonly source: HealthSource;
  readonly histogram: HopDurationHistogram;
  readonly resource: ResourceAttributes;
  readonly platform: Pick<Platform, 'counterTexts'>;
  readonly log: Logger;
}

/** Opens and closes everything that the configuration asks for. */
export class AgentTelemetry {
  readonly #options: AgentTelemetryOptions;
  readonly #listeners = new Map<string, HttpListener>();
  readonly #pushes: MetricsPush[] = [];

  constructor(options: AgentTelemetryOptions) {
    this.#options = options;
  }

  /** Rejects with ListenError; what was opened before stays open until close. */
  async open(): Promise<void> {
    for (const extension of this.#options.config.extensions) await this.#openHealth(extension);
    for (const [index, reader] of this.#options.config.readers.entries())
      await this.#openReader(reader, index);
  }

  /** Begins to send metrics, where that is configured. */
  start(): void {
    for (const push of this.#pushes) push.start();
  }

  async close(): Promise<void> {
    await Promise.all(this.#pushes.map((push) => push.shutdown()));
    await Promise.all([...this.#listeners.values()].map((listener) => listener.close()));
  }

  /** Address by what listens there. */
  addresses(): Record<string, string> {
    return Object.fromEntries([...this.#listeners].map(([name, { address }]) => [name, address]));
  }

  counters(): Counters {
    return this.#pushes.reduce<Record<string, number>>((sum, push) => {
      for (const [name, value] of Object.entries(push.counters())) sum[name] = (sum[name] ?? 0) + value;
      return sum;
    }, {});
  }

  async #openHealth({ id, config }: ExtensionConfig): Promise<void> {
    const separator = config.endpoint.lastIndexOf(':');
    const listen = {
      host: config.endpoint.slice(0, separator).replace(/^\[(.*)\]$/, '$1'),
      port: Number(config.endpoint.slice(separator + 1)),
      what: 'the health endpoint',
      option: `extensions::${id}::endpoint`,
    };
    const answer = (url: URL) => answerHealth(url, this.#options.source);
    this.#listeners.set(id, await HttpListener.open(listen, answer));
  }

  async #openReader({ pull, periodic }: ReaderConfig, index: number): Promise<void> {
    if (periodic !== undefined) this.#addPush(periodic);
    if (pull === undefined) return;
    const option = `service::telemetry::metrics::readers::${index}::pull::exporter::prometheus::port`;
    const listen = { ...pull.exporter.prometheus, what: 'the metrics endpoint', option };
    this.#listeners.set(
      index === 0 ? 'metrics' : `metrics/${index}`,
      await HttpListener.open(listen, (url) => this.#answerMetrics(url)),
    );
  }

  #addPush(config: NonNullable<ReaderConfig['periodic']>): void {
    const { histogram, resource, log } = this.#options;
    this.#pushes.push(
      new MetricsPush({ config, log, collect: () => histogram.toOtlpJson({ attributes: resource }) }),
    );
  }

  #answerMetrics(url: URL): HttpAnswer | undefined {
    if (url.pathname !== '/metrics') return undefined;
    const families = toFamilies(this.#options.source.counters(), this.#options.platform.counterTexts).map(
      formatFamily,
    );
    const body = joinOpenMetrics([...families, this.#options.histogram.toOpenMetrics()]);
    return { status: 200, type: OPEN_METRICS_CONTENT_TYPE, body };
  }
}
