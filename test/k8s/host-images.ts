// SPDX-License-Identifier: Apache-2.0
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repoRoot } from '../../scripts/lib/paths.ts';

/** What an image brings: what it starts, and files. */
export interface HostImage {
  readonly entrypoint: readonly string[];
  /** Paths of this machine that are in it, under the same names, read-only. */
  readonly paths: readonly string[];
}

const source = (path: string) => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));

/** This Node with its libraries, and this source tree. */
const NODE_PATHS = ['/usr', '/lib', '/lib64', repoRoot, dirname(dirname(process.execPath))];

/** No registry is asked: what an image would bring is on this machine, and is shown to the container as it is. */
export const hostImages: Readonly<Record<string, HostImage>> = {
  'ghcr.io/hopspan/hopspan-agent': {
    entrypoint: [process.execPath, source('agent/bin/hopspan-agent.js')],
    paths: NODE_PATHS,
  },
  bookinfo: {
    entrypoint: [
      process.execPath,
      '--import',
      source('bookinfo/src/tracing.ts'),
      source('bookinfo/src/main.ts'),
    ],
    paths: NODE_PATHS,
  },
  busybox: { entrypoint: [], paths: [] },
};
