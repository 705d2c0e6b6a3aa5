// SPDX-License-Identifier: Apache-2.0
import type { OtlpExporterConfig } from '../config/agent-config.ts';
import { type OtlpEndpoint, type OtlpProtocol, parseOtlpEndpoint } from '../net/endpoint.ts';

/** The protocol of each OTLP exporter type. */
export const otlpProtocols: Readonly<Record<OtlpExporterConfig['type'], OtlpProtocol>> = {
  otlp_grpc: 'grpc',
  otlp_http: 'http/protobuf',
};

/** Where a checked exporter sends to. */
export function toOtlpEndpoint({ id, type, config }: OtlpExporterConfig): OtlpEndpoint {
  const endpoint = parseOtlpEndpoint(config.endpoint, otlpProtocols[type], config.tls.insecure);
  if (endpoint === undefined)
    throw new TypeError(`exporters::${id}::endpoint was not checked: ${config.endpoint}`);
  return endpoint;
}
