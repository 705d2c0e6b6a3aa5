// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Hop } from '@hopspan/core';
import { HopProbe } from '../../src/hop-probe.ts';
import { listInterfaces } from '../../src/interfaces.ts';
import { loadNative } from '../../src/native.ts';
import { tcxNames } from './foreign.ts';
import {
  addPeer,
  addVeth,
  client,
  forwardPackets,
  type Peer,
  removeLink,
  run,
  SERVER,
  sendMalformed,
  sleep,
  until,
} from './network.ts';
import { enterPrivateNamespace } from './private-namespace.ts';

const skip = enterPrivateNamespace(import.meta.filename);
const consumer = { onHops: () => undefined };

function ifindexOf(ifname: string): number {
  return listInterfaces().find((device) => device.ifname === ifname)?.ifindex ?? 0;
}

function namesOf(probe: HopProbe): string[] {
  return probe.attached().map(({ ifname }) => ifname);
}

/** Our programs at the ingress of the devices of this network namespace, as the kernel lists them. */
function attachedPrograms(): number {
  const native = loadNative();
  return listInterfaces().flatMap(({ ifindex }) => tcxNames(native, ifindex)).length;
}

/** The links that this process holds, on devices that are there or gone. */
function heldLinks(): number {
  const descriptors = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return [];
    }
  });
  return descriptors.filter((target) => /bpf[-_]link/.test(target)).length;
}

