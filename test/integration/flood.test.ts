// SPDX-License-Identifier: Apache-2.0
// One pod floods the node with sampled contexts: it uses up its own share, and nobody else's.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAgent } from '../lab/agent.ts';
import { balance, totalOf } from '../lab/conservation.ts';
import { Lab, type LabPod, OtlpCollector } from '../lab/index.ts';
import { sendRequests, serve } from '../lab/traffic.ts';

const limit = 1000;
const seconds = 4;

/** wrk's way to send a context of its own with every request. */
const script = `
local n = 0
request = function()
  n = n + 1
  local id = string.format("%016x", n)
  return wrk.format("GET", "/", { traceparent = "00-" .. id .. id .. "-" .. id .. "-01" })
end
`;

describe('a flood of contexts from one pod', () => {
  it('is cut to its share, and another pod loses nothing', async () => {
    await using lab = await Lab.create({
      nodes: [{ name: 'node1' }, { name: 'node2' }],
      pods: [
        { name: 'flooder', node: 'node1' },
        { name: 'client', node: 'node1' },
        { name: 'server', node: 'node2' },
        { name: 'victim', node: 'node2' },
      ],
      overlay: { type: 'vxlan' },
    });
    writeFileSync(join(lab.folder, 'flood.lua'), script);
    await using collector = await OtlpCollector.start({ socket: join(lab.folder, 'otlp.sock') });
    const set = [
      `receivers::ebpf_hops::max_source_rate=${limit}`,
      'receivers::ebpf_hops::ring_bytes=1048576',
    ];
    const agents = await Promise.all(
      lab.nodes.map((node) => startAgent(node, { endpoint: collector.endpoint, set })),
    );
    const flooded = await serveFast(lab.pod('victim'), lab.folder);
    const quiet = await serve(lab.pod('server'));
    const flood = lab
      .pod('flooder')
      .exec('wrk', ['-t1', '-c16', `-d${seconds}`, '-s', join(lab.folder, 'flood.lua'), flooded]);
    const { contexts, failed } = await sendRequests(lab.pod('client'), quiet, { count: 300, gapMillis: 10 });
    const { stdout } = await flood;
    const counters = await Promise.all(agents.map((agent) => agent.stop()));
    const sent = Number(/(\d+) requests in/.exec(stdout)?.[1]);
    assert.ok(sent > 2 * limit * seconds, `the flood is one: ${sent} requests in ${seconds} s`);
    const hops = Map.groupBy(collector.spans(), ({ traceId, parentSpanId }) => `${traceId}-${parentSpanId}`);
    assert.equal(failed, 0);
    for (const context of contexts) assert.equal(hops.get(context)?.length, 2, context);
    for (const each of counters) {
      const total = totalOf(each);
      assert.ok((total.refused_source ?? 0) > 0, 'the flood was cut');
      assert.deepEqual(
        balance(each).filter(({ residual }) => residual !== 0),
        [],
      );
    }
  });
});

/** nginx, because a server in Node would be what limits the flood. */
async function serveFast(pod: LabPod, folder: string): Promise<string> {
  const config = `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr;
events { worker_connections 256; }
http { access_log off; keepalive_requests 1000000; server { listen 8080; location / { return 200 ok; } } }`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  pod.spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')]);
  const url = `http://${pod.address}:8080/`;
  for (let tries = 0; tries < 100; tries++) {
    if ((await pod.exec('bash', ['-c', ': > /dev/tcp/127.0.0.1/8080'])).code === 0) return url;
    await sleep(50);
  }
  throw new Error('nginx does not listen');
}
