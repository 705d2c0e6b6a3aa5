// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { cpus, release } from 'node:os';

/** What the numbers were measured on. */
export interface Machine {
  /** Release of the running kernel. */
  readonly kernel: string;
  /** Count and model: `2 × Intel(R) Xeon(R) Processor @ 2.60GHz`. */
  readonly cpu: string;
  /** Version of Node. */
  readonly node: string;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    kernel: release(),
    cpu: `${all.length} × ${all[0]?.model.trim() ?? 'unknown'}`,
    node: process.version,
  };
}

/** The commit the tree is at, with `-dirty` when tracked files differ; `unknown` outside of a clone. */
export function describeCommit(root: string): string {
  try {
    const commit = git(root, 'rev-parse', 'HEAD');
    const changes = git(root, 'status', '--porcelain', '--untracked-files=no');
    return changes === '' ? commit : `${commit}-dirty`;
  } catch {
    return 'unknown';
  }
}

function git(root: string, ...args: string[]): string {
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  return execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: [...stdio] }).trim();
}
