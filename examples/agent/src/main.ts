// SPDX-License-Identifier: Apache-2.0

import { listComponents } from './cli/components.ts';
import { runDoctor } from './cli/doctor.ts';
import { failWith } from './cli/fail.ts';
import { createProcessIo, type Io } from './cli/io.ts';
import { type CliOptions, parseCommandLine, usage } from './cli/options.ts';
import { runAgent } from './cli/run.ts';
import { runValidate } from './cli/validate.ts';
import { ExitCode } from './errors.ts';
import { loadPlatform, type Platform } from './platform.ts';
import { version } from './version.ts';

/** Runs the command with the arguments of the process, and ends the process. */
export async function runCommandLine(getPlatform: () => Promise<Platform> = loadPlatform): Promise<void> {
  const io = createProcessIo();
  const args = process.argv.slice(2);
  const fail = (error: unknown) => process.exit(failWith(error, io, args.includes('--json')));
  process.on('uncaughtException', fail);
  process.exit(await main(args, io, getPlatform));
}

/** Runs the command; resolves with the exit status. Everything that goes wrong is one line on standard error. */
export async function main(
  args: readonly string[],
  io: Io,
  getPlatform: () => Promise<Platform>,
): Promise<ExitCode> {
  try {
    const options = parseCommandLine(args);
    if (options.help) return print(io, usage);
    if (options.version) return print(io, `${version}\n`);
    return await runCommand(options, io, getPlatform);
  } catch (error) {
    return failWith(error, io, args.includes('--json'));
  }
}

function runCommand(
  options: CliOptions,
  io: Io,
  getPlatform: () => Promise<Platform>,
): Promise<ExitCode> | ExitCode {
  switch (options.command) {
    case 'validate':
      return runValidate(options, io);
    case 'doctor':
      return runDoctor(options, io, getPlatform);
    case 'components':
      return print(io, listComponents(options.json));
    case 'run':
      return runAgent(options, io, getPlatform);
  }
}

function print(io: Io, text: string): ExitCode {
  io.stdout(text);
  return ExitCode.ok;
}
