// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AddressHolder, NatResolver, NatTable } from '../../src/index.ts';

const service = { namespace: 'shop', name: 'reviews' };
const pod: AddressHolder = {
  kind: 'pod',
  pod: { uid: 'u', namespace: 'shop', name: 'p' },
  nodeName: 'node-1',
};
const holders: Readonly<Record<string, AddressHolder>> = {
  '10.244.1.5': pod,
  '10.96.0.1': { kind: 'service', service: { namespace: 'default', name: 'kubernetes' } },
  '192.0.2.1': { kind: 'node', nodeName: 'node-1' },
  '192.0.2.2': { kind: 'node', nodeName: 'node-2' },
  '10.244.1.9': { kind: 'ambiguous', nodeName: 'node-1' },
};
const behind = [{ address: '10.244.1.5', port: 9081 }];
const table = new NatTable([
  {
    address: '10.96.0.20',
    port: 9080,
    backends: [...behind, { address: '10.244.2.6', port: 9081 }],
    service,
  },
  { address: '10.96.0.1', port: 443, backends: [], service: { namespace: 'other', name: 'name' } },
  { port: 30_080, backends: behind, service },
  { port: 8080, backends: [{ address: '10.244.1.5', port: 80 }] },
  { address: '203.0.113.9', backends: [{ address: '10.244.1.5' }] },
  { address: '203.0.113.10', backends: [{ address: '10.244.1.5' }, { address: '10.244.1.6' }] },
  { address: '203.0.113.11', backends: [{ address: '10.0.0.77' }] },
]);

function create() {
  const resolver = {
    live: true,
    resolve: (address: string) => holders[address] ?? ({ kind: 'unknown' } as const),
  };
  return new NatResolver({ resolver, nat: { table }, nodeName: 'node-1' });
}

const resolve = (address: string, port: number): AddressHolder => create().resolve(address, port, 0);

describe('NatResolver', () => {
  it('names the Service of an address that the API does not know', () => {
    assert.deepEqual(resolve('10.96.0.20', 9080), { kind: 'service', service });
    assert.deepEqual(resolve('10.96.0.20', 9081), { kind: 'unknown' }, 'at its ports alone');
  });

  it('names the Service of a port of any node', () => {
    assert.deepEqual(resolve('192.0.2.1', 30_080), { kind: 'service', service, nodeName: 'node-1' });
    assert.deepEqual(resolve('192.0.2.2', 30_080), { kind: 'service', service, nodeName: 'node-2' });
    assert.deepEqual(resolve('198.51.100.1', 30_080), { kind: 'unknown' }, 'of no other address');
  });

  it('names the pod behind a port of this node, and of no other', () => {
    assert.deepEqual(resolve('192.0.2.1', 8080), pod);
    assert.deepEqual(resolve('192.0.2.2', 8080), holders['192.0.2.2']);
  });

  it('names the pod behind an address, where there is one', () => {
    assert.deepEqual(resolve('203.0.113.9', 1234), pod);
    assert.deepEqual(resolve('203.0.113.10', 1234), { kind: 'unknown' });
    assert.deepEqual(resolve('203.0.113.11', 1234), { kind: 'unknown' });
  });

  it('adds the Service that leads to a pod, and changes nothing that the API knows', () => {
    assert.deepEqual(resolve('10.244.1.5', 9081), { ...pod, service });
    assert.deepEqual(resolve('10.244.1.5', 22), pod);
    assert.equal(resolve('10.96.0.1', 443), holders['10.96.0.1']);
    assert.equal(resolve('10.244.1.9', 9081), holders['10.244.1.9']);
  });

  it('counts the ends that it has named', () => {
    const resolver = create();
    for (const port of [9080, 9080, 1]) resolver.resolve('10.96.0.20', port, 0);
    assert.deepEqual(resolver.counters(), { nat_ends_named: 2 });
  });
});

describe('NatTable', () => {
  it('takes the most exact of what fits, and of two Services behind one address the first by name', () => {
    const one = { address: '10.0.0.1', port: 80 };
    const both = new NatTable([
      { address: '10.9.0.1', port: 80, backends: [one], service: { namespace: 'b', name: 'x' } },
      { address: '10.9.0.2', port: 80, backends: [one], service: { namespace: 'a', name: 'y' } },
      { address: '10.9.0.1', backends: [] },
      { address: '10.9.0.1', port: 80, backends: [] },
    ]);
    assert.equal(both.size, 3);
    assert.equal(both.find('10.9.0.1', 80)?.service?.name, 'x');
    assert.deepEqual(both.find('10.9.0.1', 81)?.backends, []);
    assert.equal(both.find('10.9.0.3', 80), undefined);
    assert.equal(both.serviceBehind('10.0.0.1', 80)?.name, 'y');
  });
});
