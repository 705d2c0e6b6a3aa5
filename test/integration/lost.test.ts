// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentCounters, LabAgent } from '../lab/agent.ts';
import { balance } from '../lab/conservation.ts';
import type { CollectedSpan, Namespace } from '../lab/index.ts';
import { Connection, serveOn } from '../lab/traffic.ts';
import { Overlay } from './overlay.ts';

/** Runs a shell script in a namespace of the lab. */
async function run(place: Namespace, script: string): Promise<string> {
  const { code, stdout, stderr } = await place.exec('sh', ['-ec', script]);
  assert.equal(code, 0, `${script}: ${stderr}`);
  return stdout;
}

/** A segment with a request in it, and no handshake and no acknowledgement. */
const SEGMENT = 'tcp dport 8080 meta length > 120';

/** A rule in a chain of its own that counts what it matches. */
async function addRule(place: Namespace, hook: string, verdict: string, match = SEGMENT): Promise<void> {
  await run(
    place,
    `nft add table ip loss; nft "add chain ip loss c { type filter hook ${hook} priority 0; }"; nft "add rule ip loss c ${match} counter ${verdict}"`,
  );
}

async function packetsMatched(place: Namespace): Promise<number> {
  return Number(/packets (\d+)/.exec(await run(place, 'nft list table ip loss'))?.[1]);
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (let left = 1200; !(await condition()); left--) {
    if (left === 0) throw new Error(`waited in vain until ${what}`);
    await sleep(50);
  }
}

const lostIn = (overlay: Overlay) => overlay.collector.spans().filter(({ name }) => name === 'overlay lost');

function nameOf({ traceId, parentSpanId }: CollectedSpan): string {
  return `${traceId}-${parentSpanId}`;
}

async function stopAll(agents: readonly LabAgent[]): Promise<AgentCounters[]> {
  const counters = await Promise.all(agents.map((agent) => agent.stop()));
  for (const each of counters) {
    assert.deepEqual(
      balance(each).filter(({ residual }) => residual !== 0),
      [],
    );
  }
  return counters;
}

interface Breakage {
  /** What makes copies get lost. */
  readonly spoil: () => Promise<unknown>;
  /** How many of them have been lost. */
  readonly lost: () => Promise<number>;
  readonly mend: () => Promise<unknown>;
}

/**
 * Sends five requests on a connection, then one of which three copies are lost, then five more.
 * @returns the context of that one
 */
async function sendThrough(overlay: Overlay, { spoil, lost, mend }: Breakage): Promise<string> {
  const connection = new Connection(overlay.lab.pod('client'), overlay.far);
  for (let i = 0; i < 5; i++) await connection.send();
  await spoil();
  const sending = connection.send();
  await until('three copies are lost', async () => (await lost()) >= 3);
  await mend();
  const context = await sending;
  for (let i = 0; i < 5; i++) await connection.send();
  return context;
}

/** Of the other eleven requests, each has its two hops; of this one the hops of the copy that came through. */
function checkHops(overlay: Overlay, context: string): void {
  assert.equal(overlay.hops().size, 11);
  for (const [message, all] of overlay.hops()) {
    const spans = all.filter(({ attributes }) => attributes['hopspan.kind'] === 'request');
    const names = spans.map(({ name }) => name).filter((name) => name !== 'overlay lost');
    if (message !== context) assert.deepEqual(names.toSorted(), ['overlay receive', 'overlay transmit']);
    for (const { attributes, startTimeUnixNano, endTimeUnixNano } of spans) {
      assert.ok(endTimeUnixNano > startTimeUnixNano);
      if (message !== context) assert.equal(attributes['hopspan.retransmission'], undefined);
    }
  }
}

