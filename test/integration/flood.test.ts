// SPDX-License-Identifier: Apache-2.0
// One pod floods the node with sampled contexts: it uses up its own share, and nobody else's. Nothing here depends on
// the rate that the machine reaches: rings and queues hold what the buckets let in, even if an agent gets no CPU.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type AgentCounters, type LabAgent, startAgent } from '../lab/agent.ts';
import { balance, totalOf } from '../lab/conservation.ts';
import { Lab, type LabPod, OtlpCollector } from '../lab/index.ts';
import { type Sent, sendRequests, serve } from '../lab/traffic.ts';

/* So low that a slow machine exceeds it by far; and minutes of what is let in fit into a ring of 8 MiB. */
const limit = 250;
const ringBytes = 2 ** 23;
const seconds = 4;
const floodSource = fileURLToPath(new URL('../lab/traffic/flood.c', import.meta.url));

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
  it('that are answered is cut to its share, and another pod loses nothing', async (t) => {
    await using scene = await Scene.create();
    const { lab } = scene;
    writeFileSync(join(lab.folder, 'flood.lua'), script);
    const flooded = await serveFast(lab.pod('victim'), lab.folder);
    const wrk = ['-t1', '-c16', `-d${seconds}`, '-s', join(lab.folder, 'flood.lua'), flooded];
    const flood = lab.pod('flooder').exec('wrk', wrk);
    await scene.sendQuietly();
    const { stdout } = await flood;
    const sent = Number(/(\d+) requests in/.exec(stdout)?.[1]);
    t.diagnostic(`${sent} requests in ${seconds} s`);
    await scene.assertOthersUnharmed();
  });

  it('that nobody answers, neither; and every one of them is accounted for', async (t) => {
    await using scene = await Scene.create();
    const { lab } = scene;
    const program = join(lab.folder, 'flood');
    execFileSync('clang-19', ['-O2', '-o', program, floodSource]);
    await dropAll(lab.pod('victim'));
    const args = [lab.pod('victim').address, '8080', String(seconds)];
    const flood = lab.pod('flooder').exec(program, args);
    await scene.sendQuietly();
    const { stdout, stderr, code } = await flood;
    assert.equal(code, 0, stderr);
    const sent = JSON.parse(stdout) as { segments: number; requests: number; seconds: number };
    t.diagnostic(`${stdout.trim()}: ${Math.round(sent.requests / sent.seconds)} requests/s`);
    const dropped = await droppedAt(lab.pod('flooder'));
    const [counters] = await scene.assertOthersUnharmed();
    const seen = counters?.points.find(
      (point) => point.interface === lab.pod('flooder').vport && point.hook === 'ingress',
    );
    const perSegment = sent.requests / sent.segments;
    assert.equal(seen?.counters.sightings, (sent.segments - dropped) * perSegment);
  });
});

/** A flooder and a quiet client on one node, their servers on the other, an agent on both. */
class Scene implements AsyncDisposable {
  readonly lab: Lab;
  readonly #collector: OtlpCollector;
  readonly #agents: readonly LabAgent[];
  readonly #quiet: string;
  #sent: Sent | undefined;

  private constructor(lab: Lab, collector: OtlpCollector, agents: readonly LabAgent[], quiet: string) {
    this.lab = lab;
    this.#collector = collector;
    this.#agents = agents;
    this.#quiet = quiet;
  }

  static async create(): Promise<Scene> {
    await using undo = new AsyncDisposableStack();
    const lab = undo.use(
      await Lab.create({
        nodes: [{ name: 'node1' }, { name: 'node2' }],
        pods: [
          { name: 'flooder', node: 'node1' },
          { name: 'client', node: 'node1' },
          { name: 'server', node: 'node2' },
          { name: 'victim', node: 'node2' },
        ],
        overlay: { type: 'vxlan' },
      }),
    );
    const collector = undo.use(await OtlpCollector.start({ socket: join(lab.folder, 'otlp.sock') }));
    const set = [
      `receivers::ebpf_hops::max_source_rate=${limit}`,
      `receivers::ebpf_hops::ring_bytes=${ringBytes}`,
    ];
    const agents = await Promise.all(
      lab.nodes.map((node) => startAgent(node, { endpoint: collector.endpoint, set })),
    );
    const quiet = await serve(lab.pod('server'));
    undo.move();
    return new Scene(lab, collector, agents, quiet);
  }

  /** 100 requests a second, while the flood lasts. */
  async sendQuietly(): Promise<void> {
    this.#sent = await sendRequests(this.lab.pod('client'), this.#quiet, { count: 300, gapMillis: 10 });
  }

  /** @returns the counters of the agents, which have ended, in the order of the nodes */
  async assertOthersUnharmed(): Promise<AgentCounters[]> {
    const counters = await Promise.all(this.#agents.map((agent) => agent.stop()));
    const requests = this.#collector.spans().filter((span) => span.attributes['hopspan.kind'] === 'request');
    const hops = Map.groupBy(requests, ({ traceId, parentSpanId }) => `${traceId}-${parentSpanId}`);
    assert.equal(this.#sent?.failed, 0);
    for (const context of this.#sent?.contexts ?? []) assert.equal(hops.get(context)?.length, 2, context);
    for (const each of counters) {
      assert.ok((totalOf(each).refused_source ?? 0) > 0, 'the flood was cut');
      assert.deepEqual(
        balance(each).filter(({ residual }) => residual !== 0),
        [],
      );
    }
    return counters;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab.destroy();
    await this.#collector.stop();
  }
}

/** The pod's kernel would answer each segment with a reset. */
async function dropAll(pod: LabPod): Promise<void> {
  const rules = `table netdev flood {
  chain ingress {
    type filter hook ingress device eth0 priority 0
    ip protocol tcp drop
  }
}
`;
  const { code, stderr } = await pod.exec('nft', ['-f', '-'], { input: rules });
  assert.equal(code, 0, stderr);
}

/** Packets that the pod's veth could not hand over, because the queue on the other side was full. */
async function droppedAt(pod: LabPod): Promise<number> {
  const { stdout } = await pod.exec('ip', ['-s', '-j', 'link', 'show', 'eth0']);
  const [link] = JSON.parse(stdout) as { stats64: { tx: { dropped: number } } }[];
  return link?.stats64.tx.dropped ?? Number.NaN;
}

/** nginx, because a server in Node would be what limits the flood. */
async function serveFast(pod: LabPod, folder: string): Promise<string> {
  const config = `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr;
events { worker_connections 256; }
http { access_log off; keepalive_requests 1000000; server { listen 8080; location / { return 200 ok; } } }`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  pod.spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')]);
  const url = `http://${pod.address}:8080/`;
  for (let tries = 0; tries < 600; tries++) {
    if ((await pod.exec('bash', ['-c', ': > /dev/tcp/127.0.0.1/8080'])).code === 0) return url;
    await sleep(50);
  }
  throw new Error('nginx does not listen');
}
