// SPDX-License-Identifier: Apache-2.0
import { CommandError, note } from './command.ts';
import { isOnPath, tryExec } from './exec.ts';
import { findMissing, type Requirement } from './requirements.ts';

/**
 * Installs the Debian packages of what is missing; does nothing when nothing is.
 * @throws CommandError, in one line, what is missing and how to get it, when it cannot
 */
export async function ensurePackages(requirements: readonly Requirement[]): Promise<void> {
  const missing = findMissing(requirements);
  if (missing.length === 0) return;
  const names = missing.map((requirement) => requirement.package);
  if (!isOnPath('apt-get')) {
    const things = missing.map(({ brings }) => brings).join(', ');
    throw new CommandError(
      `${things} missing, and this is not Debian: install what brings them (there: ${names.join(' ')})`,
    );
  }
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`;
  if (process.getuid?.() !== 0) throw new CommandError(`${names.join(', ')} missing: run sudo ${command}`);
  note(`installing Debian packages: ${names.join(' ')}`);
  await install(names, command);
  const still = findMissing(missing).map(({ brings }) => brings);
  if (still.length > 0) throw new CommandError(`${still.join(', ')} still missing after ${command}`);
}

/** Package lists are fetched only when the ones that are there do not do. */
async function install(names: readonly string[], command: string): Promise<void> {
  const args = ['install', '-y', '--no-install-recommends', ...names];
  if ((await aptGet(args)).status === 0) return;
  await aptGet(['update']);
  const { status, output } = await aptGet(args);
  if (status === 0) return;
  const reason = output.split('\n').find((line) => line.startsWith('E: ')) ?? `status ${status}`;
  throw new CommandError(
    `${command} failed (${reason.replace(/^E: /, '')}): install these packages yourself`,
  );
}

/** Where systemd does not run, RUNLEVEL=1 keeps a package from starting its service: tests start their own. */
function aptGet(args: readonly string[]): ReturnType<typeof tryExec> {
  return tryExec('apt-get', ['-q', ...args], { env: { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' } });
}
