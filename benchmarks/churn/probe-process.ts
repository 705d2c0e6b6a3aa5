// SPDX-License-Identifier: Apache-2.0
// Runs in a node: the probe as the agent runs it, and the table of vports, which is told of the pods there are by lines
// of standard input. Says when a device was attached to. Ends when standard input does, and then writes what it saw.
// Argument: file to write.
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { HopProbe, openHostNetwork } from '@hopspan/bpf-probe';
import { VportTable } from '@hopspan/k8s-discovery';
import type { Holdings, OwnedHop, PodsMessage, ProbeResult } from './messages.ts';

const TICK_MILLIS = 5;
const [file = ''] = process.argv.slice(2);
const say = (message: object): boolean => process.stdout.write(`${JSON.stringify(message)}\n`);
const table = new VportTable({ network: openHostNetwork() });
const hops: OwnedHop[] = [];
const probe = new HopProbe({ interfaces: { nic: ['eth0'], vport: ['veth*'] } });
await probe.start({
  onHops: (batch) => {
    for (const { context, kind, from, to } of batch) {
      const { point } = kind === 'request' ? from : to;
      hops.push({
        traceId: context.traceId,
        kind,
        clientOwner: table.ownerOf(point.ifindex) ?? null,
      });
    }
  },
});

function holdings(): Holdings {
  const targets = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return [];
    }
  });
  return {
    interfaces: probe.attached().length,
    links: targets.filter((target) => /bpf[-_]link/.test(target)).length,
    descriptors: targets.length,
    residentBytes: process.memoryUsage.rss(),
  };
}

const known = new Set<string>();
let last = performance.now();
let longestStallMillis = 0;
const timer = setInterval(() => {
  const now = performance.now();
  longestStallMillis = Math.max(longestStallMillis, now - last - TICK_MILLIS);
  last = now;
  for (const { ifname } of probe.attached()) {
    if (known.has(ifname)) continue;
    known.add(ifname);
    say({ attached: ifname, monotonicMillis: Number(process.hrtime.bigint()) / 1e6 });
  }
}, TICK_MILLIS);

say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'holdings') {
    await probe.forceFlush();
    say({ holdings: holdings() });
  } else {
    const { pods } = JSON.parse(line) as PodsMessage;
    table.update(pods.map(({ id, address }) => ({ id, addresses: [address] })));
    say({ told: pods.length });
  }
}
clearInterval(timer);
await probe.shutdown();
const result: ProbeResult = {
  hops,
  counters: { ...probe.counters(), ...table.counters() },
  longestStallMillis,
};
writeFileSync(file, JSON.stringify(result));
