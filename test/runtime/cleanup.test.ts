// SPDX-License-Identifier: Apache-2.0
// What runs containers in a test leaves nothing behind, also when the test is killed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from './machine.ts';

const owner = fileURLToPath(new URL('owner.ts', import.meta.url));

/** None of a folder that has gone meanwhile, as control groups of others may. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Control groups of this name, in every hierarchy. */
function cgroups(name: string): string[] {
  const found: string[] = [];
  const look = (folder: string, depth: number): void => {
    for (const entry of entriesOf(folder)) {
      if (!entry.isDirectory()) continue;
      if (entry.name.startsWith(name)) found.push(`${folder}/${entry.name}`);
      else if (depth > 0) look(`${folder}/${entry.name}`, depth - 1);
    }
  };
  look('/sys/fs/cgroup', 1);
  return found;
}

/** Processes that have this text among their arguments. */
function processes(text: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}

describe('a machine of the tests', () => {
  it('goes with everything on it when its owner is killed', async () => {
    const child = spawn(process.execPath, [owner], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { folder, cgroup } = JSON.parse(line) as { folder: string; cgroup: string };
    assert.ok(existsSync(folder));
    assert.ok(processes(folder).length > 0 && cgroups(cgroup).length > 0, 'there is something to leave');
    child.kill('SIGKILL');
    await until('nothing is left', () =>
      existsSync(folder) || processes(folder).length > 0 || cgroups(cgroup).length > 0 ? undefined : true,
    );
    assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(folder));
  });
});
