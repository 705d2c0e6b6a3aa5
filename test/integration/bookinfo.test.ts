// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Bookinfo, bookinfoNodes, bookinfoPods, deployBookinfo } from '../lab/bookinfo.ts';
import { type CollectedSpan, Lab, OtlpCollector } from '../lab/index.ts';

const skip = process.geteuid?.() === 0 ? false : 'network namespaces take root';
const INCOMING = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;

interface Page {
  product: { title: string };
  details: { author: string };
  reviews: { reviews: { stars: number }[] };
}

/** Each span of a trace as `service KIND < parent's service KIND`, sorted. */
function shapeOf(trace: readonly CollectedSpan[]): string[] {
  const byId = new Map(trace.map((span) => [span.spanId, span]));
  const label = (span: CollectedSpan | undefined) => (span ? `${span.service} ${span.kind}` : 'nothing');
  return trace.map((span) => `${label(span)} < ${label(byId.get(span.parentSpanId ?? ''))}`).sort();
}

const WHOLE_TRACE = [
  'details SERVER < productpage CLIENT',
  'gateway CLIENT < gateway SERVER',
  'gateway SERVER < nothing',
  'productpage CLIENT < productpage SERVER',
  'productpage CLIENT < productpage SERVER',
  'productpage SERVER < gateway CLIENT',
  'ratings SERVER < reviews CLIENT',
  'reviews CLIENT < reviews SERVER',
  'reviews SERVER < productpage CLIENT',
];

describe('Bookinfo', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopspan-bookinfo-'));
  let lab: Lab;
  let collector: OtlpCollector;

  before(async () => {
    lab = await Lab.create({ nodes: bookinfoNodes, pods: bookinfoPods });
    collector = await OtlpCollector.start({ socket: join(folder, 'otlp.sock') });
  });

  after(async () => {
    await lab?.destroy();
    await collector?.stop();
    rmSync(folder, { recursive: true });
  });

  async function play(sampleRatio: number, act: (bookinfo: Bookinfo) => Promise<void>): Promise<void> {
    collector.clear();
    const bookinfo = await deployBookinfo(lab, { endpoint: collector.endpoint, sampleRatio });
    await act(bookinfo);
    await bookinfo.stop();
  }

  it('answers with the book, its details, and reviews with their ratings', async () => {
    await play(0, async ({ url }) => {
      const page = JSON.parse(await fetchFrom(lab, url)) as Page;
      assert.equal(page.product.title, 'The Comedy of Errors');
      assert.equal(page.details.author, 'William Shakespeare');
      assert.deepEqual(
        page.reviews.reviews.map((review) => review.stars),
        [5, 4],
      );
    });
  });

  it('makes one whole trace of every one of 1,000 requests under load, and loses no span on SIGTERM', async () => {
    await play(1, async (bookinfo) => {
      const progress: number[] = [];
      const report = await bookinfo.drive({
        requests: 1000,
        concurrency: 16,
        onProgress: (n) => progress.push(n),
      });
      assert.equal(report.failed, 0);
      assert.equal(report.requests, 1000);
      assert.ok(progress.length > 0);
    });
    const traces = collector.traceIds().map((id) => shapeOf(collector.trace(id)));
    assert.equal(traces.length, 1000);
    for (const trace of traces) assert.deepEqual(trace, WHOLE_TRACE);
  });

  it('exports nothing, but sends contexts with flags 00, when the gateway does not sample', async () => {
    await play(0, async (bookinfo) => {
      const args = ['-nn', '-A', '--immediate-mode', '-l', '-i', 'eth0', 'tcp port 9080'];
      const tcpdump = lab.pod('ratings').spawn('tcpdump', args);
      await tcpdump.waitForLine(/^listening on/);
      await bookinfo.drive({ requests: 1 });
      const [, flags] = await tcpdump.waitForLine(/traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-([0-9a-f]{2})/);
      assert.equal(flags, '00');
      await tcpdump.stop();
    });
    assert.deepEqual(collector.spans(), []);
  });

  it('starts a trace at the gateway whatever the user sends, and does not trace health checks', async () => {
    await play(1, async ({ url }) => {
      await fetchFrom(lab, url, { traceparent: INCOMING });
      await fetchFrom(lab, new URL('/healthz', url).href);
    });
    assert.deepEqual(
      collector.traceIds().map((id) => shapeOf(collector.trace(id))),
      [WHOLE_TRACE],
    );
    assert.notEqual(collector.traceIds()[0], 'ab'.repeat(16));
  });

  it('answers 502 and says who failed when a service is down', async () => {
    await play(0, async ({ url, services }) => {
      await services.get('ratings')?.stop();
      assert.match(await fetchFrom(lab, url), /gateway: .*status 502/);
    });
  });
});

async function fetchFrom(lab: Lab, url: string, headers: Record<string, string> = {}): Promise<string> {
  const code = `fetch('${url}', { headers: ${JSON.stringify(headers)} })
    .then((response) => response.text()).then((text) => process.stdout.write(text))`;
  const { stdout, stderr } = await lab.fabric.exec(process.execPath, ['-e', code]);
  assert.equal(stderr, '');
  return stdout;
}
