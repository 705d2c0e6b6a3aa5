// SPDX-License-Identifier: Apache-2.0
// Two nodes, a VXLAN overlay, and a wire that netem makes longer: the round trips of both nodes' budgets.

import { fileURLToPath } from 'node:url';
import { Stitcher } from '@hopspan/core';
import type { StitchingFacts } from '@hopspan/exporter';
import { Lab, type LabNode } from '../../lab/index.ts';
import { StayingClient, serve, urlOf } from '../../lab/traffic.ts';
import { hear, patience } from './guest-probe.ts';
import { say } from './say.ts';

/** Milliseconds that the way there is made longer, and requests to send. */
const plan = [
  [0, 25],
  [5, 25],
  [50, 10],
] as const;
/** By turns, so that all delays have their share of the moments in which nothing else holds the requests up. */
const TURNS = 4;
const script = fileURLToPath(new URL('budget-probe.ts', import.meta.url));

type Fact = StitchingFacts & { readonly context: string };

await using lab = await Lab.create({
  nodes: [{ name: 'node1' }, { name: 'node2' }],
  pods: [
    { name: 'client', node: 'node1' },
    { name: 'server', node: 'node2' },
  ],
  overlay: { type: 'vxlan' },
});
const client = new StayingClient(lab.pod('client'));
const server = lab.pod('server');
await serve(server, patience);
const probes = await Promise.all(
  lab.nodes.map(async (node) => {
    const process_ = node.spawn(process.execPath, [script]);
    await hear(process_, 'ready');
    return process_;
  }),
);

/** At the root of the NIC: behind the tracing point there, so that it belongs to the wire. */
async function delay(node: LabNode, millis: number): Promise<void> {
  const { code, stderr } = await node.exec('tc', [
    'qdisc',
    'replace',
    'dev',
    node.nicName,
    'root',
    'netem',
    'delay',
    `${millis}ms`,
  ]);
  if (code !== 0) throw new Error(`netem: ${stderr}`);
}

const rounds = new Map<number, readonly string[]>();
for (const [millis, count] of Array<typeof plan>(TURNS).fill(plan).flat()) {
  await delay(lab.node('node1'), millis);
  // The first ones make the connection and what it takes.
  await client.send(urlOf(server, 'ipv4'), { count: 5, flags: '00', timeoutMillis: patience });
  const { contexts, failed } = await client.send(urlOf(server, 'ipv4'), {
    count,
    timeoutMillis: patience,
  });
  if (failed > 0) throw new Error(`${failed} requests failed`);
  rounds.set(millis, [...(rounds.get(millis) ?? []), ...contexts]);
}

const roundTrips = new Map<string, number>();
const stitcher = new Stitcher<string>({
  release: (released) => {
    for (const { item, roundTripNs } of released)
      if (roundTripNs !== undefined) roundTrips.set(item, roundTripNs);
  },
});
const budgets: unknown[] = [];
for (const probe of probes) {
  probe.kill('SIGTERM');
  const { facts, budget } = (await hear(probe, 'stopped')) as { facts: Fact[]; budget: unknown };
  budgets.push(budget);
  for (const { part, copyOf, context } of facts) {
    if (part !== undefined) stitcher.add(part, context, 0);
    if (copyOf !== undefined) stitcher.noteCopy(copyOf);
  }
}
stitcher.flush();
for (const [delayMillis, contexts] of rounds) {
  const microseconds = contexts.flatMap((context) => (roundTrips.get(context) ?? Number.NaN) / 1000);
  say({ step: `delay ${delayMillis}`, delayMillis, requests: contexts.length, microseconds });
}
say({ step: 'counters', stitcher: stitcher.counters(), budgets });
