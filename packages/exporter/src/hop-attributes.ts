// SPDX-License-Identifier: Apache-2.0
import { type Hop, type HopDirection, podEnd } from '@hopspan/core';
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type * as semconv from './semconv.ts';

const SPAN_NAMES: Readonly<Record<HopDirection, string>> = {
  transmit: 'overlay transmit',
  receive: 'overlay receive',
  local: 'overlay local',
  forward: 'overlay forward',
};

/*
 * The attribute names below are written out, and checked against semconv.ts by this type: V8 builds an object with
 * literal names in one go, and is ten times slower with computed ones.
 */
type Names = typeof semconv;
type AttributeName = Names[Extract<keyof Names, `ATTR_${string}`>];
type HopAttributes = Partial<Record<AttributeName, AttributeValue>>;

/** The name of a hop's span: one of four, so it never adds cardinality. */
export function hopSpanName(direction: HopDirection): string {
  return SPAN_NAMES[direction];
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
  if (hop.retransmission > 0) attributes['hopspan.retransmission'] = hop.retransmission;
  if (hop.statusCode !== undefined) attributes['http.response.status_code'] = hop.statusCode;
}
