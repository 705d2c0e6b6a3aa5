// SPDX-License-Identifier: Apache-2.0
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, constants, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../../scripts/lib/lock.ts';

/** A program of somebody else that tests need, built from its Go module. */
export interface GoProgram {
  readonly name: string;
  /** Where our go.mod and go.sum are, and what else is built from. */
  readonly folder: string;
  /** What `go build` is told to build there. */
  readonly target: string;
  /** Files in the folder that decide what is built, besides go.mod and go.sum. Default: none. */
  readonly sources?: readonly string[];
  /** What the linker is told besides to leave symbols out. Default: nothing. */
  readonly linkerFlags?: string;
}

/** Without inlining and symbols: both only cost time here. Part of the cache key. */
const COMPILER_FLAGS = '-gcflags=all=-l';
const LINKER_FLAGS = '-ldflags=-s -w';
const BUILD_ENV = { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOWORK: 'off' };
/** The first Go that can fetch a newer one by itself. */
const OLDEST_GO_MINOR = 21;
const PROGRESS_MILLIS = 30_000;

/** An error of a build, in one line. */
export class GoBuildError extends Error {
  readonly code: 'HOPSPAN_ERR_GO' | 'HOPSPAN_ERR_GO_BUILD';

  constructor(code: GoBuildError['code'], message: string) {
    super(message);
    this.name = 'GoBuildError';
    this.code = code;
  }
}

/** Options of buildGoProgram. */
export interface BuildOptions {
  /** Takes each line of progress. Default: to standard error. */
  log?: (line: string) => void;
}

/**
 * Builds a program unless the same has been built before. The binaries are kept outside the tree, each in a
 * folder named after a hash of what it was built from.
 * @returns the path of the binary
 * @throws GoBuildError
 */
export async function buildGoProgram(program: GoProgram, options: BuildOptions = {}): Promise<string> {
  const { log = logToStandardError } = options;
  const { name } = program;
  const folder = join(cacheFolder(), `${name}-${await fingerprint(program)}`);
  const binary = join(folder, name);
  if (await isExecutable(binary)) return binary;
  const reason = goAvailable(program.folder);
  if (reason !== undefined) throw new GoBuildError('HOPSPAN_ERR_GO', `cannot build ${name}: ${reason}`);
  await mkdir(folder, { recursive: true });
  log(`${name}: waiting for the build lock`);
  await withLock(join(cacheFolder(), 'lock'), async () => {
    if (!(await isExecutable(binary))) await runGoBuild(program, folder, binary, log);
  });
  return binary;
}

/**
 * Why nothing can be built here; undefined when it can.
 * @param folder of a module, so that a Go older than its go.mod asks for is refused or replaces itself
 */
export function goAvailable(folder: string): string | undefined {
  const { error, status, stdout, stderr } = spawnSync('go', ['env', 'GOVERSION'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (error !== undefined)
    return `Go cannot be run (${error.message}): install Go 1.${OLDEST_GO_MINOR} or newer`;
  if (status !== 0) return lastLine(stderr) ?? `go env failed with status ${status}`;
  const minor = /^go1\.(\d+)/.exec(stdout)?.[1];
  if (minor !== undefined && Number(minor) < OLDEST_GO_MINOR) return `${stdout.trim()} is too old`;
  return undefined;
}

async function runGoBuild(
  program: GoProgram,
  folder: string,
  binary: string,
  log: (line: string) => void,
): Promise<void> {
  const { name, target } = program;
  const started = performance.now();
  const elapsed = () => `${Math.round((performance.now() - started) / 1000)} s`;
  log(`${name}: building (a first build takes some minutes)`);
  const progress = setInterval(() => log(`${name}: still building after ${elapsed()}`), PROGRESS_MILLIS);
  const unfinished = `${binary}.part`;
  try {
    const args = ['build', ...flagsOf(program), '-o', unfinished, target];
    const { status, output } = await runGo(program.folder, args);
    if (status !== 0) {
      const logFile = join(folder, 'build.log');
      await writeFile(logFile, output);
      const message = `go build of ${name} failed (status ${status}): ${lastLine(output) ?? 'no output'}; all of it: ${logFile}`;
      throw new GoBuildError('HOPSPAN_ERR_GO_BUILD', message);
    }
  } finally {
    clearInterval(progress);
  }
  await rename(unfinished, binary);
  log(`${name}: built in ${elapsed()}: ${binary}`);
}

async function runGo(cwd: string, args: string[]): Promise<{ status: number | null; output: string }> {
  // Dies with us, and leaves the processors to whoever is at work.
  const command = ['--pdeathsig', 'KILL', 'nice', '-n', '10', 'go', ...args];
  const child = spawn('setpriv', command, {
    cwd,
    env: { ...process.env, ...BUILD_ENV },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, output };
  } catch (error) {
    return { status: null, output: (error as Error).message };
  }
}

function flagsOf({ linkerFlags }: GoProgram): string[] {
  return [COMPILER_FLAGS, linkerFlags === undefined ? LINKER_FLAGS : `${LINKER_FLAGS} ${linkerFlags}`];
}

function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'hopspan', 'backends');
}

/** Changes with everything that decides what is built. */
async function fingerprint(program: GoProgram): Promise<string> {
  const { folder, target, sources = [] } = program;
  const hash = createHash('sha256').update(JSON.stringify([target, flagsOf(program), process.arch]));
  for (const file of ['go.mod', 'go.sum', ...sources]) hash.update(await readFile(join(folder, file)));
  return hash.digest('hex').slice(0, 12);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function lastLine(text: string): string | undefined {
  return text.trimEnd().split('\n').at(-1)?.trim() || undefined;
}

function logToStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** `node FILE NAME…`: builds some of the programs, and prints one path a line on standard output. */
export async function buildFromCommandLine(
  programs: Readonly<Record<string, GoProgram>>,
  names: readonly string[],
): Promise<void> {
  const chosen = names.map((name) => (Object.hasOwn(programs, name) ? programs[name] : undefined));
  if (names.length === 0 || chosen.includes(undefined)) {
    logToStandardError(`usage: node build.ts ${Object.keys(programs).join('|')}…`);
    process.exitCode = 2;
    return;
  }
  try {
    for (const program of chosen as GoProgram[]) process.stdout.write(`${await buildGoProgram(program)}\n`);
  } catch (error) {
    if (!(error instanceof GoBuildError)) throw error;
    logToStandardError(error.message);
    process.exitCode = 1;
  }
}
