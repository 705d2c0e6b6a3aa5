// SPDX-License-Identifier: Apache-2.0
import { type Endpoint, type Hop, type LatencyBudget, type PointRole, podEnd } from '@hopspan/core';
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type * as semconv from './semconv.ts';

/*
 * The attribute names below are written out, and checked against semconv.ts by this type: V8 builds an object with
 * literal names in one go, and is ten times slower with computed ones.
 */
type Names = typeof semconv;
type AttributeName = Names[Extract<keyof Names, `ATTR_${string}`>];
export type HopAttributes = Partial<Record<AttributeName, AttributeValue>>;

/** What hopSpanName looks at. */
export interface NamedHop {
  readonly direction: Hop['direction'];
  readonly from: { readonly point: { readonly role: PointRole } };
  readonly to: { readonly point: { readonly role: PointRole } };
}

/**
 * The name of a hop's span: `overlay` and the direction where it leads all the way from end to end, as between two
 * tracing points; else `overlay` and the roles of its two points, as `overlay bridge→tunnel`. So there are few.
 */
export function hopSpanName({ direction, from, to }: NamedHop): string {
  if (isEnd(from.point.role) && isEnd(to.point.role)) return `overlay ${direction}`;
  return `overlay ${from.point.role}→${to.point.role}`;
}

function isEnd(role: PointRole): boolean {
  return role === 'vport' || role === 'nic';
}

/** The attributes of a hop's span; the README lists them. */
export function hopAttributes(hop: Hop): Attributes {
  const { from, to } = hop;
  const pod = podEnd(hop);
  const attributes: HopAttributes = {
    'network.transport': 'tcp',
    'network.type': pod.networkType,
    'network.protocol.name': 'http',
    'network.interface.name': pod.point.ifname,
    'source.address': pod.source.address,
    'source.port': pod.source.port,
    'destination.address': pod.destination.address,
    'destination.port': pod.destination.port,
    'hopspan.kind': hop.kind,
    'hopspan.from.interface': from.point.ifname,
    'hopspan.from.role': from.point.role,
    'hopspan.from.hook': from.point.hook,
    'hopspan.to.interface': to.point.ifname,
    'hopspan.to.role': to.point.role,
    'hopspan.to.hook': to.point.hook,
    'hopspan.stream.position': hop.streamPosition,
  };
  addOptional(attributes, hop);
  // Last: what processors found out may be more exact than what follows from the packet.
  return hop.attributes === undefined ? attributes : Object.assign(attributes, hop.attributes);
}

function addOptional(attributes: HopAttributes, hop: Hop): void {
  // The convention knows these two values only: a hop within the node is neither.
  if (hop.direction === 'transmit' || hop.direction === 'receive') {
    attributes['network.io.direction'] = hop.direction;
  }
  const tunnel = hop.to.tunnel ?? hop.from.tunnel;
  if (tunnel !== undefined) {
    attributes['tunnel.type'] = tunnel.type;
    if (tunnel.id !== undefined) attributes['tunnel.id'] = tunnel.id;
    attributes['tunnel.source.address'] = tunnel.sourceAddress;
    attributes['tunnel.destination.address'] = tunnel.destinationAddress;
  }
  addTranslation(attributes, hop);
  if (hop.retransmission > 0) attributes['hopspan.retransmission'] = hop.retransmission;
  if (hop.statusCode !== undefined) {
    attributes['http.response.status_code'] = hop.statusCode;
    if (isErrorStatus(hop.statusCode)) attributes['error.type'] = String(hop.statusCode);
  }
  if (hop.requestPosition !== undefined) attributes['hopspan.request.position'] = hop.requestPosition;
  if (hop.budget !== undefined) addBudget(attributes, hop.budget);
}

/** As the HTTP semantic conventions have it for clients, whose request this is: 4xx and 5xx. */
export function isErrorStatus(statusCode: number | undefined): boolean {
  return statusCode !== undefined && statusCode >= 400;
}

function addBudget(attributes: HopAttributes, budget: LatencyBudget): void {
  const isAway = budget.role === 'client' || budget.role === 'forward';
  attributes['hopspan.request.position'] = budget.requestPosition;
  attributes['hopspan.budget.role'] = budget.role;
  attributes['hopspan.budget.request'] = budget.requestNs;
  attributes[isAway ? 'hopspan.budget.away' : 'hopspan.budget.pod'] = budget.betweenNs;
  attributes['hopspan.budget.response'] = budget.responseNs;
  if (budget.retransmission > 0) attributes['hopspan.budget.retransmission'] = budget.retransmission;
}

/** What address translation (DNAT, masquerade) made of the addresses between the two points. */
function addTranslation(attributes: HopAttributes, { from, to }: Hop): void {
  if (differ(from.source, to.source)) {
    attributes['hopspan.from.source.address'] = from.source.address;
    attributes['hopspan.from.source.port'] = from.source.port;
    attributes['hopspan.to.source.address'] = to.source.address;
    attributes['hopspan.to.source.port'] = to.source.port;
  }
  if (differ(from.destination, to.destination)) {
    attributes['hopspan.from.destination.address'] = from.destination.address;
    attributes['hopspan.from.destination.port'] = from.destination.port;
    attributes['hopspan.to.destination.address'] = to.destination.address;
    attributes['hopspan.to.destination.port'] = to.destination.port;
  }
}

function differ(a: Endpoint, b: Endpoint): boolean {
  return a !== b && (a.address !== b.address || a.port !== b.port);
}
