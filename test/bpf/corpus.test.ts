// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { makePacketFiles, packetFolder } from './corpus.ts';

it('the corpus of packets is what scripts/update-packets.ts makes', () => {
  const made = makePacketFiles();
  assert.deepEqual(readdirSync(packetFolder).sort(), [...made.keys()].sort());
  for (const [name, bytes] of made) assert.ok(bytes.equals(readFileSync(join(packetFolder, name))), name);
});
