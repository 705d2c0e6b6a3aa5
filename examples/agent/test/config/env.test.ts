// SPDX-License-Identifier: Apache-2.0
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration, not of JavaScript
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expandEnvironment } from '../../src/config/env.ts';

function expand(text: string, variables: Record<string, string> = {}): string {
  const result = expandEnvironment(text, variables);
  return result.ok ? result.text : `problem: ${result.message}`;
}

describe('expandEnvironment', () => {
  it('puts a variable in place', () => {
    assert.equal(expand('http://${env:HOST_IP}:4317', { HOST_IP: '10.0.0.1' }), 'http://10.0.0.1:4317');
  });
  it('takes the default when the variable is unset', () => assert.equal(expand('${env:X:-a:-b}'), 'a:-b'));
  it('takes the default when the variable is empty', () =>
    assert.equal(expand('${env:X:-a}', { X: '' }), 'a'));
  it('takes an empty default', () => assert.equal(expand('<${env:X:-}>'), '<>'));
  it('takes an empty variable that has no default', () =>
    assert.equal(expand('<${env:X}>', { X: '' }), '<>'));
  it('reads two dollars as one, without a reference', () => assert.equal(expand('$${env:X}'), '${env:X}'));
  it('leaves a lone dollar alone', () => assert.equal(expand('a$b $'), 'a$b $'));
  it('does not expand what came out of a variable', () => {
    assert.equal(expand('${env:X}', { X: '${env:Y}$$' }), '${env:Y}$$');
  });
  it('names a variable that is missing', () => {
    assert.match(
      expand('${env:NODE_IP}'),
      /^problem: environment variable NODE_IP is not set: set it, or .*\$\{env:NODE_IP:-default\}/,
    );
  });
  it('refuses a reference without env:', () =>
    assert.match(expand('${HOST}'), /^problem: \$\{HOST\} is not a reference/));
  it('tells whether anything changed', () => {
    assert.deepEqual(expandEnvironment('plain', {}), { ok: true, text: 'plain', changed: false });
  });
});
