// SPDX-License-Identifier: Apache-2.0
// Writes the corpus of packets to test/fixtures/packets, which then holds nothing else.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePacketFiles, packetFolder } from '../test/bpf/corpus.ts';

rmSync(packetFolder, { recursive: true, force: true });
mkdirSync(packetFolder, { recursive: true });
for (const [name, bytes] of makePacketFiles()) writeFileSync(join(packetFolder, name), bytes);
