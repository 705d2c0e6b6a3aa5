// SPDX-License-Identifier: Apache-2.0
// The demo as a user runs it: its object, its exit status, and that it leaves nothing behind however it ends.
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));
const markName = 'HOPSPAN_DEMO_TEST';

describe('the demo', () => {
  for (const pods of ['routed', 'bridged']) {
    it(`finds every hop between ${pods} pods and prints one JSON object`, async () => {
      const demo = startDemo('whole', ['--once', '--json', '--requests', '200', '--pods', pods]);
      const [stdout, stderr, [code]] = await Promise.all([
        textOf(demo.stdout),
        textOf(demo.stderr),
        once(demo, 'exit'),
      ]);
      assert.equal(code, 0, `${stderr}\n${stdout}`);
      const report = JSON.parse(stdout);
      assert.equal(report.requests, 200);
      assert.equal(report.traces, 200);
      assert.deepEqual(report.hops, { transmit: 1200, receive: 1200, local: 400 });
      assert.deepEqual([report.expectedHops, report.responseHops], [2800, 1400]);
      for (const name of [
        'missingHops',
        'duplicateHops',
        'orphanSpans',
        'misparentedSpans',
        'wrongStatus',
        'unsampledSpans',
        'tooShortParents',
        'dropped',
        'residual',
      ]) {
        assert.equal(report[name], 0, name);
      }
      assert.equal(report.outsideParent.over1000Us, 0);
    });
  }

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    it(`leaves nothing behind after ${signal}`, async () => {
      const before = listWorld();
      const mark = `${process.pid}-${signal}`;
      const demo = startDemo(mark, ['--requests', '100000']);
      await lineOf(demo, /\d+ of 100000 requests/);
      assert.ok(markedProcesses(mark).length > 10, 'lab, application and agents are running');
      demo.kill(signal);
      await once(demo, 'exit');
      // Others may use this machine meanwhile: what counts is that nothing has been added.
      const added = () => listWorld().filter((thing) => !before.includes(thing));
      await settle(() => markedProcesses(mark).length === 0 && added().length === 0);
      assert.deepEqual(markedProcesses(mark), []);
      assert.deepEqual(added(), []);
    });
  }

  it('says in one line what is wrong with its command line', () => {
    const cases: [string[], RegExp][] = [
      [['--requests', 'many'], /--requests: got "many", expected a whole number/],
      [['--json'], /use it with --once/],
      [['--otlp', 'somewhere'], /expected http:\/\/host:port/],
      [['--no-such-option'], /no-such-option/],
    ];
    for (const [args, expected] of cases) {
      const result = runDemo(args);
      assert.equal(result.status, 1, args.join(' '));
      assert.match(result.stderr, expected);
      assert.equal(result.stderr.trim().split('\n').length, 1, result.stderr);
    }
  });
});

function startDemo(mark: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [markName]: mark },
  });
}

function runDemo(args: readonly string[]): { status: number; stderr: string } {
  try {
    execFileSync(process.execPath, [script, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    return { status: 0, stderr: '' };
  } catch (error) {
    return error as { status: number; stderr: string };
  }
}

async function lineOf(demo: ChildProcess, pattern: RegExp): Promise<void> {
  demo.stdout?.resume();
  const seen: string[] = [];
  for await (const line of createInterface({ input: demo.stderr as NodeJS.ReadableStream })) {
    seen.push(line);
    if (pattern.test(line)) {
      demo.stderr?.resume();
      return;
    }
  }
  assert.fail(`no line ${pattern} in:\n${seen.join('\n')}`);
}

/** What a killed demo could leave: named namespaces, links, qdiscs, links of BPF programs, pins. */
function listWorld(): string[] {
  const list = (file: string, args: string[]) =>
    execFileSync(file, args, { encoding: 'utf8' }).trim().split('\n');
  const links = JSON.parse(execFileSync('bpftool', ['-j', 'link', 'list'], { encoding: 'utf8' })) as {
    id: number;
  }[];
  return [
    ...list('ip', ['netns', 'list']),
    ...list('ip', ['-o', 'link']).map((line) => line.split(': ')[1] ?? ''),
    ...list('tc', ['qdisc', 'show']),
    ...links.map(({ id }) => `BPF link ${id}`),
    ...readdirSync('/sys/fs/bpf'),
  ];
}

/** Command lines of the processes that descend from the demo with this mark, whoever is their parent now. */
function markedProcesses(mark: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      return environment.includes(`${markName}=${mark}`)
        ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]
        : [];
    } catch {
      return [];
    }
  });
}

async function settle(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 600 && !condition(); i++) await sleep(100);
}

function textOf(stream: ChildProcess['stdout']): Promise<string> {
  return text(stream as NodeJS.ReadableStream);
}
