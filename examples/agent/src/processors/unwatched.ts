// SPDX-License-Identifier: Apache-2.0
import type { NoVportReason } from '@hopspan/k8s-discovery';

/** So many names are told of what is not measured. */
const NAMES_MAX = 5;

/** What is not measured, and why: containers or pods without a vport. */
export function tellUnwatched(unwatched: ReadonlyMap<NoVportReason, readonly string[]>): { reason?: string } {
  const reasons = [...unwatched].map(([reason, names]) => {
    const more = names.length > NAMES_MAX ? ', …' : '';
    return `${names.length} ${reason} (${names.slice(0, NAMES_MAX).join(', ')}${more})`;
  });
  return reasons.length === 0 ? {} : { reason: `without a vport, by reason: ${reasons.join('; ')}` };
}
