// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { nativeSkipReason } from '../fake-native.ts';

const MARK = 'HOPSPAN_TEST_NAMESPACE';

/**
 * Runs the calling test file again in a network namespace of its own, with its results going where this
 * process's would: devices, filters and qdiscs vanish with the namespace, links with the process.
 * @returns why the tests must be skipped, or false
 */
export function enterPrivateNamespace(file: string): string | false {
  if (process.env[MARK] !== undefined) return false;
  if (process.getuid?.() !== 0) return 'kernel tests need root';
  const reason = nativeSkipReason();
  if (reason !== undefined) return reason;
  // The death signal: whoever ends this process by a time-out means the tests, too.
  const argv = ['--pdeathsig', 'KILL', 'unshare', '--net', '--', process.execPath, ...process.execArgv, file];
  const { status, error } = spawnSync('setpriv', argv, {
    stdio: 'inherit',
    env: { ...process.env, [MARK]: '1' },
  });
  if (error !== undefined) return `cannot make a network namespace: ${error.message}`;
  process.exit(status ?? 1);
}
