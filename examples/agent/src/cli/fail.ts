// SPDX-License-Identifier: Apache-2.0
import { HopspanError } from '@hopspan/core';
import { AgentError, ConfigError, describeError, ExitCode } from '../errors.ts';
import type { Io } from './io.ts';

/**
 * Tells an error: one line, or for a configuration one line a problem; with `--json` one log record. Returns
 * the exit status.
 */
export function failWith(error: unknown, io: Pick<Io, 'stderr'>, json: boolean): ExitCode {
  if (json) io.stderr(`${JSON.stringify(toRecord(error))}\n`);
  else for (const line of toLines(error)) io.stderr(`hopspan-agent: ${line}\n`);
  if (error instanceof AgentError) return error.exitCode;
  return error instanceof HopspanError && error.code === 'HOPSPAN_ERR_INVALID_OPTION'
    ? ExitCode.usage
    : ExitCode.failure;
}

function toLines(error: unknown): string[] {
  return error instanceof ConfigError ? error.message.split('\n') : [describeError(error)];
}

function toRecord(error: unknown): Record<string, unknown> {
  const code = error instanceof AgentError || error instanceof HopspanError ? { code: error.code } : {};
  const problems = error instanceof ConfigError ? { problems: error.problems } : {};
  return { level: 'error', time: new Date().toISOString(), msg: describeError(error), ...code, ...problems };
}
