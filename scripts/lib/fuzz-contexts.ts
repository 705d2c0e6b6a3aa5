// SPDX-License-Identifier: Apache-2.0
// Seeds of the fuzzer for contexts besides traceparent: each format as it should be, in every order and mode.

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';
const root = `Root=1-${trace.slice(0, 8)}-${trace.slice(8)}`;
const rest = '-YQ==-YQ==-YQ==-YQ==';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Ids of the Collector's own tests. */
const sw8 = {
  java: `1-${base64('de5980b8fce34a37aab9b4ac3af7eedd.1.16563474296430001')}-${base64('4f2f27748b8e44ecaf18fe0347194e86.33.16560607369950066')}-123`,
  uuid: `1-${base64('de5980b8-fce3-4a37-aab9-b4ac3af7eedd')}-${base64('4f2f27748b8e44ecaf18fe0347194e86')}-3`,
};

const headers: Readonly<Record<string, string>> = {
  'b3-sampled': `b3: ${trace}-${span}-1`,
  'b3-deferred': `b3: ${trace}-${span}`,
  'b3-deny': 'b3: 0',
  'b3-debug-parent': `b3: ${trace}-${span}-d-${span}`,
  'x-b3': `x-b3-traceid: ${trace}\r\nx-b3-spanid: ${span}\r\nx-b3-sampled: 1`,
  'x-b3-debug': `X-B3-TraceId: ${trace.slice(16)}\r\nX-B3-SpanId: ${span}\r\nX-B3-Flags: 1`,
  'x-b3-deny': 'x-b3-sampled: false',
  uber: `uber-trace-id: ${trace}:${span}:0:1`,
  'uber-encoded': 'uber-trace-id: abc%3Adef%3a0%3A03',
  xray: `x-amzn-trace-id: ${root};Parent=${span};Sampled=1`,
  'xray-fields': `x-amzn-trace-id: Self=1-x; Sampled=? ;${root};Parent=${span}`,
  'sw8-uuid': `sw8: ${sw8.uuid}${rest}`,
  'sw8-java': `sw8: ${sw8.java}${rest}`,
  tracestate: `traceparent: 00-${trace}-${span}-01\r\ntracestate: a=1,b=2\r\ntracestate: c=3`,
  'later-version': `traceparent: cc-${trace}-${span}-01-x`,
};

/** Formats there are; bits of a mode: bpf/fuzz/fuzz_contexts.c. */
const formats = 6;
const modes = [0, 1, 3, 4];

/** Names and bytes of the inputs. */
export function makeContextsSeeds(): Map<string, Buffer> {
  const seeds = new Map<string, Buffer>();
  for (const [i, [name, lines]] of Object.entries(headers).entries()) {
    const text = `GET / HTTP/1.1\r\nhost: a\r\n${lines}\r\n\r\n`;
    const start = Buffer.alloc(4);
    start.writeUInt8(i % formats, 0);
    start.writeUInt16LE(text.length, 2);
    for (const mode of modes) {
      start.writeUInt8(mode, 1);
      seeds.set(`${name}-${mode}`, Buffer.concat([start, Buffer.from(text, 'latin1')]));
    }
  }
  return seeds;
}
