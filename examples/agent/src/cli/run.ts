// SPDX-License-Identifier: Apache-2.0
import { withDeadline } from '@hopspan/core';
import { Agent } from '../agent.ts';
import { loadConfig } from '../config/load.ts';
import { watchConfig } from '../config/watch-config.ts';
import { ExitCode } from '../errors.ts';
import { connectDiag } from '../logging/diag.ts';
import { createLogger } from '../logging/logger.ts';
import type { Platform } from '../platform.ts';
import { createResourceAttributes } from '../resource.ts';
import type { Io } from './io.ts';
import type { CliOptions } from './options.ts';

/** Time on top of the pipeline's own limit for closing the agent's own endpoints. */
const graceMillis = 1000;

/** Measures and exports until a signal, then flushes, detaches and logs the final counters. */
export async function runAgent(
  options: CliOptions,
  io: Io,
  getPlatform: () => Promise<Platform>,
): Promise<ExitCode> {
  const environment = io.environment();
  const load = () =>
    loadConfig({
      file: options.config,
      overrides: options.overrides,
      environment: environment.variables,
    });
  const config = load();
  const log = createLogger({ level: config.logLevel, json: options.json, write: io.stderr });
  connectDiag(log, config.logLevel);
  for (const warning of config.warnings) log.warn(warning);
  const resource = createResourceAttributes({ configured: config.resourceAttributes, environment });
  const { shutdownTimeoutMillis } = options;
  const agent = new Agent({
    config,
    platform: await getPlatform(),
    resource,
    log,
    write: io.stdout,
    shutdownTimeoutMillis,
    nodeAddress: environment.nodeAddress,
    apiServer: environment.apiServer,
  });
  const stop = io.waitForStop();
  await agent.start();
  log.info('ready', {
    capabilities: agent.capabilities(),
    points: agent.points().map(({ counters: _, ...point }) => point),
    ...agent.addresses(),
  });
  void agent.warnUnreachable();
  const unwatch =
    options.config === undefined
      ? undefined
      : watchConfig(options.config, load, (changed) => agent.reload(changed), log);
  const signal = await stop;
  unwatch?.();
  log.info('stopping', { signal });
  const { status } = await withDeadline(() => agent.shutdown(), shutdownTimeoutMillis + graceMillis);
  const counters = agent.counters();
  log.info('stopped', { counters: options.json ? counters : omitZeros(counters) });
  return status === 'done' ? ExitCode.ok : ExitCode.failure;
}

/** For people: only what happened. */
function omitZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(omitZeros);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => [key, omitZeros(child)] as const);
  return Object.fromEntries(entries.filter(([, child]) => child !== 0 && !isEmpty(child)));
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
