// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readEnvironment } from '../src/env.ts';
import { UsageError } from '../src/errors.ts';

describe('readEnvironment', () => {
  it('reads the names that OpenTelemetry and Kubernetes gave', () => {
    const variables = {
      OTEL_SERVICE_NAME: 'net',
      K8S_NODE_NAME: 'n1',
      HOST_IP: '192.0.2.1',
      OTEL_RESOURCE_ATTRIBUTES: 'a=b%20c, d=e=f,',
    };
    const { serviceName, nodeName, nodeAddress, resourceAttributes } = readEnvironment(variables);
    assert.deepEqual(
      { serviceName, nodeName, nodeAddress, resourceAttributes },
      {
        serviceName: 'net',
        nodeName: 'n1',
        nodeAddress: '192.0.2.1',
        resourceAttributes: { a: 'b c', d: 'e=f' },
      },
    );
  });
  it('takes an empty variable as unset', () => {
    const { serviceName, nodeName } = readEnvironment({ OTEL_SERVICE_NAME: '', K8S_NODE_NAME: '' });
    assert.deepEqual([serviceName, nodeName], [undefined, undefined]);
  });
  for (const text of ['novalue', '=x', 'a=%zz']) {
    it(`refuses the resource attributes "${text}"`, () => {
      assert.throws(() => readEnvironment({ OTEL_RESOURCE_ATTRIBUTES: text }), UsageError);
    });
  }
});
