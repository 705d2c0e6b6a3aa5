// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LabNode, LabProcess } from '@hopspan/test/lab/index.ts';
import { placement, spawnOn } from '../two-pods/placement.ts';
import type { ProbeResult } from './probe-result.ts';

const script = fileURLToPath(new URL('probe-process.ts', import.meta.url));

/** Hopspan's probe in a process of its own, in a node. */
export class NodeProbe {
  readonly #process: LabProcess;
  readonly #file: string;

  private constructor(process: LabProcess, file: string) {
    this.#process = process;
    this.#file = file;
  }

  /** Resolves when it is attached. */
  static async start(node: LabNode, vport: string, file: string): Promise<NodeProbe> {
    const child = spawnOn(placement.watchers, node, process.execPath, [script, file, node.nicName, vport]);
    await child.waitForLine(/^ready$/);
    return new NodeProbe(child, file);
  }

  async stop(): Promise<ProbeResult> {
    this.#process.stdin.end();
    const { code, signal } = await this.#process.exited;
    if (code !== 0) {
      const said = this.#process.stderr.lines.slice(-10).join('\n');
      throw new Error(`the probe's process ended with ${signal ?? `status ${code}`}: ${said}`);
    }
    return JSON.parse(readFileSync(this.#file, 'utf8')) as ProbeResult;
  }
}
