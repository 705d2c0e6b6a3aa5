// SPDX-License-Identifier: Apache-2.0

import { decodeRequest, type Span } from '../../src/otlp.ts';
import { type Acceptance, listenGrpc, listenHttp } from '../../src/receivers.ts';
import { spansOf } from './requests.ts';

/** What stands behind the stitcher: keeps what it gets. `answer` says what it does with the next request. */
export class Downstream implements AsyncDisposable {
  readonly requests: Buffer[] = [];
  answer: Acceptance = 'accepted';
  refused = 0;
  readonly #listening: Awaited<ReturnType<typeof listenGrpc>>[] = [];

  static async start(): Promise<Downstream> {
    const downstream = new Downstream();
    const accept = (request: Buffer) => {
      if (downstream.answer === 'accepted') downstream.requests.push(request);
      else downstream.refused += 1;
      return downstream.answer;
    };
    downstream.#listening.push(
      await listenGrpc('127.0.0.1:0', accept),
      await listenHttp('127.0.0.1:0', accept),
    );
    return downstream;
  }

  get grpc(): string {
    return this.#listening[0]?.endpoint ?? '';
  }

  get http(): string {
    return this.#listening[1]?.endpoint ?? '';
  }

  spans(): Span[] {
    return this.requests.flatMap((request) => spansOf(decodeRequest(request)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#listening.map((each) => each.close()));
  }
}

/** Waits until the condition holds; fails after a minute. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within 60 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
