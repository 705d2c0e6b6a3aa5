// SPDX-License-Identifier: Apache-2.0

import type { DriveResult } from '../lab/bookinfo.ts';
import type { CollectedSpan } from '../lab/index.ts';
import type { DemoOptions } from './options.ts';
import { type DemoReport, makeReport, mustBeZero } from './report.ts';
import { stitchRoundTrips } from './round-trips.ts';
import { Stage } from './stage.ts';
import { hopService, judge, type Verdict } from './verdict.ts';
import { renderTrace } from './waterfall.ts';

/** Where the demo writes to. */
export interface DemoOutput {
  /** The result: text, or the JSON object. */
  readonly print: (text: string) => void;
  /** What is going on meanwhile. */
  readonly progress: (line: string) => void;
}

/** Time for the last batch of spans to arrive while the demo goes on: twice the exporters' delay. */
const settleMillis = 1_500;

/** Plays the demo until it is done or the signal is given; the report of all rounds. */
export async function playDemo(
  options: DemoOptions,
  output: DemoOutput,
  signal: AbortSignal,
): Promise<DemoReport> {
  await using stage = await Stage.set({
    pods: options.pods,
    forwardTo: options.otlp,
    onProgress: output.progress,
  });
  const driven: DriveResult = { requests: 0, failed: 0 };
  do {
    await playRound(stage, driven, options, output, signal);
  } while (!options.once && !signal.aborted);
  output.progress('stopping the application and the agents');
  const agents = await stage.quiesce();
  const spans = stage.collector.spans();
  const roundTrips = stitchRoundTrips(spans);
  // Stopping it hands on what is still queued for the collector behind --otlp.
  await stage.collector.stop();
  const report = makeReport(
    judge(spans, stage.placements()),
    { ...mediansOf(spans), wireRoundTrip: medianUs([...roundTrips.nsBySpan.values()]) },
    roundTrips,
    driven,
    agents,
    stage.collector.counters(),
  );
  output.print(options.json ? `${JSON.stringify(report)}\n` : summarize(report));
  return report;
}

async function playRound(
  stage: Stage,
  driven: DriveResult,
  { requests, concurrency, once, json }: DemoOptions,
  output: DemoOutput,
  signal: AbortSignal,
): Promise<void> {
  const before = new Set(stage.collector.traceIds());
  const round = await stage.bookinfo.drive({
    requests,
    concurrency,
    signal,
    onProgress: (done) => output.progress(`${done} of ${requests} requests`),
  });
  driven.requests += round.requests;
  driven.failed += round.failed;
  if (json || signal.aborted) return;
  await pause(settleMillis, signal);
  const complete = stage.collector
    .traceIds()
    .filter((id) => !before.has(id))
    .map((id) => stage.collector.trace(id));
  const shown = typical(complete);
  if (shown !== undefined) output.print(`\n${renderTrace(shown)}`);
  if (!once) {
    output.print(
      `\n${lineOf(judge(stage.collector.spans(), stage.placements()))}. Next round in 5 s, Ctrl-C ends.\n`,
    );
    await pause(5_000, signal);
  }
}

/** The trace of median length among those with the most spans: neither a cold start nor an accident. */
function typical(traces: readonly (readonly CollectedSpan[])[]): readonly CollectedSpan[] | undefined {
  const most = Math.max(0, ...traces.map((spans) => spans.length));
  const whole = traces.filter((spans) => spans.length === most).toSorted((a, b) => lengthOf(a) - lengthOf(b));
  return whole[Math.floor(whole.length / 2)];
}

function lengthOf(spans: readonly CollectedSpan[]): number {
  return Math.max(...spans.map((span) => Number(span.endTimeUnixNano - span.startTimeUnixNano)));
}

function mediansOf(spans: readonly CollectedSpan[]): Record<string, number> {
  const hops = Map.groupBy(
    spans.filter(({ service }) => service === hopService),
    ({ name }) => name.replace('overlay ', ''),
  );
  return Object.fromEntries(
    [...hops].map(([direction, all]) => {
      return [direction, medianUs(all.map(lengthNs))];
    }),
  );
}

function medianUs(lengthsNs: readonly number[]): number {
  return (lengthsNs.toSorted((a, b) => a - b)[Math.floor(lengthsNs.length / 2)] ?? 0) / 1000;
}

function lengthNs(span: CollectedSpan): number {
  return Number(span.endTimeUnixNano - span.startTimeUnixNano);
}

function lineOf({ traces, hops, expectedHops, missingHops }: Verdict): string {
  return `${traces} traces, hops: ${hops.transmit} transmit, ${hops.receive} receive, ${hops.local} local; ${missingHops} of ${expectedHops} missing`;
}

function summarize(report: DemoReport): string {
  const { wireRoundTrip = 0, ...hops } = report.medianUs;
  const medians = Object.entries(hops).map(([direction, value]) => `${direction} ${value.toFixed(1)} µs`);
  const { count, maxExcessUs } = report.outsideParent;
  return [
    '',
    `${report.requests} requests, ${lineOf(report)}`,
    `median length: ${medians.join(', ')}`,
    `wire round trip of ${report.roundTrips.made} requests, from both nodes' budgets: median ${wireRoundTrip.toFixed(1)} µs`,
    count === 0
      ? 'every hop lies inside of its parent'
      : `${count} hops reach out of their parent, by ${maxExcessUs.toFixed(1)} µs at most: the application's clock has whole milliseconds`,
    `must be 0: ${mustBeZero(report)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
    ...(report.forwarded + report.notForwarded > 0
      ? [`sent on: ${report.forwarded} requests to the collector, ${report.notForwarded} not`]
      : []),
    report.ok ? 'All hops are there.' : 'Something is wrong: see the figures that are not 0.',
    '',
  ].join('\n');
}

function pause(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, millis);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
