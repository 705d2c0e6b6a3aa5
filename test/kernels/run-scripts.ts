// SPDX-License-Identifier: Apache-2.0
import type { KernelLine } from './kernel-image.ts';
import { runInVm } from './vm.ts';

/** What scripts of test/kernels/guest have printed. */
export interface Printed {
  /** The objects, by their `step`. */
  readonly steps: ReadonlyMap<string, unknown>;
  /** All of it, for messages. */
  readonly output: string;
}

/** Where a process was when a signal ended it (print-fatal-signals). */
const CRASH = /RIP: 0033:0x([0-9a-f]+)/g;
/** V8 has the kernel put what it generates into the lower 46 bits of the address space; executables and libraries are not there. */
const GENERATED_FROM = 2 ** 36;
const GENERATED_TO = 2 ** 46;

/**
 * Runs scripts of the guest, each in a Node.js of its own, until one fails. With two emulated processors two of 160 Node.js
 * processes died in code that V8 had generated; with one, as it is now, none is known to have. Should it happen again it is
 * said and not taken for a verdict: all is run once more. A crash anywhere else is one.
 */
export async function runScripts(kernel: KernelLine, names: readonly string[]): Promise<Printed> {
  const command = names.map((name) => `node test/kernels/guest/${name}`).join(' && ');
  const { output } = await runInVm({ kernel, command });
  if (!crashedInGeneratedCode(output)) return read(output);
  process.stderr.write(
    `        Node.js crashed in the guest, in code that V8 generated; once more:\n${crashLines(output)}\n`,
  );
  return read((await runInVm({ kernel, command })).output);
}

/** @param output of a guest, at its end what its kernel says of crashes */
export function crashedInGeneratedCode(output: string): boolean {
  const places = [...output.matchAll(CRASH)].map(([, address = '']) => Number.parseInt(address, 16));
  return places.length > 0 && places.every((place) => place >= GENERATED_FROM && place < GENERATED_TO);
}

function crashLines(output: string): string {
  const lines = output.split('\n').filter((line) => /fatal signal|RIP: 0033/.test(line));
  return lines.map((line) => `        ${line}`).join('\n');
}

function read(output: string): Printed {
  const steps = new Map<string, unknown>();
  for (const line of output.split('\n')) {
    if (!line.startsWith('{"step":')) continue;
    const step = JSON.parse(line) as { step: string };
    steps.set(step.step, step);
  }
  return { steps, output };
}
