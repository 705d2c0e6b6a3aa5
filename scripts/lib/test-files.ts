// SPDX-License-Identifier: Apache-2.0
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import type { EventData } from 'node:test';
import { run } from 'node:test';
import { inspect } from 'node:util';
import { repoRoot } from './paths.ts';
import { addTally, newTally, type Tally } from './test-tally.ts';

/** How a set of test files is run. */
export interface TestFileOptions {
  /** Whether one file waits for the other, because they share the machine. */
  readonly serial: boolean;
  /** After this long a file counts as hanging and is ended. */
  readonly timeoutMillis: number;
  /** Ends what runs. */
  readonly signal: AbortSignal;
}

/** The files that match any of the patterns and none of the exceptions, relative to the root, sorted. */
export function findTestFiles(patterns: readonly string[], exceptions: readonly string[] = []): string[] {
  const exclude = ['**/node_modules/**', ...exceptions];
  return globSync(patterns, { cwd: repoRoot, exclude }).sort();
}

/** Runs test files, each in a process of its own, and prints a line for each and every failure in full. */
export async function runTestFiles(files: readonly string[], options: TestFileOptions): Promise<Tally> {
  const tally = newTally();
  const waiting = [...files];
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      addTally(tally, await runTestFile(file, options));
    }
  };
  await Promise.all(Array.from({ length: options.serial ? 1 : availableParallelism() }, work));
  return tally;
}

async function runTestFile(file: string, { timeoutMillis, signal }: TestFileOptions): Promise<Tally> {
  const tally = newTally();
  const path = resolve(repoRoot, file);
  const start = performance.now();
  const timeout = AbortSignal.timeout(timeoutMillis);
  const events = run({ files: [path], cwd: repoRoot, signal: AbortSignal.any([signal, timeout]) });
  events.on('test:pass', (event) => countPass(tally, event, path));
  events.on('test:fail', (event) => {
    if (event.name !== path) countFailure(tally, event);
    else if (timeout.aborted) say(tally, `${file} did not end within ${timeoutMillis / 1000} s`);
    else say(tally, `${file} as a whole: see standard error`);
  });
  events.on('test:stderr', ({ message }) => process.stderr.write(message));
  for await (const _ of events);
  if (tally.passed + tally.failed + tally.skips.length === 0) say(tally, `${file} holds no test`);
  printFile(file, tally, performance.now() - start);
  return tally;
}

/** A failure that the test runner itself does not tell of. */
function say(tally: Tally, fault: string): void {
  tally.failed++;
  process.stdout.write(`  FAIL  ${fault}\n`);
}

function countPass(tally: Tally, { name, skip, todo, details }: EventData.TestPass, path: string): void {
  // The runner reports a file without tests as a passed test of the file's name.
  if (name === path || (details.type === 'suite' && skip === undefined)) return;
  const reason = skip ?? todo;
  if (reason === undefined) tally.passed++;
  else tally.skips.push({ name, reason: typeof reason === 'string' ? reason : 'no reason given' });
}

function countFailure(tally: Tally, { name, file, details }: EventData.TestFail): void {
  const { error } = details;
  const failureType = 'failureType' in error ? error.failureType : undefined;
  if (failureType === 'subtestsFailed') return;
  tally.failed++;
  const place = file === undefined ? '' : ` (${relative(repoRoot, file)})`;
  process.stdout.write(`  FAIL  ${name}${place}\n${indent(inspect(error.cause ?? error))}\n`);
}

function printFile(file: string, { passed, failed, skips }: Tally, millis: number): void {
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (skips.length > 0) parts.push(`${skips.length} skipped`);
  const verdict = failed > 0 ? 'FAIL' : 'ok  ';
  process.stdout.write(`  ${verdict}  ${file}: ${parts.join(', ')} (${(millis / 1000).toFixed(1)} s)\n`);
}

function indent(text: string): string {
  return text.replace(/^/gm, '        ');
}
