// SPDX-License-Identifier: Apache-2.0
// A probe on the node it is started in. Prints `ready`, and after SIGTERM, with everything delivered, `stopped`.
// On standard input it takes lines: `nic NAME` watches that device in place of the NIC that was watched, `take N`
// delivers everything and prints `took N`, with the hops since the last time.
import { createInterface } from 'node:readline';
import { HopProbe } from '@hopspan/bpf-probe';
import type { Hop } from '@hopspan/core';
import { kernelBalance } from '../../lab/conservation.ts';
import { say } from './say.ts';

let nic = 'eth0';
const hops: Hop[] = [];
const probe = new HopProbe({ interfaces: { nic: [nic], vport: ['veth*'] }, attach: 'auto' });
await probe.start({ onHops: (batch) => void hops.push(...batch) });

/** What it has seen, and by how much its sums are off. Takes the hops. */
function report(): object {
  const table = probe.table();
  const counters = probe.counters();
  const residual = kernelBalance(counters, table.live).filter((sum) => sum.residual !== 0);
  const seen = hops.splice(0).map(({ direction, context, durationNs, from, to }) => ({
    ...{ direction, ...context, durationNs },
    path: `${from.point.ifname} ${to.point.ifname}`,
    networkType: from.networkType,
    tunnel: (direction === 'transmit' ? to : from).tunnel,
  }));
  return { counters, table, residual, hops: seen };
}

const commands = createInterface({ input: process.stdin });
commands.on('line', async (line) => {
  const [command, argument = ''] = line.split(' ');
  if (command === 'nic') {
    nic = argument;
    await probe.setInterfaces({ nic: [nic], vport: ['veth*'] });
  } else if (command === 'take') {
    await probe.forceFlush();
    say({ msg: `took ${argument}`, ...report() });
  }
});
process.once('SIGTERM', async () => {
  commands.close();
  process.stdin.destroy();
  await probe.shutdown();
  say({ msg: 'stopped', ...report() });
});
say({ msg: 'ready', mechanisms: probe.attached().map(({ mechanism }) => mechanism) });
