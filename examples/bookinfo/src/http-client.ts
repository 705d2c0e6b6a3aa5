// SPDX-License-Identifier: Apache-2.0
import { Agent, get } from 'node:http';
import { json } from 'node:stream/consumers';

const agent = new Agent({ keepAlive: true });

/**
 * Fetches a JSON document by node:http.
 * @throws Error when it cannot be reached or answers another status than 200
 */
export async function getJson(url: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  get(url, { agent }, (response) => {
    if (response.statusCode === 200) resolve(json(response));
    else {
      response.resume();
      reject(new Error(`GET ${url}: status ${response.statusCode}`));
    }
  }).once('error', reject);
  return promise;
}
