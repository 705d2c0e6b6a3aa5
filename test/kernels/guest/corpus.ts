// SPDX-License-Identifier: Apache-2.0
// Packets through BPF_PROG_TEST_RUN on this kernel: what its verifier makes of the programs counts, too. The corpus on each;
// on 6.1, which takes branches that it does not understand for dead, everything that test/bpf knows of streams.
import { spawnSync } from 'node:child_process';
import { release } from 'node:os';
import { patience } from './guest-probe.ts';
import { say } from './say.ts';

const names = release().startsWith('6.1.')
  ? ['packets', 'contexts', 'copies', 'lossy-streams', 'responses', 'split-requests']
  : ['packets'];
const failed: string[] = [];
let passed = 0;
for (const name of names) {
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--test', '--test-reporter=tap', `test/bpf/${name}.test.ts`],
    { encoding: 'utf8', timeout: 3 * patience },
  );
  const failures = [...stdout.matchAll(/^\s*not ok \d+ - (.*)$/gm)].map(([, title]) => `${name}: ${title}`);
  failed.push(...failures);
  if (status !== 0 && failures.length === 0) failed.push(`${name}: status ${status}`);
  passed += Number(/^# pass (\d+)$/m.exec(stdout)?.[1] ?? 0);
}
say({ step: 'corpus', passed, failed });
