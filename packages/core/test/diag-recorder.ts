// SPDX-License-Identifier: Apache-2.0
import { after, before } from 'node:test';
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';

/** Records what is logged through diag while the enclosing describe runs. Returns the growing list. */
export function recordDiag(): string[] {
  const lines: string[] = [];
  const write = (message: string) => void lines.push(message);
  const logger: DiagLogger = { error: write, warn: write, info: write, debug: write, verbose: write };
  before(() => void diag.setLogger(logger, { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true }));
  after(() => diag.disable());
  return lines;
}
