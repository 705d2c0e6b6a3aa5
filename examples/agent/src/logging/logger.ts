// SPDX-License-Identifier: Apache-2.0
import { type DestinationStream, pino, stdTimeFunctions } from 'pino';
import { formatRecord } from './readable.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

/** What the agent logs with: a message and, beside it, named values. */
export type Logger = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

/** Options of createLogger. */
export interface LoggerOptions {
  readonly level: LogLevel;
  /** One JSON object a line instead of readable lines. */
  readonly json: boolean;
  /** Where lines go, newline included. */
  readonly write: (line: string) => void;
}

/** A logger that writes one line a record. Fields must not hold `level`, `time` or `msg`. */
export function createLogger({ level, json, write }: LoggerOptions): Logger {
  const destination: DestinationStream = {
    write: json ? write : (line) => write(`${formatRecord(JSON.parse(line) as Record<string, unknown>)}\n`),
  };
  const log = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
  };
}
