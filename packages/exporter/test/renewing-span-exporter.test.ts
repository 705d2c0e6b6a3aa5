// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RenewingSpanExporter } from '../src/renewing-span-exporter.ts';
import type { ExportResultLike } from '../src/types.ts';
import { codedError, FakeSpanExporter, INVALID_ARGUMENT, UNAVAILABLE } from './fake-span-exporter.ts';
import { turns } from './until.ts';

function setUp() {
  const made: FakeSpanExporter[] = [];
  const clock = { millis: 0 };
  const create = (generation: number) => {
    const exporter = new FakeSpanExporter();
    made.push(exporter);
    assert.equal(made.length, generation);
    return exporter;
  };
  const exporter = new RenewingSpanExporter(create, {
    renewAfterMillis: 1000,
    nowMillis: () => clock.millis,
  });
  const fail = (error?: Error) =>
    new Promise<ExportResultLike>((resolve) => {
      made.at(-1)?.outcomes.push(error);
      exporter.export([], resolve);
    });
  return { made, clock, exporter, fail };
}

describe('RenewingSpanExporter', () => {
  it('replaces an exporter that cannot reach its endpoint, and closes the old one', async () => {
    const { made, clock, exporter, fail } = setUp();
    clock.millis = 1000;
    assert.equal((await fail(codedError(UNAVAILABLE))).code, 1);
    assert.equal(made.length, 2);
    assert.deepEqual(made[0]?.calls, ['shutdown']);
    assert.equal((await fail()).code, 0);
    assert.equal(made[1]?.batches.length, 1);
    assert.deepEqual(exporter.counters(), { channels: 2 });
  });

  it('keeps a young one, and one whose endpoint answers', async () => {
    const { made, clock, fail } = setUp();
    clock.millis = 999;
    await fail(codedError(UNAVAILABLE));
    clock.millis = 5000;
    await fail(codedError(INVALID_ARGUMENT));
    await fail(new Error('no code'));
    await fail();
    assert.equal(made.length, 1);
  });

  it('makes no new one after shutdown', async () => {
    const { made, clock, exporter, fail } = setUp();
    clock.millis = 5000;
    const failed = fail(codedError(UNAVAILABLE));
    await exporter.shutdown();
    await failed;
    assert.equal(made.length, 1);
  });

  it('waits for those it replaced when it shuts down', async () => {
    const { made, clock, exporter, fail } = setUp();
    const slow = Promise.withResolvers<void>();
    (made[0] as FakeSpanExporter).shutdown = () => slow.promise;
    clock.millis = 1000;
    await fail(codedError(UNAVAILABLE));
    let done = false;
    const closed = exporter.shutdown().then(() => {
      done = true;
    });
    await turns();
    assert.equal(done, false);
    slow.resolve();
    await closed;
  });
});
