// SPDX-License-Identifier: Apache-2.0
// Two nodes, and a path that doubles packets and changes their order: at both pods, so that every tracing point sees it,
// and at both NICs, so that the nodes see different things. Requests with long headers and bodies, cut into segments.
import { Lab, type Namespace } from '../../lab/index.ts';
import { sendRequests, serve } from '../../lab/traffic.ts';
import { type GuestProbe, hear, patience, startProbe } from './guest-probe.ts';
import { say } from './say.ts';

const NETEM = 'delay 5ms reorder 20% duplicate 20%';

async function run(place: Namespace, command: string): Promise<void> {
  const [file = '', ...args] = command.split(' ');
  const { code, stderr } = await place.exec(file, args, { timeoutMillis: patience });
  if (code !== 0) throw new Error(`${command}: status ${code}, ${stderr}`);
}

await using lab = await Lab.create({
  nodes: [{ name: 'node1' }, { name: 'node2' }],
  pods: [
    { name: 'client', node: 'node1' },
    { name: 'server', node: 'node2' },
  ],
});
const url = await serve(lab.pod('server'), patience);
const probes = await Promise.all(lab.nodes.map((node) => startProbe(node)));
for (const pod of lab.pods) await run(pod, 'ethtool -K eth0 tso off gso off');
for (const place of [...lab.pods, ...lab.nodes])
  await run(place, `tc qdisc replace dev eth0 root netem ${NETEM}`);

const { contexts, failed } = await sendRequests(lab.pod('client'), url, {
  ...{ count: 40, concurrency: 4, headerBytes: 2000, bodyBytes: 6000, timeoutMillis: patience },
});
const stop = async ({ process }: GuestProbe) => {
  process.kill('SIGTERM');
  return hear(process, 'stopped');
};
const [transmitted, received] = await Promise.all(probes.map(stop));
say({ step: 'disorder', sampled: contexts, failed, transmitted, received });