describe('a lost message', () => {
  it('is reported once, however many copies of it a rule on the node drops, with device and reason', async () => {
    await using overlay = await Overlay.create({ lossy: true });
    const agents = await overlay.startAgents();
    const node = overlay.lab.node('node1');
    const { vport } = overlay.lab.pod('client');
    const context = await sendThrough(overlay, {
      spoil: () => addRule(node, 'forward', 'drop'),
      lost: () => packetsMatched(node),
      mend: () => run(node, 'nft delete table ip loss'),
    });
    await stopAll(agents);
    const lost = lostIn(overlay);
    assert.deepEqual(lost.map(nameOf), [context]);
    const [span] = lost as [CollectedSpan];
    assert.equal(span.statusCode, 2);
    assert.equal(span.statusMessage, `lost after ${vport}: NETFILTER_DROP`);
    assert.equal(span.kind, 'INTERNAL');
    assert.ok(span.endTimeUnixNano > span.startTimeUnixNano);
    const expected = {
      'error.type': 'NETFILTER_DROP',
      'network.interface.name': vport,
      'hopspan.from.interface': vport,
      'hopspan.from.hook': 'ingress',
      'hopspan.lost.evidence': 'drop',
      'hopspan.lost.reason': 'NETFILTER_DROP',
      'source.address': overlay.lab.pod('client').address,
      'destination.address': overlay.lab.pod('far').address,
      'destination.port': 8080,
    };
    const got = Object.fromEntries(Object.keys(expected).map((name) => [name, span.attributes[name]]));
    assert.deepEqual(got, expected);
    assert.equal(span.attributes['hopspan.retransmission'], undefined, 'it was the first copy');
    // What came through in the end is followed, and marked as the copy that it is.
    const hops = (overlay.hops().get(context) ?? []).filter(
      ({ name, attributes }) => name !== 'overlay lost' && attributes['hopspan.kind'] === 'request',
    );
    assert.deepEqual(hops.map(({ name }) => name).toSorted(), ['overlay receive', 'overlay transmit']);
    const transmit = hops.find(({ name }) => name === 'overlay transmit');
    assert.ok(Number(transmit?.attributes['hopspan.retransmission']) >= 3);
    checkHops(overlay, context);
  });

  it('is reported once for each request of which a rule drops copies, and for no other', async () => {
    await using overlay = await Overlay.create({ lossy: true });
    const agents = await overlay.startAgents();
    await overlay.send(overlay.far, { count: 5 });
    const node = overlay.lab.node('node1');
    await addRule(node, 'forward', 'drop', `${SEGMENT} numgen inc mod 3 0`);
    const { contexts, failed } = await overlay.send(overlay.far, { count: 40, concurrency: 4 });
    assert.equal(failed, 0);
    const dropped = await packetsMatched(node);
    await stopAll(agents);
    // Whether a copy was dropped, the hops of the one that was not tell: they are marked. Responses may be sent again, too,
    // for the acknowledgement that comes with the next request.
    const isMarked = ({ attributes }: CollectedSpan) =>
      attributes['hopspan.kind'] === 'request' && Number(attributes['hopspan.retransmission']) > 0;
    const marked = contexts.filter((context) => overlay.hops().get(context)?.some(isMarked));
    const lost = lostIn(overlay);
    assert.ok(marked.length > 0 && marked.length <= dropped, `${marked.length} of ${dropped}`);
    assert.deepEqual(lost.map(nameOf).toSorted(), marked.toSorted());
    for (const span of lost) assert.match(span.statusMessage, /^lost after vethclient: NETFILTER_DROP$/);
  });

  it('is found in its tunnel, when the queue of the NIC behind the last point is full', async () => {
    await using overlay = await Overlay.create({ lossy: true });
    const agents = await overlay.startAgents();
    const node = overlay.lab.node('node1');
    const queue = `dev ${node.nicName} root`;
    const context = await sendThrough(overlay, {
      // There is never room in it for a packet of more than 200 bytes: a request, but no acknowledgement.
      spoil: () => run(node, `tc qdisc add ${queue} tbf rate 100mbit burst 100kb limit 200`),
      lost: async () => Number(/dropped (\d+)/.exec(await run(node, `tc -s qdisc show ${queue}`))?.[1]),
      mend: () => run(node, `tc qdisc del ${queue}`),
    });
    await stopAll(agents);
    const lost = lostIn(overlay);
    assert.deepEqual(lost.map(nameOf), [context]);
    assert.match(lost[0]?.statusMessage ?? '', new RegExp(`^lost after ${node.nicName}: QDISC_`));
    assert.equal(lost[0]?.attributes['hopspan.lost.interface'], node.nicName);
    assert.equal(lost[0]?.attributes['tunnel.type'], 'vxlan');
    checkHops(overlay, context);
  });

  it('is reported once, by the node whose link is down', async () => {
    await using overlay = await Overlay.create({ lossy: true });
    const agents = await overlay.startAgents();
    const { fabric } = overlay.lab;
    const node = overlay.lab.node('node1');
    // Counts what comes from the pod, before it is routed to the link, and lets it pass.
    await addRule(node, 'prerouting', 'accept', 'ip saddr 10.42.1.2 tcp dport 8080 meta length > 120');
    let before = 0;
    const context = await sendThrough(overlay, {
      spoil: async () => {
        // Else what is sent waits for the neighbour to answer, and comes late instead of never.
        const neighbour = `${overlay.lab.node('node2').underlayAddress} dev ${node.nicName}`;
        await run(node, `ip neigh change ${neighbour} nud permanent`);
        await run(fabric, 'ip link set port1 down');
        before = await packetsMatched(node);
      },
      lost: async () => (await packetsMatched(node)) - before,
      mend: () => run(fabric, 'ip link set port1 up'),
    });
    await stopAll(agents);
    const lost = lostIn(overlay);
    assert.deepEqual(lost.map(nameOf), [context]);
    assert.match(lost[0]?.statusMessage ?? '', new RegExp(`^lost after ${node.nicName}: `));
    checkHops(overlay, context);
  });
});

