// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeClient } from '../../src/api/kube-client.ts';
import { Reflector, type ReflectorOptions } from '../../src/api/reflector.ts';
import type { RawObject, ReflectorSink, Resource } from '../../src/api/resource.ts';
import { KubeApiError } from '../../src/errors.ts';
import { type Answer, FakeApi, json, object, watch } from './fake-api.ts';

class Recorder implements ReflectorSink<RawObject> {
  readonly calls: string[] = [];
  readonly since: number[] = [];

  replaceBegin(): void {
    this.calls.push('begin');
  }
  upsert({ metadata }: RawObject, sinceMillis: number): void {
    this.calls.push(`+${metadata?.name}`);
    this.since.push(sinceMillis);
  }
  remove({ metadata }: RawObject): void {
    this.calls.push(`-${metadata?.name}`);
  }
  replaceEnd(): void {
    this.calls.push('end');
  }
}

const things: Resource<RawObject> = {
  name: 'things',
  path: '/api/v1/things',
  query: { fieldSelector: 'a=b' },
  pageSize: 2,
};
const list = (version: string, names: readonly string[], next?: string) =>
  json({
    metadata: { resourceVersion: version, continue: next },
    items: names.map((name) => object(name, version)),
  });
const event = (type: string, name: string, version: string) => ({ type, object: object(name, version) });
const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } };
const open = watch([], false);

/** Runs a reflector against a script until the condition holds. */
async function reflect(
  answers: readonly Answer[],
  condition: (reflector: Reflector<RawObject>, api: FakeApi) => boolean,
  options: ReflectorOptions & { resource?: Resource<RawObject> } = {},
) {
  await using api = await FakeApi.start(...answers);
  const client = new KubeClient(api.access());
  const recorder = new Recorder();
  const states: unknown[] = [];
  const reflector = new Reflector(client, options.resource ?? things, recorder, {
    initialMillis: 1,
    maxMillis: 5,
    onState: (_, error) => states.push(error),
    ...options,
  });
  reflector.start();
  const deadline = performance.now() + 30_000;
  while (!condition(reflector, api) && performance.now() < deadline) await sleep(2);
  const counters = reflector.counters();
  await reflector.stop();
  await client.close();
  return { calls: recorder.calls, since: recorder.since, counters, seen: api.seen, states };
}

