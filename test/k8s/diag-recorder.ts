// SPDX-License-Identifier: Apache-2.0
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';

/** Keeps what is said through diag, warnings and above apart. */
export class DiagRecorder implements Disposable {
  readonly warnings: string[] = [];
  readonly infos: string[] = [];

  constructor() {
    const ignore = () => undefined;
    const logger: DiagLogger = {
      error: (message) => this.warnings.push(message),
      warn: (message) => this.warnings.push(message),
      info: (message) => this.infos.push(message),
      debug: ignore,
      verbose: ignore,
    };
    diag.setLogger(logger, { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true });
  }

  [Symbol.dispose](): void {
    diag.disable();
  }
}
