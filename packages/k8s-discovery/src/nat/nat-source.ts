// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { DiscoveryError } from '../errors.ts';
import { parseIptablesSave } from './iptables-save.ts';
import { parseNftJson } from './nft-json.ts';
import type { NatProgram } from './rule.ts';

/** Which tool, by the form of what it writes. */
export type NatTool = 'nft' | 'iptables' | 'ip6tables';

/** Where the rules of a tool are read. */
export interface NatSource {
  readonly tool: NatTool;
  /** What is run instead of the tool, with its arguments: through nsenter, for example. Default: NAT_COMMANDS. */
  readonly command?: readonly string[];
  /** A file that somebody else writes the same to; then nothing is run. */
  readonly file?: string;
}

/** What is run by default. */
export const NAT_COMMANDS: Readonly<Record<NatTool, readonly string[]>> = {
  nft: ['nft', '-j', 'list', 'ruleset'],
  iptables: ['iptables-save', '-t', 'nat'],
  ip6tables: ['ip6tables-save', '-t', 'nat'],
};

/** Some 10,000 Services. */
const MAX_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MILLIS = 10_000;

/** Reads the rules that are there now. @throws DiscoveryError HOPSPAN_ERR_NAT */
export async function readNat({ tool, command, file }: NatSource, signal: AbortSignal): Promise<NatProgram> {
  const text =
    file === undefined
      ? await run(command ?? NAT_COMMANDS[tool], signal)
      : await readFile(file, { encoding: 'utf8', signal }).catch((cause: Error) => {
          throw failed(cause.message, cause);
        });
  try {
    return tool === 'nft' ? parseNftJson(text) : parseIptablesSave(text);
  } catch (cause) {
    throw failed(`not what ${NAT_COMMANDS[tool].join(' ')} writes: ${(cause as Error).message}`, cause);
  }
}

function run([program = '', ...args]: readonly string[], signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { signal, encoding: 'utf8', maxBuffer: MAX_BYTES, timeout: TIMEOUT_MILLIS } as const;
  execFile(program, args, options, (error, stdout, stderr) => {
    if (error === null) resolve(stdout);
    else reject(failed(`${program}: ${reasonOf(error, stderr)}`, error));
  });
  return promise;
}

function reasonOf(
  { code, killed, message }: Error & { code?: unknown; killed?: boolean },
  stderr: string,
): string {
  if (code === 'ENOENT') return 'there is no such program here';
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `it writes more than ${MAX_BYTES} bytes`;
  if (killed) return `it has not ended within ${TIMEOUT_MILLIS} ms`;
  return stderr.trim().split('\n')[0] || message;
}

function failed(why: string, cause: unknown): DiscoveryError {
  return new DiscoveryError('HOPSPAN_ERR_NAT', why, { cause });
}
