// SPDX-License-Identifier: Apache-2.0
// Runs in a node: the probe alone, as an agent has it. Ends when standard input does, and only then writes
// what it saw. Arguments: file to write, NIC, vport.
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { HopProbe } from '@hopspan/bpf-probe';
import type { Hop } from '@hopspan/core';
import { formatKey } from './message-key.ts';
import type { ProbeResult } from './probe-result.ts';

const [file = '', nic = '', vport = ''] = process.argv.slice(2);
const hops: Hop[] = [];
// Rings for a second of hops, so that a busy machine costs no pairs.
// Every packet of one busy client is wanted: no limits.
const probe = new HopProbe({
  interfaces: { nic: [nic], vport: [vport] },
  ringBytes: 2 ** 23,
  maxSourceRate: 0,
  maxCpuRate: 0,
});
await probe.start({ onHops: (batch) => void hops.push(...batch) });
process.stdout.write('ready\n');
await text(process.stdin);
await probe.shutdown();
const result: ProbeResult = {
  hops: hops.map(({ context, streamPosition, direction, retransmission, durationNs }) => ({
    key: formatKey(context.traceId, context.spanId, streamPosition),
    direction,
    retransmission,
    durationNs,
  })),
  counters: probe.counters(),
};
writeFileSync(file, JSON.stringify(result));
