// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foreignCpusAtRest, foreignCpusAtWork, type LoadSample } from '../harness/cpu-load.ts';
import { findTree, parseMachineStat, parseProcessStat } from '../harness/process-stat.ts';

const line = (pid: number, name: string, parent: number, flags: number): string =>
  `${pid} (${name}) S ${parent} ${pid} ${pid} 0 -1 ${flags} 100 0 0 0 11 22 33 44 20 0 1 0 5000 1000 200\n`;

describe('parseProcessStat', () => {
  it('adds up the time of the process and of the children it has waited for', () => {
    assert.deepEqual(parseProcessStat(line(7, 'node', 3, 0x400000)), {
      ...{ pid: 7, parent: 3, kernel: false, ticks: 110 },
    });
  });

  it('is not misled by parentheses and spaces in a name', () => {
    assert.equal(parseProcessStat(line(7, 'a) R 1 (b', 3, 0))?.parent, 3);
  });

  it("knows the kernel's threads", () => {
    assert.equal(parseProcessStat(line(9, 'ksoftirqd/0', 2, 0x208040))?.kernel, true);
  });

  it('knows nothing of an empty file, which a process leaves that ends meanwhile', () => {
    assert.equal(parseProcessStat(''), undefined);
  });
});

describe('parseMachineStat', () => {
  it('counts neither idle time nor waiting as busy', () => {
    assert.deepEqual(parseMachineStat('cpu  10 20 30 4000 500 6 7 8 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n'), {
      ...{ busy: 73, steal: 8 },
    });
  });
});

describe('findTree', () => {
  it('holds the process, its children and theirs, and nobody else', () => {
    const stat = (pid: number, parent: number) => ({ pid, parent, kernel: false, ticks: 0 });
    const stats = [stat(1, 0), stat(5, 1), stat(6, 5), stat(7, 6), stat(8, 1)];
    assert.deepEqual(findTree(stats, 5), new Set([5, 6, 7]));
  });
});

describe('foreign CPUs', () => {
  const sample = (
    atMillis: number,
    busy: number,
    steal: number,
    own: number,
    foreign: number,
  ): LoadSample => ({
    ...{ atMillis, machine: { busy, steal }, own, foreign },
  });

  it('at rest are all that was used but for our own, steal time included', () => {
    assert.equal(foreignCpusAtRest(sample(0, 100, 0, 10, 0), sample(1000, 150, 10, 20, 0)), 0.5);
  });

  it('at work are the time of foreign processes and steal time', () => {
    assert.equal(foreignCpusAtWork(sample(0, 0, 0, 0, 100), sample(2000, 400, 10, 300, 130)), 0.2);
  });

  it('are never negative, whatever the rounding of ticks', () => {
    assert.equal(foreignCpusAtRest(sample(0, 100, 0, 10, 0), sample(1000, 100, 0, 12, 0)), 0);
  });
});
