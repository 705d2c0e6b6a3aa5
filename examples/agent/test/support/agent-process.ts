// SPDX-License-Identifier: Apache-2.0
// The command with a pretended kernel, for tests that need a process of its own.
import { runCommandLine } from '../../src/main.ts';
import { createTestPlatform } from './fake-platform.ts';

const hops = Number(process.env.TEST_HOPS ?? '0');
await runCommandLine(async () => createTestPlatform({ hops }));
