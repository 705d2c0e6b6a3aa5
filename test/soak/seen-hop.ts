// SPDX-License-Identifier: Apache-2.0
import type { CollectedSpan } from '../lab/index.ts';

/** A hop as it arrived at the collector, reduced to what is judged. */
export interface SeenHop {
  readonly node: string;
  readonly direction: string;
  readonly kind: string;
  /** `traceid-spanid` of the message. */
  readonly context: string;
  readonly retransmission: number;
  readonly status: number | undefined;
  /** `address:port` at the end that faces the pod. */
  readonly source: string;
  readonly destination: string;
}

export function toSeenHop({ name, traceId, parentSpanId, attributes, resource }: CollectedSpan): SeenHop {
  const status = attributes['http.response.status_code'];
  return {
    node: String(resource['k8s.node.name']),
    direction: name.replace(/^overlay /, ''),
    kind: String(attributes['hopspan.kind']),
    context: `${traceId}-${parentSpanId}`,
    retransmission: Number(attributes['hopspan.retransmission'] ?? 0),
    status: status === undefined ? undefined : Number(status),
    source: `${attributes['source.address']}:${attributes['source.port']}`,
    destination: `${attributes['destination.address']}:${attributes['destination.port']}`,
  };
}
