// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AGENT_ACCOUNT, AGENT_NAMESPACE, applyAgentRbac } from './agent-account.ts';
import { goAvailable } from './build.ts';
import { KubeCluster } from './cluster.ts';

const skip = process.env.CI ? false : (goAvailable() ?? false);

/** All verbs that RBAC knows, and one for those it does not. */
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const SPECIAL_VERBS = ['bind', 'escalate', 'impersonate', 'approve', 'sign', 'use', '*'];

/** `group/resource` of everything that this API server has, subresources included. */
async function listResources(cluster: KubeCluster): Promise<string[]> {
  const { groups } = await cluster.do('GET', '/apis');
  const versions = groups.map(
    ({ preferredVersion }: { preferredVersion: { groupVersion: string } }) => preferredVersion.groupVersion,
  );
  const names: string[] = [];
  for (const path of ['/api/v1', ...versions.map((version: string) => `/apis/${version}`)]) {
    const group = path.startsWith('/apis/') ? path.split('/')[2] : '';
    const { resources } = await cluster.do('GET', path);
    names.push(...resources.map(({ name }: { name: string }) => `${group} ${name}`));
  }
  return [...names, ' users', ' groups', 'made.up things', '* *'];
}

/** What an account may do with all of that, in every namespace: `verb group/resource`. */
async function listRights(
  cluster: KubeCluster,
  account: string,
  resources: readonly string[],
): Promise<string[]> {
  const questions = resources.flatMap((name) => [...VERBS, ...SPECIAL_VERBS].map((verb) => ({ name, verb })));
  const rights: string[] = [];
  const ask = async (): Promise<void> => {
    for (let question = questions.pop(); question !== undefined; question = questions.pop()) {
      const { name, verb } = question;
      const [group = '', full = ''] = name.split(' ');
      const [resource, subresource] = full.split('/');
      const review = await cluster.do('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        spec: {
          user: account,
          groups: [
            'system:serviceaccounts',
            `system:serviceaccounts:${account.split(':')[2]}`,
            'system:authenticated',
          ],
          resourceAttributes: { group, resource, subresource, verb },
        },
      });
      if (review.status.allowed) rights.push(`${verb} ${group}/${full}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, ask));
  return rights.sort();
}

describe("the rights of the agent's service account", { skip }, () => {
  let cluster: KubeCluster;
  before(async () => {
    cluster = await KubeCluster.start();
    await applyAgentRbac(cluster);
  });
  after(() => cluster?.stop());

  it('are exactly those that discovery needs, on top of what every service account has', async () => {
    const resources = await listResources(cluster);
    assert.ok(resources.length > 80, `only ${resources.length} kinds found`);
    const ours = await listRights(
      cluster,
      `system:serviceaccount:${AGENT_NAMESPACE}:${AGENT_ACCOUNT}`,
      resources,
    );
    const any = new Set(await listRights(cluster, 'system:serviceaccount:default:other', resources));
    const needed = ['/namespaces', '/nodes', '/pods', '/services', 'discovery.k8s.io/endpointslices'];
    assert.deepEqual(
      ours.filter((right) => !any.has(right)),
      ['list', 'watch'].flatMap((verb) => needed.map((resource) => `${verb} ${resource}`)),
    );
  });

  it('do not reach paths outside of the resources', async () => {
    const review = await cluster.do('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      spec: {
        user: `system:serviceaccount:${AGENT_NAMESPACE}:${AGENT_ACCOUNT}`,
        nonResourceAttributes: { path: '/metrics', verb: 'get' },
      },
    });
    assert.equal(review.status.allowed, false);
  });
});
