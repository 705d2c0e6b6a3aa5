// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

/** One request, as the client that sent it has logged it: the truth that hops are held against. */
export interface TruthEntry {
  /** The kind of load that it belongs to. */
  readonly kind: string;
  /** `traceid-spanid`, or undefined for a request without a context. */
  readonly context: string | undefined;
  readonly sampled: boolean;
  /** Contexts that stood in its body: nobody may follow them. */
  readonly decoys: readonly string[];
  /** What the client dialled, as `address:port`, and from where. */
  destination: string;
  source: string;
  /** Status code of the final response, and the server that says to have sent it; undefined without an answer. */
  status: number | undefined;
  server: string | undefined;
}

/** Reads a client's log: a JSON object a line. */
export function readTruth(file: string): TruthEntry[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as TruthEntry);
}
