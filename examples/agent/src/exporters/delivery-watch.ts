// SPDX-License-Identifier: Apache-2.0
import type { Counters } from '@hopspan/core';
import type { ComponentHealth } from '../telemetry/health.ts';

/** Tells from the counters of an exporter whether spans arrive: since the last that did, nothing may have failed. */
export class DeliveryWatch {
  #sent = 0;
  #failures = 0;

  judge(counters: Counters): ComponentHealth {
    const {
      sent = 0,
      retries = 0,
      dropped_retry_expired: expired = 0,
      dropped_rejected: rejected = 0,
    } = counters;
    const failures = retries + expired + rejected;
    if (sent !== this.#sent) {
      this.#sent = sent;
      this.#failures = failures;
    }
    const failed = failures - this.#failures;
    if (failed === 0) return { status: 'ok' };
    return { status: 'degraded', reason: `${failed} failures since the last spans arrived` };
  }
}
