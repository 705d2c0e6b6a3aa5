// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fuzzers } from '../../scripts/lib/fuzzers.ts';
import { repoRoot } from '../../scripts/lib/paths.ts';
import { buildFuzzers, readOutput, runFuzzer } from '../../scripts/lib/run-fuzzer.ts';

/** About ten seconds each where this was written. */
const runs: Readonly<Record<string, number>> = {
  stack: 1_000_000,
  context: 400_000,
  contexts: 100_000,
  stream: 30_000,
};

/** One fault for each fuzzer: what stands in the parser, and what in its place. */
const plants: Readonly<Record<string, { file: string; is: string; becomes: string; fault: RegExp }>> = {
  stack: {
    file: 'parse/ipv4.h',
    is: 'total < header || total > room',
    becomes: 'total < header',
    fault: /fuzz_stack\.c:\d+: result == expected: .*, not -4,/,
  },
  context: {
    file: 'parse/traceparent.h',
    is: '(version & 0xffff) == 0x6666',
    becomes: '0',
    fault: /fuzz_context\.c:\d+: .*: 1, not one of 0x4,/,
  },
  contexts: {
    file: 'parse/b3.h',
    is: "c->flags = state != '0'",
    becomes: "c->flags = state == '1'",
    fault: /fuzz_contexts\.c:\d+: found->flags == r->flags: 0, not 1/,
  },
  stream: {
    file: 'reassembly.h',
    is: 's->to && s->from <= b->whole',
    becomes: 's->to && s->from < b->whole',
    fault: /fuzz_stream\.c:\d+: hops_of\(n\) == 1: request \d of \d has 0 hops, in pieces/,
  },
};

describe('the fuzzers', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hopspan-fuzz-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const fuzzer of fuzzers) {
    it(`find nothing in the ${fuzzer.name} parser`, async () => {
      await buildFuzzers();
      const limit = { runs: runs[fuzzer.name] ?? 0 };
      const result = await runFuzzer(fuzzer, { limit, seed: 1, workDir: join(folder, 'ours') });
      assert.equal(result.fault, null, `${result.fault}`);
      assert.ok(result.executions >= limit.runs && limit.runs > 0);
      assert.ok(result.corpus > 20, `a corpus of ${result.corpus}`);
    });
  }

  it('find a fault that was planted, and name the input that shows it', async () => {
    const tree = join(folder, 'bpf');
    const programDir = join(folder, 'build');
    cpSync(join(repoRoot, 'bpf'), tree, { recursive: true });
    for (const { file, is, becomes } of Object.values(plants)) {
      const text = readFileSync(join(tree, file), 'utf8');
      assert.equal(text.split(is).length, 2, `${is} stands once in ${file}`);
      writeFileSync(join(tree, file), text.replace(is, becomes));
    }
    await buildFuzzers(tree, programDir);
    for (const fuzzer of fuzzers) {
      const workDir = join(folder, 'planted');
      const result = await runFuzzer(fuzzer, { limit: { runs: 100_000 }, seed: 1, programDir, workDir });
      assert.match(result.fault ?? '', plants[fuzzer.name]?.fault ?? /^$/);
      assert.ok(existsSync(result.reproducer ?? ''), `${result.reproducer}`);
    }
  });

  it('start from the seeds that our script makes', () => {
    for (const { seedDir, makeSeeds } of fuzzers) {
      const kept = readdirSync(seedDir).map((name) => [name, readFileSync(join(seedDir, name))] as const);
      assert.deepEqual(new Map(kept), new Map([...makeSeeds()].sort(([a], [b]) => (a < b ? -1 : 1))));
    }
  });
});

describe('readOutput', () => {
  it('counts', () => {
    const said = '#2\tINITED cov: 7 ft: 8 corp: 1/1b\n#9\tDONE   cov: 228 ft: 500 corp: 41/2Kb\n';
    assert.deepEqual(readOutput('stack', 0, `${said}stat::number_of_executed_units: 99\n`), {
      fuzzer: 'stack',
      executions: 99,
      coverage: 228,
      corpus: 41,
      reproducer: null,
      fault: null,
    });
  });

  it('takes neither silence nor a failure without a reproducer for a verdict', () => {
    assert.throws(() => readOutput('stack', 0, ''), /fuzz_stack ended with status 0 and no result/);
    assert.throws(
      () => readOutput('stack', 1, 'ERROR: no such folder\nstat::number_of_executed_units: 0\n'),
      /status 1 and no result:\nERROR: no such folder/,
    );
  });
});
