// SPDX-License-Identifier: Apache-2.0
// Ten sampled requests through every encapsulation that this kernel knows, with a probe on either node. The nodes,
// the pods and the probes stay the same: on an emulated machine it takes seconds to start each.
import { encapsulations } from '../../lab/encapsulations.ts';
import { Lab, LabError, type OverlayOptions } from '../../lab/index.ts';
import { StayingClient, serve, urlOf } from '../../lab/traffic.ts';
import { hear, patience, startProbe } from './guest-probe.ts';
import { say } from './say.ts';

/** Room for the longest headers: those of VXLAN over IPv6. */
const mtu = 1400;

await using lab = await Lab.create({
  nodes: [{ name: 'node1' }, { name: 'node2' }],
  pods: [
    { name: 'client', node: 'node1' },
    { name: 'server', node: 'node2' },
  ],
  overlay: { type: 'none', mtu },
  ipv6: true,
});
const client = new StayingClient(lab.pod('client'));
const server = lab.pod('server');
await serve(server, patience);
const probes = await Promise.all(lab.nodes.map(async (node) => ({ node, ...(await startProbe(node)) })));

/** Why this kernel cannot do it, or undefined when it does it now. */
async function change(overlay: OverlayOptions): Promise<string | undefined> {
  try {
    await lab.useOverlay({ mtu, ...overlay });
    return undefined;
  } catch (error) {
    if (error instanceof LabError && error.code === 'HOPSPAN_ERR_LAB_UNSUPPORTED') return error.message;
    throw error;
  }
}

for (const [i, { name, overlay, pods, atDevice }] of encapsulations.entries()) {
  const obstacle = await change(overlay);
  if (obstacle !== undefined) {
    say({ step: name, obstacle });
    continue;
  }
  for (const { node, process } of probes) {
    process.stdin.write(`nic ${atDevice ? node.tunnelName : node.nicName}\ntake before-${i}\n`);
    await hear(process, `took before-${i}`);
  }
  const sent = await client.send(urlOf(server, pods), { count: 10, timeoutMillis: patience });
  for (const { process } of probes) process.stdin.write(`take ${i}\n`);
  const [transmitted, received] = await Promise.all(probes.map(({ process }) => hear(process, `took ${i}`)));
  say({ step: name, sampled: sent.contexts, failed: sent.failed, transmitted, received });
}
