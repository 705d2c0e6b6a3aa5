// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InterfaceOptions } from '@hopspan/bpf-probe';
import { DeviceWatch } from '../src/device-watch.ts';

const configured = { nic: ['eth0'], vport: ['veth*'] };

function createWatch(selective: boolean) {
  const told: InterfaceOptions[] = [];
  const warnings: string[] = [];
  const watch = new DeviceWatch(configured, selective, { warn: (message) => void warnings.push(message) });
  const probe = { setInterfaces: async (interfaces: InterfaceOptions) => void told.push(interfaces) };
  return { told, warnings, watch, probe };
}

describe('DeviceWatch', () => {
  it('adds the devices of pods to the configured ones', async () => {
    const { told, watch, probe } = createWatch(false);
    assert.deepEqual(watch.first(), configured);
    await watch.find(['pod1', 'eth0']);
    await watch.start(probe);
    await watch.find(['pod1']);
    await watch.find([]);
    assert.deepEqual(told, [{ nic: ['eth0'], vport: ['veth*', 'pod1'] }, configured]);
  });

  it('watches nothing but the devices of selected pods', async () => {
    const { told, watch, probe } = createWatch(true);
    assert.deepEqual(watch.first(), { nic: ['eth0'], vport: [] });
    await watch.start(probe);
    await watch.find(['veth7']);
    await watch.configure({ nic: ['eth1'], vport: ['cali*'] }, false);
    assert.deepEqual(told, [
      { nic: ['eth0'], vport: ['veth7'] },
      { nic: ['eth1'], vport: ['cali*', 'veth7'] },
    ]);
  });

  it('tells what failed, and tries again with the next change', async () => {
    const { told, warnings, watch } = createWatch(false);
    let failing = true;
    await watch.start({
      setInterfaces: async (interfaces) => {
        if (failing) throw new Error('no memory');
        told.push(interfaces);
      },
    });
    await watch.find(['pod1']);
    assert.deepEqual(warnings, ['the devices could not be changed: no memory']);
    failing = false;
    await watch.find(['pod1']);
    assert.deepEqual(told, [{ nic: ['eth0'], vport: ['veth*', 'pod1'] }]);
  });
});
