// SPDX-License-Identifier: Apache-2.0
// Two nodes whose wall clocks are seconds apart, a stitcher between their agents and the collector: the wire round trip
// against the kernel times that both nodes share here, and against tcpdump at both NICs.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createLog } from '@hopspan/example-stitcher/src/log.ts';
import { StitcherService } from '@hopspan/example-stitcher/src/service.ts';
import type { CollectedSpan } from '../lab/index.ts';
import type { LabProcess } from '../lab/process.ts';
import { NicTap } from '../round-trip/nic-tap.ts';
import { type RawHop, trueRoundTrips } from '../round-trip/raw-hop.ts';
import { Wire } from '../soak/wire.ts';
import { Overlay } from './overlay.ts';

const script = fileURLToPath(new URL('../round-trip/skewed-agent.ts', import.meta.url));
const sameContext = fileURLToPath(new URL('../round-trip/same-context-client.ts', import.meta.url));
const ATTRIBUTE = 'hopspan.wire.round_trip';
/** How wrong the clocks of the two nodes are: five seconds apart. */
const SKEW_NS = { node1: 2_000_000_000n, node2: -3_000_000_000n };
const TOLERANCE_NS = 20_000;

interface AgentReport {
  readonly hops: readonly RawHop[];
  readonly budget: Readonly<Record<string, number>>;
  readonly sent: number;
}

/** Two nodes with wrong clocks, and the stitcher that their agents send to. */
class Scene implements AsyncDisposable {
  readonly overlay: Overlay;
  readonly service: StitcherService;
  readonly #agents: readonly LabProcess[];

  private constructor(overlay: Overlay, service: StitcherService, agents: readonly LabProcess[]) {
    this.overlay = overlay;
    this.service = service;
    this.#agents = agents;
  }

  static async create(lossy = false): Promise<Scene> {
    await using undo = new AsyncDisposableStack();
    const overlay = undo.use(await Overlay.create({ lossy }));
    const service = new StitcherService({
      endpoint: overlay.collector.endpoint,
      protocol: 'grpc',
      grpc: `unix://${join(overlay.lab.folder, 'stitcher.sock')}`,
      // Everything is let go at the end, when both agents have sent all they had, however slow the machine.
      holdMillis: 600_000,
      maxRequests: 65_536,
      queueSize: 65_536,
      shutdownTimeoutMillis: 60_000,
      log: createLog(false, (line) => void process.stderr.write(line)),
    });
    undo.defer(() => service.stop());
    await service.start();
    const agents = Object.entries(SKEW_NS).map(([name, skewNs]) => {
      const node = overlay.lab.node(name);
      const args = [script, node.nicName, service.endpoints().grpc ?? '', String(skewNs)];
      return node.spawn(process.execPath, args, { env: { OTEL_RESOURCE_ATTRIBUTES: undefined } });
    });
    for (const agent of agents) await agent.waitForLine(/^ready$/, 60_000);
    undo.move();
    return new Scene(overlay, service, agents);
  }

  /** Stops the agents, then the stitcher, so that everything is at the collector. */
  async quiesce(): Promise<[client: AgentReport, server: AgentReport]> {
    const reports: AgentReport[] = [];
    for (const agent of this.#agents) {
      await agent.stop();
      reports.push(JSON.parse(agent.stdout.lines.at(-1) ?? '') as AgentReport);
    }
    await this.service.stop();
    return reports as [AgentReport, AgentReport];
  }