describe('Reflector', () => {
  it('lists page by page, then watches from there', async () => {
    const events = [event('ADDED', 'd', '8'), event('MODIFIED', 'a', '9'), event('DELETED', 'b', '10')];
    const { calls, counters, seen } = await reflect(
      [list('7', ['a', 'b'], 'next'), list('7', ['c']), watch(events, false)],
      (reflector) => reflector.counters().events === 3,
    );
    assert.deepEqual(calls, ['begin', '+a', '+b', '+c', 'end', '+d', '+a', '-b']);
    assert.deepEqual(seen.map(({ query }) => query).slice(0, 2), [
      { fieldSelector: 'a=b', limit: '2' },
      { fieldSelector: 'a=b', limit: '2', continue: 'next' },
    ]);
    const { timeoutSeconds, ...watching } = seen[2]?.query ?? {};
    assert.deepEqual(watching, {
      fieldSelector: 'a=b',
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '7',
    });
    assert.ok(Number(timeoutSeconds) >= 300 && Number(timeoutSeconds) <= 600, timeoutSeconds);
    assert.deepEqual([counters.lists, counters.pages, counters.listed, counters.watches], [1, 2, 3, 1]);
  });

  it('goes on from the last event or bookmark', async () => {
    const { seen, calls, counters } = await reflect(
      [list('7', ['a']), watch([event('ADDED', 'b', '8')]), watch([event('BOOKMARK', '', '20')]), open],
      (reflector, api) => api.seen.length === 4 && reflector.live,
    );
    assert.deepEqual(
      seen.slice(1).map(({ query }) => query.resourceVersion),
      ['7', '8', '20'],
    );
    assert.deepEqual(calls, ['begin', '+a', 'end', '+b']);
    assert.deepEqual([counters.bookmarks, counters.events, counters.relists, counters.errors], [1, 1, 0, 0]);
  });

  for (const [where, answer] of [
    ['as the status of a watch', json({ kind: 'Status', code: 410, message: 'too old' }, 410)],
    ['as an event', watch([gone])],
  ] as const) {
    it(`lists again after a 410 ${where}`, async () => {
      const { calls, counters, states } = await reflect(
        [list('7', ['a', 'b']), answer, list('30', ['b', 'c']), open],
        (reflector) => reflector.live && reflector.counters().relists === 1,
      );
      assert.deepEqual(calls, ['begin', '+a', '+b', 'end', 'begin', '+b', '+c', 'end']);
      assert.deepEqual([counters.gone, counters.errors, counters.relists], [1, 0, 1]);
      assert.ok(
        states.every((state) => state === undefined),
        'nothing to tell of',
      );
    });
  }

  it('begins a list anew, in one piece, when its continuation has expired', async () => {
    const { calls, seen } = await reflect(
      [list('7', ['a', 'b'], 'next'), json({ message: 'expired' }, 410), list('9', ['a', 'c', 'd']), open],
      (reflector) => reflector.live,
    );
    assert.deepEqual(calls, ['begin', '+a', '+b', 'begin', '+a', '+c', '+d', 'end']);
    assert.deepEqual(seen[2]?.query, { fieldSelector: 'a=b' });
    assert.equal(seen[3]?.query.resourceVersion, '9');
  });

  it('takes what the cache has first, and later nothing older than it has seen', async () => {
    const { seen } = await reflect(
      [list('7', ['a']), watch([event('ADDED', 'b', '8'), gone]), list('9', ['a']), open],
      (reflector) => reflector.live && reflector.counters().relists === 1,
      { resource: { ...things, listFrom: 'cache' } },
    );
    const lists = seen.filter(({ query }) => query.watch === undefined).map(({ query }) => query);
    assert.deepEqual(
      lists.map(({ resourceVersion, resourceVersionMatch }) => [resourceVersion, resourceVersionMatch]),
      [
        ['0', 'NotOlderThan'],
        ['8', 'NotOlderThan'],
      ],
    );
  });

  it('asks for metadata alone where that is all that is used', async () => {
    const { seen } = await reflect([list('7', ['a']), open], (reflector) => reflector.live, {
      resource: { ...things, metadataOnly: true },
    });
    assert.deepEqual(
      seen.map(({ accept }) => accept),
      [
        'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
        'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
      ],
    );
  });

  it('survives whatever a server may answer, waits each time, and tells of it', async () => {
    const { calls, counters, states } = await reflect(
      [
        json({ message: 'forbidden' }, 403),
        json({ message: 'slow down' }, 429, { 'retry-after': '0' }),
        (response) => response.destroy(),
        (response) => response.end('<html>captive portal</html>'),
        json({ items: [] }),
        list('7', ['a']),
        (response) =>
          response.writeHead(200).write('{"type":"ADDED","object":{"meta') &&
          setTimeout(() => response.destroy(), 20),
        watch([{ type: 'NEWS', object: object('x', '8') }]),
        (response) => response.end('not json\n'),
        open,
      ],
      (reflector) => reflector.live && reflector.counters().watches === 4,
    );
    assert.deepEqual(calls, ['begin', 'begin', '+a', 'end']);
    assert.equal(counters.errors, 8);
    const codes = states
      .filter((state) => state !== undefined)
      .map((state) => (state as { code: string }).code);
    const short = codes.map((code) => code.replace('HOPSPAN_ERR_KUBE_', ''));
    assert.deepEqual(short.slice(0, 5), ['API', 'API', 'UNREACHABLE', 'PROTOCOL', 'PROTOCOL']);
    assert.ok(
      states[0] instanceof KubeApiError && states[0].status === 403 && /forbidden/.test(states[0].message),
    );
  });

  it('lists again when a watch is refused time and again for another reason than its age', async () => {
    const { counters } = await reflect(
      [list('7', ['a']), json({}, 400), json({}, 400), json({}, 400), list('3', ['a']), open],
      (reflector) => reflector.live,
    );
    assert.deepEqual([counters.lists, counters.errors], [2, 3]);
  });

  it('never goes round without a wait, even when the server ends every watch at once', async () => {
    const waits: number[] = [];
    await using api = await FakeApi.start(list('7', ['a']), watch([event('ADDED', 'b', '8')]));
    const client = new KubeClient(api.access());
    const reflector = new Reflector(client, things, new Recorder(), {
      initialMillis: 20,
      maxMillis: 100,
      random: () => 0.5,
    });
    reflector.start();
    while (api.seen.length < 6) await sleep(5);
    await reflector.stop();
    await client.close();
    for (let i = 2; i < 6; i += 1)
      waits.push((api.seen[i]?.atMillis ?? 0) - (api.seen[i - 1]?.atMillis ?? 0));
    // 20, 40, 80, 100 ms: a timer may be a millisecond early.
    assert.deepEqual(
      waits.map((wait, i) => wait >= ([20, 40, 80, 100][i] ?? 0) - 2),
      [true, true, true, true],
      waits.join(),
    );
  });

  it('waits after a connection broke, however long it had held', async () => {
    let now = 0;
    await using api = await FakeApi.start(list('7', ['a']), (response) => {
      now += 600_000;
      response.writeHead(200).flushHeaders();
      setTimeout(() => response.destroy(), 5);
    });
    const client = new KubeClient(api.access());
    const options = { initialMillis: 50, maxMillis: 50, random: () => 0.5, now: () => now };
    const reflector = new Reflector(client, things, new Recorder(), options);
    reflector.start();
    while (api.seen.length < 4) await sleep(5);
    await reflector.stop();
    await client.close();
    const [, first, second, third] = api.seen.map(({ atMillis }) => atMillis);
    for (const wait of [(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)])
      assert.ok(wait >= 48, `${wait} ms`);
  });

  it('opens a watch anew from which nothing comes any more', async () => {
    const { counters } = await reflect(
      [list('7', ['a']), open],
      (reflector) => reflector.counters().watches >= 3,
      {
        watchIdleMillis: 30,
      },
    );
    assert.ok(counters.watches_idle >= 2);
    assert.equal(counters.errors, 0);
  });

  it('tells from when on a change may be: since the last sign of life, where there was a pause', async () => {
    let now = 1000;
    const { since } = await reflect(
      [
        list('7', ['a']),
        (response, request) => {
          now = 2000;
          watch([event('ADDED', 'b', '8')])(response, request);
        },
        (response, request) => {
          now = 90_000;
          watch([event('ADDED', 'c', '9')], false)(response, request);
        },
      ],
      (reflector) => reflector.counters().events === 2,
      { now: () => now },
    );
    assert.deepEqual(since, [Number.NEGATIVE_INFINITY, 1000, 2000]);
  });

  it('can be stopped while it waits, lists or watches', async () => {
    await using api = await FakeApi.start(() => undefined);
    const client = new KubeClient(api.access());
    const reflector = new Reflector(client, things, new Recorder());
    reflector.start();
    while (api.seen.length === 0) await sleep(2);
    await reflector.stop();
    await reflector.synced;
    await client.close();
    assert.equal(reflector.live, false);
  });
});
