// SPDX-License-Identifier: Apache-2.0
// npm run demo: from a fresh clone to spans on the screen.
import { CommandError, note, runCommand } from './lib/command.ts';
import { setUp } from './lib/set-up.ts';

await runCommand(async () => {
  // The options module imports nothing that set-up has to install first.
  const { demoUsage, parseDemoOptions } = await import('../test/demo/options.ts');
  const options = parse(() => parseDemoOptions(process.argv.slice(2)));
  if (options === 'help') {
    process.stdout.write(demoUsage);
    return 0;
  }
  await setUp({ tests: false });
  const { playDemo } = await import('../test/demo/demo.ts');
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => onSignal(abort));
  const output = { print: (text: string) => void process.stdout.write(text), progress: note };
  const report = await playDemo(options, output, abort.signal);
  return report.ok ? 0 : 1;
});

/** Ctrl-C reaches us from the terminal and once more through npm. */
const repeatMillis = 500;
let signalled = 0;

/** The first signal ends the round and cleans up; another one does not wait for that. */
function onSignal(abort: AbortController): void {
  if (abort.signal.aborted && performance.now() - signalled > repeatMillis) process.exit(1);
  if (abort.signal.aborted) return;
  signalled = performance.now();
  abort.abort();
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CommandError(`${(error as Error).message}; see npm run demo -- --help`);
  }
}
