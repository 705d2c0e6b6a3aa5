// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isKernelAtLeast, MINIMUM_KERNEL, requireKernel, TCX_KERNEL } from '../src/kernel-release.ts';

describe('isKernelAtLeast', () => {
  const cases: [string, boolean, boolean][] = [
    ['2.6.78', false, false],
    ['5.15.0-91-generic', false, false],
    ['6.0.19', false, false],
    ['6.1.0-50-amd64', true, false],
    ['6.6', true, true],
    ['6.12.117+deb12-amd64', true, true],
    ['10.0.0', true, true],
    ['unknown', false, false],
  ];
  for (const [release, runs, tcx] of cases) {
    it(`says of ${release}: runs ${runs}, tcx ${tcx}`, () => {
      assert.equal(isKernelAtLeast(release, MINIMUM_KERNEL), runs);
      assert.equal(isKernelAtLeast(release, TCX_KERNEL), tcx);
    });
  }
});

describe('requireKernel', () => {
  it('says which kernel there is and which is needed', () => {
    assert.throws(() => requireKernel('5.10.0-8-amd64'), /5\.10\.0-8-amd64; 6\.1 or newer/);
    requireKernel('6.1.0');
  });
});
