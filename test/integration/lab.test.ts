// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  findOverlayObstacle,
  Lab,
  type LabNode,
  type LabOptions,
  type LabPod,
  type Namespace,
} from '../lab/index.ts';
import { LAST_PORT, sendLast } from '../lab/last-packet.ts';
import { FABRIC_ADDRESS, vportName } from '../lab/plan.ts';
import { sendRequests, serve as serveTraffic, urlOf } from '../lab/traffic.ts';

const skip = process.geteuid?.() === 0 ? false : 'network namespaces take root';

const TWO_NODES: LabOptions = {
  nodes: [{ name: 'node1' }, { name: 'node2' }],
  pods: [
    { name: 'client', node: 'node1' },
    { name: 'neighbour', node: 'node1' },
    { name: 'server', node: 'node2' },
  ],
};
const SERVER = `require('node:http').createServer((request, response) => response.end(request.socket.remoteAddress))
  .listen(8080, '0.0.0.0', () => console.log('listening'))`;

async function serve(pod: LabPod): Promise<void> {
  await pod.spawn(process.execPath, ['-e', SERVER]).waitForLine(/listening/);
}

/** @returns the client's address as the server saw it */
async function get(from: Namespace, pod: LabPod): Promise<string> {
  const code = `fetch('http://${pod.address}:8080', { signal: AbortSignal.timeout(60_000) })
    .then((response) => response.text()).then((text) => process.stdout.write(text))`;
  const { stdout, stderr } = await from.exec(process.execPath, ['-e', code]);
  return stdout || stderr;
}

/**
 * Records what tcpdump prints for each packet of a device, from when it listens until it has seen the last one.
 * @param beyond an address that the node reaches by the device
 */
async function watch(
  node: LabNode,
  device: string,
  filter: string,
  beyond = FABRIC_ADDRESS,
): Promise<{ stop: () => Promise<readonly string[]> }> {
  const last = new RegExp(`> \\S+\\.${LAST_PORT}: `);
  const filters = `(${filter}) or udp dst port ${LAST_PORT}`;
  const tcpdump = node.spawn('tcpdump', ['-nn', '-t', '--immediate-mode', '-l', '-i', device, filters]);
  await tcpdump.waitForLine(/^listening on/);
  return {
    stop: async () => {
      await sendLast(node, beyond);
      await tcpdump.waitForLine(last);
      await tcpdump.stop();
      return tcpdump.stdout.lines.filter((line) => line.startsWith('IP ') && !last.test(line));
    },
  };
}

/** @returns how many packets beyond the underlay's MTU the receiver's NIC sees during a large answer */
async function countTrains(gsoOff: boolean): Promise<number> {
  await using lab = await Lab.create({ ...TWO_NODES, gsoOff });
  const large = `require('node:http').createServer((request, response) => response.end(Buffer.alloc(2 ** 20)))
    .listen(8080, '0.0.0.0', () => console.log('listening'))`;
  await lab
    .pod('server')
    .spawn(process.execPath, ['-e', large])
    .waitForLine(/listening/);
  const nic = await watch(lab.node('node1'), 'eth0', 'udp port 8472 and greater 1515');
  assert.equal((await get(lab.pod('client'), lab.pod('server'))).length, 2 ** 20);
  return (await nic.stop()).length;
}

function children(): string {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
}

function rootNetwork(): string {
  return execFileSync('ip', ['-o', 'link']).toString() + execFileSync('ip', ['netns', 'list']).toString();
}

for (const podAttachment of ['routed', 'bridged'] as const) {
  for (const overlay of [{ type: 'vxlan' }, { type: 'none' }] as const) {
    describe(`Lab with ${podAttachment} pods and overlay ${overlay.type}`, { skip }, () => {
      it('carries HTTP between pods of two nodes, of one node, and from outside, without NAT', async () => {
        await using lab = await Lab.create({ ...TWO_NODES, podAttachment, overlay });
        await Promise.all([serve(lab.pod('server')), serve(lab.pod('neighbour'))]);
        assert.equal(await get(lab.pod('client'), lab.pod('server')), lab.pod('client').address);
        assert.equal(await get(lab.pod('client'), lab.pod('neighbour')), lab.pod('client').address);
        assert.equal(await get(lab.fabric, lab.pod('server')), '192.168.100.254');
      });
    });
  }
}

