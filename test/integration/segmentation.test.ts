// SPDX-License-Identifier: Apache-2.0
// Trains of segments, cut and joined anywhere on the way: a message is the same at every point, and counted once.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Capture, type Passage } from '../lab/capture.ts';
import { balance, droppedBy } from '../lab/conservation.ts';
import type { Namespace } from '../lab/index.ts';
import { type SendOptions, sendRequests, urlOf } from '../lab/traffic.ts';
import { Overlay } from './overlay.ts';
import { assertFollows, requestHops } from './passages.ts';

const skip = process.geteuid?.() === 0 ? false : 'network namespaces take root';
const COUNT = 12;

/** Who may cut and join: a pod's own device, the host-side ends of the pods, the tunnel, the NIC. */
type Place = 'pod' | 'vport' | 'tunnel' | 'nic';

interface Scene {
  readonly name: string;
  /** `ethtool -K` settings on both nodes. */
  readonly offloads?: Readonly<Partial<Record<Place, string>>>;
  /** What tcpdump must have seen at a point, as `vethclient ingress`: requests longer than a segment, or none. */
  readonly trains: readonly string[];
  readonly cut: readonly string[];
  readonly send?: Partial<SendOptions>;
}

const OFF = 'tso off gso off gro off';
const scenes: readonly Scene[] = [
  {
    name: 'everything on',
    trains: ['vethclient ingress', 'flannel.1 egress', 'eth0 egress', 'eth0 ingress', 'vethfar egress'],
    cut: [],
  },
  {
    name: 'cut by the pod, joined by nobody on its node',
    offloads: { pod: OFF, vport: 'gro off', tunnel: 'gro off', nic: 'gro off' },
    trains: [],
    cut: ['vethclient ingress', 'flannel.1 egress', 'eth0 egress', 'eth0 ingress', 'vethfar egress'],
  },
  {
    name: 'cut by the pod, joined by GRO at the vport',
    offloads: { pod: 'tso off gso off', vport: 'gro on' },
    trains: ['vethclient ingress'],
    cut: [],
  },
  {
    name: 'cut by the tunnel device, joined by GRO behind it',
    offloads: { tunnel: 'tso off gso off gro on', nic: 'gro off' },
    trains: ['vethclient ingress', 'vethfar egress'],
    cut: ['eth0 egress', 'eth0 ingress'],
  },
  {
    name: 'cut by the NIC in software',
    offloads: { nic: 'tso off gso off tx-udp_tnl-segmentation off gro off' },
    trains: ['vethclient ingress', 'flannel.1 egress'],
    cut: ['eth0 egress', 'eth0 ingress'],
  },
  {
    name: 'a header of 6 KB, cut by the pod',
    offloads: { pod: OFF, vport: 'gro off', tunnel: 'gro off', nic: 'gro off' },
    trains: [],
    cut: ['vethclient ingress', 'eth0 egress'],
    send: { headerBytes: 5000, bodyBytes: 20_000 },
  },
  {
    name: 'without segmentation of tunnels in hardware, GRO at the NIC',
    offloads: { nic: 'tx-udp_tnl-segmentation off gro on' },
    trains: ['vethclient ingress', 'flannel.1 egress'],
    cut: [],
  },
];

async function set(place: Namespace, device: string, settings: string): Promise<void> {
  const { code, stderr } = await place.exec('ethtool', ['-K', device, ...settings.split(' ')]);
  assert.equal(code, 0, `ethtool -K ${device} ${settings}: ${stderr}`);
}

async function applyOffloads({ lab }: Overlay, offloads: NonNullable<Scene['offloads']>): Promise<void> {
  for (const [place, settings] of Object.entries(offloads)) {
    if (place === 'pod') for (const pod of lab.pods) await set(pod, 'eth0', settings);
    for (const node of lab.nodes) {
      const devices = { pod: [], vport: node.vports(), tunnel: [node.tunnelName ?? ''], nic: [node.nicName] };
      for (const device of devices[place as Place]) await set(node, device, settings);
    }
  }
}

/** Longest packet with a context at each point, as `eth0 egress`. */
type Longest = ReadonlyMap<string, number>;

/**
 * Sends large requests; fails unless every one of them has its hops, as tcpdump saw them, and none twice.
 * @param rounds what to do before each round of requests
 */
