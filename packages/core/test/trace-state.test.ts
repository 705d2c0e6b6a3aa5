// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatTraceState, parseTraceState, TraceState } from '../src/trace-state.ts';
import { isValidTraceStateKey, isValidTraceStateValue } from '../src/trace-state-grammar.ts';

const members = (count: number, first = 0) =>
  Array.from({ length: count }, (_, i) => `k${i + first}=${i}`).join(',');
const printable = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i)).join('');

const taken: [why: string, header: string | string[], serialized: string][] = [
  ['one member', 'foo=1', 'foo=1'],
  ['two members in their order', 'foo=1,bar=2', 'foo=1,bar=2'],
  ['blanks around members', 'foo=1 \t , \t bar=2, \t baz=3', 'foo=1,bar=2,baz=3'],
  ['blanks around the header', ' foo=1 \t', 'foo=1'],
  ['an empty header', '', ''],
  ['empty members', 'foo=1,,bar=2, \t ,', 'foo=1,bar=2'],
  ['header lines as one list', ['foo=1,bar=2', 'baz=3'], 'foo=1,bar=2,baz=3'],
  ['an empty header line among others', ['foo=1', '', 'baz=3'], 'foo=1,baz=3'],
  ['no header line', [], ''],
  ['the first of two equal keys', 'foo=1,bar=2,foo=3', 'foo=1,bar=2'],
  ['every character of a key', 'a0123456789_-*/z=1', 'a0123456789_-*/z=1'],
  ['a key of 256 characters', `${'z'.repeat(256)}=1`, `${'z'.repeat(256)}=1`],
  ['a multi-tenant key', 'tenant@system=1', 'tenant@system=1'],
  ['a tenant that starts with a digit', '0tenant@system=1', '0tenant@system=1'],
  [
    'a tenant of 241 and a system of 14',
    `${'t'.repeat(241)}@${'s'.repeat(14)}=1`,
    `${'t'.repeat(241)}@${'s'.repeat(14)}=1`,
  ],
  ['a value of 256 characters', `foo=${'v'.repeat(256)}`, `foo=${'v'.repeat(256)}`],
  ['a value with blanks inside and before', 'foo= a b', 'foo= a b'],
  [
    'every character of a value',
    `foo=${printable(0x20, 0x2b)}${printable(0x2d, 0x3c)}${printable(0x3e, 0x7e)}`,
    `foo=${printable(0x20, 0x2b)}${printable(0x2d, 0x3c)}${printable(0x3e, 0x7e)}`,
  ],
  ['32 members', members(32), members(32)],
  ['32 members and empty ones', `,${members(32)},,`, members(32)],
  [
    'more than 512 characters',
    `a=${'v'.repeat(256)},b=${'v'.repeat(256)}`,
    `a=${'v'.repeat(256)},b=${'v'.repeat(256)}`,
  ],
];

const refused: [why: string, header: string | string[]][] = [
  ['a blank in a key', 'foo =1'],
  ['a blank before the only equals sign', ' =1'],
  ['an upper-case key', 'FOO=1'],
  ['a dot in a key', 'foo.bar=1'],
  ['an empty key', '=1'],
  ['no equals sign', 'foo'],
  ['a member without equals sign among good ones', 'foo=1,bar,baz=3'],
  ['an empty value', 'foo='],
  ['a value of blanks', 'foo=  '],
  ['two equals signs', 'foo=bar=baz'],
  ['a control character in a value', 'foo=a\x1fb'],
  ['a tab in a value', 'foo=a\tb'],
  ['DEL in a value', 'foo=a\x7f'],
  ['a character outside ASCII in a value', 'foo=é'],
  ['a key of 257 characters', `${'z'.repeat(257)}=1`],
  ['a value of 257 characters', `foo=${'v'.repeat(257)}`],
  ['a simple key that starts with a digit', '0foo=1'],
  ['a key that starts with an underscore', '_foo=1'],
  ['an empty system', 'foo@=1,bar=2'],
  ['an empty tenant', '@foo=1,bar=2'],
  ['two at signs', 'foo@@bar=1,bar=2'],
  ['a third part', 'foo@bar@baz=1,bar=2'],
  ['a tenant of 242 characters', `${'t'.repeat(242)}@v=1`],
  ['a system of 15 characters', `t@${'v'.repeat(15)}=1`],
  ['a system that starts with a digit', 't@0v=1'],
  ['33 members', members(33)],
  ['33 members on two lines', [members(16), members(17, 16)]],
  ['33 members with one key', 'foo=1,'.repeat(33)],
  ['a line break', 'foo=1\r\nbar=2'],
];

