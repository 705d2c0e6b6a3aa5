// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { isOnPath } from '../../scripts/lib/exec.ts';
import { repoRoot } from '../../scripts/lib/paths.ts';
import { findMissing, virtualMachineRequirements } from '../../scripts/lib/requirements.ts';
import { makeInitramfs } from './initramfs.ts';
import { ensureKernel, type KernelLine } from './kernel-image.ts';

export interface VmOptions {
  readonly kernel: KernelLine;
  /** Shell script, run by root in the root of this tree, which it can read as all of the host, but not write. */
  readonly command: string;
  /** When it is ended at the latest. Default: 1,500,000 ms. */
  readonly timeoutMillis?: number;
}

export interface VmResult {
  readonly exitCode: number;
  /** Both streams of the command, and what the kernel said if it was grave. */
  readonly output: string;
}

/** x86's limit. */
const maxCommandLine = 2048;

/** Why no virtual machine can be run here; undefined when one can. */
export function findVmObstacle(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the kernels are for Linux on x64';
  if (!isOnPath('apt-get')) return 'the kernels are Debian packages, and there is no apt-get here';
  const missing = findMissing(virtualMachineRequirements).map((requirement) => requirement.package);
  return missing.length === 0 ? undefined : `install ${missing.join(' ')}`;
}

/**
 * Boots a kernel on an emulated machine, runs a command and waits for its end. Ends with this process.
 * @throws Error with the output when the machine stops without the command's exit status, or the time is over
 */
export async function runInVm({ kernel, command, timeoutMillis = 1_500_000 }: VmOptions): Promise<VmResult> {
  const image = await ensureKernel(kernel);
  const initramfs = await makeInitramfs(image);
  const files = ['-kernel', image.bootImage, '-initrd', initramfs];
  const args = [...machine, ...files, '-append', kernelCommandLine(command)];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMillis);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  clearTimeout(timer);
  const output = stdout.replaceAll('\r', '');
  const last = /^hopspan-exit (\d+)$/m.exec(output);
  if (last === null) {
    const why =
      child.signalCode === 'SIGKILL' ? `ran out of time (${timeoutMillis} ms)` : 'stopped too early';
    throw new Error(`the machine with kernel ${image.release} ${why}:\n${output}${stderr}`);
  }
  return { exitCode: Number(last[1]), output: output.slice(0, last.index) };
}

/**
 * KVM is not used: nested it fails here and there, and where there is none all must pass too. One processor: with two a
 * kernel died at a branch that it had patched (int3), and Node.js in code that V8 had generated, as if the translator had missed
 * what the other processor had changed.
 */
const machine = [
  ...['-accel', 'tcg', '-cpu', 'max', '-smp', '1', '-m', '2G'],
  ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
  ...['-virtfs', 'local,path=/,mount_tag=root,security_model=none,multidevs=remap,readonly=on'],
];

function kernelCommandLine(command: string): string {
  const folders = [repoRoot, dirname(dirname(process.execPath))];
  const path = [dirname(process.execPath), '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':');
  const job = `export PATH='${path}' HOME=/root TERM=dumb\ncd '${repoRoot}' || exit\n${command}\n`;
  const options = [
    // Only what ends all: messages between the lines of the output would break them.
    ...['console=ttyS0', 'loglevel=2', 'panic=-1'],
    `hopspan.show=${encode(folders.join(':'))}`,
    `hopspan.job=${encode(job)}`,
  ].join(' ');
  if (options.length >= maxCommandLine) throw new Error(`the command is too long by far: ${command}`);
  return options;
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}