async function follow(
  overlay: Overlay,
  url: string,
  send: Partial<SendOptions> = {},
  rounds: readonly (() => Promise<void>)[] = [async () => undefined],
): Promise<Longest> {
  const { lab } = overlay;
  const agents = await overlay.startAgents();
  const captures = await Promise.all(lab.nodes.map((node) => Capture.start(lab, node)));
  const options = { count: COUNT, concurrency: 2, headerBytes: 600, bodyBytes: 150_000, ...send };
  const contexts: string[] = [];
  for (const prepare of rounds) {
    await prepare();
    const sent = await sendRequests(lab.pod('client'), url, options);
    assert.equal(sent.failed, 0);
    contexts.push(...sent.contexts);
  }
  const passages = await Promise.all(captures.map((capture) => capture.stop()));
  const counters = await Promise.all(agents.map((agent) => agent.stop()));
  for (const each of counters) {
    assert.deepEqual(
      balance(each).filter(({ residual }) => residual !== 0),
      [],
    );
    assert.equal(droppedBy(each), 0);
  }
  const spans = requestHops(overlay);
  const longest = new Map<string, number>();
  for (const context of contexts) {
    for (const [i, node] of lab.nodes.entries()) {
      const hops = (spans.get(context) ?? []).filter(
        ({ resource }) => resource['k8s.node.name'] === node.name,
      );
      const seen = (passages[i]?.get(context) ?? []) as Passage[];
      const watched = [
        node.nicName,
        ...node.vports(),
        ...(node.tunnelName === undefined ? [] : [node.tunnelName]),
      ];
      assertFollows(hops, seen, watched);
      assert.ok(hops.length > 0, `${context} has hops on ${node.name}`);
      for (const { device, hook, length } of seen) {
        const point = `${device} ${hook}`;
        longest.set(point, Math.max(length, longest.get(point) ?? 0));
      }
    }
  }
  return longest;
}

const all = { set: followed(true) };

/** All points, with or without responses. */
function followed(responses: boolean): string[] {
  return ['receivers::ebpf_hops::points=all', `receivers::ebpf_hops::responses=${responses}`];
}

