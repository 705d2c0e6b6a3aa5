// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isInTopology } from '../../src/index.ts';

const workload = { kind: 'deployment', name: 'reviews-v1' } as const;
const pod = {
  namespace: 'shop',
  serviceName: 'reviews-v1',
  workload,
  labels: { app: 'rev', tier: 'back' },
  tracedNames: ['rv'],
};
const services = [{ namespace: 'shop', name: 'reviews' }];
const isMember = (service: string, of: Parameters<typeof isInTopology>[1] = pod): boolean =>
  isInTopology({ services: new Set(['other', service]) }, of, services);

describe('isInTopology', () => {
  for (const name of [
    'reviews-v1',
    'reviews-v1.shop',
    'reviews',
    'reviews.shop',
    'reviews.shop.svc',
    'reviews.shop.svc.cluster.local',
    'rev',
    'rv',
    'rev.shop',
  ])
    it(`takes ${name} for the pod's service`, () => assert.ok(isMember(name)));

  for (const name of [
    'review',
    'reviews.web',
    'reviews.web.svc.cluster.local',
    'shop',
    'back',
    'reviews.shop.com',
  ])
    it(`does not take ${name} for it`, () => assert.ok(!isMember(name)));

  it('takes the name that an annotation gives', () => {
    assert.ok(isMember('the.reviews', { ...pod, serviceName: 'the.reviews' }));
  });

  it("takes Istio's canonical name and those of OpenTelemetry's conventions", () => {
    for (const label of [
      'service.istio.io/canonical-name',
      'app.kubernetes.io/name',
      'app.kubernetes.io/instance',
    ])
      assert.ok(isMember('page.shop', { ...pod, labels: { [label]: 'page' } }), label);
  });

  it('takes nobody where nobody has a name', () => {
    const bare = {
      namespace: 'shop',
      serviceName: undefined,
      workload: undefined,
      labels: {},
      tracedNames: [],
    };
    assert.ok(!isInTopology({ services: new Set(['undefined', 'undefined.shop']) }, bare, []));
  });
});
