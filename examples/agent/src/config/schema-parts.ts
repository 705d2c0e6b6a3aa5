// SPDX-License-Identifier: Apache-2.0
// What the schemas of several components are made of.
import { z } from 'zod';
import { parseDuration } from './duration.ts';

const durationHint = 'expected a duration such as 200ms, 5s or 1m30s';

/** A Go duration; milliseconds after parsing. */
export function duration(defaultText: string, { min = 0 }: { min?: number } = {}) {
  return z
    .string(durationHint)
    .transform((text, context) => {
      const millis = parseDuration(text);
      if (millis !== undefined && millis >= min) return millis;
      const limit = millis === undefined ? '' : ` of at least ${min}ms`;
      context.addIssue({ code: 'custom', message: `${durationHint}${limit}` });
      return z.NEVER;
    })
    .prefault(defaultText);
}

export const port = z.int().min(1).max(65535);
export const namesOnly = z.array(z.string().min(1)).min(1);

/** The address of a Unix socket, as a URL or a path. */
export function unixSocket(defaultEndpoint: string) {
  const hint = `expected a socket such as ${defaultEndpoint}`;
  return z
    .string(hint)
    .regex(/^(unix:\/\/)?\/./, hint)
    .default(defaultEndpoint);
}
