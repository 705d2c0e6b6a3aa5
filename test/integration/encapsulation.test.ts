// SPDX-License-Identifier: Apache-2.0
// The encapsulations that this machine's kernel can do; test/kernels has others.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startAgent } from '../lab/agent.ts';
import { balance, droppedBy } from '../lab/conservation.ts';
import { type Encapsulation, encapsulations } from '../lab/encapsulations.ts';
import { type CollectedSpan, findOverlayObstacle, Lab, type LabNode, OtlpCollector } from '../lab/index.ts';
import { resolveOverlay } from '../lab/options.ts';
import { sendRequests, serve, urlOf } from '../lab/traffic.ts';

const root = process.geteuid?.() === 0;

interface Followed {
  readonly sampled: readonly string[];
  readonly spans: readonly CollectedSpan[];
}

/** Sends ten sampled requests across the overlay, with an agent on either node whose sums must close. */
async function follow({ overlay, pods, atDevice }: Encapsulation): Promise<Followed> {
  const folder = mkdtempSync(join(tmpdir(), 'hopspan-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const collector = await OtlpCollector.start({ socket: join(folder, 'otlp.sock') });
  stack.defer(() => collector.stop());
  const lab = stack.use(
    await Lab.create({
      nodes: [{ name: 'node1' }, { name: 'node2' }],
      pods: [
        { name: 'client', node: 'node1' },
        { name: 'server', node: 'node2' },
      ],
      overlay,
      ipv6: true,
    }),
  );
  await serve(lab.pod('server'));
  const nic = (node: LabNode) => (atDevice ? node.tunnelName : node.nicName);
  const agents = await Promise.all(
    lab.nodes.map((node) =>
      startAgent(node, {
        endpoint: collector.endpoint,
        set: [`receivers::ebpf_hops::interfaces::nic=[${nic(node)}]`],
      }),
    ),
  );
  const url = urlOf(lab.pod('server'), pods);
  const { contexts: sampled, failed } = await sendRequests(lab.pod('client'), url, { count: 10 });
  assert.equal(failed, 0);
  for (const agent of agents) {
    const counters = await agent.stop();
    const open = balance(counters).filter(({ residual }) => residual !== 0);
    assert.deepEqual(open, []);
    assert.equal(droppedBy(counters), 0);
  }
  return { sampled, spans: collector.spans() };
}

describe('Across the overlay', () => {
  for (const encapsulation of encapsulations) {
    const { name, overlay, pods, tunnel } = encapsulation;
    it(`follows every sampled request and its response: ${name}`, async (context) => {
      const obstacle = root ? await findOverlayObstacle(overlay, true) : 'network namespaces take root';
      if (obstacle !== undefined) return context.skip(obstacle);
      const { sampled, spans } = await follow(encapsulation);
      assert.equal(spans.length, 40);
      for (const kind of ['request', 'response'])
        for (const direction of ['transmit', 'receive']) {
          const hops = spans.filter(
            ({ name, attributes }) => name === `overlay ${direction}` && attributes['hopspan.kind'] === kind,
          );
          const parents = hops.map(({ traceId, parentSpanId }) => `${traceId}-${parentSpanId}`);
          assert.deepEqual(parents.toSorted(), sampled.toSorted(), `${kind} ${direction}`);
        }
      const outer = resolveOverlay(overlay).underlay;
      for (const { attributes } of spans) {
        assert.equal(attributes['network.type'], pods);
        assert.equal(attributes['tunnel.type'], tunnel?.type);
        assert.equal(attributes['tunnel.id'], tunnel?.id);
        if (tunnel === undefined) continue;
        const source = String(attributes['tunnel.source.address']);
        assert.equal(source.includes(':') ? 'ipv6' : 'ipv4', outer);
      }
    });
  }
});
