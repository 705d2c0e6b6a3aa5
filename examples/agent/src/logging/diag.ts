// SPDX-License-Identifier: Apache-2.0
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { describeError } from '../errors.ts';
import type { Logger, LogLevel } from './logger.ts';

const levels: Readonly<Record<LogLevel, DiagLogLevel>> = {
  debug: DiagLogLevel.DEBUG,
  info: DiagLogLevel.INFO,
  warn: DiagLogLevel.WARN,
  error: DiagLogLevel.ERROR,
};

/** Lets the libraries, which only know `diag`, write to the agent's log. */
export function connectDiag(log: Logger, level: LogLevel): void {
  diag.setLogger(toDiagLogger(log), { logLevel: levels[level], suppressOverrideMessage: true });
}

/** A DiagLogger over a Logger; errors among the arguments become their message, without the stack. */
export function toDiagLogger(log: Logger): DiagLogger {
  const forward =
    (write: Logger[LogLevel]) =>
    (message: string, ...details: unknown[]) =>
      write(message, details.length === 0 ? undefined : { detail: details.map(describeDetail) });
  return {
    error: forward(log.error),
    warn: forward(log.warn),
    info: forward(log.info),
    debug: forward(log.debug),
    verbose: forward(log.debug),
  };
}

function describeDetail(detail: unknown): unknown {
  return detail instanceof Error ? describeError(detail) : detail;
}
