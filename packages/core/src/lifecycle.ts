// SPDX-License-Identifier: Apache-2.0
import { diag } from '@opentelemetry/api';
import { withDeadline } from './with-deadline.ts';

/** Tasks that may run at the same time. */
export interface Stage {
  readonly name: string;
  readonly tasks: readonly (() => unknown)[];
}

/** Where failures are counted. */
export interface LifecycleTally {
  errors: number;
  timeouts: number;
}

/**
 * Runs the stages one after the other. Every task is started whatever the others do, and each stage may
 * use an equal share of what is left of the time, so that one that hangs cannot starve the next. Never rejects.
 */
export async function stopInOrder(
  operation: string,
  stages: readonly Stage[],
  timeoutMillis: number,
  tally: LifecycleTally,
): Promise<void> {
  const end = performance.now() + timeoutMillis;
  let left = stages.length;
  for (const stage of stages) {
    const share = Math.max(0, (end - performance.now()) / left);
    await runStage(operation, stage, share, tally);
    left -= 1;
  }
}

async function runStage(
  operation: string,
  stage: Stage,
  millis: number,
  tally: LifecycleTally,
): Promise<void> {
  const results = await Promise.all(stage.tasks.map((task) => withDeadline(task, millis)));
  for (const result of results) {
    if (result.status === 'failed') {
      tally.errors += 1;
      diag.error(`hopspan pipeline: ${operation} of ${stage.name} failed`, result.error);
    } else if (result.status === 'timed-out') {
      tally.timeouts += 1;
      diag.error(
        `hopspan pipeline: ${operation} of ${stage.name} took more than ${Math.ceil(millis)} ms; going on without it`,
      );
    }
  }
}
