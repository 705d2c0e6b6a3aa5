// SPDX-License-Identifier: Apache-2.0
import { runCommand } from './lib/command.ts';
import { setUp } from './lib/set-up.ts';

await runCommand(async () => {
  await setUp({ tests: false });
  return 0;
});
