// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { PROBE_COUNTER_TEXTS } from '../src/generated/abi.ts';
import { HopDecoder } from '../src/hop-decoder.ts';
import { getHopProbeDefaults } from '../src/options.ts';
import { createProbeTally } from '../src/probe-tally.ts';

// The formatter pads the columns of tables.
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8').replaceAll(/ +/g, ' ');
const errors = readFileSync(new URL('../src/errors.ts', import.meta.url), 'utf8');

describe('the README', () => {
  it('gives every option with its default', () => {
    for (const [name, value] of Object.entries(getHopProbeDefaults())) {
      const shown = typeof value === 'string' ? `'${value}'` : JSON.stringify(value).replaceAll(',', ', ');
      assert.ok(readme.includes(`| \`${name}\` | \`${shown}\` |`), `${name} ${shown}`);
    }
  });

  it('explains every counter, the kernel’s in its words', () => {
    for (const [name, text] of Object.entries(PROBE_COUNTER_TEXTS)) {
      assert.ok(readme.includes(`| \`${name}\` | ${text} |`), name);
    }
    const own = { ...createProbeTally(), ...new HopDecoder(8, () => undefined).tally };
    for (const name of Object.keys(own)) assert.ok(readme.includes(`\`${name}\``), name);
  });

  it('lists every error code', () => {
    const codes = [...errors.matchAll(/'(HOPSPAN_ERR_\w+)'/g)].map((match) => match[1] ?? '');
    assert.ok(codes.length > 5);
    for (const code of codes) assert.ok(readme.includes(`| \`${code}\` |`), code);
  });
});
