// SPDX-License-Identifier: Apache-2.0
import { DiscoveryError } from '../errors.ts';

/** Largest object of a watch, and largest page of a list: etcd takes 1.5 MB for one object. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const MAX_PAGE_BYTES = 512 * 1024 * 1024;
const LINE_FEED = 0x0a;

/** @throws DiscoveryError HOPSPAN_ERR_KUBE_PROTOCOL */
export async function readJson(body: AsyncIterable<Buffer>): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_PAGE_BYTES) throw protocolError(`an answer of more than ${MAX_PAGE_BYTES} bytes`);
    chunks.push(chunk);
  }
  return parse(chunks);
}

/**
 * One JSON document a line, as watches send them. A last line that is not whole is left out: the connection broke.
 * @throws DiscoveryError HOPSPAN_ERR_KUBE_PROTOCOL
 */
export async function* readJsonLines(body: AsyncIterable<Buffer>): AsyncGenerator<unknown, void, undefined> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      chunks.push(chunk.subarray(start, end));
      yield parse(chunks);
      chunks = [];
      length = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    chunks.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > MAX_LINE_BYTES) throw protocolError(`a line of more than ${MAX_LINE_BYTES} bytes`);
  }
}

function parse(chunks: readonly Buffer[]): unknown {
  const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw protocolError(`not JSON: ${JSON.stringify(bytes.toString('utf8', 0, 80))}`, cause);
  }
}

function protocolError(got: string, cause?: unknown): DiscoveryError {
  const message = `the API server sent ${got}; expected JSON of the Kubernetes API. Is there something else at this address?`;
  return new DiscoveryError('HOPSPAN_ERR_KUBE_PROTOCOL', message, { cause });
}
