// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { ClusterIndex } from '../../src/index/cluster-index.ts';
import type { RawEndpointSlice } from '../../src/index/endpoint-slice.ts';
import type { Pod, RawPod } from '../../src/index/pod.ts';

/** The wall clock is this far ahead of the monotonic one. */
const WALL_OFFSET = 1_790_000_000_000;
const LATENESS = 5000;
const NODE = 'node-1';

let now: number;
let index: ClusterIndex;
let told: [string, Pod | undefined][];
beforeEach(() => {
  now = 1_000_000;
  told = [];
  index = new ClusterIndex({
    nodeName: NODE,
    now: () => now,
    wallNow: () => now + WALL_OFFSET,
    onPod: (uid, pod) => told.push([uid, pod]),
  });
});

/** The API's text for a time of the monotonic clock. */
const text = (millis: number) => new Date(millis + WALL_OFFSET).toISOString().replace(/\.\d+Z/, 'Z');

interface PodPlan {
  ips?: string[];
  node?: string;
  started?: number;
  ended?: number;
  phase?: string;
  hostNetwork?: boolean;
  ports?: number[];
  name?: string;
}

function pod(uid: string, plan: PodPlan = {}): RawPod {
  const {
    ips = ['10.0.0.1'],
    node = NODE,
    started,
    ended,
    phase = 'Running',
    hostNetwork,
    ports = [],
    name = uid,
  } = plan;
  const state =
    ended === undefined
      ? { running: { startedAt: started === undefined ? null : text(started) } }
      : { terminated: { startedAt: started === undefined ? null : text(started), finishedAt: text(ended) } };
  return {
    metadata: { name, namespace: 'shop', uid },
    spec: {
      nodeName: node,
      hostNetwork,
      containers: [{ name: 'main', ports: ports.map((p) => ({ containerPort: p })) }],
    },
    status: {
      phase,
      podIPs: ips.map((ip) => ({ ip })),
      hostIP: '192.0.2.1',
      containerStatuses: [{ name: 'main', state }],
    },
  };
}

function slice(service: string, endpoints: [string, string | undefined][], port = 80): RawEndpointSlice {
  return {
    metadata: { name: `${service}-1`, namespace: 'shop', labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ port }],
    endpoints: endpoints.map(([address, uid]) => ({
      addresses: [address],
      nodeName: 'node-2',
      ...(uid === undefined ? {} : { targetRef: { kind: 'Pod', namespace: 'shop', name: uid, uid } }),
    })),
  };
}

const nameAt = (at: number, address = '10.0.0.1', port = 80) => {
  const holder = index.resolve(address, port, at);
  return holder.pod?.name ?? holder.kind;
};

