// SPDX-License-Identifier: Apache-2.0
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the working tree. */
export const repoRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where set-up keeps its stamps and caches; may be deleted at any time. */
export const cacheDir = join(repoRoot, '.cache');
