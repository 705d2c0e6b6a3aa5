// SPDX-License-Identifier: Apache-2.0
import type { LostMessage } from '@hopspan/core';
import type { Attributes } from '@opentelemetry/api';
import type { HopAttributes } from './hop-attributes.ts';

/** The name of every span of a lost message. */
export const LOST_SPAN_NAME = 'overlay lost';

/** What the status of such a span says: `lost after veth1: NETFILTER_DROP`. */
export function describeLoss({ from, drop }: LostMessage): string {
  return `lost after ${from.point.ifname}: ${drop?.reason ?? 'retransmitted'}`;
}

/** The attributes of the span of a lost message; the README lists them. */
export function lostAttributes(lost: LostMessage): Attributes {
  const { from, drop } = lost;
  const attributes: HopAttributes = {
    'error.type': drop?.reason ?? 'retransmission',
    'network.transport': 'tcp',
    'network.type': from.networkType,
    'network.protocol.name': 'http',
    'network.interface.name': from.point.ifname,
    'source.address': from.source.address,
    'source.port': from.source.port,
    'destination.address': from.destination.address,
    'destination.port': from.destination.port,
    'hopspan.kind': lost.kind,
    'hopspan.from.interface': from.point.ifname,
    'hopspan.from.role': from.point.role,
    'hopspan.from.hook': from.point.hook,
    'hopspan.stream.position': lost.streamPosition,
    'hopspan.lost.evidence': lost.evidence,
    'hopspan.lost.retransmissions': lost.copies,
  };
  addOptional(attributes, lost);
  return lost.attributes === undefined ? attributes : Object.assign(attributes, lost.attributes);
}

function addOptional(attributes: HopAttributes, { from, drop, retransmission }: LostMessage): void {
  if (from.tunnel !== undefined) {
    attributes['tunnel.type'] = from.tunnel.type;
    if (from.tunnel.id !== undefined) attributes['tunnel.id'] = from.tunnel.id;
    attributes['tunnel.source.address'] = from.tunnel.sourceAddress;
    attributes['tunnel.destination.address'] = from.tunnel.destinationAddress;
  }
  if (drop !== undefined) {
    attributes['hopspan.lost.reason'] = drop.reason;
    if (drop.ifname !== '') attributes['hopspan.lost.interface'] = drop.ifname;
  }
  if (retransmission > 0) attributes['hopspan.retransmission'] = retransmission;
}
