// SPDX-License-Identifier: Apache-2.0
// What nft writes for rules of every form is asserted in test/integration/nat.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseNftJson } from '../../src/nat/nft-json.ts';
import { collectTranslations } from '../../src/nat/translations.ts';
import { describeAll, IPV4_SERVICES, IPV6_SERVICES, readFixture } from './fixtures.ts';

describe('nft -j list ruleset', () => {
  it('tells the Services of kube-proxy, both families', () => {
    const program = parseNftJson(readFixture('kube-proxy.nft.json'));
    assert.deepEqual(describeAll(program), [...IPV4_SERVICES, ...IPV6_SERVICES]);
    assert.deepEqual(collectTranslations(program), {
      ...collectTranslations(program),
      ...{ unknownRules: 0, truncated: false },
    });
  });

  it('is refused when it is something else', () => {
    assert.throws(() => parseNftJson('table ip nat {'), SyntaxError);
    assert.throws(() => parseNftJson('{"error": "x"}'), /expected a list "nftables"/);
  });

  it('tells nothing where there is nothing', () => {
    assert.deepEqual(
      describeAll(parseNftJson('{"nftables": [{"metainfo": {"json_schema_version": 1}}]}')),
      [],
    );
  });
});