describe('ClusterIndex on pods of its node', () => {
  it('names the pod from the start of its first container to the end of its last, to the second', () => {
    const pods = index.podSink();
    pods.upsert(pod('a', { started: now - 60_000 }), now);
    now += 10_000;
    pods.remove(pod('a', { started: now - 70_000, ended: now - 4000 }));
    // Times of the API are cut to seconds, so each of them may be up to a second later than it says.
    assert.deepEqual(
      [939_000, 940_000, 1_006_900, 1_007_100].map((at) => nameAt(at)),
      ['unknown', 'a', 'a', 'unknown'],
    );
  });

  it('names neither of two pods while both may have had the address', () => {
    const pods = index.podSink();
    pods.upsert(pod('a', { started: now - 60_000 }), now);
    now += 10_000;
    pods.upsert(pod('b', { started: now - 3000 }), now);
    pods.remove(pod('a'));
    assert.deepEqual(
      [1_006_000, 1_007_000, 1_009_999, 1_010_000].map((at) => nameAt(at)),
      ['a', 'ambiguous', 'ambiguous', 'b'],
    );
  });

  it('names the one of them that is known to have had it, also when it has gone', () => {
    const pods = index.podSink();
    pods.upsert(pod('a', { started: now - 60_000 }), now);
    now += 10_000;
    pods.upsert(pod('b', { started: now - 3000 }), now);
    pods.remove(pod('a'));
    const uidOf = (known: string) => index.resolve('10.0.0.1', 80, 1_008_000, known).pod?.uid;
    assert.deepEqual([uidOf('a'), uidOf('b')], ['a', 'b']);
    assert.equal(index.resolve('10.0.0.1', 80, 1_008_000, 'never seen').kind, 'ambiguous');
  });

  it('takes the end of a pod from its status, when that comes before it is deleted', () => {
    const pods = index.podSink();
    pods.upsert(pod('a', { started: now - 60_000 }), now);
    now += 10_000;
    pods.upsert(pod('a', { started: now - 70_000, ended: now - 4000, phase: 'Succeeded' }), now);
    pods.upsert(pod('b', { started: now - 2000 }), now);
    assert.deepEqual(
      [1_006_000, 1_007_500, 1_008_000].map((at) => nameAt(at)),
      ['a', 'unknown', 'b'],
    );
    assert.equal(index.pods().length, 2, 'the object is still there');
  });

  it('keeps a terminating pod in possession while it runs', () => {
    const pods = index.podSink();
    pods.upsert(pod('a', { started: now - 60_000 }), now);
    const terminating = pod('a', { started: now - 60_000 });
    pods.upsert({ ...terminating, metadata: { ...terminating.metadata, deletionTimestamp: text(now) } }, now);
    assert.equal(nameAt(now + 5000), 'a');
    assert.equal(index.pods()[0]?.terminating, true);
  });

  it('tells a pod of the same name from the one before, though its end was missed', () => {
    const pods = index.podSink();
    pods.upsert(pod('a', { name: 'db-0', started: now - 60_000 }), now);
    now += 30_000;
    pods.upsert(pod('b', { name: 'db-0', started: now - 10_000 }), now);
    assert.equal(index.resolve('10.0.0.1', 80, now).pod?.uid, 'b');
    assert.equal(index.resolve('10.0.0.1', 80, now - 20_000).pod?.uid, 'a');
    assert.deepEqual(
      told.map(([uid, there]) => [uid, there !== undefined]),
      [
        ['a', true],
        ['a', false],
        ['b', true],
      ],
    );
  });

  it('ends what a new list no longer has, and keeps everything when the list breaks off', () => {
    const pods = index.podSink();
    pods.upsert(pod('a', { ips: ['10.0.0.1'] }), now);
    pods.upsert(pod('b', { ips: ['10.0.0.2'] }), now);
    pods.replaceBegin();
    pods.upsert(pod('b', { ips: ['10.0.0.2'] }), now);
    pods.replaceBegin();
    assert.equal(index.pods().length, 2);
    pods.upsert(pod('b', { ips: ['10.0.0.2'] }), now);
    now += 1000;
    pods.replaceEnd();
    assert.deepEqual([nameAt(now), nameAt(now, '10.0.0.2'), nameAt(now - 1)], ['unknown', 'b', 'a']);
    assert.deepEqual(told.at(-1), ['a', undefined]);
  });

  it('gives a pod all its addresses, and a new one from when it may have had it', () => {
    const pods = index.podSink();
    pods.upsert(pod('a', { ips: ['10.0.0.1', 'FD00:0:0::1'], started: now - 60_000 }), now);
    assert.equal(nameAt(now, 'fd00::1'), 'a');
    now += 60_000;
    pods.upsert(pod('a', { ips: ['10.0.0.9'], started: now - 120_000 }), now);
    assert.deepEqual([nameAt(now), nameAt(now - 1)], ['unknown', 'a']);
    assert.deepEqual(
      [nameAt(now - LATENESS, '10.0.0.9'), nameAt(now - LATENESS - 1, '10.0.0.9')],
      ['a', 'unknown'],
    );
  });

  it('names the container that is alone, or that declares the port', () => {
    const pods = index.podSink();
    pods.upsert(pod('a'), now);
    assert.equal(index.resolve('10.0.0.1', 80, now).container?.name, 'main');
    const two = pod('b', { ips: ['10.0.0.2'], ports: [80] });
    const containers = [
      ...(two.spec?.containers ?? []),
      { name: 'other', ports: [{ containerPort: 53, protocol: 'UDP' }] },
    ];
    const initContainers = [
      { name: 'init' },
      { name: 'proxy', restartPolicy: 'Always', ports: [{ containerPort: 15001 }] },
    ];
    pods.upsert({ ...two, spec: { ...two.spec, containers, initContainers } }, now);
    const container = (port: number) => index.resolve('10.0.0.2', port, now).container?.name;
    assert.deepEqual([80, 15001, 53, 9999].map(container), ['main', 'proxy', undefined, undefined]);
  });
});

