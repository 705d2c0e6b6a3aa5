// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { getStitcherDefaults } from '@hopspan/core';
import type { ServiceOptions } from './service.ts';

/** What the command line asks for. */
export interface CommandOptions {
  readonly service: Omit<ServiceOptions, 'log'>;
  readonly json: boolean;
}

const defaults = getStitcherDefaults();

export const usage = `Usage: node src/main.ts --endpoint URL [options]

Takes hop spans of Hopspan's agents and everything else by OTLP, adds hopspan.wire.round_trip to the responses of
requests that both nodes told of, and sends all of it on.

  --endpoint URL         where spans go: http://HOST:PORT, or unix:///PATH for gRPC (required)
  --protocol PROTOCOL    of the endpoint: grpc (default) or http/protobuf
  --grpc ADDRESS         take OTLP/gRPC here: HOST:PORT, unix:///PATH or none (default 127.0.0.1:4317)
  --http ADDRESS         take OTLP/HTTP here: HOST:PORT or none (default 127.0.0.1:4318)
  --status ADDRESS       health and metrics: HOST:PORT or none (default 127.0.0.1:8899)
  --hold DURATION        how long a response waits for the other node's part (default ${defaults.holdMillis / 1000}s)
  --max-requests N       requests whose parts are kept at once (default ${defaults.maxRequests})
  --queue-size N         spans that are held or wait to be sent, then senders are told to wait (default 65536)
  --shutdown-timeout DURATION
                         time limit for sending what is left at the end (default 5s)
  --json                 log JSON objects
  --help                 this text

Durations: 500ms, 5s, 1m. Exit status: 0 ok, 1 failure, 2 wrong usage.
`;

/** The command line cannot be understood; the message is one line. */
export class UsageError extends Error {}

/**
 * Reads the command line.
 * @returns 'help' when that was asked for
 * @throws UsageError
 */
export function parseOptions(args: readonly string[]): CommandOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const protocol = values.protocol ?? 'grpc';
  if (protocol !== 'grpc' && protocol !== 'http/protobuf') {
    throw new UsageError(`--protocol ${protocol}: expected grpc or http/protobuf`);
  }
  const service = {
    protocol,
    endpoint: readEndpoint(values.endpoint, protocol),
    grpc: readAddress('--grpc', values.grpc ?? '127.0.0.1:4317', true),
    http: readAddress('--http', values.http ?? '127.0.0.1:4318'),
    status: readAddress('--status', values.status ?? '127.0.0.1:8899'),
    holdMillis: readDuration('--hold', values.hold ?? `${defaults.holdMillis}ms`),
    maxRequests: readCount('--max-requests', values['max-requests'] ?? String(defaults.maxRequests)),
    queueSize: readCount('--queue-size', values['queue-size'] ?? '65536'),
    shutdownTimeoutMillis: readDuration('--shutdown-timeout', values['shutdown-timeout'] ?? '5s'),
  } as const;
  if (service.grpc === undefined && service.http === undefined) {
    throw new UsageError('--grpc none and --http none: there is nothing to take spans by; leave one of them');
  }
  return { service, json: values.json ?? false };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    ...{ endpoint: text, protocol: text, grpc: text, http: text, status: text, hold: text },
    ...{ 'max-requests': text, 'queue-size': text, 'shutdown-timeout': text, json: flag, help: flag },
  };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/\.(\s|$)/)[0]}; see --help`);
  }
}

function readEndpoint(url: string | undefined, protocol: string): string {
  if (url === undefined) throw new UsageError('--endpoint is missing: where should spans go? See --help');
  const isSocket = protocol === 'grpc' && /^unix:\/\/\/./.test(url);
  if (isSocket || /^http:\/\/[^/\s]+(\/\S*)?$/.test(url)) return url;
  const expected = protocol === 'grpc' ? 'http://host:port or unix:///path' : 'http://host:port';
  throw new UsageError(`--endpoint ${url}: expected ${expected}, without TLS`);
}

function readAddress(name: string, text: string, sockets = false): string | undefined {
  if (text === 'none') return undefined;
  const port = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:]+):(\d{1,5})$/.exec(text)?.[1];
  if (port !== undefined && Number(port) <= 65_535) return text;
  if (sockets && /^unix:\/\/\/./.test(text)) return text;
  throw new UsageError(`${name} ${text}: expected host:port${sockets ? ', unix:///path' : ''} or none`);
}

function readDuration(name: string, text: string): number {
  const [, value, unit] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  const millis = Number(value) * ({ ms: 1, s: 1000, m: 60_000 }[unit ?? ''] ?? Number.NaN);
  if (millis >= 1 && millis <= 3_600_000) return millis;
  throw new UsageError(`${name} ${text}: expected a duration from 1ms to 60m, such as 500ms, 5s or 1m`);
}

function readCount(name: string, text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= 10_000_000) return count;
  throw new UsageError(`${name} ${text}: expected a whole number from 1 to 10000000`);
}
