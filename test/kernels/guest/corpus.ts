// SPDX-License-Identifier: Apache-2.0
// The corpus of packets through BPF_PROG_TEST_RUN on this kernel: what its verifier makes of the programs counts, too.
import { spawnSync } from 'node:child_process';
import { patience } from './guest-probe.ts';
import { say } from './say.ts';

const { status, stdout } = spawnSync(
  process.execPath,
  ['--test', '--test-reporter=tap', 'test/bpf/packets.test.ts'],
  { encoding: 'utf8', timeout: 3 * patience },
);
const failed = [...stdout.matchAll(/^\s*not ok \d+ - (.*)$/gm)].map(([, name]) => name);
say({ step: 'corpus', status, failed });
