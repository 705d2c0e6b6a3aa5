// SPDX-License-Identifier: Apache-2.0
import type { SeenHop } from './seen-hop.ts';
import type { TruthEntry } from './truth.ts';

/** Where the servers are, by the name that they give in their responses, and the node of the clients. */
export interface Places {
  readonly clientNode: string;
  readonly servers: Readonly<Record<string, { readonly node: string; readonly endpoint: string }>>;
}

/** A hop that a request or its response must have. */
export type ExpectedHop = Pick<SeenHop, 'node' | 'direction' | 'kind' | 'context'> & {
  /** What the ends must be, as seen at the end that faces the pod; undefined: whatever NAT made of it. */
  readonly source: string | undefined;
  readonly destination: string | undefined;
};

/**
 * The hops of one exchange, from what its client has logged. Between two nodes one transmit and one receive hop
 * for the request and for the response; within a node one local hop for each.
 * @throws Error when an unknown server has answered: then nothing could be said
 */
export function expectHops(entry: TruthEntry, { clientNode, servers }: Places): ExpectedHop[] {
  const { context, source, destination } = entry;
  const server = servers[entry.server ?? ''];
  if (server === undefined) throw new Error(`request ${context} was answered by ${entry.server}`);
  if (context === undefined || !entry.sampled) return [];
  const { node, endpoint } = server;
  const request = { kind: 'request', context };
  const response = { kind: 'response', context };
  if (node === clientNode) {
    return [
      { ...request, node, direction: 'local', source, destination },
      { ...response, node, direction: 'local', source: endpoint, destination: undefined },
    ];
  }
  return [
    { ...request, node: clientNode, direction: 'transmit', source, destination },
    { ...request, node, direction: 'receive', source: undefined, destination: endpoint },
    { ...response, node, direction: 'transmit', source: endpoint, destination: undefined },
    { ...response, node: clientNode, direction: 'receive', source: destination, destination: source },
  ];
}
