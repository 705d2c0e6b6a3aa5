// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collectSightings, join } from '../accuracy/join.ts';
import { findKey, formatKey } from '../accuracy/message-key.ts';
import { readPcap } from '../accuracy/pcap.ts';
import type { ReportedHop } from '../accuracy/probe-result.ts';
import { placeOn } from '../two-pods/placement.ts';
import { formatRequest, formatWarmUpRequest } from '../two-pods/request.ts';

const VXLAN_PORT = 8472;
const SALT = '00112233445566aa';

/** An Ethernet frame around a TCP segment. */
function tcpFrame(payload: string, sequence: number): Buffer {
  const frame = Buffer.alloc(14 + 20 + 32);
  frame.writeUInt16BE(0x0800, 12);
  frame.writeUInt8(0x45, 14);
  frame.writeUInt8(6, 23);
  frame.writeUInt32BE(sequence, 34 + 4);
  frame.writeUInt8(8 << 4, 34 + 12);
  return Buffer.concat([frame, Buffer.from(payload)]);
}

/** The same inside of VXLAN. */
function vxlanFrame(inner: Buffer, port: number): Buffer {
  const outer = Buffer.alloc(14 + 20 + 8 + 8);
  outer.writeUInt16BE(0x0800, 12);
  outer.writeUInt8(0x45, 14);
  outer.writeUInt8(17, 23);
  outer.writeUInt16BE(port, 34 + 2);
  return Buffer.concat([outer, inner]);
}

describe('findKey', () => {
  const request = formatRequest(SALT, 258);
  const offset = request.indexOf(`00-${SALT}`);
  const key = formatKey(`${SALT}0000000000000102`, '0000000000000102', 1000 + offset);

  it('is the context and its place in the stream', () => {
    assert.equal(findKey(tcpFrame(request, 1000), VXLAN_PORT), key);
  });

  it('is the same inside of the tunnel, but only at its port', () => {
    assert.equal(findKey(vxlanFrame(tcpFrame(request, 1000), VXLAN_PORT), VXLAN_PORT), key);
    assert.equal(findKey(vxlanFrame(tcpFrame(request, 1000), 4789), VXLAN_PORT), undefined);
  });

  it('wraps around with the sequence number', () => {
    const found = findKey(tcpFrame(request, 0xffff_ffff), VXLAN_PORT);
    assert.equal(found, formatKey(`${SALT}0000000000000102`, '0000000000000102', offset - 1));
  });

  it('is missing where there is no context', () => {
    assert.equal(findKey(tcpFrame(formatWarmUpRequest(), 1), VXLAN_PORT), undefined);
    assert.equal(findKey(tcpFrame('', 1), VXLAN_PORT), undefined);
    assert.equal(findKey(Buffer.alloc(10), VXLAN_PORT), undefined);
  });
});

describe('readPcap', () => {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2_3c4d, 0);
  header.writeUInt32LE(1, 20);
  const packet = (seconds: number, nanos: number, frame: string): Buffer => {
    const start = Buffer.alloc(16);
    start.writeUInt32LE(seconds, 0);
    start.writeUInt32LE(nanos, 4);
    start.writeUInt32LE(frame.length, 8);
    start.writeUInt32LE(1500, 12);
    return Buffer.concat([start, Buffer.from(frame)]);
  };

  it('reads every packet with its nanoseconds, and leaves an unfinished one out', () => {
    const file = Buffer.concat([
      header,
      packet(1_790_000_000, 7, 'abc'),
      packet(2, 3, 'de'),
      Buffer.alloc(20, 1),
    ]);
    assert.deepEqual(
      readPcap(file).map(({ timeNs, frame }) => [timeNs, frame.toString()]),
      [
        [1_790_000_000_000_000_007n, 'abc'],
        [2_000_000_003n, 'de'],
      ],
    );
  });

  it('refuses microseconds and other links, whose numbers would be wrong', () => {
    const micros = Buffer.from(header);
    micros.writeUInt32LE(0xa1b2_c3d4, 0);
    assert.throws(() => readPcap(micros), /nanoseconds/);
    const cooked = Buffer.from(header);
    cooked.writeUInt32LE(113, 20);
    assert.throws(() => readPcap(cooked), /link type 113/);
  });
});

describe('join', () => {
  const hop = (key: string, durationNs: number): ReportedHop => ({
    ...{ key, durationNs, direction: 'transmit', retransmission: 0 },
  });

  it('pairs a hop with the two time stamps of its packet', () => {
    const from = collectSightings([['a', 100n]]);
    const to = collectSightings([['a', 1600n]]);
    assert.deepEqual(join([hop('a', 1200)], from, to).pairs, [{ hopspanNs: 1200, tcpdumpNs: 1500 }]);
  });

  it('counts what only one side saw, and pairs nothing with it', () => {
    const from = collectSightings([
      ['a', 1n],
      ['b', 2n],
      ['c', 3n],
    ]);
    const to = collectSightings([
      ['b', 5n],
      ['c', 6n],
    ]);
    const { pairs, hopsAlone, intervalsAlone } = join([hop('a', 1), hop('b', 1), hop('z', 1)], from, to);
    assert.deepEqual([pairs.length, hopsAlone, intervalsAlone], [1, 2, 1]);
  });

  it('leaves out what either side saw twice, because the copies cannot be told apart', () => {
    const twice = collectSightings([
      ['a', 1n],
      ['a', 9n],
      ['b', 2n],
    ]);
    const to = collectSightings([
      ['a', 5n],
      ['b', 6n],
    ]);
    const joined = join([hop('a', 1), hop('b', 1), hop('b', 2)], twice, to);
    assert.deepEqual(joined, { pairs: [], hopsAlone: 0, intervalsAlone: 0, ambiguous: 2 });
  });
});

describe('placeOn', () => {
  it('keeps traffic and watchers apart, on CPUs that are allowed', () => {
    assert.deepEqual(placeOn('Cpus_allowed:\tf4\nCpus_allowed_list:\t2,4-6\n'), {
      ...{ traffic: '2', watchers: '4,5,6' },
    });
  });

  it('shares the only CPU', () => {
    assert.deepEqual(placeOn('Cpus_allowed_list:\t3\n'), { traffic: '3', watchers: '3' });
  });
});
