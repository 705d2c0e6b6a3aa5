// SPDX-License-Identifier: Apache-2.0

const millisByUnit: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const term = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;

/**
 * Milliseconds of a duration as Go's time.ParseDuration reads it (`200ms`, `1m30s`, `0`), without a sign.
 * undefined when it is not one.
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  let millis = 0;
  let end = 0;
  for (const match of text.matchAll(term)) {
    millis += Number(match[1]) * (millisByUnit[match[2] ?? ''] ?? Number.NaN);
    end = match.index + match[0].length;
  }
  return end === text.length && end > 0 ? millis : undefined;
}
