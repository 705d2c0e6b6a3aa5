// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseOptions, UsageError, usage } from '../src/options.ts';

const endpoint = ['--endpoint', 'http://127.0.0.1:5317'];

describe('parseOptions', () => {
  it('fills the defaults', () => {
    assert.deepEqual(parseOptions(endpoint), {
      json: false,
      service: {
        endpoint: 'http://127.0.0.1:5317',
        protocol: 'grpc',
        grpc: '127.0.0.1:4317',
        http: '127.0.0.1:4318',
        status: '127.0.0.1:8899',
        holdMillis: 5000,
        maxRequests: 65_536,
        queueSize: 65_536,
        shutdownTimeoutMillis: 5000,
      },
    });
  });

  it('reads sockets, none, and durations', () => {
    const parsed = parseOptions([
      ...['--endpoint', 'unix:///run/a.sock', '--grpc', 'unix:///run/b.sock'],
      ...['--http', 'none', '--status', '[::1]:0', '--hold', '1m', '--json'],
    ]);
    assert.ok(parsed !== 'help');
    const { grpc, http, status, holdMillis } = parsed.service;
    assert.deepEqual(
      [grpc, http, status, holdMillis, parsed.json],
      ['unix:///run/b.sock', undefined, '[::1]:0', 60_000, true],
    );
  });

  it('knows --help', () => {
    assert.equal(parseOptions(['--help']), 'help');
  });

  const wrong: [args: string[], message: RegExp][] = [
    [[], /^--endpoint is missing/],
    [['--endpoint', 'collector:4317'], /^--endpoint collector:4317: expected http:\/\/host:port or unix/],
    [['--endpoint', 'https://a:1'], /without TLS$/],
    [['--endpoint', 'unix:///a', '--protocol', 'http/protobuf'], /expected http:\/\/host:port, without TLS$/],
    [[...endpoint, '--protocol', 'json'], /^--protocol json: expected grpc or http\/protobuf$/],
    [[...endpoint, '--grpc', '4317'], /^--grpc 4317: expected host:port, unix:\/\/\/path or none$/],
    [[...endpoint, '--http', 'a:99999'], /^--http a:99999: expected host:port or none$/],
    [[...endpoint, '--hold', '5'], /^--hold 5: expected a duration/],
    [[...endpoint, '--hold', '0s'], /^--hold 0s: expected a duration/],
    [[...endpoint, '--queue-size', '-1'], /queue-size/],
    [[...endpoint, '--max-requests', '0'], /^--max-requests 0: expected a whole number/],
    [[...endpoint, '--grpc', 'none', '--http', 'none'], /nothing to take spans by/],
    [[...endpoint, '--hodl', '5s'], /^Unknown option '--hodl'; see --help$/],
    [[...endpoint, 'more'], /^Unexpected argument 'more'/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses ${args.join(' ') || 'nothing'} in one line`, () => {
      assert.throws(
        () => parseOptions(args),
        (error: Error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /\n/);
          return true;
        },
      );
    });
  }

  it('has every option in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const names = [...usage.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, name]) => name ?? '');
    assert.ok(names.length >= 11);
    for (const name of names) assert.ok(readme.includes(`\`${name}`), name);
  });
});
