// SPDX-License-Identifier: Apache-2.0
// Real requests across a real overlay, each with its context in another header, as OpenTelemetry's propagators write it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultTextMapSetter, ROOT_CONTEXT, type TextMapPropagator, trace } from '@opentelemetry/api';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import { JaegerPropagator } from '@opentelemetry/propagator-jaeger';
import { Overlay } from './overlay.ts';

type Headers = Readonly<Record<string, string>>;

function written(propagator: TextMapPropagator, traceId: string, spanId: string): Headers {
  const headers: Record<string, string> = {};
  const context = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1 });
  propagator.inject(context, headers, defaultTextMapSetter);
  return headers;
}

const traceOf = (i: number): string => `${i}`.repeat(32);
const spanOf = (i: number): string => `${i}`.repeat(16);
const traceState = 'vendor=1,other=2';

/** By the digit that their ids are made of. */
const requests: readonly Headers[] = [
  {},
  { traceparent: `00-${traceOf(1)}-${spanOf(1)}-01`, tracestate: traceState },
  written(new B3Propagator(), traceOf(2), spanOf(2)),
  written(new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }), traceOf(3), spanOf(3)),
  written(new JaegerPropagator(), traceOf(4), spanOf(4)),
  written(new AWSXRayPropagator(), traceOf(5), spanOf(5)),
];

/** Sends them one after the other; prints how many were answered. */
const client = `
  let answered = 0;
  for (const headers of JSON.parse(process.env.REQUESTS)) {
    const response = await fetch(process.env.URL, { headers });
    await response.text();
    answered += 1;
  }
  console.log(answered);`;

describe('requests with other contexts than traceparent', () => {
  it('get their hops from node to node, with the tracestate of those that have one', async () => {
    await using overlay = await Overlay.create({
      set: [
        'receivers::ebpf_hops::contexts=[traceparent, b3, x-b3, uber-trace-id, x-amzn-trace-id]',
        'receivers::ebpf_hops::trace_state=true',
      ],
    });
    const agents = await overlay.startAgents();
    const { stdout } = await overlay.lab
      .pod('client')
      .exec(process.execPath, ['--input-type=module', '--eval', client], {
        env: { URL: overlay.far, REQUESTS: JSON.stringify(requests) },
      });
    assert.equal(stdout.trim(), `${requests.length}`);
    await Promise.all(agents.map((agent) => agent.stop()));
    const hops = overlay.hops();
    assert.equal(hops.size, requests.length - 1);
    for (const i of [1, 2, 3, 4, 5]) {
      const spans = hops.get(`${traceOf(i)}-${spanOf(i)}`) ?? [];
      const ofRequests = spans.filter(({ attributes }) => attributes['hopspan.kind'] === 'request');
      assert.deepEqual(
        ofRequests.map(({ name }) => name).toSorted(),
        ['overlay receive', 'overlay transmit'],
        JSON.stringify(requests[i]),
      );
      for (const span of ofRequests) assert.equal(span.traceState, i === 1 ? traceState : '');
    }
  });
});
