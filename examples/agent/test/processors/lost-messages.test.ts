// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LostMessage } from '@hopspan/core';
import type { ProcessorConfig } from '../../src/config/agent-config.ts';
import { createProcessor } from '../../src/processors/create-processor.ts';
import { createTestNetwork } from '../support/fake-platform.ts';
import { makeHop } from '../support/make-hop.ts';

const { kind, context, from, clockOffsetNs, streamPosition, retransmission } = makeHop(0, 1000);
const lost: LostMessage = {
  ...{ kind, context, from, clockOffsetNs, streamPosition, retransmission },
  ...{ durationNs: 5000, copies: 1, evidence: 'retransmission' },
};

describe('the processors that name the ends of hops', () => {
  for (const type of ['k8s_attributes', 'container_metadata'] as const) {
    it(`name those of lost messages, too: ${type}`, () => {
      const { processor } = createProcessor({ id: type, type, config: {} } as ProcessorConfig, {
        platform: { network: createTestNetwork(['eth0']) },
        log: { warn: () => undefined },
        resource: {},
      });
      const passed = processor.processLost?.([lost]);
      assert.equal(passed?.length, 1);
      const { lost: counted, ends_unknown: unknown } = processor.counters();
      assert.ok(counted === 1 && (unknown ?? 0) > 0, 'nobody is known yet, but somebody was looked for');
    });
  }
});
