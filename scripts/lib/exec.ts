// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CommandError } from './command.ts';
import { repoRoot } from './paths.ts';

export interface ExecOptions {
  /** Working folder. Default: the root of the tree. */
  readonly cwd?: string;
  /** Added to our own environment. Default: nothing. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ExecResult {
  /** Exit status; 1 when a signal ended it. */
  readonly status: number;
  readonly stdout: string;
  /** Both streams, in the order they came. */
  readonly output: string;
}

/**
 * Runs a program to its end without standard input and keeps what it prints.
 * @throws CommandError when it cannot be started
 */
export function tryExec(
  file: string,
  args: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd ?? repoRoot,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.on('error', (error) => reject(new CommandError(`cannot run ${file}: ${error.message}`)));
    child.on('close', (status) => resolve({ status: status ?? 1, stdout, output }));
  });
}

/**
 * As tryExec, and resolves with its standard output.
 * @throws CommandError when it fails, after printing all it said on standard error
 */
export async function exec(
  file: string,
  args: readonly string[],
  options: ExecOptions = {},
): Promise<string> {
  const { status, stdout, output } = await tryExec(file, args, options);
  if (status === 0) return stdout;
  process.stderr.write(output);
  throw new CommandError(`${[file, ...args].join(' ')} failed with status ${status}: see above`);
}

/** Whether a program of that name is on the path, or in the folders that only root's path has. */
export function isOnPath(name: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => folder !== '' && isExecutable(join(folder, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
