// SPDX-License-Identifier: Apache-2.0

/** Something the user can mend: printed as one line, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** A line of progress, on standard error: standard output belongs to the command's result. */
export function note(line: string): void {
  process.stderr.write(`hopspan: ${line}\n`);
}

/**
 * Runs a script's main function and sets the exit status: what it resolves with, 0 by default, 1 when it
 * throws. A CommandError is one line on standard error; anything else is a fault of ours and keeps its stack.
 */
export async function runCommand(main: () => Promise<number | undefined>): Promise<void> {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (error instanceof CommandError) note(error.message);
    else process.stderr.write(`hopspan: ${(error as Error)?.stack ?? String(error)}\n`);
    process.exitCode = 1;
  }
}