describe('ClusterIndex on nodes and the host network', () => {
  const node = {
    metadata: { name: NODE },
    spec: { podCIDRs: ['10.0.1.0/24'] },
    status: {
      addresses: [
        { type: 'InternalIP', address: '192.0.2.1' },
        { type: 'Hostname', address: NODE },
      ],
    },
  };

  it('does not give the address of a node to a pod on its network, but at the ports that it declares', () => {
    index.nodeSink().upsert(node, now);
    index.podSink().upsert(pod('ingress', { hostNetwork: true, ips: ['192.0.2.1'], ports: [8443] }), now);
    index.podSink().upsert(pod('silent', { hostNetwork: true, ips: ['192.0.2.1'] }), now);
    assert.deepEqual([nameAt(now, '192.0.2.1', 8443), nameAt(now, '192.0.2.1', 40_000)], ['ingress', 'node']);
    assert.equal(index.resolve('192.0.2.1', 40_000, now).nodeName, NODE);
  });

  it('does so for those of other nodes, too, whichever comes first', () => {
    index.sliceSink().upsert(slice('ingress', [['192.0.2.1', 'ingress']], 8443), now);
    index.nodeSink().upsert(node, now);
    assert.deepEqual([nameAt(now, '192.0.2.1', 8443), nameAt(now, '192.0.2.1', 40_000)], ['ingress', 'node']);
  });

  it('names the node of a pod that nothing tells of, by the addresses that it gives to pods', () => {
    index.nodeSink().upsert(node, now);
    assert.deepEqual(index.resolve('10.0.1.77', 80, now), { kind: 'node', nodeName: NODE });
    index.nodeSink().remove(node);
    assert.equal(index.resolve('10.0.1.77', 80, now).kind, 'unknown');
  });
});

