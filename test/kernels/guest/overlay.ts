// SPDX-License-Identifier: Apache-2.0
// Two nodes, a VXLAN overlay and a probe on each node: sampled and unsampled requests, then what is left of the probes.
import { Lab, type LabNode } from '../../lab/index.ts';
import { sendRequests, serve } from '../../lab/traffic.ts';
import { type GuestProbe, hear, patience, startProbe } from './guest-probe.ts';
import { say } from './say.ts';

/**
 * What is there of ours: the programs in the kernel, and at a node's devices what hangs on qdiscs, as `eth0 clsact`
 * and `eth0 hopspan_ingress`.
 */
async function findOurs(node: LabNode): Promise<{ programs: string[]; filters: string[] }> {
  const filters: string[] = [];
  for (const device of [node.nicName, ...node.vports()]) {
    const shown = await run(
      node,
      `tc qdisc show dev ${device}; for hook in ingress egress; do tc filter show dev ${device} $hook; done`,
    );
    if (shown.includes('qdisc clsact')) filters.push(`${device} clsact`);
    for (const [, program] of shown.matchAll(/handle 0x\w+ (\w+)/g)) filters.push(`${device} ${program}`);
  }
  const programs = JSON.parse(await run(node, 'bpftool -j prog show')) as { name?: string }[];
  const names = programs.map(({ name = '' }) => name).filter((name) => name.startsWith('hopspan_'));
  return { programs: names.sort(), filters: filters.sort() };
}

async function run(node: LabNode, script: string): Promise<string> {
  const { code, stdout, stderr } = await node.exec('sh', ['-c', script], { timeoutMillis: patience });
  if (code !== 0) throw new Error(`${script}: status ${code}, ${stderr}`);
  return stdout;
}

/** Sends 20 requests from pod to pod. @returns their contexts */
async function send(flags: string): Promise<readonly string[]> {
  const { contexts, failed } = await sendRequests(lab.pod('client'), url, {
    count: 20,
    flags,
    timeoutMillis: patience,
  });
  if (failed > 0) throw new Error(`${failed} requests failed`);
  return contexts;
}

/** Stops a probe and tells what it saw. */
async function stop(name: string, { process }: GuestProbe): Promise<void> {
  process.kill('SIGTERM');
  const { hops, counters } = await hear(process, 'stopped');
  say({ step: `stop ${name}`, hops, counters });
}

await using lab = await Lab.create({
  nodes: [{ name: 'node1' }, { name: 'node2' }],
  pods: [
    { name: 'client', node: 'node1' },
    { name: 'server', node: 'node2' },
  ],
});
const [node1, node2] = [lab.node('node1'), lab.node('node2')];
const url = await serve(lab.pod('server'), patience);

const [first, second] = await Promise.all([startProbe(node1), startProbe(node2)]);
say({ step: 'start', mechanisms: [...first.mechanisms, ...second.mechanisms] });
say({ step: 'send', sampled: await send('01'), unsampled: await send('00') });
await stop('node1', first);
await stop('node2', second);
say({ step: 'after stop', ...(await findOurs(node1)) });

const doomed = await startProbe(node1);
doomed.process.kill('SIGKILL');
await doomed.process.exited;
say({ step: 'after kill', ...(await findOurs(node1)) });
const next = await startProbe(node1);
say({ step: 'after restart', ...(await findOurs(node1)), sampled: await send('01') });
await stop('restarted', next);
say({ step: 'after second stop', ...(await findOurs(node1)) });
