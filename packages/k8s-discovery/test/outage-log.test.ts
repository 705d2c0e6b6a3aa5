// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type DiagLogger, diag } from '@opentelemetry/api';
import { DiscoveryError, KubeApiError } from '../src/errors.ts';
import { OutageLog } from '../src/outage-log.ts';

const unreachable = new DiscoveryError('HOPSPAN_ERR_KUBE_UNREACHABLE', 'https://api: connection refused');
const forbidden = new KubeApiError('GET /api/v1/nodes: status 403: forbidden', 403);

describe('OutageLog', () => {
  let lines: string[];
  let now: number;
  let log: OutageLog;
  beforeEach(() => {
    lines = [];
    now = 0;
    log = new OutageLog(() => now);
    const say = (message: string) => void lines.push(message);
    const logger: DiagLogger = { error: say, warn: say, info: say, debug: say, verbose: say };
    diag.setLogger(logger, { suppressOverrideMessage: true });
    lines.length = 0;
  });
  afterEach(() => diag.disable());

  it('says the first failure of any kind of object, and the end of the last', () => {
    for (now = 0; now < 60_000; now += 10_000) {
      log.report('pods', unreachable);
      log.report('nodes', unreachable);
    }
    log.report('pods', undefined);
    assert.equal(lines.length, 1);
    log.report('nodes', undefined);
    log.report('nodes', undefined);
    assert.match(lines[0] ?? '', /^kubernetes discovery: https:\/\/api: connection refused; going on/);
    assert.deepEqual(lines.slice(1), ['kubernetes discovery: following the API again, after 60 s']);
  });

  it('says another reason only when it lasts', () => {
    log.report('pods', unreachable);
    log.report('nodes', forbidden);
    now = 29_999;
    log.report('nodes', forbidden);
    assert.equal(lines.length, 1);
    now = 30_000;
    log.report('nodes', forbidden);
    log.report('nodes', forbidden);
    assert.equal(lines.length, 2);
    assert.match(lines[1] ?? '', /403/);
  });

  it('says nothing of successes alone', () => {
    log.report('pods', undefined);
    assert.deepEqual(lines, []);
  });
});
