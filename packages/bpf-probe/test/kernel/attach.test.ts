// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Hop } from '@hopspan/core';
import { HopProbe } from '../../src/hop-probe.ts';
import { listInterfaces } from '../../src/interfaces.ts';
import { loadNative } from '../../src/native.ts';
import { ForeignProgram, tcxNames } from './foreign.ts';
import {
  addPeer,
  addVeth,
  client,
  forwardPackets,
  type Peer,
  removeLink,
  run,
  SERVER,
  until,
} from './network.ts';
import { enterPrivateNamespace } from './private-namespace.ts';

const skip = enterPrivateNamespace(import.meta.filename);
const consumer = { onHops: () => undefined };

function ifindexOf(ifname: string): number {
  return listInterfaces().find((device) => device.ifname === ifname)?.ifindex ?? 0;
}

/** Lines of `tc filter show` that name a program, on both sides of a device. */
function filters(ifname: string): string[] {
  return ['ingress', 'egress'].flatMap((side) =>
    run('tc', 'filter', 'show', 'dev', ifname, side)
      .split('\n')
      .filter((line) => line.includes('handle')),
  );
}

describe('attaching by tcx', { skip }, () => {
  let foreign: ForeignProgram;
  let probe: HopProbe;
  before(() => {
    addVeth('n0', 'n1');
    foreign = new ForeignProgram(loadNative());
  });
  afterEach(() => probe.shutdown());
  after(() => {
    foreign.close();
    removeLink('n0');
  });

  it('goes before programs that are there, and leaves them where they are', async () => {
    await foreign.overtake(ifindexOf('n0'));
    probe = new HopProbe({ interfaces: { nic: ['n0'], vport: [] } });
    await probe.start(consumer);
    assert.deepEqual(tcxNames(loadNative(), ifindexOf('n0')), ['hopspan_ingress', 'foreign_ingress']);
    await probe.shutdown();
    assert.deepEqual(tcxNames(loadNative(), ifindexOf('n0')), ['foreign_ingress']);
    foreign.withdraw();
  });

  it('goes first again when it is overtaken, as often as that happens', async () => {
    const ifindex = ifindexOf('n0');
    probe = new HopProbe({ interfaces: { nic: ['n0'], vport: [] }, orderCheckIntervalMillis: 20 });
    await probe.start(consumer);
    for (const times of [1, 2, 3]) {
      await foreign.overtake(ifindex);
      await until('ours is first again', () => probe.counters().order_restored === times);
      assert.deepEqual(tcxNames(loadNative(), ifindex), ['hopspan_ingress', 'foreign_ingress']);
      foreign.withdraw();
    }
  });

  it('says so and goes on when a device disappears', async () => {
    addVeth('short0', 'short1');
    const interfaces = { nic: ['n0'], vport: ['short0'] };
    probe = new HopProbe({ interfaces, orderCheckIntervalMillis: 20 });
    await probe.start(consumer);
    removeLink('short0');
    await until('the loss is counted', () => probe.counters().interfaces_lost === 1);
    assert.deepEqual(
      probe.attached().map(({ ifname }) => ifname),
      ['n0'],
    );
  });
});

describe('restoring the order under traffic', { skip }, () => {
  const REQUESTS = 3000;
  const peers: Peer[] = [];
  let foreign: ForeignProgram;
  let probe: HopProbe;
  before(async () => {
    forwardPackets();
    peers.push(await addPeer('pod0', 1), await addPeer('up0', 2));
    foreign = new ForeignProgram(loadNative());
  });
  after(async () => {
    await probe.shutdown();
    foreign.close();
    for (const peer of peers) await peer.close();
  });

  it('loses no hop', async () => {
    const [pod, remote] = peers;
    const hops: Hop[] = [];
    await remote?.start(SERVER);
    probe = new HopProbe({
      interfaces: { nic: ['up0'], vport: ['pod0'] },
      orderCheckIntervalMillis: 10,
      // Room for everything: a link change takes the kernel a grace period, and the rings are not read meanwhile.
      ringBytes: 2 ** 21,
    });
    await probe.start({ onHops: (batch) => void hops.push(...batch) });
    const ended = await pod?.start(`console.log('begins'); ${client('http://10.0.2.2:8080/', REQUESTS)}`);
    let done = false;
    const end = ended?.().then(() => {
      done = true;
    });
    let times = 0;
    for (; !done; times += 1) {
      await foreign.overtake(ifindexOf('pod0'));
      await until('restored', () => (probe.counters().order_restored ?? 0) > times);
      foreign.withdraw();
    }
    await end;
    await probe.shutdown();
    assert.ok(times >= 3, `restored ${times} times meanwhile`);
    const seen = new Set(hops.map((hop) => hop.context.spanId));
    assert.deepEqual([seen.size, hops.length], [REQUESTS, 2 * REQUESTS], JSON.stringify(probe.counters()));
    assert.ok((probe.counters().repeated ?? 0) > 0, 'some packets met two copies of the program');
    assert.deepEqual(
      hops.filter(({ retransmission }) => retransmission !== 0),
      [],
      'which is no retransmission',
    );
  });
});

