// SPDX-License-Identifier: Apache-2.0
import { Agent, request } from 'undici';
import { DiscoveryError } from '../errors.ts';
import { reasonOf } from '../reason.ts';

/** That one service has called another. */
export interface TopologyEdge {
  readonly parent: string;
  readonly child: string;
  /** How often, in the time that was asked for, of the calls that were sampled. */
  readonly calls: number;
}

/** Options of JaegerClient. */
export interface JaegerClientOptions {
  /** Root of the query API, with its base path where it has one: `http://jaeger:16686`. */
  readonly endpoint: string;
  /** Sent with each request, such as `authorization`. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Longest wait for the whole answer, in milliseconds. Default: 10000. */
  readonly timeoutMillis?: number;
}

/** Most of an answer: some 200,000 edges. */
const MAX_BYTES = 16 * 1024 * 1024;
const REASON_CHARACTERS = 200;

/** What is read of the answer. */
interface DependenciesAnswer {
  readonly data?: readonly { parent?: unknown; child?: unknown; callCount?: unknown }[] | null;
}

/** Asks Jaeger's query API which services call which. */
export class JaegerClient {
  readonly #options: JaegerClientOptions;
  readonly #timeoutMillis: number;
  readonly #agent: Agent;

  constructor(options: JaegerClientOptions) {
    this.#options = options;
    this.#timeoutMillis = options.timeoutMillis ?? 10_000;
    this.#agent = new Agent({
      connect: { timeout: this.#timeoutMillis },
      connections: 1,
      maxResponseSize: MAX_BYTES,
    });
  }

  /**
   * The calls of the last `lookbackMillis`, as Jaeger's storage has counted them.
   * @throws DiscoveryError HOPSPAN_ERR_TOPOLOGY
   */
  async dependencies(lookbackMillis: number, signal: AbortSignal): Promise<TopologyEdge[]> {
    const { endpoint, headers } = this.#options;
    const url = `${endpoint.replace(/\/+$/, '')}/api/dependencies?endTs=${Date.now()}&lookback=${Math.round(lookbackMillis)}`;
    const timeout = AbortSignal.timeout(this.#timeoutMillis);
    try {
      const { statusCode, body } = await request(url, {
        dispatcher: this.#agent,
        headers: { accept: 'application/json', ...headers },
        signal: AbortSignal.any([signal, timeout]),
      });
      const text = await body.text();
      if (statusCode !== 200)
        throw failed(`status ${statusCode}: ${text.slice(0, REASON_CHARACTERS).trim()}`);
      return toEdges(text);
    } catch (cause) {
      if (cause instanceof DiscoveryError) throw cause;
      throw failed(timeout.aborted ? `no answer within ${this.#timeoutMillis} ms` : reasonOf(cause), cause);
    }
  }

  /** Breaks off what is under way. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

/** Another page at this address answers with HTML and status 200, as Jaeger does at paths that it does not know. */
function toEdges(text: string): TopologyEdge[] {
  let answer: DependenciesAnswer | undefined;
  try {
    answer = JSON.parse(text) as DependenciesAnswer;
  } catch {
    // Told below.
  }
  const data = answer?.data;
  if (!Array.isArray(data))
    throw failed(`expected a list of dependencies in JSON, got ${JSON.stringify(text.slice(0, 80))}`);
  return data.flatMap(({ parent, child, callCount }) => {
    if (typeof parent !== 'string' || typeof child !== 'string') return [];
    return { parent, child, calls: typeof callCount === 'number' ? callCount : 0 };
  });
}

function failed(why: string, cause?: unknown): DiscoveryError {
  return new DiscoveryError('HOPSPAN_ERR_TOPOLOGY', why, { cause });
}
