// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, it } from 'node:test';
import { getDefaultResource, HOPSPAN_SCOPE } from '../src/scope.ts';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

describe('HOPSPAN_SCOPE', () => {
  it('is named and versioned as the package', () => {
    assert.equal(HOPSPAN_SCOPE.name, manifest.name);
    assert.equal(HOPSPAN_SCOPE.version, manifest.version);
  });
  it('follows the release of the semantic conventions the package depends on', () => {
    const release = manifest.dependencies['@opentelemetry/semantic-conventions'];
    assert.equal(HOPSPAN_SCOPE.schemaUrl, `https://opentelemetry.io/schemas/${release}`);
  });
});

describe('getDefaultResource', () => {
  it('names the service and this host', () => {
    assert.deepEqual(getDefaultResource().attributes, {
      'service.name': 'overlay-network',
      'host.name': hostname(),
    });
  });
});
