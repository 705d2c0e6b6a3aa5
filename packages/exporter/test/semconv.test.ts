// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as published from '@opentelemetry/semantic-conventions/incubating';
import * as ours from '../src/semconv.ts';

describe('semconv', () => {
  it('copies the names of the semantic conventions without a slip', () => {
    const known: Record<string, unknown> = { ...published };
    const copied = Object.entries(ours).filter(([name]) => name in known);
    assert.ok(copied.length >= 12, `only ${copied.length} names are known to the conventions`);
    for (const [name, value] of copied) assert.equal(value, known[name], name);
  });
  it('keeps every other name under our own prefix or the tunnel one', () => {
    const own = Object.entries(ours).filter(([name]) => !(name in published) && name !== 'SCHEMA_URL');
    for (const [name, value] of own) assert.match(String(value), /^(hopspan|tunnel)\./, name);
  });
});