describe('parseTraceState', () => {
  for (const [why, header, serialized] of taken) {
    it(`takes ${why}`, () => assert.equal(parseTraceState(header)?.serialize(), serialized));
  }
  for (const [why, header] of refused) {
    it(`discards the list for ${why}`, () => assert.equal(parseTraceState(header), undefined));
  }
  it('never throws, and reads back what it wrote', () => {
    const text = fc.array(fc.constantFrom(...'ab0_@=, \tZ~\x7f'), { maxLength: 60 }).map((c) => c.join(''));
    fc.assert(
      fc.property(text, (header) => {
        const state = parseTraceState(header);
        if (state !== undefined) assert.deepEqual(parseTraceState(state.serialize())?.keys(), state.keys());
      }),
      { numRuns: 5000 },
    );
  });
});

describe('TraceState', () => {
  const state = parseTraceState('foo=1,bar=2') as TraceState;

  it('looks members up', () => {
    assert.deepEqual(
      [state.get('foo'), state.get('bar'), state.get('baz'), state.size],
      ['1', '2', undefined, 2],
    );
  });
  it('puts what is added in front', () =>
    assert.equal(state.set('new', '0').serialize(), 'new=0,foo=1,bar=2'));
  it('moves what is changed to the front', () =>
    assert.equal(state.set('bar', '9').serialize(), 'bar=9,foo=1'));
  it('leaves the original as it was', () => {
    state.set('bar', '9').unset('foo');
    assert.equal(state.serialize(), 'foo=1,bar=2');
  });
  it('removes a member', () => assert.equal(state.unset('foo').serialize(), 'bar=2'));
  it('ignores the removal of what is not there', () =>
    assert.equal(state.unset('x').serialize(), 'foo=1,bar=2'));
  it('stays as it is for a key or value that is invalid', () => {
    assert.equal(state.set('Bad', '1'), state);
    assert.equal(state.set('ok', 'a,b'), state);
  });
  it('drops the last of more than 32 members', () => {
    const full = parseTraceState(members(32)) as TraceState;
    const more = full.set('new', 'x');
    assert.equal(more.size, 32);
    assert.deepEqual([more.keys()[0], more.get('k31'), more.get('k30')], ['new', undefined, '30']);
  });
  it('keeps every member when one of 32 is changed', () => {
    assert.equal((parseTraceState(members(32)) as TraceState).set('k31', 'x').size, 32);
  });
});

describe('formatTraceState', () => {
  const parse = (header: string) => parseTraceState(header) as TraceState;

  it('writes a short list as it is', () =>
    assert.equal(formatTraceState(parse('foo=1,bar=2')), 'foo=1,bar=2'));
  it('writes nothing for an empty list', () => assert.equal(formatTraceState(TraceState.EMPTY), ''));
  it('keeps exactly 512 characters', () => {
    const header = `a=${'v'.repeat(253)},b=${'v'.repeat(254)}`;
    assert.equal(header.length, 512);
    assert.equal(formatTraceState(parse(header)), header);
  });
  it('removes members of more than 128 characters first', () => {
    const long = `long=${'v'.repeat(200)}`;
    const short = Array.from({ length: 4 }, (_, i) => `s${i}=${'v'.repeat(100)}`);
    assert.equal(formatTraceState(parse([long, ...short].join(','))), short.join(','));
  });
  it('then removes members from the right', () => {
    const short = Array.from({ length: 6 }, (_, i) => `s${i}=${'v'.repeat(100)}`);
    assert.equal(formatTraceState(parse(short.join(','))), short.slice(0, 4).join(','));
  });
  it('never cuts a member', () => {
    assert.equal(formatTraceState(parse(`a=${'v'.repeat(100)}`), 50), '');
  });
});

describe('the tracestate grammar', () => {
  it('takes exactly the characters that level 1 lists', () => {
    const all = printable(0, 0x17f);
    const inKey = [...all].filter((char) => isValidTraceStateKey(`a${char}`)).join('');
    assert.equal(inKey, '*-/0123456789_abcdefghijklmnopqrstuvwxyz');
    const lastInValue = [...all].filter((char) => isValidTraceStateValue(`a${char}`)).join('');
    assert.equal(lastInValue, printable(0x21, 0x2b) + printable(0x2d, 0x3c) + printable(0x3e, 0x7e));
  });
});
