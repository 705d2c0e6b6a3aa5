// SPDX-License-Identifier: Apache-2.0
// Bookinfo and the agents in real containers, on nodes with a bridge CNI, out of objects of a real API server; the agents
// with nothing but the chart's defaults. Every hop must say right who sent and who received, those of the half of the
// requests that are sent while the API server is away, too.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { balance } from '../lab/conservation.ts';
import type { CollectedSpan } from '../lab/index.ts';
import { type AgentReport, BookinfoCluster } from './bookinfo-cluster.ts';
import { type BookinfoService, bookinfoServices } from './bookinfo-objects.ts';
import { goAvailable } from './build.ts';
import { expectedNames, namesOf, partiesOf } from './expected-names.ts';

const notRoot = process.geteuid?.() === 0 ? undefined : 'containers take root';
const skip = process.env.CI ? false : (notRoot ?? goAvailable() ?? false);
const REQUESTS = 100;
/** Of one request: gateway → productpage on one node, three calls from one node to another, and the answers. */
const HOPS = { 'overlay local': 2, 'overlay transmit': 6, 'overlay receive': 6 };
/** Bits of capabilities: include/uapi/linux/capability.h. */
const [NET_ADMIN, PERFMON, BPF] = [1n << 12n, 1n << 38n, 1n << 39n];

describe("Bookinfo in a cluster, with the chart's defaults", { skip }, () => {
  let cluster: BookinfoCluster;
  let hops: CollectedSpan[];
  let reports: AgentReport[];
  let statuses: string[];
  let messages: string[][];

  before(async () => {
    cluster = await BookinfoCluster.start();
    const before = await cluster.drive(REQUESTS / 2);
    const said = cluster.apiMessages().map(({ length }) => length);
    await cluster.killApiServer();
    const meanwhile = await cluster.drive(REQUESTS / 2);
    await cluster.startApiServer();
    assert.deepEqual([before.failed, meanwhile.failed], [0, 0]);
    messages = cluster.apiMessages().map((lines, i) => lines.slice(said[i]));
    statuses = await Promise.all(
      cluster.agents().map(({ worker: { machine } }) =>
        // A thread may end meanwhile.
        machine.run('sh', '-c', 'cat "/proc/$(pgrep -o -f hopspan-agent.js)"/task/*/status || true'),
      ),
    );
    reports = await cluster.stop();
    hops = cluster.collector.spans().filter(({ service }) => service === 'overlay-network');
  });
  after(() => cluster?.[Symbol.asyncDispose]());

  it('has all hops, on nodes and between them', () => {
    // Where the machine is slow TCP may send a message twice, and both copies have their hops.
    const first = hops.filter(({ attributes }) => attributes['hopspan.retransmission'] === undefined);
    const count = (name: string) => first.filter((hop) => hop.name === name).length / REQUESTS;
    assert.deepEqual(Object.fromEntries(Object.keys(HOPS).map((name) => [name, count(name)])), HOPS);
  });

  for (const end of ['source', 'destination'] as const) {
    it(`has the right pod, workload, service, node, namespace and container as the ${end} of every hop`, () => {
      for (const hop of hops) {
        const name = partiesOf(hop, cluster.collector.trace(hop.traceId))[end];
        const service = bookinfoServices.find((each) => each.name === name) as BookinfoService;
        assert.deepEqual(namesOf(hop, end), expectedNames(end, service, cluster.podOf(name), hop));
      }
    });
  }

  it('has counted no end of a hop as unknown or ambiguous, and lost nothing', () => {
    for (const report of reports) {
      const { hops: named = 0, ends_pod, ...others } = report.processors.k8s_attributes ?? {};
      assert.ok(named > 0);
      const ends = Object.entries(others).filter(([name]) => name.startsWith('ends_'));
      assert.deepEqual([ends_pod, ends.filter(([, count]) => count !== 0)], [2 * named, []]);
      assert.deepEqual(
        balance(report).filter(({ residual }) => residual !== 0),
        [],
      );
    }
  });

  it('has agents that have said once that the API server was away, and once that it is back', () => {
    for (const lines of messages) {
      assert.equal(lines.length, 2, lines.join('\n'));
      assert.match(lines[0] ?? '', /going on with what is known/);
      assert.match(lines[1] ?? '', /following the API again/);
    }
  });

  it('has agents that were given three capabilities, have kept one in every thread, and are in a seccomp filter', () => {
    for (const status of statuses) {
      const values = (name: string) =>
        new Set([...status.matchAll(new RegExp(`^${name}:\\s*(\\S+)`, 'gm'))].map((match) => match[1]));
      const numbers = (name: string) => [...values(name)].map((digits) => BigInt(`0x${digits}`));
      assert.deepEqual(numbers('CapBnd'), [NET_ADMIN | PERFMON | BPF]);
      assert.deepEqual(numbers('CapPrm'), [NET_ADMIN]);
      assert.deepEqual([...values('Seccomp'), ...values('NoNewPrivs')], ['2', '1']);
    }
  });
});