describe('a healthy run', () => {
  it('calls nothing lost: not what ends on the node, nor what is lost elsewhere and sent again', async () => {
    await using overlay = await Overlay.create({ lossy: true });
    const agents = await overlay.startAgents();
    const { lab } = overlay;
    const node1 = lab.node('node1');
    const client = lab.pod('client');
    await serveOn(node1);
    const inHostNetwork = (address: string) => new Connection(client, `http://${address}:8080/`);
    const near = new Connection(client, overlay.near);
    const far = new Connection(client, overlay.far);
    const local = inHostNetwork(node1.underlayAddress);
    const fromNode = new Connection(node1, overlay.far);
    const all = [near, far, local, fromNode];
    const round = () => Promise.all(all.map((each) => each.send()));
    for (let i = 0; i < 10; i++) await round();
    // Dropped in the pod, and by the node itself in front of the server in its own network: both are sent again.
    await addRule(lab.pod('far'), 'input', 'drop', `${SEGMENT} numgen inc mod 2 0`);
    await addRule(node1, 'input', 'drop', `${SEGMENT} numgen inc mod 2 0`);
    // Encapsulated, between the nodes.
    await run(
      lab.fabric,
      'nft add table bridge loss; nft "add chain bridge loss c { type filter hook forward priority 0; }"; nft "add rule bridge loss c udp dport 8472 meta length > 180 numgen inc mod 3 0 counter drop"',
    );
    for (let i = 0; i < 10; i++) await round();
    const dropped = await Promise.all([lab.pod('far'), node1].map(packetsMatched));
    const between = await run(lab.fabric, 'nft list table bridge loss');
    const counters = await stopAll(agents);
    assert.ok(
      dropped.every((count) => count > 0) && /counter packets [1-9]/.test(between),
      `${dropped} ${between}`,
    );
    assert.deepEqual(
      lostIn(overlay).map(({ statusMessage }) => statusMessage),
      [],
    );
    const repeated = counters.reduce((sum, { receivers }) => sum + (receivers.ebpf_hops?.repeated ?? 0), 0);
    assert.ok(repeated > 0, 'copies were seen');
    for (const span of overlay.collector.spans()) assert.ok(span.endTimeUnixNano > span.startTimeUnixNano);
  });
});
