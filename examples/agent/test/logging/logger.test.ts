// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toDiagLogger } from '../../src/logging/diag.ts';
import { createLogger, type LogLevel } from '../../src/logging/logger.ts';

function create(json: boolean, level: LogLevel = 'info') {
  const lines: string[] = [];
  return { lines, log: createLogger({ level, json, write: (line) => lines.push(line) }) };
}

describe('createLogger', () => {
  it('writes one JSON object a line', () => {
    const { lines, log } = create(true);
    log.info('ready', { points: [1] });
    const { time, ...record } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    assert.deepEqual(record, { level: 'info', msg: 'ready', points: [1] });
    assert.equal(new Date(String(time)).toISOString(), time);
    assert.match(lines[0] ?? '', /^[^\n]*\n$/);
  });
  it('writes readable lines with the values beside the message', () => {
    const { lines, log } = create(false);
    log.warn('queue\n is full', { size: 3, name: 'a', text: 'b c' });
    assert.match(lines[0] ?? '', /^\d{4}-\S+Z WARN {2}queue; is full size=3 name=a text="b c"\n$/);
  });
  it('leaves out what is below its level', () => {
    const { lines, log } = create(true, 'warn');
    log.debug('a');
    log.info('b');
    log.error('c');
    assert.equal(lines.length, 1);
  });
});

describe('toDiagLogger', () => {
  it('passes on what libraries say, errors without their stack', () => {
    const { lines, log } = create(true);
    toDiagLogger(log).warn('failed', new Error('broken\nfor good'), { a: 1 });
    toDiagLogger(log).verbose('unseen');
    assert.equal(lines.length, 1);
    const { level, msg, detail } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    assert.deepEqual(
      { level, msg, detail },
      { level: 'warn', msg: 'failed', detail: ['broken; for good', { a: 1 }] },
    );
  });
});
