// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCommandLine } from '../../src/cli/options.ts';
import { UsageError } from '../../src/errors.ts';

describe('parseCommandLine', () => {
  it('runs by default', () => {
    assert.deepEqual(parseCommandLine([]), {
      command: 'run',
      config: undefined,
      overrides: [],
      json: false,
      help: false,
      version: false,
      watchMillis: undefined,
      shutdownTimeoutMillis: 5000,
    });
  });
  it('reads a command with its options', () => {
    const options = parseCommandLine([
      'doctor',
      '--config=a.yaml',
      '--set',
      'a=1',
      '--set',
      'b=2',
      '--json',
      '--watch',
      '2s',
    ]);
    assert.deepEqual(
      [options.command, options.config, options.overrides, options.json, options.watchMillis],
      ['doctor', 'a.yaml', ['a=1', 'b=2'], true, 2000],
    );
  });
  for (const [args, message] of [
    [['validat'], /^unknown command "validat"; did you mean "validate"\?$/],
    [['run', 'x'], /^unexpected argument "x"/],
    [['--confg', 'a'], /^unknown option "confg"; did you mean "config"\?$/],
    [['--zzzzzzzz'], /^unknown option "zzzzzzzz"; see hopspan-agent --help$/],
    [['--config'], /config/],
    [['--watch', '2s'], /^--watch is an option of doctor only$/],
    [['doctor', '--watch', '2'], /^--watch 2: expected a duration/],
    [['--shutdown-timeout', '0'], /^--shutdown-timeout 0: expected a duration/],
  ] as const) {
    it(`refuses ${args.join(' ')}`, () => {
      assert.throws(
        () => parseCommandLine(args),
        (error) =>
          error instanceof UsageError &&
          error.exitCode === 2 &&
          !error.message.includes('\n') &&
          message.test(error.message),
      );
    });
  }
});
