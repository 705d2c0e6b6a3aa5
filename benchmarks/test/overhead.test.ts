// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Round, Watched } from '../overhead/round.ts';
import { summarize } from '../overhead/summary.ts';
import { parseWrk } from '../two-pods/wrk.ts';

function watched(rate: number, p99Micros: number, hops?: number): Watched {
  const requests = { rate, p99Micros, requests: 1000 };
  return {
    performances: {
      traced: requests,
      untraced: requests,
      bulk: { rate: rate * 1000, p99Micros: null, requests: 0 },
    },
    account: hops === undefined ? undefined : { hops, ringFull: 0, cpuMicros: 8000 },
  };
}

const round = (scale: number, hops = 4000): Round => ({
  none: watched(scale * 100, 50),
  hopspan: watched(scale * 96, 51, hops),
  tcpdump: watched(scale * 80, 70),
});

describe('what the probe costs an application', () => {
  it('is a ratio within each round, whatever the machine makes of the whole round', () => {
    const { targets, rows } = summarize([1, 0.5, 2, 1, 1, 3].map((scale) => round(scale)));
    assert.deepEqual(
      targets.map(({ id, value }) => [id, value]),
      [
        ['tracedRateRatioLow', 0.96],
        ['tracedP99Ratio', 1.02],
        ['bulkRateRatio', 0.96],
        ['hopsReportedShare', 1],
      ],
    );
    const row = rows.find(({ load, watcher }) => load === 'traced' && watcher === 'hopspan');
    assert.equal(row?.userNsPerHop, 2000);
    assert.equal(rows.find(({ load, watcher }) => load === 'bulk' && watcher === 'tcpdump')?.rateRatio, 0.8);
  });

  it('does not hold where hops are missing', () => {
    const { targets } = summarize([round(1, 3990)]);
    assert.equal(targets.at(-1)?.value, 0.9975);
  });
});

describe('parseWrk', () => {
  const text = `Running 1s test @ http://10.42.2.2:8080/
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   553.42us   61.80us   1.40ms   84.29%
    Req/Sec    28.55k     1.43k   30.32k    81.82%
  Latency Distribution
     50%  538.00us
     75%  571.00us
     90%  621.00us
     99%    1.21ms
  31234 requests in 1.10s, 7.91MB read
Requests/sec:  28394.81
Transfer/sec:      7.19MB
`;

  it('reads requests, their rate, and the time of 99 % of them in microseconds', () => {
    assert.deepEqual(parseWrk(text), { requests: 31_234, rate: 28_394.81, p99Micros: 1210 });
    assert.equal(parseWrk(text.replace('1.21ms', '810.00us'))?.p99Micros, 810);
    assert.equal(parseWrk(text.replace('1.21ms', '2.00s'))?.p99Micros, 2_000_000);
  });

  it('takes nothing else', () => {
    assert.equal(parseWrk('unable to connect'), undefined);
  });
});
