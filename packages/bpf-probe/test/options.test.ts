// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getHopProbeDefaults, type HopProbeOptions, resolveProbeOptions } from '../src/options.ts';

const interfaces = { nic: ['eth0'], vport: ['veth*'] };

describe('resolveProbeOptions', () => {
  it('takes the defaults for what is left out or undefined', () => {
    const { clock, ...resolved } = resolveProbeOptions({ interfaces, searchBytes: undefined });
    assert.deepEqual(resolved, { ...getHopProbeDefaults(), interfaces });
    assert.equal(typeof clock.offsetNs, 'function');
  });

  it('rounds the table up to a power of two', () => {
    assert.equal(resolveProbeOptions({ interfaces, tableSlots: 1000 }).tableSlots, 1024);
  });

  const bad: [string, Partial<Record<keyof HopProbeOptions, unknown>>][] = [
    ['points', { points: 'al' }],
    ['points', { points: [''] }],
    ['interfaces.nic', { interfaces: undefined }],
    ['interfaces.vport', { interfaces: { nic: ['eth0'], vport: 'veth0' } }],
    ['interfaces.nic', { interfaces: { nic: [''], vport: [] } }],
    ['interfaces.vport', { interfaces: { nic: ['eth0'], vport: ['eth0'] } }],
    ['attach', { attach: 'xdp' }],
    ['clsactPriority', { clsactPriority: 0 }],
    ['searchBytes', { searchBytes: 63 }],
    ['searchBytes', { searchBytes: 8193 }],
    ['searchBytes', { searchBytes: 'many' }],
    ['contexts', { contexts: [] }],
    ['contexts', { contexts: ['b4'] }],
    ['contexts', { contexts: ['toString'] }],
    ['contexts', { contexts: ['b3', 'b3'] }],
    ['contexts', { contexts: 'b3' }],
    ['traceState', { traceState: 1 }],
    ['vxlanPorts', { vxlanPorts: [1, 2, 3, 4, 5] }],
    ['vxlanPorts', { vxlanPorts: [70_000] }],
    ['vxlanPorts', { vxlanPorts: 4789 }],
    ['tableSlots', { tableSlots: 0 }],
    ['ringBytes', { ringBytes: 5000 }],
    ['ringBytes', { ringBytes: 1024 }],
    ['maxPoints', { maxPoints: 2 }],
    ['pathTimeoutMillis', { pathTimeoutMillis: 0.5 }],
    ['lingerMillis', { lingerMillis: -1 }],
    ['pollIntervalMillis', { pollIntervalMillis: Number.NaN }],
    ['orderCheckIntervalMillis', { orderCheckIntervalMillis: 0 }],
  ];
  for (const [option, given] of bad) {
    it(`refuses ${JSON.stringify(given)} and names ${option}`, () => {
      assert.throws(
        () => resolveProbeOptions({ interfaces, ...given } as HopProbeOptions),
        (error: Error & { code?: string }) =>
          error.code === 'HOPSPAN_ERR_INVALID_OPTION' && error.message.includes(`option ${option} is`),
      );
    });
  }
});
