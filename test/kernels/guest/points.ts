// SPDX-License-Identifier: Apache-2.0
// More points than two, on devices that the host's kernel may lack: tunnels, and a bond of two NICs. Nodes and pods
// stay the same, and so do the probes: they follow the devices.
import { Lab, LabError, type LabNode, type Namespace } from '../../lab/index.ts';
import { StayingClient, serve, urlOf } from '../../lab/traffic.ts';
import { type GuestProbe, hear, patience, startProbe } from './guest-probe.ts';
import { say } from './say.ts';
import { tunnelScenes } from './tunnel-scenes.ts';

const mtu = 1400;
const COUNT = 5;

await using lab = await Lab.create({
  nodes: [{ name: 'node1' }, { name: 'node2' }],
  pods: [
    { name: 'client', node: 'node1' },
    { name: 'server', node: 'node2' },
  ],
  overlay: { type: 'none', mtu },
  ipv6: true,
});
const [node1, node2] = [lab.node('node1'), lab.node('node2')];
const client = new StayingClient(lab.pod('client'));
const back = new StayingClient(lab.pod('server'));
await Promise.all(lab.pods.map((pod) => serve(pod, patience)));
const probes = await Promise.all(lab.nodes.map((node) => startProbe(node, { POINTS: 'all' })));
let asked = 0;

/** Waits until the probe watches these devices, as `bond0 nic`, and no others but pods. */
async function settle({ process }: GuestProbe, wanted: readonly string[]): Promise<void> {
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    process.stdin.write(`attached ${++asked}\n`);
    const { devices } = (await hear(process, `attached ${asked}`)) as { devices: string[] };
    const others = devices.filter((device) => !device.endsWith(' vport')).sort();
    if (others.join() === wanted.toSorted().join()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`the probe does not watch ${wanted.join(', ')}`);
}

async function take(): Promise<unknown[]> {
  const name = `p${++asked}`;
  for (const { process } of probes) process.stdin.write(`take ${name}\n`);
  return Promise.all(probes.map(({ process }) => hear(process, `took ${name}`)));
}

async function run(place: Namespace, script: string): Promise<void> {
  const { code, stderr } = await place.exec('sh', ['-ec', script], { timeoutMillis: patience });
  if (code !== 0) throw new Error(`${script}: status ${code}, ${stderr}`);
}

for (const { name, overlay, pods } of tunnelScenes) {
  try {
    await lab.useOverlay({ mtu, ...overlay });
  } catch (error) {
    if (!(error instanceof LabError) || error.code !== 'HOPSPAN_ERR_LAB_UNSUPPORTED') throw error;
    say({ step: `points ${name}`, obstacle: error.message });
    continue;
  }
  for (const [i, node] of lab.nodes.entries()) {
    await settle(probes[i] as GuestProbe, [`${node.nicName} nic`, `${node.tunnelName} tunnel`]);
  }
  await take();
  const sent = await client.send(urlOf(lab.pod('server'), pods), { count: COUNT, timeoutMillis: patience });
  const [transmitted, received] = await take();
  say({ step: `points ${name}`, sampled: sent.contexts, failed: sent.failed, transmitted, received });
}

/**
 * Makes eth0 and a second NIC of the node the parts of bond0, which takes over the address and the routes. Of the bond's
 * address the switch learns nothing from the second: a connection would come in by whichever part has sent last, while a
 * switch that knows of the bond stays with one.
 */
async function bond(node: LabNode, peer: LabNode): Promise<void> {
  const holder = node.netnsPath.split('/')[2];
  await run(
    lab.fabric,
    `ip link add second type veth peer name eth1 netns ${holder}
     ip link set second master fabric0 up
     ip link set second type bridge_slave learning off`,
  );
  await run(
    node,
    `ip link add bond0 type bond mode balance-xor xmit_hash_policy layer3+4
     for part in eth0 eth1; do ip address flush dev $part; ip link set $part down; ip link set $part master bond0; done
     ip address add ${node.underlayAddress}/24 dev bond0
     ip link set bond0 up
     ip route replace default via 192.168.100.254
     ip route replace ${lab.pod('server').address}/32 via ${peer.underlayAddress}`,
  );
}

await lab.useOverlay({ type: 'none', mtu });
await bond(node1, node2);
const bonds: [string, string, string[]][] = [
  ['all', 'bond0', ['bond0 bond', 'eth0 nic', 'eth1 nic']],
  ['two', 'bond0 eth0 eth1', ['bond0 nic']],
];
for (const [points, nics, devices] of bonds) {
  const [first] = probes;
  if (points === 'two') {
    first?.process.kill('SIGTERM');
    await first?.process.exited;
    probes[0] = await startProbe(node1, { POINTS: points, NIC: nics });
  } else {
    first?.process.stdin.write(`nic ${nics}\n`);
  }
  await settle(probes[0] as GuestProbe, devices);
  await take();
  const out = await client.send(urlOf(lab.pod('server'), 'ipv4'), {
    count: COUNT * 2,
    concurrency: 4,
    timeoutMillis: patience,
  });
  const [transmitted] = await take();
  const home = await back.send(urlOf(lab.pod('client'), 'ipv4'), { count: COUNT, timeoutMillis: patience });
  const [received] = await take();
  say({
    step: `bond ${points}`,
    out: out.contexts,
    home: home.contexts,
    failed: out.failed + home.failed,
    transmitted,
    received,
  });
}