  /** Spans that carry a round trip, by `context@position` of the request. */
  stitched(): Map<string, CollectedSpan> {
    const spans = this.overlay.collector.spans().filter(({ attributes }) => ATTRIBUTE in attributes);
    return new Map(
      spans.map((span) => [`${contextOf(span)}@${span.attributes['hopspan.request.position']}`, span]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service.stop();
    await this.overlay[Symbol.asyncDispose]();
  }
}

function contextOf({ traceId, parentSpanId }: CollectedSpan): string {
  return `${traceId}-${parentSpanId}`;
}

function roundTripOf(span: CollectedSpan | undefined): number {
  return Number(span?.attributes[ATTRIBUTE]);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function report(t: TestContext, what: string, values: readonly number[]): void {
  const micros = (ns: number) => `${(ns / 1000).toFixed(2)} µs`;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  t.diagnostic(`${what}: median ${micros(median(values))}, from ${micros(least)} to ${micros(most)}`);
}

/** Fails unless every round trip that was made is that of the kernel clock which both nodes share here. */
function checkTruth(t: TestContext, scene: Scene, client: AgentReport, server: AgentReport): void {
  const truth = trueRoundTrips(client.hops, server.hops);
  const stitched = scene.stitched();
  const errors = [...stitched].map(([key, span]) => roundTripOf(span) - (truth.get(key) ?? Number.NaN));
  report(t, `${stitched.size} round trips`, [...stitched.values()].map(roundTripOf));
  report(t, 'error against the kernel clock', errors);
  assert.ok(
    errors.length > 0 && errors.every((error) => Math.abs(error) <= TOLERANCE_NS),
    `errors in nanoseconds: ${errors}`,
  );
}

describe('the wire round trip of two nodes whose clocks are 5 s apart', () => {
  it('is the truth, by the kernel clock that both share here and by tcpdump', async (t) => {
    await using scene = await Scene.create();
    const { overlay, service } = scene;
    const taps = await Promise.all(overlay.lab.nodes.map((node) => NicTap.start(overlay.lab, node)));
    const { contexts, failed } = await overlay.send(overlay.far, { count: 200 });
    const near = await overlay.send(overlay.near, { count: 10 });
    const [tapped1, tapped2] = await Promise.all(taps.map((tap) => tap.stop()));
    const [client, server] = await scene.quiesce();
    assert.equal(failed + near.failed, 0);

    const stitched = [...scene.stitched().values()];
    assert.deepEqual(
      stitched.map(contextOf).toSorted(),
      contexts.toSorted(),
      'every request, and none within the node',
    );
    checkTruth(t, scene, client, server);

    // tcpdump's taps stand a little outside of the programs on receive, and behind them on transmit.
    const differences = stitched.map((span) => {
      const context = contextOf(span);
      const [outer, inner] = [tapped1?.get(context), tapped2?.get(context)];
      assert.ok(outer && inner, `tcpdump saw ${context} at both NICs`);
      const tapTruth = outer.responseNs - outer.requestNs - (inner.responseNs - inner.requestNs);
      return roundTripOf(span) - Number(tapTruth);
    });
    report(t, 'difference to tcpdump', differences);
    // All of it takes a slow machine longer, what is between tap and program as well as the round trip itself.
    const tolerance = Math.max(TOLERANCE_NS, median(stitched.map(roundTripOf)) / 2);
    assert.ok(Math.abs(median(differences)) <= tolerance, `${median(differences)} ns`);

    // The spans themselves are as far apart as the clocks.
    const span = (context: string, name: string, kind: string) =>
      overlay
        .hops()
        .get(context)
        ?.find((each) => each.name === name && each.attributes['hopspan.kind'] === kind);
    const sent = span(contexts[0] ?? '', 'overlay transmit', 'request');
    const arrived = span(contexts[0] ?? '', 'overlay receive', 'request');
    const apart = (arrived?.startTimeUnixNano ?? 0n) - (sent?.endTimeUnixNano ?? 0n);
    assert.ok(apart < -4_900_000_000n && apart > -5_100_000_000n, `${apart} ns`);

    const { receiver, stitcher } = service.counters();
    const { client_parts, server_parts, stitched: made, joined, held } = stitcher;
    assert.deepEqual(
      { client_parts, server_parts, made, joined, held },
      { client_parts: 200, server_parts: 200, made: 200, joined: 200, held: 0 },
    );
    assert.equal(receiver.received, client.sent + server.sent);
    assert.equal(overlay.collector.spans().length, receiver.received, 'nothing is lost on the way');
    assert.deepEqual([client.budget.completed, server.budget.completed], [210, 200]);
  });

  it('is not guessed where packets were lost on the wire, and true where it is given', async (t) => {
    await using scene = await Scene.create(true);
    const { overlay, service } = scene;
    const wire = new Wire(overlay.lab.fabric, ['port1', 'port2']);
    await wire.lose(20);
    const { contexts, failed } = await overlay.send(overlay.far, { count: 400, concurrency: 4 });
    assert.ok((await wire.lost()) > 0, 'packets were lost');
    await wire.lose(0);
    const [client, server] = await scene.quiesce();
    assert.equal(failed, 0);

    checkTruth(t, scene, client, server);
    const stitched = new Set([...scene.stitched().values()].map(contextOf));
    const copied = new Set(
      [...client.hops, ...server.hops].filter((hop) => hop.retransmission > 0).map(({ context }) => context),
    );
    assert.ok(copied.size > 0, 'requests or responses were sent again');
    assert.deepEqual(
      [...copied].filter((context) => stitched.has(context)),
      [],
    );
    const { stitcher } = service.counters();
    t.diagnostic(JSON.stringify({ stitcher, budgets: [client.budget, server.budget] }));
    assert.deepEqual(
      {
        stitched: stitcher.stitched,
        given: stitched.size,
        late: stitcher.late_copies,
        ambiguous: stitcher.ambiguous,
        negative: stitcher.negative,
      },
      {
        stitched: stitched.size,
        given: contexts.length - (stitcher.retransmitted ?? 0) - (stitcher.unmatched ?? 0),
        late: 0,
        ambiguous: 0,
        negative: 0,
      },
    );
    assert.equal(overlay.collector.spans().length, client.sent + server.sent, 'nothing is lost on the way');
  });

  it('keeps requests apart that share one context: pipelined, repeated, and on another connection', async (t) => {
    await using scene = await Scene.create();
    const { overlay, service } = scene;
    const { hostname, port } = new URL(overlay.far);
    const { stdout, stderr } = await overlay.lab
      .pod('client')
      .exec(process.execPath, [sameContext, hostname, port]);
    assert.match(stdout, /^[0-9a-f]{32}-[0-9a-f]{16}\n$/, stderr);
    const [client, server] = await scene.quiesce();
    const stitched = [...scene.stitched().values()];
    assert.deepEqual(stitched.map(contextOf), Array(4).fill(stdout.trim()));
    assert.equal(new Set(stitched.map(({ attributes }) => attributes['hopspan.request.position'])).size, 4);
    checkTruth(t, scene, client, server);
    assert.equal(service.counters().stitcher.ambiguous, 0);
  });
});
