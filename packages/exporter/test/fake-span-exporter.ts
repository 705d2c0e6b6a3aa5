// SPDX-License-Identifier: Apache-2.0
import type { ExportResultLike, ReadableSpanLike, SpanExporterLike } from '../src/types.ts';

/** An exporter whose outcomes the test decides; without a decision it succeeds. */
export class FakeSpanExporter implements SpanExporterLike {
  readonly batches: ReadableSpanLike[][] = [];
  readonly calls: string[] = [];
  /** Outcomes of the next exports: an error fails, undefined succeeds. */
  readonly outcomes: (Error | undefined)[] = [];
  /** Holds every export back until the test calls `release`. */
  held: (() => void)[] | undefined;

  get spans(): ReadableSpanLike[] {
    return this.batches.flat();
  }

  export(spans: ReadableSpanLike[], resultCallback: (result: ExportResultLike) => void): void {
    this.batches.push(spans);
    const error = this.outcomes.shift();
    const answer = () => resultCallback(error === undefined ? { code: 0 } : { code: 1, error });
    if (this.held === undefined) setImmediate(answer);
    else this.held.push(answer);
  }

  /** Answers what is held and holds no more. */
  release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const answer of held) answer();
  }

  async forceFlush(): Promise<void> {
    this.calls.push('forceFlush');
  }

  async shutdown(): Promise<void> {
    this.calls.push('shutdown');
  }
}

/** An error with the code of a gRPC status, an HTTP status, or an errno. */
export function codedError(code: number | string, more: object = {}): Error {
  return Object.assign(new Error(`code ${code}`), { code, ...more });
}

export const UNAVAILABLE = 14;
export const INVALID_ARGUMENT = 3;
