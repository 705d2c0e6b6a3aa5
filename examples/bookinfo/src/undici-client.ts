// SPDX-License-Identifier: Apache-2.0
import { Agent, request } from 'undici';

const dispatcher = new Agent();

/**
 * Fetches a JSON document by undici.
 * @throws Error when it cannot be reached or answers another status than 200
 */
export async function getJson(url: string): Promise<unknown> {
  const { statusCode, body } = await request(url, { dispatcher });
  if (statusCode === 200) return body.json();
  await body.dump();
  throw new Error(`GET ${url}: status ${statusCode}`);
}
