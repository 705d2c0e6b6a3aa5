// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { capabilityMask, namesIn, readCapabilities, requireCapabilities } from '../src/capabilities.ts';

/** /proc/PID/status with the given effective capability bits. */
function statusWith(...bits: readonly number[]): string {
  const mask = bits.reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n);
  return `Name:\tnode\nCapPrm:\t000001ffffffffff\nCapEff:\t${mask.toString(16).padStart(16, '0')}\nCapBnd:\t0\n`;
}

const held = (status: string): string[] =>
  readCapabilities(status)
    .filter((capability) => capability.held)
    .map(({ name }) => name);

describe('readCapabilities', () => {
  it('reads the effective set', () => {
    assert.deepEqual(held(statusWith(12, 38, 39)), ['CAP_BPF', 'CAP_PERFMON', 'CAP_NET_ADMIN']);
    assert.deepEqual(held(statusWith(39)), ['CAP_BPF']);
    assert.deepEqual(held(statusWith()), []);
  });

  it('lets CAP_SYS_ADMIN stand in for what was split off it, not for CAP_NET_ADMIN', () => {
    assert.deepEqual(held(statusWith(21)), ['CAP_BPF', 'CAP_PERFMON']);
  });
});

describe('capabilityMask', () => {
  it('has the bits of linux/capability.h, and namesIn their names', () => {
    assert.equal(capabilityMask(['CAP_NET_ADMIN', 'CAP_BPF']), (1n << 12n) | (1n << 39n));
    assert.deepEqual(namesIn((1n << 12n) | (1n << 39n) | (1n << 10n)), [
      'capability 10',
      'CAP_NET_ADMIN',
      'CAP_BPF',
    ]);
    assert.deepEqual(namesIn(0n), []);
  });
});

describe('requireCapabilities', () => {
  it('names what is missing and what it is for', () => {
    assert.throws(() => requireCapabilities(readCapabilities(statusWith(39))), {
      code: 'HOPSPAN_ERR_NOT_PERMITTED',
      message:
        /lacks CAP_PERFMON \(.*\), CAP_NET_ADMIN \(.*\)\. Run it as root, or give it CAP_PERFMON, CAP_NET_ADMIN/,
    });
    requireCapabilities(readCapabilities(statusWith(12, 21)));
  });
});
