// SPDX-License-Identifier: Apache-2.0

/** Bytes of the cookie that a request carries: what stands in front of a context that is last. */
export const cookieSizes = [0, 300, 2048] as const;

export function cookieHeaders(bytes: number): Record<string, string> {
  return bytes === 0 ? {} : { cookie: 'c'.repeat(bytes) };
}

/** What a browser sends besides. */
export const browserHeaders = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-language': 'en-GB,en;q=0.9',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};
