// SPDX-License-Identifier: Apache-2.0
import type { Counters, Hop, HopConsumer, LostMessage } from '@hopspan/core';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { hopAttributes, hopSpanName, isErrorStatus } from './hop-attributes.ts';
import { remoteContext } from './hop-span.ts';
import { hopTimes } from './hop-times.ts';
import { describeLoss, LOST_SPAN_NAME, lostAttributes } from './lost-attributes.ts';
import { HOPSPAN_SCOPE } from './scope.ts';

/** Options of TracerHopExporter. */
export interface TracerHopExporterOptions {
  /** The provider whose tracer starts the spans; it stays its owner's to shut down. Required. */
  tracerProvider: TracerProvider;
}

/**
 * The compatible path from hops to spans: `startSpan` and `end` through somebody's own TracerProvider, with its
 * sampler, id generator, limits and span processors. Costs about ten times what HopSpanExporter does.
 */
export class TracerHopExporter implements HopConsumer {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  #hops = 0;
  #unsampled = 0;
  #lost = 0;

  constructor(options: TracerHopExporterOptions) {
    this.#provider = options.tracerProvider;
    const { name, version, schemaUrl } = HOPSPAN_SCOPE;
    this.#tracer = this.#provider.getTracer(name, version, { schemaUrl });
  }

  onHops(hops: readonly Hop[]): void {
    for (const hop of hops) this.#export(hop);
  }

  onLost(lost: readonly LostMessage[]): void {
    for (const message of lost) this.#exportLost(message);
  }

  /** Flushes the provider, where it can be flushed. */
  async forceFlush(): Promise<void> {
    await (this.#provider as { forceFlush?: () => Promise<void> }).forceFlush?.();
  }

  /** Flushes the provider; its owner shuts it down. */
  shutdown(): Promise<void> {
    return this.forceFlush();
  }

  /** `hops` handed over, `spans` started, `unsampled_hops` the provider's sampler did not want, `lost` messages handed over. */
  counters(): Counters {
    return {
      hops: this.#hops,
      spans: this.#hops - this.#unsampled,
      unsampled_hops: this.#unsampled,
      lost: this.#lost,
    };
  }

  #export(hop: Hop): void {
    const parent = trace.setSpanContext(ROOT_CONTEXT, remoteContext(hop.context));
    const { start, end } = hopTimes(hop);
    const options = { kind: SpanKind.INTERNAL, startTime: start, attributes: hopAttributes(hop) };
    const span = this.#tracer.startSpan(hopSpanName(hop), options, parent);
    this.#hops += 1;
    if (!span.isRecording()) this.#unsampled += 1;
    if (isErrorStatus(hop.statusCode)) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(end);
  }

  #exportLost(message: LostMessage): void {
    const parent = trace.setSpanContext(ROOT_CONTEXT, remoteContext(message.context));
    const { start, end } = hopTimes(message);
    const options = { kind: SpanKind.INTERNAL, startTime: start, attributes: lostAttributes(message) };
    const span = this.#tracer.startSpan(LOST_SPAN_NAME, options, parent);
    span.setStatus({ code: SpanStatusCode.ERROR, message: describeLoss(message) });
    this.#lost += 1;
    span.end(end);
  }
}