describe('Lab', { skip }, () => {
  it('puts the NIC and one veth for each pod into a node, under the names it reports', async () => {
    await using lab = await Lab.create(TWO_NODES);
    const node = lab.node('node1');
    const { stdout } = await node.exec('ip', ['-json', 'link']);
    const names = (JSON.parse(stdout) as { ifname: string }[]).map((link) => link.ifname);
    assert.deepEqual(names.sort(), ['eth0', 'flannel.1', 'lo', 'vethclient', 'vethneighbour'].sort());
    assert.deepEqual(node.vports(), [lab.pod('client').vport, lab.pod('neighbour').vport]);
    assert.equal(node.nicName, 'eth0');
    assert.equal(node.tunnelName, 'flannel.1');
  });

  it('runs two labs with the same addresses side by side', async () => {
    await using first = await Lab.create(TWO_NODES);
    await using second = await Lab.create(TWO_NODES);
    await Promise.all([serve(first.pod('server')), serve(second.pod('server'))]);
    await first.destroy();
    assert.equal(await get(second.pod('client'), second.pod('server')), second.pod('client').address);
  });

  it('changes nothing in the root namespace while it lives', async () => {
    const before = rootNetwork();
    await using lab = await Lab.create(TWO_NODES);
    assert.equal(rootNetwork(), before);
    await lab.destroy();
    assert.equal(rootNetwork(), before);
  });

  it('destroys once, however often it is asked, and runs nothing afterwards', async () => {
    const lab = await Lab.create(TWO_NODES);
    const child = lab.pod('client').spawn('sleep', ['600']);
    const holder = lab.node('node1').netnsPath;
    await Promise.all([lab.destroy(), lab.destroy()]);
    await lab.destroy();
    assert.deepEqual(await child.exited, { code: null, signal: 'SIGKILL' });
    assert.equal(existsSync(holder), false);
    assert.throws(() => lab.pod('client').spawn('true'), { code: 'HOPSPAN_ERR_LAB_PROCESS' });
  });

  it('removes what it made when it cannot make the whole', async () => {
    const before = children();
    await assert.rejects(Lab.create({ ...TWO_NODES, overlay: { type: 'vxlan', vni: 2 ** 30 } }), {
      code: 'HOPSPAN_ERR_LAB_SETUP',
    });
    assert.deepEqual(children(), before);
  });

  it('puts packets between pods of two nodes into VXLAN at the NIC, and between pods of one node into nothing', async () => {
    await using lab = await Lab.create({ ...TWO_NODES, overlay: { type: 'vxlan', port: 4789, vni: 77 } });
    const [client, server] = [lab.pod('client'), lab.pod('server')];
    await Promise.all([serve(server), serve(lab.pod('neighbour'))]);
    const nic = await watch(lab.node('node2'), 'eth0', 'udp port 4789');
    const vport = await watch(lab.node('node2'), server.vport, 'tcp port 8080', server.address);
    await get(client, server);
    const outer = (await nic.stop())[0] ?? '';
    assert.match(outer, /192\.168\.100\.1\.\d+ > 192\.168\.100\.2\.4789: VXLAN, .*vni 77/);
    assert.match(
      (await vport.stop())[0] ?? '',
      new RegExp(`IP ${client.address}\\.\\d+ > ${server.address}\\.8080`),
    );
    const local = await watch(lab.node('node1'), 'eth0', 'udp port 4789 or tcp port 8080');
    await get(client, lab.pod('neighbour'));
    assert.deepEqual(await local.stop(), []);
  });

  for (const podAttachment of ['routed', 'bridged'] as const) {
    it(`carries HTTP over IPv6 between ${podAttachment} pods when it was made with that`, async () => {
      await using lab = await Lab.create({ ...TWO_NODES, podAttachment, ipv6: true });
      const server = lab.pod('server');
      await serveTraffic(server);
      const nic = await watch(lab.node('node2'), 'eth0', 'udp port 8472 and greater 150');
      for (const name of ['client', 'neighbour']) {
        const { failed } = await sendRequests(lab.pod(name), urlOf(server, 'ipv6'), { count: 2 });
        assert.equal(failed, 0, name);
      }
      assert.ok((await nic.stop()).length > 0, 'over VXLAN');
    });
  }

  it('changes the overlay under running pods', async () => {
    await using lab = await Lab.create({ ...TWO_NODES, ipv6: true, overlay: { type: 'none', mtu: 1400 } });
    const url = await serveTraffic(lab.pod('server'));
    const node = lab.node('node2');
    for (const [overlay, filter] of [
      [{ type: 'vxlan', underlay: 'ipv6' }, 'ip6 and udp port 8472'],
      [{ type: 'none' }, 'tcp port 8080'],
      [{ type: 'vxlan', vni: 3 }, 'ip and udp port 8472'],
    ] as const) {
      await lab.useOverlay(overlay);
      const nic = node.spawn('tcpdump', [
        '-nn',
        '-l',
        '--immediate-mode',
        '-i',
        'eth0',
        `(${filter}) and greater 200`,
      ]);
      await nic.waitForLine(/^listening on/);
      assert.equal((await sendRequests(lab.pod('client'), url, { count: 1 })).failed, 0);
      await nic.waitForLine(/ > /);
      await nic.stop();
    }
    assert.equal(node.tunnelName, 'flannel.3');
  });

  it('says which overlay the kernel cannot do, and makes none of it', async () => {
    const overlay = { type: 'geneve' } as const;
    const obstacle = await findOverlayObstacle(overlay);
    const made = Lab.create({ ...TWO_NODES, overlay }).then((lab) => lab.destroy());
    if (obstacle === undefined) return made;
    assert.equal(obstacle, 'this kernel has no geneve devices');
    await assert.rejects(made, { code: 'HOPSPAN_ERR_LAB_UNSUPPORTED', message: new RegExp(obstacle) });
  });

  it('refuses an overlay that takes IPv6 without it, and one over an underlay that it does not know', async () => {
    const withOverlay = (overlay: LabOptions['overlay']) => Lab.create({ ...TWO_NODES, overlay });
    const code = 'HOPSPAN_ERR_LAB_OPTION';
    await assert.rejects(withOverlay({ type: '6in4' }), { code, message: /set ipv6: true/ });
    await assert.rejects(withOverlay({ type: 'vxlan', underlay: 'ipv6' }), {
      code,
      message: /set ipv6: true/,
    });
    await assert.rejects(withOverlay({ type: 'ipip', underlay: 'ipv6' }), {
      code,
      message: /runs over ipv4/,
    });
  });

  it('lets TCP trains cross the NIC whole, and cuts them to the MTU when asked', async () => {
    const trains = await Promise.all([false, true].map(countTrains));
    assert.ok((trains[0] ?? 0) > 0, 'packets beyond the MTU');
    assert.equal(trains[1], 0);
  });

  it('spreads the overlay device over all CPUs when asked', async () => {
    await using lab = await Lab.create({ ...TWO_NODES, rps: true });
    const show = 'mount -t sysfs sysfs /sys && cat /sys/class/net/flannel.1/queues/rx-0/rps_cpus';
    const { stdout } = await lab.node('node1').exec('unshare', ['--mount', 'sh', '-c', show]);
    assert.notEqual(Number.parseInt(stdout, 16), 0);
  });

  it('refuses a pod on a node that it does not have', async () => {
    await assert.rejects(Lab.create({ nodes: [{ name: 'a' }], pods: [{ name: 'p', node: 'b' }] }), {
      code: 'HOPSPAN_ERR_LAB_OPTION',
      message: /pod p is on node "b"/,
    });
  });

  it('keeps interface names within the kernel limit of 15 characters', () => {
    assert.equal(vportName('productpage'), 'vethproductpage');
    assert.match(vportName('productpage-v1-54b8b9f55-x2x4z'), /^veth[0-9a-f]{8}$/);
  });
});

