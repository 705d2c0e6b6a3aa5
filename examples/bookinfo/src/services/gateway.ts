// SPDX-License-Identifier: Apache-2.0
import { getJson } from '../http-client.ts';

const PRODUCTPAGE = process.env.PRODUCTPAGE_URL ?? 'http://productpage:9080';

/** The way in: hands requests for the product page on, and starts their trace. */
export function gateway(path: string): Promise<unknown> | undefined {
  return path === '/productpage' ? getJson(`${PRODUCTPAGE}${path}`) : undefined;
}
