// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

/** Version of the package, the same from src and from dist. */
export const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