describe('ClusterIndex on EndpointSlices and Services', () => {
  it('leaves open for a while whose an address was that went from one pod to another', () => {
    const slices = index.sliceSink();
    slices.upsert(slice('web', [['10.0.0.1', 'a']]), Number.NEGATIVE_INFINITY);
    assert.equal(nameAt(0), 'a', 'of what is in the first list nobody else is known');
    now += 60_000;
    slices.upsert(slice('web', [['10.0.0.1', 'b']]), now);
    assert.deepEqual(
      [now - LATENESS - 1, now - LATENESS, now - 1, now].map((at) => nameAt(at)),
      ['a', 'ambiguous', 'ambiguous', 'b'],
    );
  });

  it('leaves open what happened while the API was away', () => {
    const slices = index.sliceSink();
    slices.upsert(slice('web', [['10.0.0.1', 'a']]), Number.NEGATIVE_INFINITY);
    const lastSeen = now;
    now += 60_000;
    slices.upsert(slice('web', [['10.0.0.1', 'b']]), lastSeen);
    assert.deepEqual(
      [now - 30_000, now].map((at) => nameAt(at)),
      ['ambiguous', 'b'],
    );
  });

  it('believes a pod before what a slice says of its address', () => {
    index.sliceSink().upsert(slice('evil', [['10.0.0.1', 'forged']]), Number.NEGATIVE_INFINITY);
    index.podSink().upsert(pod('real'), Number.NEGATIVE_INFINITY);
    const holder = index.resolve('10.0.0.1', 80, now);
    assert.deepEqual([holder.pod?.name, holder.service], ['real', undefined]);
  });

  it('ignores a slice that points into another namespace', () => {
    const raw = slice('evil', [['10.0.0.5', 'forged']]);
    const endpoints = (raw.endpoints ?? []).map((e) => ({
      ...e,
      targetRef: { ...e.targetRef, namespace: 'bank' },
    }));
    index.sliceSink().upsert({ ...raw, endpoints }, now);
    assert.equal(index.resolve('10.0.0.5', 80, now).pod, undefined);
  });

  it('names the service that has the port, of those that a pod belongs to', () => {
    const slices = index.sliceSink();
    slices.upsert(slice('web', [['10.0.0.1', 'a']], 80), now);
    slices.upsert(slice('admin', [['10.0.0.1', 'a']], 9000), now);
    const service = (port: number) => index.resolve('10.0.0.1', port, now).service?.name;
    assert.deepEqual([80, 9000, 33_333].map(service), ['web', 'admin', 'admin']);
  });

  it('names a service by its address, and by an endpoint that is no pod', () => {
    const spec = { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10', 'fd00:96::a'], ports: [{ port: 80 }] };
    const service = { metadata: { name: 'web', namespace: 'shop' }, spec };
    index.serviceSink().upsert(service, now);
    index
      .serviceSink()
      .upsert({ metadata: { name: 'headless', namespace: 'shop' }, spec: { clusterIP: 'None' } }, now);
    index.sliceSink().upsert(slice('outside', [['203.0.113.7', undefined]]), now);
    const name = (address: string) => index.resolve(address, 80, now).service?.name;
    assert.deepEqual(['10.96.0.10', 'fd00:96::a', '203.0.113.7', 'None'].map(name), [
      'web',
      'web',
      'outside',
      undefined,
    ]);
    index.serviceSink().remove(service);
    now += 1;
    assert.equal(index.resolve('10.96.0.10', 80, now).kind, 'unknown');
  });
});

describe('what ClusterIndex knows of a pod', () => {
  it('is the Services that its slices are of, as long as they are, and no others', () => {
    index.podSink().upsert(pod('a', { ips: ['fd00::1'] }), now);
    const slices = index.sliceSink();
    const web = slice('web', [['FD00:0::1', 'a']]);
    slices.upsert(web, now);
    slices.upsert(slice('api', [['fd00::1', 'a']]), now);
    slices.upsert(slice('other', [['fd00::1', 'b']]), now);
    const [a] = index.pods();
    assert.ok(a);
    const names = () => index.servicesOf(a).map(({ name }) => name);
    assert.deepEqual(names().toSorted(), ['api', 'web']);
    slices.remove(web);
    assert.deepEqual(names(), ['api']);
  });

  it('is what its containers call themselves, where that is in the pod', () => {
    const env = (name: string, value?: string) => ({ name, value });
    const raw = pod('a');
    const containers = [
      { name: 'main', env: [env('PATH', '/'), env('OTEL_SERVICE_NAME', 'front')] },
      { name: 'proxy', env: [env('OTEL_SERVICE_NAME', '$(POD)-proxy')] },
      { name: 'other', env: [env('OTEL_SERVICE_NAME')] },
    ];
    index.podSink().upsert({ ...raw, spec: { ...raw.spec, containers } }, now);
    assert.deepEqual(index.pods()[0]?.tracedNames, ['front']);
  });

  it('is the name of its workload, on other nodes, too', () => {
    index.podSink().upsert(pod('a', { name: 'db-0' }), now);
    index.sliceSink().upsert(slice('web', [['10.0.1.1', 'reviews-6d4cf56db6-x7k2p']]), now);
    assert.deepEqual([...index.workloadNames()], ['reviews']);
  });
});

describe('the history of ClusterIndex', () => {
  it('ends after its time', () => {
    const pods = index.podSink();
    pods.upsert(pod('a', { started: now - 60_000 }), now);
    pods.remove(pod('a', { started: now - 60_000 }));
    const at = now - 1000;
    now += 299_000;
    assert.deepEqual([index.counters().claims_ended, nameAt(at)], [1, 'a']);
    now += 2000;
    assert.deepEqual(
      [index.counters().claims_ended, index.counters().addresses, nameAt(at)],
      [0, 0, 'unknown'],
    );
  });

  it('is bounded, and counts what it gives up early', () => {
    index = new ClusterIndex({
      nodeName: NODE,
      maxHistory: 10,
      now: () => now,
      wallNow: () => now + WALL_OFFSET,
    });
    const pods = index.podSink();
    for (let i = 0; i < 5000; i += 1) {
      pods.upsert(pod(`p${i}`), now);
      pods.remove(pod(`p${i}`));
      now += 1;
    }
    const { claims, claims_ended, history_evicted, addresses } = index.counters();
    assert.deepEqual(
      { claims, claims_ended, history_evicted, addresses },
      { claims: 10, claims_ended: 10, history_evicted: 4990, addresses: 1 },
    );
  });
});
