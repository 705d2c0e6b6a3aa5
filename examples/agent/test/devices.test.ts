// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeviceError, resolveDevices } from '../src/devices.ts';
import { createTestNetwork } from './support/fake-platform.ts';

function resolve(interfaces: { nic?: string[]; vport?: string[] }, present: string[], route?: string) {
  const network = createTestNetwork(present, route);
  return resolveDevices(interfaces, { network, getAddresses: () => ({}) }).present;
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
      'receivers::ebpf_hops::interfaces::nic: there is no device "eth7"; devices here: lo, eth0',
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
    const network = createTestNetwork(['lo', 'eth0'], 'eth0');
    const devices = resolveDevices({ vport: ['veth*'] }, { network, getAddresses: () => ({}) });
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
