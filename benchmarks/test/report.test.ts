// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Findings, makeReport, makeReportSet } from '../harness/report.ts';
import { formatReport } from '../harness/table.ts';

const origin = { machine: { kernel: '6.18.0', cpu: '2 × CPU', node: 'v24.0.0' }, commit: 'abc' };
const quiet = { noisy: false, foreign: { beforeCpus: 0.01, duringCpus: 0.02 } };
const refused = { noisy: true, foreign: { beforeCpus: 1.5, duringCpus: null } };
const findings = (p50ErrorNs: number): Findings => ({
  targets: [{ id: 'p50ErrorNs', value: p50ErrorNs, op: '<=', target: 500, unit: 'ns' }],
  rows: [{ direction: 'transmit', pairs: 12_000 }],
});

describe('makeReport', () => {
  it('has the fields of the contract', () => {
    const report = makeReport('accuracy', findings(400), quiet, origin);
    assert.deepEqual(JSON.parse(JSON.stringify(report)), {
      name: 'accuracy',
      ok: true,
      noisy: false,
      targets: [{ id: 'p50ErrorNs', value: 400, op: '<=', target: 500, unit: 'ns', ok: true }],
      rows: [{ direction: 'transmit', pairs: 12_000 }],
      foreign: { beforeCpus: 0.01, duringCpus: 0.02 },
      machine: origin.machine,
      commit: 'abc',
    });
  });

  it('is not ok when one target fails', () => {
    assert.equal(makeReport('accuracy', findings(501), quiet, origin).ok, false);
  });

  it('is not ok when it was refused, and claims nothing', () => {
    const { ok, noisy, targets, rows } = makeReport('accuracy', undefined, refused, origin);
    assert.deepEqual({ ok, noisy, targets, rows }, { ok: false, noisy: true, targets: [], rows: [] });
  });
});

describe('makeReportSet', () => {
  it('is ok when all are, and noisy when one is', () => {
    const good = makeReport('a', findings(1), quiet, origin);
    const bad = makeReport('b', undefined, refused, origin);
    assert.deepEqual(makeReportSet([good], origin), {
      ...{ ok: true, noisy: false, experiments: [good] },
      ...origin,
    });
    assert.equal(makeReportSet([good, bad], origin).ok, false);
    assert.equal(makeReportSet([good, bad], origin).noisy, true);
  });
});

describe('formatReport', () => {
  it('names each target that does not hold', () => {
    const text = formatReport(makeReport('accuracy', findings(501), quiet, origin));
    assert.match(text, /^accuracy: NOT all targets hold\n/);
    assert.match(text, /p50ErrorNs +501 +<= 500 ns +NO\n/);
  });

  it('aligns numbers to the right under their heading', () => {
    const text = formatReport(makeReport('accuracy', findings(1), quiet, origin));
    assert.match(text, / direction {2}( *)pairs\n {2}transmit {3}12,000\n/);
  });
});
