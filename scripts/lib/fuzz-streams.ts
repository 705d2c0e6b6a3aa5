// SPDX-License-Identifier: Apache-2.0
// Seeds of the stream fuzzer: requests with every framing, cut and shuffled in the ways that TCP has.

/** A request as bpf/fuzz/stream_model.h writes it. */
interface Request {
  readonly framing?: 'none' | 'length' | 'chunks' | 'head';
  readonly untraced?: boolean;
  /** The body looks like requests. */
  readonly decoy?: boolean;
  /** Bytes in front of the context. */
  readonly pad?: number;
  /** Bytes of the body. */
  readonly body?: number;
  /** 1: with an extension; 2: with a trailer. */
  readonly chunkStyle?: number;
}

interface Stream {
  readonly requests: readonly Request[];
  readonly cuts?: readonly number[];
  /** Which segments come first; the others follow in their order. */
  readonly order?: readonly number[];
  readonly unopened?: boolean;
  readonly responses?: boolean;
}

const framings = ['none', 'length', 'chunks', 'head'] as const;
const get: Request = {};
const post: Request = { framing: 'length', body: 200, decoy: true };
const chunked: Request = { framing: 'chunks', body: 200, decoy: true, chunkStyle: 3 };
const untraced: Request = { untraced: true };

const streams: Readonly<Record<string, Stream>> = {
  one: { requests: [get] },
  head: { requests: [{ framing: 'head' }] },
  length: { requests: [post, get] },
  chunks: { requests: [chunked, get] },
  pipeline: { requests: [get, untraced, get, post, untraced, get], responses: true },
  'header-cut': { requests: [get], cuts: [1, 17, 40, 60, 90, 112], unopened: true },
  'header-shuffled': { requests: [get], cuts: [20, 50, 80, 100], order: [4, 2, 0, 3, 1] },
  'header-behind-body': { requests: [post], cuts: [150], order: [1, 0] },
  'body-cut': { requests: [post, get], cuts: [150, 200, 300, 350], unopened: true, responses: true },
  'body-overtaken': { requests: [post, get], cuts: [150, 200, 330], order: [0, 2, 3, 1] },
  'next-overtakes': {
    requests: [post, post, get],
    cuts: [140, 350, 500],
    order: [2, 1, 3, 0],
    responses: true,
  },
  'chunks-cut': { requests: [chunked, chunked], cuts: [160, 170, 180, 190, 200, 240, 300, 420, 600] },
  'chunks-overtaken': { requests: [chunked, get], cuts: [150, 200, 300], order: [0, 3, 2, 1] },
  'copy-of-the-first': { requests: [post, get], cuts: [100, 200], order: [0, 1, 0], responses: true },
  'copy-of-all': { requests: [post, get], cuts: [100, 200], order: [0, 1, 2, 0, 1, 2], responses: true },
  'last-first': { requests: [get, get, get], cuts: [60, 120, 200, 280], order: [4, 3, 2, 1, 0] },
  'many-holes': { requests: [get, get], cuts: [20, 40, 60, 80, 100, 120, 140, 160], order: [8, 6, 4, 2, 0] },
  'long-header': { requests: [{ pad: 255 }, post], cuts: [100, 200, 300, 400], order: [2, 1, 3] },
};

/** Names and bytes of the inputs: see bpf/fuzz/fuzz_stream.c for their layout. */
export function makeStreamSeeds(): Map<string, Buffer> {
  return new Map(Object.entries(streams).map(([name, stream]) => [name, encode(stream)]));
}

function encode({ requests, cuts = [], order = [], unopened, responses }: Stream): Buffer {
  const flags = (unopened === true ? 1 : 0) | (responses === true ? 2 : 0);
  return Buffer.from([
    flags,
    requests.length - 1,
    ...requests.flatMap(encodeRequest),
    cuts.length,
    ...cuts.flatMap((at) => [at & 0xff, at >> 8]),
    ...order,
  ]);
}

function encodeRequest({ framing = 'none', ...request }: Request): number[] {
  const { untraced: hidden = false, decoy = false, pad = 3, body = 0, chunkStyle = 0 } = request;
  const kind = framings.indexOf(framing) | (hidden ? 0 : 4) | (decoy ? 8 : 0) | (chunkStyle << 4);
  return [kind, pad, body / 2, 7];
}
