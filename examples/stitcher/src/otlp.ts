// SPDX-License-Identifier: Apache-2.0
// OTLP on the wire: the requests that are looked at and the method that carries them.
import { fileURLToPath } from 'node:url';
import type { MethodDefinition } from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';

/** ExportTraceServiceRequest. What is not named here is there too and stays as it is. */
export interface TraceRequest {
  readonly resourceSpans?: readonly ResourceSpans[];
}

export interface ResourceSpans {
  readonly resource?: object;
  readonly scopeSpans?: readonly ScopeSpans[];
}

export interface ScopeSpans {
  readonly scope?: object;
  readonly spans?: readonly Span[];
}

/** 64-bit integers are decimal strings; fields that were not sent are absent. */
export interface Span {
  readonly traceId?: Buffer;
  readonly spanId?: Buffer;
  readonly parentSpanId?: Buffer;
  readonly endTimeUnixNano?: string;
  readonly attributes?: readonly KeyValue[];
  readonly flags?: number;
}

export interface KeyValue {
  readonly key?: string;
  readonly value?: { readonly stringValue?: string; readonly intValue?: string };
}

const file = fileURLToPath(new URL('../proto/otlp-trace.proto', import.meta.url));
const definition = loadSync(file, { longs: String });
const service = definition['opentelemetry.proto.collector.trace.v1.TraceService'] as ServiceDefinition;
const loaded = service.Export as NonNullable<(typeof service)[string]>;

/** TraceService/Export with requests as bytes, so that those that stay unchanged go on as they came. */
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
export function decodeRequest(bytes: Buffer): TraceRequest {
  return loaded.requestDeserialize(bytes) as TraceRequest;
}

export function encodeRequest(request: TraceRequest): Buffer {
  return loaded.requestSerialize(request) as Buffer;
}

/** Number of spans of a request. */
export function countSpans({ resourceSpans = [] }: TraceRequest): number {
  let count = 0;
  for (const { scopeSpans = [] } of resourceSpans) {
    for (const { spans = [] } of scopeSpans) count += spans.length;
  }
  return count;
}
