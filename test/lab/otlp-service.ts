// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import type { MethodDefinition } from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';

/** The wire shapes that otlp-decode.ts reads; 64-bit integers are decimal strings, absent fields are absent. */
export interface WireRequest {
  resourceSpans?: WireResourceSpans[];
}

export interface WireResourceSpans {
  resource?: { attributes?: WireKeyValue[] };
  scopeSpans?: { scope?: { name?: string; version?: string }; spans?: WireSpan[] }[];
}

export interface WireSpan {
  traceId?: Buffer;
  spanId?: Buffer;
  parentSpanId?: Buffer;
  traceState?: string;
  name?: string;
  kind?: number;
  startTimeUnixNano?: string;
  endTimeUnixNano?: string;
  attributes?: WireKeyValue[];
  events?: { timeUnixNano?: string; name?: string; attributes?: WireKeyValue[] }[];
  status?: { message?: string; code?: number };
  flags?: number;
}

export interface WireKeyValue {
  key?: string;
  value?: WireAnyValue;
}

export interface WireAnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string;
  doubleValue?: number;
  arrayValue?: { values?: WireAnyValue[] };
  kvlistValue?: { values?: WireKeyValue[] };
  bytesValue?: Buffer;
}

const PROTO = fileURLToPath(new URL('proto/otlp-trace.proto', import.meta.url));
const definition = loadSync(PROTO, { longs: String });
const service = definition['opentelemetry.proto.collector.trace.v1.TraceService'] as ServiceDefinition;
const loaded = service.Export as NonNullable<(typeof service)[string]>;

/** TraceService/Export with requests as the bytes they came in, so that they can be handed on unchanged. */
export const exportMethod: MethodDefinition<Buffer, object> = {
  path: loaded.path,
  requestStream: false,
  responseStream: false,
  requestSerialize: (bytes) => bytes,
  requestDeserialize: (bytes) => bytes,
  responseSerialize: loaded.responseSerialize as (response: object) => Buffer,
  responseDeserialize: loaded.responseDeserialize as (bytes: Buffer) => object,
};

/** @throws Error when the bytes are not a request */
export function decodeRequest(bytes: Buffer): WireRequest {
  return loaded.requestDeserialize(bytes) as WireRequest;
}
