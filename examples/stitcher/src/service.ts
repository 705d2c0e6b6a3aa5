// SPDX-License-Identifier: Apache-2.0
import type { Counters } from '@hopspan/core';
import { formatOpenMetricsFamily, joinOpenMetrics } from '@hopspan/exporter';
import { Forwarder } from './forwarder.ts';
import type { Log } from './log.ts';
import { countSpans, decodeRequest, encodeRequest, type TraceRequest } from './otlp.ts';
import { type Acceptance, listenGrpc, listenHttp, type Receiver } from './receivers.ts';
import { RequestStitcher } from './request-stitcher.ts';
import { createGrpcSender, createHttpSender } from './senders.ts';
import { listenStatus } from './status-page.ts';

/** Options of StitcherService. */
export interface ServiceOptions {
  /** Where spans go on to: `http://host:port`, or for gRPC `unix:///path`. */
  readonly endpoint: string;
  readonly protocol: 'grpc' | 'http/protobuf';
  /** Where OTLP/gRPC is taken: `host:port` or `unix:///path`. */
  readonly grpc?: string | undefined;
  /** Where OTLP/HTTP is taken: `host:port`. */
  readonly http?: string | undefined;
  /** Where health and metrics are served: `host:port`. */
  readonly status?: string | undefined;
  readonly holdMillis: number;
  /** Requests of applications of which a part is held or remembered. */
  readonly maxRequests: number;
  /** Spans that are held or wait to be sent; at this number requests are refused, to be sent again. */
  readonly queueSize: number;
  readonly shutdownTimeoutMillis: number;
  readonly log: Log;
}

/** Counters by component. received = stitcher.held + forwarder's sent, dropped_* and queued, in spans, at every moment. */
export interface ServiceCounters {
  readonly receiver: Counters;
  readonly stitcher: Counters;
  readonly forwarder: Counters;
}

/** How often what is due is let go, in parts of the hold time. */
const ticksPerHold = 20;

/** OTLP in, stitched OTLP out. */
export class StitcherService {
  readonly #options: ServiceOptions;
  readonly #forwarder: Forwarder;
  readonly #stitcher: RequestStitcher;
  readonly #receivers = new Map<string, Receiver>();
  readonly #tally = { requests: 0, received: 0, requests_refused: 0, requests_malformed: 0 };
  #timer: NodeJS.Timeout | undefined;
  #state: 'starting' | 'ok' | 'stopping' = 'starting';

  constructor(options: ServiceOptions) {
    const { endpoint, protocol, holdMillis, maxRequests, log } = options;
    this.#options = options;
    const sender = protocol === 'grpc' ? createGrpcSender(endpoint) : createHttpSender(endpoint);
    this.#forwarder = new Forwarder(sender, log);
    this.#stitcher = new RequestStitcher({
      holdMillis,
      maxRequests,
      release: (request, spans) => this.#forwarder.enqueue(encodeRequest(request), spans),
    });
  }

  /** Rejects, and leaves nothing open, when it cannot listen. */
  async start(): Promise<void> {
    const { grpc, http, status, holdMillis } = this.#options;
    const accept = (request: Buffer) => this.accept(request);
    try {
      if (status !== undefined) this.#receivers.set('status', await listenStatus(status, this));
      if (grpc !== undefined) this.#receivers.set('grpc', await listenGrpc(grpc, accept));
      if (http !== undefined) this.#receivers.set('http', await listenHttp(http, accept));
    } catch (error) {
      await this.stop();
      throw error;
    }
    const tick = () => this.#stitcher.advance(performance.now());
    this.#timer = setInterval(tick, Math.max(1, holdMillis / ticksPerHold));
    this.#state = 'ok';
  }

  /** Endpoints by `grpc`, `http` and `status`. */
  endpoints(): Record<string, string> {
    return Object.fromEntries([...this.#receivers].map(([name, { endpoint }]) => [name, endpoint]));
  }

  state(): 'starting' | 'ok' | 'stopping' {
    return this.#state;
  }

  /** Takes a request: nothing of it when there is no room for the whole of it. */
  accept(bytes: Buffer): Acceptance {
    let request: TraceRequest;
    try {
      request = decodeRequest(bytes);
    } catch {
      this.#tally.requests_malformed += 1;
      return 'malformed';
    }
    const spans = countSpans(request);
    const occupied = this.#forwarder.queued + this.#stitcher.held;
    // One larger than the queue is taken by an empty one: it would never fit otherwise.
    if (this.#state === 'stopping' || (occupied > 0 && occupied + spans > this.#options.queueSize)) {
      this.#tally.requests_refused += 1;
      return 'busy';
    }
    this.#tally.requests += 1;
    this.#tally.received += spans;
    const rest = this.#stitcher.take(request, performance.now());
    if (rest === request) this.#forwarder.enqueue(bytes, spans);
    else if (rest !== undefined) this.#forwarder.enqueue(encodeRequest(rest), countSpans(rest));
    return 'accepted';
  }

  counters(): ServiceCounters {
    return {
      receiver: { ...this.#tally },
      stitcher: this.#stitcher.counters(),
      forwarder: this.#forwarder.counters(),
    };
  }

  /** Everything as OpenMetrics text. */
  metrics(): string {
    const gauges = new Set(['held', 'remembered', 'queued']);
    const families = Object.entries(this.counters()).flatMap(([component, counters]) =>
      Object.entries(counters as Counters).map(([name, value]) =>
        formatOpenMetricsFamily(
          gauges.has(name) ? 'gauge' : 'counter',
          `hopspan_stitcher_${component}_${name}`,
          `${component}: ${name.replaceAll('_', ' ')}.`,
          [{ value }],
        ),
      ),
    );
    return joinOpenMetrics([...families, this.#stitcher.toOpenMetrics()]);
  }

  /** Takes nothing more, lets everything go that is held, and sends it for as long as the time limit allows. */
  async stop(): Promise<void> {
    this.#state = 'stopping';
    clearInterval(this.#timer);
    this.#stitcher.flush();
    await this.#forwarder.close(this.#options.shutdownTimeoutMillis);
    await Promise.all([...this.#receivers.values()].map((receiver) => receiver.close()));
  }
}
