// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { describeError } from '../errors.ts';
import type { Logger } from '../logging/logger.ts';
import type { AgentConfig } from './agent-config.ts';

/** How often the file is looked at, in milliseconds. Its status is followed through links, as a ConfigMap's are. */
const LOOK_MILLIS = 1000;

/** The sum that the chart writes beside its configuration. */
export function configSum(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/**
 * Calls `apply` with every new configuration that the file gets. One that cannot be used is told, and changes nothing.
 * @returns what ends it
 */
export function watchConfig(
  file: string,
  load: () => AgentConfig,
  apply: (config: AgentConfig, sum: string) => Promise<void>,
  log: Pick<Logger, 'error'>,
): () => void {
  let sum = configSum(file);
  let turn: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    try {
      const now = configSum(file);
      if (now === sum) return;
      sum = now;
      await apply(load(), now);
    } catch (error) {
      log.error(
        `--config ${file}: the new configuration is not used, the old one stays: ${describeError(error)}`,
      );
    }
  };
  const onChange = (): void => {
    turn = turn.then(look);
  };
  watchFile(file, { interval: LOOK_MILLIS, persistent: false }, onChange);
  return () => unwatchFile(file, onChange);
}
