// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { balance, droppedBy } from '../lab/conservation.ts';
import { Overlay, pointOf } from './overlay.ts';

for (const podAttachment of ['routed', 'bridged'] as const) {
  describe(`hops between ${podAttachment} pods`, () => {
    it('has one transmit and one receive hop across nodes, one local hop within a node, for request and response', async () => {
      await using overlay = await Overlay.create({ podAttachment });
      const agents = await overlay.startAgents();
      const across = await overlay.send(overlay.far, { count: 100, concurrency: 4 });
      const within = await overlay.send(overlay.near, { count: 100, concurrency: 4 });
      const counters = await Promise.all(agents.map((agent) => agent.stop()));
      const hops = overlay.hops();
      const namesOf = (context: string) =>
        (hops.get(context) ?? [])
          .map(({ name, attributes }) => `${name} ${attributes['hopspan.kind']}`)
          .toSorted();
      assert.equal(across.failed + within.failed, 0);
      for (const context of across.contexts) {
        assert.deepEqual(
          namesOf(context),
          ['receive request', 'receive response', 'transmit request', 'transmit response'].map(
            (name) => `overlay ${name}`,
          ),
          context,
        );
      }
      for (const context of within.contexts) {
        assert.deepEqual(namesOf(context), ['overlay local request', 'overlay local response'], context);
      }
      assert.equal(overlay.collector.spans().length, 600);
      for (const each of counters) {
        assert.deepEqual(
          balance(each).filter(({ residual }) => residual !== 0),
          [],
        );
        assert.equal(droppedBy(each), 0);
      }
    });
  });
}

describe('a hop span', () => {
  it('says what the packet was, where it was seen and how it was wrapped', async () => {
    await using overlay = await Overlay.create();
    const agents = await overlay.startAgents();
    const { contexts } = await overlay.send(overlay.far, { count: 1 });
    await Promise.all(agents.map((agent) => agent.stop()));
    const spans = overlay.hops().get(contexts[0] ?? '') ?? [];
    const find = (name: string, kind: string) =>
      spans.find((span) => span.name === `overlay ${name}` && span.attributes['hopspan.kind'] === kind);
    const transmit = find('transmit', 'request');
    const receive = find('receive', 'request');
    const [back, arrival] = [find('transmit', 'response'), find('receive', 'response')];
    assert.ok(transmit && receive && back && arrival);
    const { lab } = overlay;
    const client = lab.pod('client');
    const server = lab.pod('far');
    assert.equal(transmit.attributes['network.interface.name'], client.vport);
    assert.equal(receive.attributes['network.interface.name'], server.vport);
    for (const [span, from, to, direction] of [
      [transmit, client.vport, 'eth0', 'transmit'],
      [receive, 'eth0', server.vport, 'receive'],
    ] as const) {
      const expected = {
        'network.io.direction': direction,
        'network.transport': 'tcp',
        'network.type': 'ipv4',
        'source.address': client.address,
        'destination.address': server.address,
        'destination.port': 8080,
        'hopspan.from.interface': from,
        'hopspan.to.interface': to,
        'tunnel.type': 'vxlan',
        'tunnel.id': 1,
        'tunnel.source.address': lab.node('node1').underlayAddress,
        'tunnel.destination.address': lab.node('node2').underlayAddress,
      };
      const got = Object.fromEntries(Object.keys(expected).map((name) => [name, span.attributes[name]]));
      assert.deepEqual(got, expected);
      assert.equal(span.kind, 'INTERNAL');
      assert.equal(span.service, 'overlay-network');
      assert.ok(span.endTimeUnixNano > span.startTimeUnixNano);
      assert.equal(span.flags & 1, 1);
    }
    for (const [span, from, to] of [
      [back, server.vport, 'eth0'],
      [arrival, 'eth0', client.vport],
    ] as const) {
      const expected: Record<string, unknown> = {
        'source.address': server.address,
        'source.port': 8080,
        'destination.address': client.address,
        'hopspan.from.interface': from,
        'hopspan.to.interface': to,
        'http.response.status_code': 200,
        'hopspan.request.position': transmit.attributes['hopspan.stream.position'],
      };
      const got = Object.fromEntries(Object.keys(expected).map((name) => [name, span.attributes[name]]));
      assert.deepEqual(got, expected);
    }
    assert.equal(back.attributes['hopspan.stream.position'], arrival.attributes['hopspan.stream.position']);
    assert.equal(transmit.resource['k8s.node.name'], 'node1');
    assert.equal(receive.resource['k8s.node.name'], 'node2');
    assert.ok(transmit.endTimeUnixNano <= receive.startTimeUnixNano, 'sent before it arrives');
  });
});

describe('unsampled requests', () => {
  it('make no span and no record, and are counted at every point they pass', async () => {
    await using overlay = await Overlay.create();
    const agents = await overlay.startAgents();
    const { failed } = await overlay.send(overlay.far, { count: 1000, flags: '00', concurrency: 4 });
    const [sender, receiver] = await Promise.all(agents.map((agent) => agent.stop()));
    assert.ok(sender && receiver);
    assert.equal(failed, 0);
    assert.equal(overlay.collector.spans().length, 0);
    const path = [
      pointOf(sender, 'vport', 'ingress', overlay.lab.pod('client').vport),
      pointOf(sender, 'nic', 'egress'),
      pointOf(receiver, 'nic', 'ingress'),
      pointOf(receiver, 'vport', 'egress', overlay.lab.pod('far').vport),
    ];
    for (const point of path) {
      assert.equal(point.unsampled, 1000);
      assert.equal(point.sightings, 0);
      assert.equal(point.records, 0);
    }
    for (const agent of [sender, receiver]) assert.equal(agent.receivers.ebpf_hops?.records_read, 0);
  });
});
