// SPDX-License-Identifier: Apache-2.0
import { loadConfig } from '../config/load.ts';
import { ExitCode } from '../errors.ts';
import type { Io } from './io.ts';
import type { CliOptions } from './options.ts';

/** Checks the configuration and says what it would run. Throws ConfigError or UsageError. */
export function runValidate({ config: file, overrides }: CliOptions, io: Io): ExitCode {
  const config = loadConfig({ file, overrides, environment: io.environment().variables });
  for (const warning of config.warnings) io.stderr(`hopspan-agent: ${warning}\n`);
  const exporters = config.exporters.map(({ id }) => id).join(', ');
  io.stdout(`${file ?? 'defaults'}: ok: ${config.receiver.id} -> ${exporters}\n`);
  return ExitCode.ok;
}
