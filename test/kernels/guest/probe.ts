// SPDX-License-Identifier: Apache-2.0
// A probe on the node it is started in. Prints `ready`, and after SIGTERM, with everything delivered, `stopped`.
// On standard input it takes lines: `nic NAME…` watches these devices in place of the NICs that were watched, `take N`
// delivers everything and prints `took N`, with the hops since the last time, `attached N` prints what is watched now.
// Environment: NIC, the NICs at the start, POINTS.
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { HopProbe } from '@hopspan/bpf-probe';
import type { Hop } from '@hopspan/core';
import { kernelBalance } from '../../lab/conservation.ts';
import { say } from './say.ts';

const vport = ['veth*'];
const hops: Hop[] = [];
const probe = new HopProbe({
  interfaces: { nic: (process.env.NIC ?? 'eth0').split(' '), vport },
  points: process.env.POINTS === 'all' ? 'all' : 'two',
  attach: 'auto',
});
await probe.start({ onHops: (batch) => void hops.push(...batch) });

/** The sums that are off. They close once traffic has stopped: the end of a connection may come after its last answer. */
async function findResidual(): Promise<{ counters: object; table: object; residual: object[] }> {
  for (let tries = 1; ; tries += 1) {
    const table = probe.table();
    const counters = probe.counters();
    const residual = kernelBalance(counters, table).filter((sum) => sum.residual !== 0);
    if (residual.length === 0 || tries === 200) return { counters, table, residual };
    await sleep(50);
  }
}

/** What it has seen, and by how much its sums are off. Takes the hops. */
async function report(): Promise<object> {
  const { counters, table, residual } = await findResidual();
  const seen = hops
    .splice(0)
    .map(({ kind, direction, context, durationNs, streamPosition, retransmission, from, to }) => ({
      ...{ direction, ...context, durationNs },
      path: `${from.point.ifname} ${to.point.ifname}`,
      roles: `${from.point.role} ${to.point.role}`,
      times: [String(from.monotonicNs), String(to.monotonicNs)],
      position: streamPosition,
      ...{ kind, retransmission },
      networkType: from.networkType,
      tunnel: (direction === 'transmit' ? to : from).tunnel,
    }));
  return { counters, table, residual, hops: seen };
}

const commands = createInterface({ input: process.stdin });
// One after the other: what a line asks for takes its time.
let last = Promise.resolve();
commands.on('line', (line) => {
  last = last.then(() => obey(line));
});

async function obey(line: string): Promise<void> {
  const [command, ...rest] = line.split(' ');
  const [argument = ''] = rest;
  if (command === 'nic') {
    await probe.setInterfaces({ nic: rest, vport });
  } else if (command === 'attached') {
    const devices = probe.attached().map(({ ifname, role }) => `${ifname} ${role}`);
    say({ msg: `attached ${argument}`, devices });
  } else if (command === 'take') {
    await probe.forceFlush();
    say({ msg: `took ${argument}`, ...(await report()) });
  }
}

process.once('SIGTERM', async () => {
  commands.close();
  process.stdin.destroy();
  await probe.shutdown();
  say({ msg: 'stopped', ...(await report()) });
});
say({ msg: 'ready', mechanisms: probe.attached().map(({ mechanism }) => mechanism) });
