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
 * Runs the stages one after the other. Every task is started whatever the others do, and each stage may use what is left
 * of the time, less half an equal share for each of those behind it, so that one that hangs cannot starve them: what
 * takes long is one of the stages, and which one depends on the machine. Never rejects.
 */
export async function stopInOrder(
  operation: string,
  stages: readonly Stage[],
  timeoutMillis: number,
  tally: LifecycleTally,
): Promise<void> {
  const end = performance.now() + timeoutMillis;
  const reserve = timeoutMillis / stages.length / 2;
  let behind = stages.length;
  for (const stage of stages) {
    behind -= 1;
    const limit = Math.max(0, end - performance.now() - reserve * behind);
    await runStage(operation, stage, limit, tally);
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
