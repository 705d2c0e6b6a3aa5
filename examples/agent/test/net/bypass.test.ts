// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findBypassed } from '../../src/net/bypass.ts';

const point = (
  name: string,
  hook: 'ingress' | 'egress',
  counters: Record<string, number>,
  role = 'vport' as const,
) => ({
  ...{ interface: name, ifindex: 1, role, hook, counters },
});

describe('findBypassed', () => {
  it('finds a device that sees one direction alone, whichever', () => {
    const points = [
      point('lxc1', 'ingress', { response: 60, not_http: 40 }),
      point('lxc1', 'egress', {}),
      point('lxc2', 'ingress', { records: 500, order_checks: 7 }),
      point('lxc2', 'egress', { no_context: 100 }),
    ];
    assert.deepEqual(findBypassed(points), ['lxc1', 'lxc2']);
  });

  it('is content with traffic both ways, with little, with none, and with a NIC', () => {
    const points = [
      point('veth1', 'ingress', { response: 1000 }),
      point('veth1', 'egress', { sightings: 1 }),
      point('veth2', 'ingress', { response: 99 }),
      point('veth2', 'egress', {}),
      point('veth3', 'ingress', {}),
      { ...point('eth0', 'ingress', { tls: 1000 }), role: 'nic' as const },
    ];
    assert.deepEqual(findBypassed(points), []);
  });
});