describe('attaching by clsact', { skip }, () => {
  let foreign: ForeignProgram;
  let probe: HopProbe;
  const options = { interfaces: { nic: ['c0'], vport: [] }, attach: 'clsact' } as const;
  before(() => {
    addVeth('c0', 'c1');
    foreign = new ForeignProgram(loadNative());
  });
  afterEach(() => probe.shutdown());
  after(() => foreign.close());

  it('removes its filters and the qdisc it made', async () => {
    probe = new HopProbe(options);
    await probe.start(consumer);
    assert.equal(filters('c0').length, 2);
    await probe.shutdown();
    assert.doesNotMatch(run('tc', 'qdisc', 'show', 'dev', 'c0'), /clsact/);
  });

  it('leaves a qdisc that was there', async () => {
    run('tc', 'qdisc', 'add', 'dev', 'c0', 'clsact');
    probe = new HopProbe(options);
    await probe.start(consumer);
    await probe.shutdown();
    assert.match(run('tc', 'qdisc', 'show', 'dev', 'c0'), /clsact/);
    assert.deepEqual(filters('c0'), []);
    run('tc', 'qdisc', 'del', 'dev', 'c0', 'clsact');
  });

  it('leaves the qdisc it made when others use it by then, with their filters', async () => {
    probe = new HopProbe(options);
    await probe.start(consumer);
    assert.equal(loadNative().filterAttach(ifindexOf('c0'), 2, 1, 9, foreign.fd, false), 0);
    await probe.shutdown();
    assert.equal(filters('c0').length, 1);
    assert.match(filters('c0')[0] ?? '', /foreign_ingress/);
    run('tc', 'qdisc', 'del', 'dev', 'c0', 'clsact');
  });

  it('puts a filter back that somebody removed', async () => {
    probe = new HopProbe({ ...options, orderCheckIntervalMillis: 20 });
    await probe.start(consumer);
    run('tc', 'qdisc', 'del', 'dev', 'c0', 'clsact');
    await until('the filters are back', () => (probe.counters().order_restored ?? 0) > 0);
    assert.equal(filters('c0').length, 2);
  });

  it('undoes everything when one device of several cannot be attached to', async () => {
    addVeth('taken0', 'taken1');
    run('tc', 'qdisc', 'add', 'dev', 'taken0', 'clsact');
    const ourHandle = 0x686f_7073;
    assert.equal(loadNative().filterAttach(ifindexOf('taken0'), 2, ourHandle, 1, foreign.fd, false), 0);
    probe = new HopProbe({ ...options, interfaces: { nic: ['c0', 'taken0'], vport: [] } });
    await assert.rejects(probe.start(consumer), {
      code: 'HOPSPAN_ERR_ATTACH',
      message: /clsact egress of 'taken0': EEXIST.*Choose another clsactPriority/,
    });
    assert.deepEqual(filters('c0'), []);
    assert.doesNotMatch(run('tc', 'qdisc', 'show', 'dev', 'c0'), /clsact/);
    assert.equal(filters('taken0').length, 1);
    assert.match(filters('taken0')[0] ?? '', /foreign_ingress/);
    removeLink('taken0');
  });
});
