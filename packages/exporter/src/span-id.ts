// SPDX-License-Identifier: Apache-2.0
import { randomFillSync } from 'node:crypto';

const ID_BYTES = 8;
const INVALID = '0'.repeat(2 * ID_BYTES);

// One call of the generator serves 512 ids: a call costs a hundred times what a copy does.
const pool = Buffer.allocUnsafeSlow(512 * ID_BYTES);
let used = pool.length;

/** A new random span id: 16 lower-case hex digits, not all zero. */
export function newSpanId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const id = pool.toString('hex', used, used + ID_BYTES);
  used += ID_BYTES;
  return id === INVALID ? newSpanId() : id;
}
