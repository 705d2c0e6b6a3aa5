// SPDX-License-Identifier: Apache-2.0
// Seeds of the text fuzzer: what there is to know of a traceparent header, one thing each.

const ids = '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331';
const value = `00-${ids}-01`;
const line = `traceparent: ${value}\r\n`;
const request = 'GET /path HTTP/1.1\r\nhost: a\r\n';
const uuid = 'x-request-id: 4bf92f35-77b3-4da6-a3ce-929d0e0e4736\r\n';
const traced = `${request}${line}\r\n`;

const texts: Readonly<Record<string, string>> = {
  first: `GET / HTTP/1.1\r\n${line}\r\n`,
  last: `${request}${uuid}${line}\r\n`,
  none: `${request}${uuid}\r\n`,
  unsampled: `${request}traceparent: 00-${ids}-00\r\n\r\n`,
  'any-case': `${request}TRACEParent:${value}\r\n\r\n`,
  'white-space': `${request}traceparent: \t     ${value} \t     \r\n\r\n`,
  'too-much-white-space': `${request}traceparent:${' '.repeat(16)}${value}\r\n\r\n`,
  'white-space-behind': `${request}traceparent: ${value}${' '.repeat(16)}\r\n\r\n`,
  'line-feeds': `GET / HTTP/1.0\nhost: a\ntraceparent: ${value}\n\n`,
  folded: `${request}a: b\r\n\tc\r\n${line}\r\n`,
  duplicate: `${request}${line}a: b\r\n${line}\r\n`,
  'duplicate-junk': `${request}${line}traceparent: 00-bad\r\n\r\n`,
  'later-version': `${request}traceparent: cc-${ids}-03-what\r\n\r\n`,
  'reserved-version': `${request}traceparent: ff-${ids}-01\r\n\r\n`,
  'more-in-version-00': `${request}traceparent: ${value}-x\r\n\r\n`,
  'zero-trace': `${request}traceparent: 00-${'0'.repeat(32)}-b7ad6b7169203331-01\r\n\r\n`,
  'zero-span': `${request}traceparent: 00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01\r\n\r\n`,
  'upper-case-digit': `${request}traceparent: ${value.replace('e', 'E')}\r\n\r\n`,
  'long-run': `${request}traceparent: ${value}${'0'.repeat(70)}\r\n\r\n`,
  'other-name': `${request}x-${line}\r\n`,
  'in-a-value': `${request}a: ${line}\r\n`,
  'in-the-target': `GET /traceparent:${value} HTTP/1.1\r\n\r\n`,
  'in-the-body': `POST / HTTP/1.1\r\n\r\n${line}\r\n`,
  'not-http': `GET lost\r\n${line}\r\n`,
  deep: `${request}cookie: ${'c=d; '.repeat(200)}\r\n${line}\r\n`,
  'tab-then-much': `GET / HTTP/1.1\r\na: ${'x'.repeat(7000)}\n\tb: ${'y'.repeat(1000)}`,
};

/** Places where a segment may end, counted from the end of `traced`. */
const cuts = [1, 2, 3, 4, 5, 30, 59, 60, 72, 74];

/** Names and bytes of the inputs: see bpf/fuzz/fuzz_context.c for their layout. */
export function makeContextSeeds(): Map<string, Buffer> {
  const seeds = new Map<string, Buffer>();
  const add = (name: string, text: string, stale: string) => {
    const length = Buffer.alloc(2);
    length.writeUInt16LE(text.length);
    seeds.set(name, Buffer.concat([length, Buffer.from(text + stale, 'latin1')]));
  };
  for (const [name, text] of Object.entries(texts)) add(name, text, '');
  // What stands behind the text is the rest of an earlier one.
  for (const cut of cuts) add(`cut-${cut}`, traced.slice(0, -cut), traced.slice(-cut));
  add('cut-in-white-space', `${request}traceparent: ${value} `, ' \r\n\r\n');
  return seeds;
}