describe('Namespace', { skip }, () => {
  it('hands back what a command wrote and its exit status', async () => {
    await using lab = await Lab.create({ nodes: [{ name: 'node1' }] });
    const node = lab.node('node1');
    assert.deepEqual(await node.exec('sh', ['-c', 'cat; echo bad >&2; exit 7'], { input: 'in' }), {
      stdout: 'in',
      stderr: 'bad\n',
      code: 7,
    });
    assert.equal((await node.exec('sh', ['-c', 'kill -KILL $$'])).code, 137);
    assert.equal((await node.exec('no-such-command')).code, 127);
    assert.equal((await node.exec('sleep', ['600'], { timeoutMillis: 50 })).code, 137);
  });

  it('waits for a line that has come or is to come, and says what came instead', async () => {
    await using lab = await Lab.create({ nodes: [{ name: 'node1' }] });
    const child = lab.node('node1').spawn('sh', ['-c', 'echo port 80; read -r _; echo more; exit 3']);
    assert.equal((await child.waitForLine(/port (\d+)/))[1], '80');
    assert.equal((await child.waitForLine(/port (\d+)/))[1], '80');
    await assert.rejects(child.waitForLine(/never/, 20), {
      code: 'HOPSPAN_ERR_LAB_TIMEOUT',
      message: /port 80/,
    });
    child.stdin.write('\n');
    await assert.rejects(child.waitForLine(/never/), {
      code: 'HOPSPAN_ERR_LAB_PROCESS',
      message: /status 3/,
    });
    assert.deepEqual(child.stdout.lines, ['port 80', 'more']);
  });

  it('stops a process by SIGTERM, and by SIGKILL when that does not end it', async () => {
    await using lab = await Lab.create({ nodes: [{ name: 'node1' }] });
    const gentle = lab
      .node('node1')
      .spawn('sh', ['-c', 'trap "exit 0" TERM; echo up; while :; do sleep 0.02; done']);
    const stubborn = lab
      .node('node1')
      .spawn('sh', ['-c', 'trap "" TERM; echo up; while :; do sleep 0.02; done']);
    await Promise.all([gentle.waitForLine(/up/), stubborn.waitForLine(/up/)]);
    assert.deepEqual(await gentle.stop(), { code: 0, signal: null });
    assert.deepEqual(await stubborn.stop(100), { code: null, signal: 'SIGKILL' });
  });
});
