// SPDX-License-Identifier: Apache-2.0
import { type Counters, checkNumber, invalidOption } from '@hopspan/core';
import { diag } from '@opentelemetry/api';
import { Refresher } from '../refresher.ts';
import { JaegerClient, type JaegerClientOptions, type TopologyEdge } from './jaeger-client.ts';

/** Which services call which. */
export interface Topology {
  /** By service.name, as their spans tell: whoever calls another or is called by one. */
  readonly services: ReadonlySet<string>;
  readonly edges: readonly TopologyEdge[];
}

/** Options of JaegerTopology. */
export interface JaegerTopologyOptions extends JaegerClientOptions {
  /** Time between two questions, in milliseconds, spread by half. Default: 60000. */
  readonly intervalMillis?: number;
  /** How far back calls count, in milliseconds. Default: 86400000, a day. */
  readonly lookbackMillis?: number;
  /**
   * Names of services that are not of the mesh. The hops' own service belongs here: else whatever is traced
   * has a call to it, and stays in the mesh by that alone. Default: `['overlay-network']`.
   */
  readonly ignore?: readonly string[];
  /** Called with every topology. Must not throw. */
  readonly onTopology?: (topology: Topology) => void;
}

/** The defaults of JaegerTopology. */
export function getJaegerTopologyDefaults() {
  return {
    intervalMillis: 60_000,
    lookbackMillis: 86_400_000,
    timeoutMillis: 10_000,
    ignore: ['overlay-network'] as readonly string[],
    headers: {} as Readonly<Record<string, string>>,
  };
}

const OWNER = 'JaegerTopology';

/**
 * The mesh as Jaeger knows it, asked for again and again. A Jaeger that cannot be reached, or that knows of no call
 * at all (one that has just started with its memory as storage, or whose dependencies nobody computes),
 * changes nothing: the last topology stays, and where there was none it is not known.
 */
export class JaegerTopology {
  readonly #what: string;
  readonly #client: JaegerClient;
  readonly #refresher: Refresher<Topology>;
  #empty = 0;

  /** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
  constructor(options: JaegerTopologyOptions) {
    const { endpoint, onTopology } = options;
    const { intervalMillis, lookbackMillis, timeoutMillis, ignore, headers } = {
      ...getJaegerTopologyDefaults(),
      ...options,
    };
    if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
      throw invalidOption(OWNER, 'endpoint', endpoint, 'a URL such as http://jaeger:16686');
    for (const [name, value] of Object.entries({ intervalMillis, lookbackMillis, timeoutMillis }))
      checkNumber(OWNER, name, value, { min: 1 });
    this.#what = `topology from ${endpoint}`;
    this.#client = new JaegerClient({ endpoint, headers, timeoutMillis });
    this.#refresher = new Refresher({
      what: this.#what,
      ask: async (signal) =>
        this.#known(toTopology(await this.#client.dependencies(lookbackMillis, signal), ignore)),
      intervalMillis,
      ...(onTopology === undefined ? {} : { onAnswer: onTopology }),
    });
  }

  /** Asks for the first time, and from then on by itself. Resolves with the first attempt; never rejects. */
  start(): Promise<void> {
    return this.#refresher.start();
  }

  /** The last topology with a service in it; undefined while there was none. */
  get topology(): Topology | undefined {
    return this.#refresher.answer;
  }

  counters(): Counters {
    const { refreshes, refresh_errors } = this.#refresher.counters();
    return {
      topology_requests: refreshes,
      topology_errors: refresh_errors,
      topology_empty: this.#empty,
      topology_services: this.topology?.services.size ?? 0,
      topology_edges: this.topology?.edges.length ?? 0,
    };
  }

  /** The last topology stays readable. */
  async shutdown(): Promise<void> {
    await this.#refresher.stop();
    await this.#client.close();
  }

  #known(topology: Topology): Topology | undefined {
    if (topology.services.size > 0) return topology;
    this.#empty += 1;
    if (this.#empty === 1)
      diag.warn(`${this.#what}: it knows of no call between services, which changes nothing; asking on`);
    return undefined;
  }
}

/** Calls within a service, such as its server span's to its client span's, do not make a mesh. */
function toTopology(all: readonly TopologyEdge[], ignore: readonly string[]): Topology {
  const edges = all.filter(
    ({ parent, child }) => parent !== child && !ignore.includes(parent) && !ignore.includes(child),
  );
  return { edges, services: new Set(edges.flatMap(({ parent, child }) => [parent, child])) };
}
