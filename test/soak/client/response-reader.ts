// SPDX-License-Identifier: Apache-2.0

/** A response that has been read to its end. */
export interface Response {
  readonly status: number;
  readonly server: string | undefined;
}

/** Cuts a byte stream into responses. It knows the framing that server.ts uses, and nothing else. */
export class ResponseReader {
  #text = '';

  /**
   * Takes what was received.
   * @param isHead whether the nth response from now on answers a HEAD request
   * @returns responses that are complete now, those with status 1xx too
   * @throws Error when it is no response
   */
  read(part: string, isHead: (n: number) => boolean): Response[] {
    this.#text += part;
    const responses: Response[] = [];
    let finals = 0;
    for (;;) {
      const next = this.#take(isHead(finals));
      if (next === undefined) return responses;
      responses.push(next);
      if (next.status >= 200) finals += 1;
    }
  }

  #take(isHead: boolean): Response | undefined {
    const end = this.#text.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const head = this.#text.slice(0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    if (Number.isNaN(status)) throw new Error(`not a response: ${JSON.stringify(head.slice(0, 80))}`);
    const bodiless = isHead || status < 200 || status === 204 || status === 304;
    const length = bodiless ? 0 : Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const total = end + 4 + length;
    if (this.#text.length < total) return undefined;
    this.#text = this.#text.slice(total);
    return { status, server: /\r\nx-server: *(\S+)/i.exec(head)?.[1] };
  }
}
