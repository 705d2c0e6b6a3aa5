// SPDX-License-Identifier: Apache-2.0
import { note, runCommand } from './lib/command.ts';
import { setUp } from './lib/set-up.ts';

await runCommand(async () => {
  await setUp({ tests: true });
  note('ready: sudo npm run demo, sudo npm test');
  return 0;
});
