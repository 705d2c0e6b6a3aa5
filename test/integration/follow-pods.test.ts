// SPDX-License-Identifier: Apache-2.0
// The bundled agent on a node whose pods come and go.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAgent } from '../lab/agent.ts';
import { balance } from '../lab/conservation.ts';
import { Lab, OtlpCollector, openPods } from '../lab/index.ts';
import { serveOn } from '../lab/traffic.ts';

const HEALTH = 'http://127.0.0.1:13143/?verbose';

interface Health {
  readonly status: string;
  readonly components: Record<
    string,
    { status: string; reason?: string; interfaces?: { nic: number; vport: number } }
  >;
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 1200; i += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error(`it did not happen within a minute: ${what}`);
}

describe('the agent on a node whose pods come and go', () => {
  it('starts without any, says so, traces those that come, and keeps its sums', async () => {
    await using lab = await Lab.create({ nodes: [{ name: 'node1' }], pods: [] });
    await using collector = await OtlpCollector.start({ socket: `${lab.folder}/otlp.sock` });
    const node = lab.node('node1');
    const agent = await startAgent(node, { endpoint: collector.endpoint });
    const health = async (): Promise<Health> => {
      const { stdout } = await node.exec(process.execPath, [
        '--eval',
        `fetch('${HEALTH}').then(async (answer) => console.log(await answer.text()))`,
      ]);
      return JSON.parse(stdout) as Health;
    };
    const receiver = async () => (await health()).components['receivers/ebpf_hops'];
    const before = await health();
    assert.equal(before.status, 'ok');
    assert.deepEqual(before.components['receivers/ebpf_hops'], {
      status: 'ok',
      interfaces: { nic: 1, vport: 0 },
      reason: 'no device matches veth* yet: there is nothing to measure',
    });
    await using pods = openPods(node);
    const watched = (vport: number) =>
      until(`${vport} vports`, async () =>
        (await receiver())?.interfaces?.vport === vport ? true : undefined,
      );
    await pods.add('one', '10.42.1.10');
    await pods.add('two', '10.42.1.11');
    await watched(2);
    const traceId = 'c0ffee'.padStart(32, '0');
    const spanId = 'abad1dea'.padStart(16, '0');
    await serveOn(lab.fabric);
    await pods.request('one', 'http://192.168.100.254:8080', `00-${traceId}-${spanId}-01`);
    // The hop of the response may be exported first, or alone.
    await until('the span', async () =>
      collector
        .spans()
        .find(
          ({ name, traceId: trace, parentSpanId }) =>
            name === 'overlay transmit' && trace === traceId && parentSpanId === spanId,
        ),
    );
    await pods.remove('one');
    await watched(1);
    await pods.remove('two');
    await watched(0);
    const counters = await agent.stop();
    const { interfaces_attached, interfaces_detached, interfaces_lost } = counters.receivers.ebpf_hops ?? {};
    assert.deepEqual([interfaces_attached, interfaces_detached, interfaces_lost], [3, 2, 2]);
    assert.equal(
      counters.receivers.ebpf_hops?.first,
      2,
      'what a pod that has gone has counted is in the total',
    );
    assert.deepEqual(
      balance(counters).filter(({ residual }) => residual !== 0),
      [],
    );
  });
});
