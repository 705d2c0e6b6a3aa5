// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeviceError, resolveDevices } from '../src/devices.ts';
import { createTestNetwork, createTestPlatform } from './support/fake-platform.ts';

interface Wanted {
  nic?: string[];
  vport?: string[];
  points?: 'two' | 'all' | string[];
}

function resolveAll({ points = 'two', ...interfaces }: Wanted, present: string[], route?: string) {
  return resolveDevices(
    { interfaces, points },
    createTestPlatform({ network: createTestNetwork(present, route) }),
  );
}

function resolve(...args: Parameters<typeof resolveAll>) {
  const { between, ...ends } = resolveAll(...args).present;
  return {
    ...ends,
    ...(between.length > 0 && { between: between.map((each) => Object.values(each).join(' ')) }),
  };
}

function problemOf(...args: Parameters<typeof resolve>): string {
  try {
    return JSON.stringify(resolve(...args));
  } catch (error) {
    assert.ok(error instanceof DeviceError);
    assert.equal(error.exitCode, 1);
    return error.message;
  }
}

describe('resolveDevices', () => {
  it('takes the default-route device and the usual pod devices by default', () => {
    const present = ['lo', 'ens3', 'docker0', 'veth9', 'cali1', 'gke7'];
    assert.deepEqual(resolve({}, present, 'ens3'), { nic: ['ens3'], vport: ['veth9', 'cali1', 'gke7'] });
  });
  it('never takes the NIC as a pod device too', () => {
    assert.deepEqual(resolve({ nic: ['veth0'], vport: ['veth*'] }, ['veth0', 'veth1']), {
      nic: ['veth0'],
      vport: ['veth1'],
    });
  });
  it('takes a device once that two patterns match', () => {
    assert.deepEqual(resolve({ nic: ['e'], vport: ['v*', 'v1'] }, ['e', 'v1']).vport, ['v1']);
  });
  it('names a device that is missing and those that are there', () => {
    assert.equal(
      problemOf({ nic: ['eth7'] }, ['lo', 'eth0']),
      'receivers::ebpf_hops::interfaces::nic: there is no device "eth7"; did you mean "eth0"? devices here: lo, eth0',
    );
    assert.equal(
      problemOf({ nic: ['internal'] }, ['lo', 'eth0']),
      'receivers::ebpf_hops::interfaces::nic: there is no device "internal"; devices here: lo, eth0',
    );
  });
  it('finds what lies between NIC and vport, by its kind', () => {
    const present = ['eth0', 'cni0:bridge', 'flannel.1:vxlan', 'veth1:veth'];
    const of = (points: Wanted['points']) => resolve({ nic: ['eth0'], vport: ['veth*'], points }, present);
    assert.deepEqual(of('all'), {
      nic: ['eth0'],
      vport: ['veth1'],
      between: ['cni0 bridge', 'flannel.1 tunnel'],
    });
    assert.deepEqual(of(['flannel*']).between, ['flannel.1 tunnel']);
    assert.equal(of('two').between, undefined);
  });
  it('names the nearest of a point that is missing', () => {
    assert.equal(
      problemOf({ nic: ['eth0'], points: ['flanel.1'] }, ['eth0', 'cni0:bridge', 'flannel.1:vxlan']),
      'receivers::ebpf_hops::points: there is no device "flanel.1"; did you mean "flannel.1"? devices here: eth0, cni0, flannel.1',
    );
  });
  it('is content when one of several patterns matches', () => {
    assert.deepEqual(resolve({ nic: ['e', 'x*'], vport: ['v*', 'y*'] }, ['e', 'v1']), {
      nic: ['e'],
      vport: ['v1'],
    });
  });
  it('names NIC patterns without any match', () => {
    assert.match(
      problemOf({ nic: ['x*', 'y*'] }, ['lo']),
      /nic: no device matches x\*, y\*; devices here: lo/,
    );
  });
  it('is content with a node that has no pod yet, and keeps the patterns for those that come', () => {
    const devices = resolveAll({ vport: ['veth*'] }, ['lo', 'eth0'], 'eth0');
    assert.deepEqual([devices.nic, devices.vport, devices.present.vport], [['eth0'], ['veth*'], []]);
  });
  it('names a vport that is missing, for a name is no pattern', () =>
    assert.match(problemOf({ nic: ['lo'], vport: ['veth1'] }, ['lo']), /vport: there is no device "veth1"/));
  it('says that there is no default route', () =>
    assert.match(problemOf({}, ['lo']), /nic: there is no default route .*name the node's uplink/));
  it('shortens a long list of devices', () => {
    const present = Array.from({ length: 40 }, (_, index) => `d${index}`);
    assert.match(problemOf({ nic: ['x'] }, present), /d11, …$/);
  });
});
