// SPDX-License-Identifier: Apache-2.0
import { contextOffset, RecordingServer } from '@hopspan/test/proxies/recording-server.ts';
import type { ExperimentOptions } from '../harness/experiment.ts';
import type { Findings, Row } from '../harness/report.ts';
import type { Measured } from '../harness/target.ts';
import { cookieSizes } from './cookies.ts';
import { type Writer, writers } from './writers.ts';

/** What the paper's proposed format needs to be searched, at most. */
const PROPOSED_BYTES = 200;

/** Where does the context stand in what clients and proxies write, before and after they follow a recipe? */
export async function measureHeaderOrder({ note, signal }: ExperimentOptions): Promise<Findings> {
  const rows: Row[] = [];
  const targets: Measured[] = [];
  for (const writer of writers) {
    signal.throwIfAborted();
    note(`header-order: ${writer.name}`);
    const before = await recordOffsets(writer, false);
    const after = await recordOffsets(writer, true);
    rows.push(...cookieSizes.map((cookieBytes, i) => makeRow(writer, cookieBytes, before[i], after[i])));
    targets.push(...judgeWriter(writer, after));
  }
  return { targets, rows };
}

/** The offset for each size of cookie. */
async function recordOffsets(writer: Writer, withRecipe: boolean): Promise<(number | undefined)[]> {
  const server = new RecordingServer();
  try {
    await writer.send(await server.start(), withRecipe);
    return server.requests.map(contextOffset);
  } finally {
    await server.stop();
  }
}

function makeRow(
  { name, recipe }: Writer,
  cookieBytes: number,
  before: number | undefined,
  after: number | undefined,
): Row {
  return { writer: name, recipe, cookieBytes, beforeBytes: before ?? null, afterBytes: after ?? null };
}

/** In front of whatever makes a request long: the same place with every cookie, inside the paper's window. */
function judgeWriter({ name }: Writer, after: readonly (number | undefined)[]): Measured[] {
  const known = after.filter((offset) => offset !== undefined);
  const complete = known.length === cookieSizes.length;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const figure = (id: string, value: number, target: number): Measured => ({
    ...{ id: `${id}@${name}`, value: complete ? value : null, op: '<=', target, unit: 'bytes' },
  });
  return [figure('offset', most, PROPOSED_BYTES), figure('offsetSpread', most - least, 0)];
}
