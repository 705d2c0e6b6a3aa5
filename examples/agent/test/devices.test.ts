// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeviceError, resolveDevices } from '../src/devices.ts';

function resolve(interfaces: { nic?: string[]; vport?: string[] }, present: string[], route?: string) {
  return resolveDevices(interfaces, { listDevices: () => present, getDefaultRouteDevice: () => route });
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
  it('names patterns without any match', () => {
    assert.match(
      problemOf({ nic: ['lo'], vport: ['x*', 'y*'] }, ['lo']),
      /vport: no device matches x\*, y\*; devices here: none/,
    );
  });
  it('says that there is no default route', () =>
    assert.match(problemOf({}, ['lo']), /nic: there is no default route .*name the node's uplink/));
  it('says that no default pattern matches', () => {
    assert.match(problemOf({ nic: ['lo'] }, ['lo']), /vport: no device matches cali\*, veth\*/);
  });
  it('shortens a long list of devices', () => {
    const present = Array.from({ length: 40 }, (_, index) => `d${index}`);
    assert.match(problemOf({ nic: ['x'] }, present), /d11, …$/);
  });
});
