// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cellOf, cells, DEFAULT_WINDOW, formatContext, windows } from '../detection/cells.ts';
import { clientHeaders, makeCookie, type WrittenFormat, writeRequest } from '../detection/formats.ts';
import { paperFormats } from '../detection/paper.ts';
import { rateDetected } from '../detection/round.ts';
import { summarize } from '../detection/summary.ts';

const SALT = '00112233445566aa';
const traceIdOf = (cell: number, n: number) => formatContext(SALT, cell, n).slice(3, 35);

describe('formatContext', () => {
  it('makes a valid context of its own for every request, which tells the cell', () => {
    const contexts = cells.flatMap(({ index }) => [0, 1, 199].map((n) => formatContext(SALT, index, n)));
    assert.equal(new Set(contexts).size, contexts.length);
    for (const context of contexts) assert.match(context, /^00-[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/);
    for (const { index } of cells) assert.equal(cellOf(SALT, traceIdOf(index, 7)), index);
    assert.equal(cellOf('ffffffffffffffff', traceIdOf(0, 0)), undefined);
  });
});

describe('writeRequest', () => {
  const write = (format: WrittenFormat, cookieBytes: number) => {
    const cell = { index: 0, format, cookieBytes };
    return writeRequest(cell, format, 'host:1', formatContext(SALT, 0, 0)).split('\r\n');
  };

  it('puts the context where the one who writes it does', () => {
    for (const cookieBytes of [0, 300, 2048]) {
      assert.match(write('first', cookieBytes)[1] ?? '', /^traceparent: 00-/);
      for (const format of ['haproxy', 'envoy', 'istio-gateway'] as const) {
        const lines = write(format, cookieBytes);
        assert.match(lines[1] ?? '', /^host: /);
        assert.match(lines.at(-3) ?? '', /^traceparent: 00-/);
        assert.deepEqual(lines.slice(-2), ['', '']);
      }
    }
  });

  it('has a cookie of the length that was asked for, or none', () => {
    for (const bytes of [300, 2048]) assert.equal(makeCookie(bytes).length, bytes);
    assert.ok(write('envoy', 300).includes(`cookie: ${makeCookie(300)}`));
    assert.ok(clientHeaders(0).every(([name]) => name !== 'cookie'));
  });
});

describe('rateDetected', () => {
  it('counts what every node has seen, once, and nothing of another round', () => {
    const first = { traceIds: [traceIdOf(0, 0), traceIdOf(0, 0), traceIdOf(0, 1), traceIdOf(1, 0)] };
    const second = { traceIds: [traceIdOf(0, 0), traceIdOf(1, 0), traceIdOf(2, 0), 'f'.repeat(32)] };
    const rates = rateDetected(SALT, 2, [first, second]);
    assert.deepEqual([rates.get(0), rates.get(1), rates.get(2)], [0.5, 0.5, 0]);
  });
});

describe('summarize', () => {
  const rounds = windows.map((window) => ({
    window,
    detected: new Map(cells.map(({ index }) => [index, index === 0 ? 1 : 0.5])),
  }));
  const contextEndBytes = { 0: 100, 1: 2048, 2: 5000 };
  const { targets, rows } = summarize(rounds, { contextEndBytes });
  const targetsOf = ({ format, cookieBytes }: (typeof cells)[number]) =>
    targets.filter(({ id }) => id.startsWith(`detected@${format}-cookie${cookieBytes}-window`));
  const windowsOf = (cell: number) =>
    targetsOf(cells[cell] as (typeof cells)[number]).map(({ id }) => Number(/\d+$/.exec(id)?.[0]));

  it('asks for all where the context lies inside of the window, and everywhere with the default', () => {
    assert.deepEqual(windowsOf(0), [...windows]);
    assert.deepEqual(windowsOf(1), [2048, 4096, 8192]);
    assert.deepEqual(windowsOf(2), [DEFAULT_WINDOW, 8192]);
    assert.ok(targets.every(({ op, target }) => op === '>=' && target === 100));
    assert.deepEqual(targetsOf(cells[0] as (typeof cells)[number])[0]?.value, 100);
    assert.deepEqual(targetsOf(cells[1] as (typeof cells)[number])[0]?.value, 50);
  });

  it('asks for all of what never arrived, so that nothing passes unseen', () => {
    assert.deepEqual(windowsOf(3), [...windows]);
  });

  it('has a row for each kind of request, and the paper beside them', () => {
    assert.equal(rows.length, cells.length + 2);
    assert.equal(rows[0]?.['100B'], 100);
    assert.equal(rows.at(-2)?.['200B'], 100);
    assert.equal(rows.at(-1)?.['800B'], '<100');
    assert.equal(paperFormats['paper: first']?.(1024), null);
  });
});
