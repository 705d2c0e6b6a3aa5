// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import {
  createOtlpSpanExporter,
  HopSpanExporter,
  type OtlpSpanExporterOptions,
  SendingQueue,
} from '@hopspan/exporter';
import type { OtlpExporterConfig } from '../config/agent-config.ts';
import { AgentError, ExitCode } from '../errors.ts';
import type { AgentExporter, ExporterContext } from './create-exporter.ts';
import { DeliveryWatch } from './delivery-watch.ts';
import { otlpProtocols, toOtlpEndpoint } from './otlp-endpoint.ts';

/** Hop spans → bounded queue → retries → OTLP. Throws AgentError when a certificate cannot be read. */
export async function createOtlpExporter(
  configured: OtlpExporterConfig,
  { resource, histogram, shutdownTimeoutMillis }: ExporterContext,
): Promise<AgentExporter> {
  const { id, config } = configured;
  const { queue_size, batch } = config.sending_queue;
  const spanExporter = await createOtlpSpanExporter(toSpanExporterOptions(configured));
  const spanProcessor = new SendingQueue(spanExporter, {
    queueSize: queue_size,
    batchSize: batch.max_size,
    flushTimeoutMillis: batch.flush_timeout,
    shutdownTimeoutMillis,
  });
  const consumer = new HopSpanExporter({ spanProcessor, resource: { attributes: resource }, histogram });
  const counters = () => ({ ...spanExporter.counters(), ...consumer.counters() });
  const watch = new DeliveryWatch();
  return {
    id,
    endpoint: toOtlpEndpoint(configured),
    consumer: {
      onHops: (hops) => consumer.onHops(hops),
      onLost: (lost) => consumer.onLost(lost),
      forceFlush: () => consumer.forceFlush(),
      shutdown: () => consumer.shutdown(),
      counters,
    },
    health: () => watch.judge(counters()),
  };
}

/** The exporter's options from the configuration's keys. */
export function toSpanExporterOptions(configured: OtlpExporterConfig): OtlpSpanExporterOptions {
  const { headers, compression, timeout, retry_on_failure: retry } = configured.config;
  return {
    protocol: otlpProtocols[configured.type],
    endpoint: toOtlpEndpoint(configured).url,
    headers,
    compression,
    timeoutMillis: timeout,
    tls: readCertificates(configured),
    retryOnFailure: {
      enabled: retry.enabled,
      initialIntervalMillis: retry.initial_interval,
      maxIntervalMillis: retry.max_interval,
      maxElapsedTimeMillis: retry.max_elapsed_time,
      multiplier: retry.multiplier,
      randomizationFactor: retry.randomization_factor,
    },
  };
}

function readCertificates({ id, config: { tls } }: OtlpExporterConfig): OtlpSpanExporterOptions['tls'] {
  const read = (key: 'ca_file' | 'cert_file' | 'key_file') => {
    const file = tls[key];
    return file === undefined ? undefined : readCertificate(file, `exporters::${id}::tls::${key}`);
  };
  const files = { ca: read('ca_file'), cert: read('cert_file'), key: read('key_file') };
  return Object.values(files).some((file) => file !== undefined) ? files : undefined;
}

function readCertificate(file: string, path: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? `there is no file ${file}` : message;
    throw new AgentError('HOPSPAN_ERR_AGENT_CONFIG', ExitCode.usage, `${path}: ${reason}`, { cause });
  }
}
