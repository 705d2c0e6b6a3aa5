// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Stage } from '../demo/stage.ts';
import type { AgentCounters } from '../lab/agent.ts';
import { balance, totalOf } from '../lab/conservation.ts';
import { sendRequests } from '../lab/traffic.ts';

describe('the sums of the counters', () => {
  it('close in the demo', async () => {
    const counters = await play([], async (stage) => {
      await stage.bookinfo.drive({ requests: 100, concurrency: 8 });
    });
    for (const each of counters.values()) assertClosed(each);
  });

  it('close when the rings overflow', async () => {
    const counters = await play(['receivers::ebpf_hops::ring_bytes=4096'], async (stage) => {
      // A stopped agent reads nothing, so that its rings must overflow whatever the machine's speed.
      for (const agent of stage.agents) agent.process.kill('SIGSTOP');
      await stage.bookinfo.drive({ requests: 200, concurrency: 8 });
      for (const agent of stage.agents) agent.process.kill('SIGCONT');
    });
    for (const [node, each] of counters) {
      assert.ok((totalOf(each).ring_full ?? 0) > 0, `the rings of ${node} overflow`);
      assertClosed(each);
    }
  });

  it('close when the table is too small', async () => {
    const settings = ['receivers::ebpf_hops::table_slots=4', 'receivers::ebpf_hops::path_timeout=60s'];
    const counters = await play(settings, async (stage) => {
      // Requests of the node itself pass its NIC only: their paths stay open and fill the table.
      const details = stage.placements().find(({ service }) => service === 'details');
      const url = `http://${details?.address}:${new URL(stage.bookinfo.url).port}/`;
      await sendRequests(stage.lab.node('node1'), url, { count: 50 });
      await stage.bookinfo.drive({ requests: 50, concurrency: 8 });
    });
    assert.ok((totalOf(counters.get('node1') as AgentCounters).overwritten ?? 0) > 0, 'paths are displaced');
    for (const each of counters.values()) assertClosed(each);
  });
});

async function play(
  agentSettings: readonly string[],
  act: (stage: Stage) => Promise<void>,
): Promise<ReadonlyMap<string, AgentCounters>> {
  await using stage = await Stage.set({ pods: 'routed', agentSettings });
  await act(stage);
  // Awaited here, or the stage would be gone before it is quiet.
  return await stage.quiesce();
}

function assertClosed(counters: AgentCounters): void {
  const sums = balance(counters);
  assert.deepEqual(
    sums.filter(({ residual }) => residual !== 0),
    [],
  );
  assert.ok(
    sums.every(({ sum, into }) => into > 0 || sum !== 'sightings'),
    'there was traffic',
  );
}
