// SPDX-License-Identifier: Apache-2.0
import { createLog } from './log.ts';
import { parseOptions, UsageError, usage } from './options.ts';
import { type ServiceOptions, StitcherService } from './service.ts';

const args = process.argv.slice(2);
const log = createLog(args.includes('--json'), (line) => void process.stderr.write(line));
try {
  const options = parseOptions(args);
  if (options === 'help') process.stdout.write(usage);
  else await run(options.service);
} catch (error) {
  log.error((error as Error).message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** Until SIGTERM or SIGINT; a second one ends it at once. */
async function run(options: Omit<ServiceOptions, 'log'>): Promise<void> {
  const stop = Promise.withResolvers<NodeJS.Signals>();
  let seen = 0;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (++seen > 1) process.exit(1);
      stop.resolve(signal);
    });
  }
  const service = new StitcherService({ ...options, log });
  await service.start();
  log.info('ready', service.endpoints());
  log.info('stopping', { signal: await stop.promise });
  await service.stop();
  log.info('stopped', { counters: service.counters() });
  process.exit(0);
}
