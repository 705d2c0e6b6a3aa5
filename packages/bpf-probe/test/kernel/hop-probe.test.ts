// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Counters, Hop } from '@hopspan/core';
import { HopProbe } from '../../src/hop-probe.ts';
import { addPeer, client, forwardPackets, type Peer, run, SERVER, TRACE_ID, until } from './network.ts';
import { enterPrivateNamespace } from './private-namespace.ts';

const skip = enterPrivateNamespace(import.meta.filename);
const URL_BEHIND_NIC = 'http://10.0.2.2:8080/';

/** The sums of PROBE_COUNTERS in bpf/include/hop_record.h, with nothing on its way. */
function assertSumsClose(counters: Counters, live: number): void {
  const c = (name: string): number => counters[name] ?? Number.NaN;
  const refused = ['contended', 'path_full', 'source', 'budget'].reduce(
    (sum, why) => sum + c(`refused_${why}`),
    0,
  );
  assert.equal(c('sightings'), c('first') + c('continuing') + c('repeated') + refused, 'sightings');
  assert.equal(c('continuing'), c('records') + c('ring_full'), 'continuing');
  assert.equal(c('first'), c('completed') + c('swept') + c('overwritten') + live, 'first');
  assert.equal(c('records'), c('records_read'), 'records');
  assert.equal(c('records_read'), c('hops_delivered') + c('records_invalid'), 'records_read');
}

