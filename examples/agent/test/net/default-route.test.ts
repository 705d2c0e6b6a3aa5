// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findDefaultRouteDevice } from '../../src/net/default-route.ts';

const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const route = (device: string, destination: string, flags: string, metric: number, mask: string) =>
  `${device}\t${destination}\t0101A8C0\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0\n`;

const zeros = '0'.repeat(32);
const route6 = (destination: string, length: string, metric: string, flags: string, device: string) =>
  `${destination} ${length} ${zeros} 00 fe800000000000000000000000000001 ${metric} 00000001 00000000 ${flags} ${device.padStart(8)}\n`;

describe('findDefaultRouteDevice', () => {
  it('takes the device of the default route', () => {
    const text =
      header +
      route('cni0', '0000F40A', '0001', 0, '00FFFFFF') +
      route('ens3', '00000000', '0003', 100, '00000000');
    assert.equal(findDefaultRouteDevice(text, ''), 'ens3');
  });
  it('takes the smallest metric', () => {
    const text =
      header +
      route('wlan0', '00000000', '0003', 600, '00000000') +
      route('ens3', '00000000', '0003', 100, '00000000');
    assert.equal(findDefaultRouteDevice(text, ''), 'ens3');
  });
  it('passes over routes that are down or half of the addresses', () => {
    const text =
      header + route('a', '00000000', '0002', 0, '00000000') + route('b', '00000000', '0003', 0, '00000080');
    assert.equal(findDefaultRouteDevice(text, ''), undefined);
  });
  it('takes the IPv6 default route where there is none of IPv4', () => {
    const text =
      route6(zeros, '00', 'ffffffff', '00200200', 'lo') + route6(zeros, '00', '00000400', '00000003', 'ens4');
    assert.equal(findDefaultRouteDevice(header, text), 'ens4');
  });
  it('finds nothing in empty tables', () => assert.equal(findDefaultRouteDevice('', ''), undefined));
});
