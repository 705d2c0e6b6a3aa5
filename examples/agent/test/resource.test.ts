// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readEnvironment } from '../src/env.ts';
import { createResourceAttributes } from '../src/resource.ts';

function create(variables: Record<string, string> = {}, configured = {}, machineIdFile = '/nonexistent') {
  return createResourceAttributes({ configured, environment: readEnvironment(variables), machineIdFile });
}

describe('createResourceAttributes', () => {
  it('names the service overlay-network and the host by itself', () => {
    const { 'service.instance.id': id, 'service.version': version, ...rest } = create();
    assert.deepEqual(rest, { 'service.name': 'overlay-network', 'host.name': hostname() });
    assert.match(String(id), /^[0-9a-f-]{36}$/);
    assert.match(String(version), /^\d+\.\d+\.\d+/);
  });
  it('takes the node name of Kubernetes', () => {
    const attributes = create({ K8S_NODE_NAME: 'n1' });
    assert.deepEqual([attributes['host.name'], attributes['k8s.node.name']], ['n1', 'n1']);
  });
  it('reads the machine id', (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'hopspan-'));
    context.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'machine-id'), 'abc\n');
    assert.equal(create({}, {}, join(folder, 'machine-id'))['host.id'], 'abc');
  });
  it('prefers the configuration to OTEL_SERVICE_NAME, and that to OTEL_RESOURCE_ATTRIBUTES', () => {
    const variables = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,x=1' };
    assert.equal(create(variables)['service.name'], 'a');
    assert.equal(create({ ...variables, OTEL_SERVICE_NAME: 'b' })['service.name'], 'b');
    const all = create({ ...variables, OTEL_SERVICE_NAME: 'b' }, { 'service.name': 'c' });
    assert.deepEqual([all['service.name'], all.x], ['c', '1']);
  });
});