describe('devices that come and go', { skip }, () => {
  let probe: HopProbe;
  before(() => addVeth('n0', 'n1'));
  afterEach(() => probe.shutdown());
  after(() => removeLink('n0'));

  it('are attached to when they match and are up, and let go when they vanish', async () => {
    probe = new HopProbe({
      interfaces: { nic: ['n0'], vport: ['pod*'] },
      orderCheckIntervalMillis: 3_600_000,
    });
    await probe.start(consumer);
    run('ip', 'link', 'add', 'pod1', 'type', 'veth', 'peer', 'name', 'inside1');
    addVeth('other1', 'other2');
    await until('the change was seen', () => (probe.counters().link_changes ?? 0) > 0);
    await sleep(100);
    assert.deepEqual(namesOf(probe), ['n0'], 'what is being made is left alone');
    run('ip', 'link', 'set', 'pod1', 'up');
    await until('pod1 is watched', () => namesOf(probe).includes('pod1'));
    assert.deepEqual(tcxNames(loadNative(), ifindexOf('pod1')), ['hopspan_ingress']);
    run('ip', 'link', 'set', 'pod1', 'down');
    await sleep(100);
    assert.deepEqual(namesOf(probe), ['n0', 'pod1'], 'a device that goes down stays');
    removeLink('pod1');
    await until('pod1 is let go', () => !namesOf(probe).includes('pod1'));
    const { interfaces_attached, interfaces_detached, interfaces_lost, interfaces_refused } =
      probe.counters();
    assert.deepEqual(
      [interfaces_attached, interfaces_detached, interfaces_lost, interfaces_refused],
      [2, 1, 1, 0],
    );
    removeLink('other1');
  });

  it('are not followed when that is not wanted', async () => {
    const options = { followInterfaces: false, orderCheckIntervalMillis: 20 };
    probe = new HopProbe({ interfaces: { nic: ['n0'], vport: ['pod*'] }, ...options });
    await probe.start(consumer);
    addVeth('pod1', 'inside1');
    await until('devices were looked at', () => (probe.counters().order_checks ?? 0) > 2);
    assert.deepEqual(namesOf(probe), ['n0']);
    removeLink('pod1');
  });

  it('are found by looking, too, where the kernel says nothing', async () => {
    probe = new HopProbe({ interfaces: { nic: ['n0'], vport: ['pod*'] }, orderCheckIntervalMillis: 20 });
    const { LinkWatch } = loadNative();
    const deaf = class extends LinkWatch {
      override open = () => -1;
    };
    (loadNative() as { LinkWatch: unknown }).LinkWatch = deaf;
    try {
      await probe.start(consumer);
    } finally {
      (loadNative() as { LinkWatch: unknown }).LinkWatch = LinkWatch;
    }
    addVeth('pod1', 'inside1');
    await until('pod1 is watched', () => namesOf(probe).includes('pod1'));
    assert.equal(probe.counters().link_changes, 0);
    removeLink('pod1');
  });

  it('are refused by count when there is no room, and taken when there is again', async () => {
    probe = new HopProbe({
      interfaces: { nic: ['n0'], vport: ['pod*'] },
      maxPoints: 5,
      orderCheckIntervalMillis: 20,
      pathTimeoutMillis: 10,
      lingerMillis: 10,
      pollIntervalMillis: 10,
    });
    await probe.start(consumer);
    addVeth('pod1', 'inside1');
    await until('pod1 is watched', () => namesOf(probe).includes('pod1'));
    addVeth('pod2', 'inside2');
    await until('pod2 is refused', () => probe.counters().interfaces_refused === 1);
    const checks = probe.counters().order_checks ?? 0;
    await until('it was tried again', () => (probe.counters().order_checks ?? 0) > checks + 2);
    assert.equal(probe.counters().interfaces_refused, 1, 'a device counts once');
    removeLink('pod1');
    await until('pod2 is watched', () => namesOf(probe).includes('pod2'));
    removeLink('pod2');
  });

  it('starts with a full table and counts what has no room; a named device is an error', async () => {
    addVeth('pod1', 'inside1');
    addVeth('pod2', 'inside2');
    probe = new HopProbe({ interfaces: { nic: ['n0'], vport: ['pod1', 'pod2'] }, maxPoints: 5 });
    await assert.rejects(probe.start(consumer), { code: 'HOPSPAN_ERR_TOO_MANY_POINTS' });
    assert.deepEqual([attachedPrograms(), heldLinks()], [0, 0]);
    probe = new HopProbe({ interfaces: { nic: ['n0'], vport: ['pod*'] }, maxPoints: 5 });
    await probe.start(consumer);
    assert.deepEqual([namesOf(probe), probe.counters().interfaces_refused], [['n0', 'pod1'], 1]);
    removeLink('pod1');
    removeLink('pod2');
  });

  it('watches others in their place when told, and counts each from zero', async () => {
    addVeth('more0', 'more1');
    probe = new HopProbe({
      interfaces: { nic: ['more0'], vport: [] },
      maxPoints: 3,
      pathTimeoutMillis: 1,
      lingerMillis: 0,
      pollIntervalMillis: 1,
    });
    await probe.start(consumer);
    run('ip', 'address', 'add', '10.9.9.1/24', 'dev', 'more0');
    run('ip', 'neighbor', 'add', '10.9.9.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'more0');
    await sendMalformed('10.9.9.2');
    await until('the packet is counted', () => probe.pointCounters()[1]?.counters.malformed === 1);
    await assert.rejects(probe.setInterfaces({ nic: ['n0'], vport: ['n0'] }), {
      code: 'HOPSPAN_ERR_INVALID_OPTION',
    });
    await probe.setInterfaces({ nic: [], vport: ['absent9'] });
    assert.deepEqual([namesOf(probe), probe.pointCounters()], [[], []]);
    await sleep(20);
    await probe.setInterfaces({ nic: ['n0'], vport: [] });
    assert.deepEqual(namesOf(probe), ['n0']);
    assert.equal(probe.pointCounters()[1]?.counters.malformed, 0);
    assert.equal(probe.counters().malformed, 1, 'the total keeps what points that are gone have counted');
    removeLink('more0');
  });

  it('are watched anew when they are made anew under the old name', async () => {
    addVeth('again0', 'again1');
    probe = new HopProbe({ interfaces: { nic: ['again0'], vport: [] } });
    await probe.start(consumer);
    const old = ifindexOf('again0');
    removeLink('again0');
    addVeth('again0', 'again1');
    await until('the new one is watched', () => probe.attached()[0]?.ifindex === ifindexOf('again0'));
    assert.notEqual(ifindexOf('again0'), old);
    assert.deepEqual(tcxNames(loadNative(), ifindexOf('again0')), ['hopspan_ingress']);
    removeLink('again0');
  });

  it('may go while the probe attaches and while it stops', async () => {
    probe = new HopProbe({ interfaces: { nic: ['n0'], vport: ['pod*'] } });
    await probe.start(consumer);
    for (let i = 0; i < 20; i += 1) {
      addVeth('pod1', 'inside1');
      await sleep(i * 3);
      removeLink('pod1');
    }
    addVeth('pod1', 'inside1');
    await sleep(5);
    await probe.shutdown();
    assert.equal(probe.counters().interface_errors, 0);
    assert.deepEqual([attachedPrograms(), heldLinks()], [0, 0]);
    removeLink('pod1');
  });
});

describe('hops of other devices while pods come and go', { skip }, () => {
  const REQUESTS = 2000;
  const peers: Peer[] = [];
  let probe: HopProbe;
  before(async () => {
    forwardPackets();
    peers.push(await addPeer('pod0', 1), await addPeer('up0', 2));
  });
  after(async () => {
    await probe.shutdown();
    for (const peer of peers) await peer.close();
  });

  it('are all delivered, with the right devices, and nothing is left', async () => {
    const [pod, remote] = peers;
    const hops: Hop[] = [];
    await remote?.start(SERVER);
    // Room for all of them: a machine that is busy otherwise reads the rings late.
    probe = new HopProbe({ interfaces: { nic: ['up0'], vport: ['pod*'] }, ringBytes: 2 ** 22 });
    await probe.start({ onHops: (batch) => void hops.push(...batch) });
    const links = [attachedPrograms(), heldLinks()];
    // Two hooks of two devices, and the tracepoint that tells of drops.
    assert.deepEqual(links, [2, 5]);
    let cycles = 0;
    let rounds = 0;
    let done = false;
    // As long as it takes: on a busy machine few pods come and go within one round.
    const traffic = (async () => {
      do {
        const ended = await pod?.start(`console.log('begins'); ${client('http://10.0.2.2:8080/', REQUESTS)}`);
        await ended?.();
        rounds += 1;
      } while (cycles < 3);
    })().finally(() => {
      done = true;
    });
    for (; !done; cycles += 1) {
      addVeth('pod9', 'inside9');
      await until('pod9 is watched', () => namesOf(probe).includes('pod9'));
      removeLink('pod9');
      await until('pod9 is let go', () => !namesOf(probe).includes('pod9'));
    }
    await traffic;
    await probe.forceFlush();
    const requests = rounds * REQUESTS;
    // Links of a device that has gone are closed in the background.
    await until('what is held is as it was', () => heldLinks() === links[1]);
    assert.deepEqual([attachedPrograms(), heldLinks()], links);
    for (const kind of ['request', 'response'] as const) {
      const ofKind = hops.filter((hop) => hop.kind === kind);
      const messages = new Set(ofKind.map((hop) => `${hop.context.spanId} at ${hop.streamPosition}`));
      assert.deepEqual([kind, ofKind.length, messages.size], [kind, requests, requests]);
      const way = kind === 'request' ? ['pod0', 'up0'] : ['up0', 'pod0'];
      for (const { from, to } of ofKind) assert.deepEqual([from.point.ifname, to.point.ifname], way);
    }
    const { sightings, unknown_point, records_invalid } = probe.counters();
    assert.deepEqual([sightings, unknown_point, records_invalid], [4 * requests, 0, 0]);
  });
});
