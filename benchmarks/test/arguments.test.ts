// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatUsage, parseBenchArguments } from '../harness/arguments.ts';
import type { Experiment } from '../harness/experiment.ts';

const experiment = (name: string): Experiment => ({
  name,
  title: `title of ${name}`,
  load: () => Promise.reject(new Error('not to be run')),
});
const known = [experiment('accuracy'), experiment('overhead')];
const names = (args: string[]): string[] => parseBenchArguments(args, known).chosen.map(({ name }) => name);

describe('parseBenchArguments', () => {
  it('chooses all experiments when none is named', () => {
    assert.deepEqual(names(['--json']), ['accuracy', 'overhead']);
    assert.equal(parseBenchArguments([], known).named, false);
  });

  it('chooses the one that is named, before or after the options', () => {
    assert.deepEqual(names(['overhead', '--quick']), ['overhead']);
    assert.deepEqual(names(['--quick', 'overhead']), ['overhead']);
    assert.equal(parseBenchArguments(['overhead'], known).named, true);
  });

  it('reads every option', () => {
    const { json, quick, force, help } = parseBenchArguments(['--json', '--quick', '--force', '-h'], known);
    assert.deepEqual({ json, quick, force, help }, { json: true, quick: true, force: true, help: true });
  });

  it('refuses a name or an option it does not know', () => {
    assert.throws(() => parseBenchArguments(['speed'], known), /there is no experiment 'speed'/);
    assert.throws(() => parseBenchArguments(['--fast'], known), /--fast/);
    assert.throws(() => parseBenchArguments(['accuracy', 'overhead'], known), /one experiment at a time/);
  });
});

describe('formatUsage', () => {
  it('lists every experiment with its title', () => {
    for (const { name, title } of known) assert.match(formatUsage(known), new RegExp(`${name} +${title}\n`));
  });
});
