// SPDX-License-Identifier: Apache-2.0
import { loadConfig } from '../config/load.ts';
import { ExitCode } from '../errors.ts';
import type { Io } from './io.ts';
import type { CliOptions } from './options.ts';

/** Checks the configuration and says what it would run. Throws ConfigError or UsageError. */
export function runValidate({ config: file, overrides }: CliOptions, io: Io): ExitCode {
  const config = loadConfig({ file, overrides, environment: io.environment().variables });
  for (const warning of config.warnings) io.stderr(`hopspan-agent: ${warning}\n`);
  const stages = [[config.receiver], config.processors, config.exporters].filter(({ length }) => length > 0);
  const flow = stages.map((stage) => stage.map(({ id }) => id).join(', ')).join(' -> ');
  io.stdout(`${file ?? 'defaults'}: ok: ${flow}\n`);
  return ExitCode.ok;
}
