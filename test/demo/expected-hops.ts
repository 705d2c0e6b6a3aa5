// SPDX-License-Identifier: Apache-2.0
import type { CollectedSpan } from '../lab/index.ts';

/** Where a service of the application runs. */
export interface Placement {
  readonly service: string;
  readonly node: string;
  /** Address of its pod. */
  readonly address: string;
}

export type Direction = 'transmit' | 'receive' | 'local';

/** A hop that must exist, derived from the application's own telemetry and from nothing of Hopspan. */
export interface ExpectedHop {
  readonly client: CollectedSpan;
  readonly kind: 'request' | 'response';
  readonly direction: Direction;
  readonly node: string;
}

/**
 * What the overlay must show for the client spans the application exported: for a call between pods of
 * two nodes one transmit hop at the caller's and one receive hop at the callee's, for a call within a
 * node one local hop; and as many of the response, the other way.
 * @throws Error when a client span names an address that is no pod's: then the count could not be trusted
 */
export function expectHops(clients: readonly CollectedSpan[], places: readonly Placement[]): ExpectedHop[] {
  const byService = new Map(places.map((place) => [place.service, place]));
  const byAddress = new Map(places.map((place) => [place.address, place]));
  return clients.flatMap((client): ExpectedHop[] => {
    const caller = byService.get(client.service);
    const callee = byAddress.get(serverAddressOf(client));
    if (caller === undefined || callee === undefined) {
      throw new Error(
        `client span ${client.spanId} of ${client.service} called ${serverAddressOf(client)}, which is no pod of the lab`,
      );
    }
    return [
      ...crossing('request', client, caller.node, callee.node),
      ...crossing('response', client, callee.node, caller.node),
    ];
  });
}

function crossing(kind: ExpectedHop['kind'], client: CollectedSpan, from: string, to: string): ExpectedHop[] {
  if (from === to) return [{ client, kind, direction: 'local', node: from }];
  return [
    { client, kind, direction: 'transmit', node: from },
    { client, kind, direction: 'receive', node: to },
  ];
}

/** `server.address` of the HTTP semantic conventions. */
export function serverAddressOf(client: CollectedSpan): string {
  return String(client.attributes['server.address'] ?? client.attributes['net.peer.name'] ?? '');
}