describe('HopProbe on a node with a pod and an uplink', { skip }, () => {
  let pod: Peer;
  let remote: Peer;
  let probe: HopProbe;
  const hops: Hop[] = [];
  const consumer = { onHops: (batch: readonly Hop[]) => void hops.push(...batch) };
  const interfaces = { nic: ['up0'], vport: ['pod*'] };

  before(async () => {
    forwardPackets();
    pod = await addPeer('pod0', 1);
    remote = await addPeer('up0', 2);
    await remote.start(SERVER);
  });
  afterEach(async () => {
    await probe.shutdown();
    hops.length = 0;
  });
  after(async () => {
    await pod.close();
    await remote.close();
  });

  for (const attach of ['tcx', 'clsact'] as const) {
    it(`delivers a hop for every request and for its response (${attach})`, async () => {
      probe = new HopProbe({ interfaces, attach });
      await probe.start(consumer);
      assert.equal(pod.run(client(URL_BEHIND_NIC, 20)).trim(), '20');
      await probe.forceFlush();
      // Each CPU has a ring, and the order between rings is anybody's.
      const { request: requests = [], response: responses = [] } = Object.groupBy(hops, ({ kind }) => kind);
      for (const ofKind of [requests, responses])
        assert.deepEqual(
          ofKind.map((hop) => hop.context.spanId).toSorted(),
          Array.from({ length: 20 }, (_, i) => (i + 1).toString(16).padStart(16, '0')),
        );
      for (const hop of responses) {
        assert.deepEqual([hop.direction, hop.statusCode], ['receive', 200]);
        assert.deepEqual([hop.from.point.ifname, hop.from.point.hook], ['up0', 'ingress']);
        assert.deepEqual([hop.to.point.ifname, hop.to.point.hook], ['pod0', 'egress']);
        assert.deepEqual(hop.from.source, { address: '10.0.2.2', port: 8080 });
      }
      for (const hop of requests) {
        assert.equal(hop.direction, 'transmit');
        assert.deepEqual(hop.context, { traceId: TRACE_ID, spanId: hop.context.spanId, traceFlags: 1 });
        assert.deepEqual([hop.from.point.ifname, hop.from.point.hook], ['pod0', 'ingress']);
        assert.deepEqual([hop.to.point.ifname, hop.to.point.hook], ['up0', 'egress']);
        assert.deepEqual(hop.to.destination, { address: '10.0.2.2', port: 8080 });
        assert.equal(hop.from.source.address, '10.0.1.2');
        assert.ok(hop.durationNs > 0 && hop.to.monotonicNs - hop.from.monotonicNs === BigInt(hop.durationNs));
      }
      assert.equal(probe.attached()[0]?.mechanism, attach);
    });
  }

  it('counts by point and in total, also after the shutdown', async () => {
    probe = new HopProbe({ interfaces });
    await probe.start(consumer);
    pod.run(client(URL_BEHIND_NIC, 5));
    await probe.shutdown();
    const table = probe.table();
    assert.equal(probe.counters().sightings, 20);
    assertSumsClose(probe.counters(), table.live);
    const counted = probe
      .pointCounters()
      .filter(({ counters }) => counters.sightings > 0)
      .map(({ point, counters }) => [point.ifname, point.hook, counters.sightings, counters.records]);
    assert.deepEqual(counted, [
      ['up0', 'ingress', 5, 0],
      ['up0', 'egress', 5, 5],
      ['pod0', 'ingress', 5, 0],
      ['pod0', 'egress', 5, 5],
    ]);
    assert.equal(hops.length, 10);
  });

  it('tells its counts also while it is shut down, which takes the kernel a while', async () => {
    probe = new HopProbe({ interfaces });
    await probe.start(consumer);
    pod.run(client(URL_BEHIND_NIC, 5));
    const stopping = probe.shutdown();
    await new Promise(setImmediate);
    assert.equal(probe.counters().sightings, 20);
    await assert.rejects(probe.setInterfaces(interfaces), { code: 'HOPSPAN_ERR_STATE' });
    await stopping;
    assert.equal(probe.counters().sightings, 20);
  });

  it('counts an unsampled request at each point and records nothing', async () => {
    probe = new HopProbe({ interfaces });
    await probe.start(consumer);
    pod.run(client(URL_BEHIND_NIC, 7, '00'));
    await probe.shutdown();
    const { unsampled, sightings, records } = probe.counters();
    assert.deepEqual([unsampled, sightings, records, hops.length], [14, 0, 0, 0]);
  });

  it('gives up a message that no other point sees, and says how many wait', async () => {
    probe = new HopProbe({ interfaces: { nic: [], vport: ['pod0'] }, pathTimeoutMillis: 300 });
    await probe.start(consumer);
    pod.run(client(URL_BEHIND_NIC, 3));
    await until('all paths are swept', () => probe.table().live === 0);
    await probe.shutdown();
    assert.deepEqual([probe.counters().first, probe.counters().swept, hops.length], [6, 6, 0]);
    assertSumsClose(probe.counters(), 0);
  });

  it('loses records by count when the ring is full, and the sums still close', async () => {
    probe = new HopProbe({ interfaces, ringBytes: 4096 });
    await probe.start(consumer);
    // `run` keeps the event loop from reading the ring meanwhile.
    pod.run(client(URL_BEHIND_NIC, 200));
    await probe.shutdown();
    const counters = probe.counters();
    assert.ok((counters.ring_full ?? 0) > 0, 'the ring was full');
    assert.equal(hops.length, 400 - (counters.ring_full ?? 0));
    assertSumsClose(counters, probe.table().live);
  });

  it('is woken when a ring fills up, long before the next poll', async () => {
    probe = new HopProbe({ interfaces, ringBytes: 16_384, pollIntervalMillis: 60_000 });
    await probe.start(consumer);
    // Enough for one of them, however many CPUs share the packets.
    pod.run(client(URL_BEHIND_NIC, 50 * availableParallelism()));
    await until('a wake-up delivers hops', () => hops.length > 0);
    assert.ok((probe.counters().wakeups ?? 0) > 0);
    assert.equal(probe.counters().polls, 0);
  });

  it('does not change the packets that pass', async () => {
    probe = new HopProbe({ interfaces });
    await probe.start(consumer);
    const fetched = pod.run(
      `console.log(await (await fetch('${URL_BEHIND_NIC}', { method: 'POST', body: 'x'.repeat(5000) })).text())`,
    );
    assert.equal(fetched.trim(), 'ok');
  });

  it('shares a device with another probe', async () => {
    const other = new HopProbe({ interfaces });
    probe = new HopProbe({ interfaces, orderCheckIntervalMillis: 10 });
    await probe.start(consumer);
    const theirs: Hop[] = [];
    await other.start({ onHops: (batch) => void theirs.push(...batch) });
    pod.run(client(URL_BEHIND_NIC, 4));
    await until('the order was checked', () => (probe.counters().order_checks ?? 0) > 1);
    await other.shutdown();
    await probe.shutdown();
    assert.deepEqual([hops.length, theirs.length, probe.counters().order_restored], [8, 8, 0]);
  });

  it('leaves no qdisc behind', () => {
    assert.doesNotMatch(run('tc', 'qdisc', 'show'), /clsact/);
  });
});
