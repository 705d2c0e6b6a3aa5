// SPDX-License-Identifier: Apache-2.0
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, constants, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../../../scripts/lib/lock.ts';
import { BackendError, type BackendName } from './errors.ts';

/** What `go build` is told to build, in the folder of that name. */
const TARGETS: Record<BackendName, string> = {
  jaeger: '.',
  tempo: 'github.com/grafana/tempo/cmd/tempo',
};
/** Without inlining and symbols: both only cost time here. Part of the cache key. */
const BUILD_FLAGS = ['-gcflags=all=-l', '-ldflags=-s -w'];
const BUILD_ENV = { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOWORK: 'off' };
/** The first Go that can fetch a newer one by itself. */
const OLDEST_GO_MINOR = 21;
const PROGRESS_MILLIS = 30_000;

/** Options of buildBackend. */
export interface BuildOptions {
  /** Takes each line of progress. Default: to standard error. */
  log?: (line: string) => void;
}

/**
 * Builds a backend unless the same has been built before. The binaries are kept outside the tree, each in a
 * folder named after a hash of what it was built from.
 * @returns the path of the binary
 * @throws BackendError HOPSPAN_ERR_BACKEND_GO or HOPSPAN_ERR_BACKEND_BUILD
 */
export async function buildBackend(name: BackendName, options: BuildOptions = {}): Promise<string> {
  const { log = logToStandardError } = options;
  const folder = join(cacheFolder(), `${name}-${await fingerprint(name)}`);
  const binary = join(folder, name);
  if (await isExecutable(binary)) return binary;
  const reason = goAvailable();
  if (reason !== undefined)
    throw new BackendError('HOPSPAN_ERR_BACKEND_GO', `cannot build ${name}: ${reason}`);
  await mkdir(folder, { recursive: true });
  log(`${name}: waiting for the build lock`);
  await withLock(join(cacheFolder(), 'lock'), async () => {
    if (!(await isExecutable(binary))) await runGoBuild(name, folder, binary, log);
  });
  return binary;
}

/** Why the backends cannot be built here; undefined when they can. */
export function goAvailable(): string | undefined {
  // In a module's folder, so that a Go older than its go.mod asks for is refused or replaces itself.
  const cwd = sourceFolder('jaeger');
  const { error, status, stdout, stderr } = spawnSync('go', ['env', 'GOVERSION'], { cwd, encoding: 'utf8' });
  if (error !== undefined)
    return `Go cannot be run (${error.message}): install Go 1.${OLDEST_GO_MINOR} or newer`;
  if (status !== 0) return lastLine(stderr) ?? `go env failed with status ${status}`;
  const minor = /^go1\.(\d+)/.exec(stdout)?.[1];
  if (minor !== undefined && Number(minor) < OLDEST_GO_MINOR) return `${stdout.trim()} is too old`;
  return undefined;
}

async function runGoBuild(
  name: BackendName,
  folder: string,
  binary: string,
  log: (line: string) => void,
): Promise<void> {
  const started = performance.now();
  const elapsed = () => `${Math.round((performance.now() - started) / 1000)} s`;
  log(`${name}: building (a first build takes some minutes)`);
  const progress = setInterval(() => log(`${name}: still building after ${elapsed()}`), PROGRESS_MILLIS);
  const unfinished = `${binary}.part`;
  try {
    const { status, output } = await runGo(name, ['build', ...BUILD_FLAGS, '-o', unfinished, TARGETS[name]]);
    if (status !== 0) {
      const logFile = join(folder, 'build.log');
      await writeFile(logFile, output);
      const message = `go build of ${name} failed (status ${status}): ${lastLine(output) ?? 'no output'}; all of it: ${logFile}`;
      throw new BackendError('HOPSPAN_ERR_BACKEND_BUILD', message);
    }
  } finally {
    clearInterval(progress);
  }
  await rename(unfinished, binary);
  log(`${name}: built in ${elapsed()}: ${binary}`);
}

async function runGo(name: BackendName, args: string[]): Promise<{ status: number | null; output: string }> {
  // Dies with us, and leaves the processors to whoever is at work.
  const command = ['--pdeathsig', 'KILL', 'nice', '-n', '10', 'go', ...args];
  const child = spawn('setpriv', command, {
    cwd: sourceFolder(name),
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

function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'hopspan', 'backends');
}

function sourceFolder(name: BackendName): string {
  return join(import.meta.dirname, name);
}

/** Changes with everything that decides what is built. */
async function fingerprint(name: BackendName): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([TARGETS[name], BUILD_FLAGS, process.arch]));
  const files = name === 'jaeger' ? ['go.mod', 'go.sum', 'main.go'] : ['go.mod', 'go.sum'];
  for (const file of files) hash.update(await readFile(join(sourceFolder(name), file)));
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

function isBackendName(name: string): name is BackendName {
  return Object.hasOwn(TARGETS, name);
}

/** `node build.ts NAME…`: one path a line on standard output. */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !isBackendName(name));
  if (names.length === 0 || unknown !== undefined) {
    logToStandardError(`usage: node build.ts ${Object.keys(TARGETS).join('|')}…`);
    process.exitCode = 2;
    return;
  }
  for (const name of names.filter(isBackendName)) process.stdout.write(`${await buildBackend(name)}\n`);
}

if (import.meta.main) {
  await main(process.argv.slice(2)).catch((error: unknown) => {
    if (!(error instanceof BackendError)) throw error;
    logToStandardError(error.message);
    process.exitCode = 1;
  });
}
