// SPDX-License-Identifier: Apache-2.0
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PROTOCOL_NAME,
  ATTR_NETWORK_TRANSPORT,
  ATTR_NETWORK_TYPE,
  ATTR_SERVICE_NAME,
  NETWORK_TRANSPORT_VALUE_TCP,
} from '@opentelemetry/semantic-conventions';

/* Stable names, from the package. */
export {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PROTOCOL_NAME,
  ATTR_NETWORK_TRANSPORT,
  ATTR_NETWORK_TYPE,
  ATTR_SERVICE_NAME,
  NETWORK_TRANSPORT_VALUE_TCP,
};

/** The release of the semantic conventions that all names below follow. */
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.43.0';

/*
 * Names with status Development in semantic conventions 1.43.0. They are copies, because that package
 * asks not to import its unstable entry point at run time.
 */
export const ATTR_NETWORK_IO_DIRECTION = 'network.io.direction';
export const ATTR_NETWORK_INTERFACE_NAME = 'network.interface.name';
export const ATTR_SOURCE_ADDRESS = 'source.address';
export const ATTR_SOURCE_PORT = 'source.port';
export const ATTR_DESTINATION_ADDRESS = 'destination.address';
export const ATTR_DESTINATION_PORT = 'destination.port';
export const ATTR_HOST_NAME = 'host.name';

/* Not in any release of the semantic conventions: the names other flow-span producers use. */
export const ATTR_TUNNEL_TYPE = 'tunnel.type';
export const ATTR_TUNNEL_ID = 'tunnel.id';
export const ATTR_TUNNEL_SOURCE_ADDRESS = 'tunnel.source.address';
export const ATTR_TUNNEL_DESTINATION_ADDRESS = 'tunnel.destination.address';

/* Our own. */
export const ATTR_HOPSPAN_KIND = 'hopspan.kind';
export const ATTR_HOPSPAN_DIRECTION = 'hopspan.direction';
export const ATTR_HOPSPAN_FROM_INTERFACE = 'hopspan.from.interface';
export const ATTR_HOPSPAN_FROM_ROLE = 'hopspan.from.role';
export const ATTR_HOPSPAN_FROM_HOOK = 'hopspan.from.hook';
export const ATTR_HOPSPAN_TO_INTERFACE = 'hopspan.to.interface';
export const ATTR_HOPSPAN_TO_ROLE = 'hopspan.to.role';
export const ATTR_HOPSPAN_TO_HOOK = 'hopspan.to.hook';
export const ATTR_HOPSPAN_FROM_SOURCE_ADDRESS = 'hopspan.from.source.address';
export const ATTR_HOPSPAN_FROM_SOURCE_PORT = 'hopspan.from.source.port';
export const ATTR_HOPSPAN_FROM_DESTINATION_ADDRESS = 'hopspan.from.destination.address';
export const ATTR_HOPSPAN_FROM_DESTINATION_PORT = 'hopspan.from.destination.port';
export const ATTR_HOPSPAN_TO_SOURCE_ADDRESS = 'hopspan.to.source.address';
export const ATTR_HOPSPAN_TO_SOURCE_PORT = 'hopspan.to.source.port';
export const ATTR_HOPSPAN_TO_DESTINATION_ADDRESS = 'hopspan.to.destination.address';
export const ATTR_HOPSPAN_TO_DESTINATION_PORT = 'hopspan.to.destination.port';
export const ATTR_HOPSPAN_STREAM_POSITION = 'hopspan.stream.position';
export const ATTR_HOPSPAN_RETRANSMISSION = 'hopspan.retransmission';
export const ATTR_HOPSPAN_LOST_EVIDENCE = 'hopspan.lost.evidence';
export const ATTR_HOPSPAN_LOST_REASON = 'hopspan.lost.reason';
export const ATTR_HOPSPAN_LOST_INTERFACE = 'hopspan.lost.interface';
export const ATTR_HOPSPAN_LOST_RETRANSMISSIONS = 'hopspan.lost.retransmissions';
export const ATTR_HOPSPAN_REQUEST_POSITION = 'hopspan.request.position';
export const ATTR_HOPSPAN_BUDGET_ROLE = 'hopspan.budget.role';
export const ATTR_HOPSPAN_BUDGET_REQUEST = 'hopspan.budget.request';
export const ATTR_HOPSPAN_BUDGET_AWAY = 'hopspan.budget.away';
export const ATTR_HOPSPAN_BUDGET_POD = 'hopspan.budget.pod';
export const ATTR_HOPSPAN_BUDGET_RESPONSE = 'hopspan.budget.response';
export const ATTR_HOPSPAN_BUDGET_RETRANSMISSION = 'hopspan.budget.retransmission';
export const ATTR_HOPSPAN_WIRE_ROUND_TRIP = 'hopspan.wire.round_trip';
export const METRIC_HOPSPAN_HOP_DURATION = 'hopspan.hop.duration';
export const METRIC_HOPSPAN_WIRE_ROUND_TRIP_DURATION = 'hopspan.wire.round_trip.duration';