describe('segmentation', { skip }, () => {
  for (const { name, offloads = {}, trains, cut, send } of scenes) {
    it(`follows every request: ${name}`, async () => {
      await using overlay = await Overlay.create(all);
      await applyOffloads(overlay, offloads);
      const longest = await follow(overlay, overlay.far, send);
      for (const point of trains)
        assert.ok((longest.get(point) ?? 0) > 1500, `${point}: ${longest.get(point)}`);
      for (const point of cut) {
        const length = longest.get(point) ?? 0;
        assert.ok(length > 0 && length <= 1500, `${point}: ${length}`);
      }
    });
  }

  it('follows every request under all sixteen settings of TSO and GSO in the pod, beneath it, of GRO and of tunnels', async () => {
    await using overlay = await Overlay.create(all);
    const choices = [0, 1, 2, 3].map((bit) => (i: number) => ((i >> bit) & 1 ? 'on' : 'off'));
    const [pod, beneath, gro, udp] = choices as [
      (typeof choices)[0],
      (typeof choices)[0],
      (typeof choices)[0],
      (typeof choices)[0],
    ];
    const rounds = Array.from(
      { length: 16 },
      (_, i) => () =>
        applyOffloads(overlay, {
          pod: `tso ${pod(i)} gso ${pod(i)} gro ${gro(i)}`,
          vport: `gro ${gro(i)}`,
          tunnel: `tso ${beneath(i)} gso ${beneath(i)} gro ${gro(i)}`,
          nic: `tso ${beneath(i)} gso ${beneath(i)} gro ${gro(i)} tx-udp_tnl-segmentation ${udp(i)}`,
        }),
    );
    const longest = await follow(overlay, overlay.far, { count: 3, concurrency: 1 }, rounds);
    assert.ok((longest.get('eth0 egress') ?? 0) > 1500);
  });

  it('follows jumbo frames from end to end', async () => {
    await using overlay = await Overlay.create({ ...all, overlay: { type: 'vxlan', mtu: 8950 } });
    await widen(overlay);
    for (const pod of overlay.lab.pods) await set(pod, 'eth0', 'tso off gso off');
    for (const node of overlay.lab.nodes) await set(node, node.nicName, 'gro off');
    const longest = await follow(overlay, overlay.far);
    assert.ok((longest.get('eth0 egress') ?? 0) > 5000, 'frames beyond the usual MTU');
    assert.ok((longest.get('eth0 egress') ?? 0) <= 9000, 'no trains');
  });

  for (const trains of ['on', 'off']) {
    it(`follows packets that the node cuts into IP fragments behind the tunnel, GSO ${trains}`, async () => {
      await using overlay = await Overlay.create({ ...all, overlay: { type: 'vxlan', mtu: 8950 } });
      const { lab } = overlay;
      await widen(overlay);
      // The tunnel device keeps the MTU that was possible when it was set.
      for (const node of lab.nodes) await mtu(node, node.nicName, 1500);
      for (const pod of lab.pods) await set(pod, 'eth0', `tso ${trains} gso ${trains}`);
      const longest = await follow(overlay, overlay.far);
      assert.ok((longest.get('flannel.1 egress') ?? 0) > 1500);
      assert.ok((longest.get('eth0 egress') ?? 0) <= 1500);
      assert.ok((longest.get('flannel.1 ingress') ?? 0) > 1500, 'put together again');
    });
  }

  for (const responses of [true, false]) {
    it(`follows what is sent again in smaller segments, where the path is narrower than the pod knows, responses: ${responses}`, async () => {
      // The pod believes in 8950 bytes, the tunnel device has 1450: the node drops and tells.
      const options = { set: followed(responses), overlay: { type: 'vxlan', mtu: 8950 } } as const;
      await using overlay = await Overlay.create(options);
      for (const pod of overlay.lab.pods) await set(pod, 'eth0', 'tso off gso off');
      await follow(overlay, overlay.far, { count: 5, headerBytes: 600 });
      const again = overlay.collector
        .spans()
        .filter(({ attributes }) => attributes['hopspan.retransmission'] !== undefined);
      assert.ok(again.length > 0, 'the first large segment was sent again');
    });
  }

  for (const family of ['ipv4', 'ipv6'] as const) {
    it(`follows BIG TCP: ${family}`, async () => {
      // Where IPv6 is forwarded, the jumbo header of Linux needs eight bytes of room.
      const overlayOptions = { type: 'none', mtu: 1492 } as const;
      // Some that are too large for a buffer on the way are dropped until TCP has learnt it.
      await using overlay = await Overlay.create({ overlay: overlayOptions, ipv6: true, lossy: true });
      const { lab } = overlay;
      for (const place of [...lab.pods, ...lab.nodes, lab.fabric]) {
        const names = await links(place);
        for (const limit of BIG_TCP[family]) {
          const args = [SET_LINK, String(limit), '185000', ...names];
          const { code, stderr } = await place.exec(process.execPath, args);
          assert.equal(code, 0, stderr);
        }
      }
      const url = urlOf(lab.pod('far'), family);
      const longest = await follow(overlay, url, { count: 12, concurrency: 1, bodyBytes: 1_000_000 });
      for (const point of ['vethclient ingress', 'eth0 egress']) {
        assert.ok((longest.get(point) ?? 0) > 65_535, `${point}: ${longest.get(point)}`);
      }
    });
  }
});

/** IFLA_GSO_MAX_SIZE and IFLA_GRO_MAX_SIZE of linux/if_link.h; those for IPv4 came with Linux 6.3. */
const BIG_TCP = { ipv6: [41, 58], ipv4: [63, 64] } as const;
const SET_LINK = fileURLToPath(new URL('../lab/set-link.ts', import.meta.url));

/** Makes room for 9000 bytes on the underlay, and for what is left of them on the overlay. */
async function widen({ lab }: Overlay): Promise<void> {
  for (const name of await links(lab.fabric)) await mtu(lab.fabric, name, 9000);
  for (const node of lab.nodes) {
    await mtu(node, node.nicName, 9000);
    await mtu(node, node.tunnelName ?? '', 8950);
  }
}

async function links(place: Namespace): Promise<string[]> {
  const { stdout } = await place.exec('ip', ['-json', 'link', 'show', 'up']);
  const list = JSON.parse(stdout) as { ifname: string }[];
  return list.map(({ ifname }) => ifname).filter((name) => name !== 'lo');
}

async function mtu(place: Namespace, device: string, bytes: number): Promise<void> {
  const { code, stderr } = await place.exec('ip', ['link', 'set', device, 'mtu', String(bytes)]);
  assert.equal(code, 0, stderr);
}
