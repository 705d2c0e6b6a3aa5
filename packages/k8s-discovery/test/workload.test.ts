// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { workloadByName, workloadOf } from '../src/workload.ts';

const owned = (kind: string, name: string) => [{ kind, name, controller: true }];

describe('workloadOf', () => {
  it('finds the Deployment behind a ReplicaSet by the hash that both carry', () => {
    const labels = { 'pod-template-hash': '6d4cf56db6' };
    assert.deepEqual(workloadOf(owned('ReplicaSet', 'reviews-v1-6d4cf56db6'), labels), {
      kind: 'deployment',
      name: 'reviews-v1',
    });
  });

  it('takes a ReplicaSet without that hash for what it is', () => {
    const others: (Record<string, string> | undefined)[] = [
      undefined,
      {},
      { 'pod-template-hash': 'other' },
      { 'pod-template-hash': '' },
    ];
    for (const labels of others) {
      assert.deepEqual(workloadOf(owned('ReplicaSet', 'web-1'), labels), {
        kind: 'replicaset',
        name: 'web-1',
      });
    }
  });

  it('names the other controllers, and the CronJob behind a Job', () => {
    assert.deepEqual(workloadOf(owned('StatefulSet', 'db'), {}), { kind: 'statefulset', name: 'db' });
    assert.deepEqual(workloadOf(owned('DaemonSet', 'agent'), {}), { kind: 'daemonset', name: 'agent' });
    assert.deepEqual(workloadOf(owned('Job', 'migrate-2'), {}), { kind: 'job', name: 'migrate-2' });
    assert.deepEqual(workloadOf(owned('Job', 'backup-29384756'), {}), { kind: 'cronjob', name: 'backup' });
  });

  it('knows none of a bare pod, of an owner that is no controller, or of a kind it does not know', () => {
    assert.equal(workloadOf(undefined, {}), undefined);
    assert.equal(workloadOf([{ kind: 'ReplicaSet', name: 'web' }], {}), undefined);
    assert.equal(workloadOf(owned('Rollout', 'web'), {}), undefined);
  });
});

describe('workloadByName', () => {
  const cases: Readonly<Record<string, { kind: string; name: string } | undefined>> = {
    'reviews-v1-6d4cf56db6-x7k2p': { kind: 'deployment', name: 'reviews-v1' },
    'web-5f9c8d7b4-2zrtq': { kind: 'deployment', name: 'web' },
    'backup-29384756-x7k2p': { kind: 'cronjob', name: 'backup' },
    'db-0': { kind: 'statefulset', name: 'db' },
    'db-12': { kind: 'statefulset', name: 'db' },
    // Five random characters alone may be a DaemonSet's, a Job's or a bare ReplicaSet's.
    'agent-x7k2p': undefined,
    // 1, 3, a and e are never in such a hash.
    'web-abcdef1234-x7k2p': undefined,
    web: undefined,
  };
  for (const [pod, workload] of Object.entries(cases)) {
    it(`says of ${pod}: ${workload === undefined ? 'nothing' : `${workload.kind} ${workload.name}`}`, () => {
      assert.deepEqual(workloadByName(pod), workload);
    });
  }
});
