// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import { LabError } from './errors.ts';
import type { LabNode } from './lab.ts';

const script = fileURLToPath(new URL('short-pods.sh', import.meta.url));
const STEP_MILLIS = 60_000;

/** A pod that comes and goes while the lab runs, attached as `routed` pods are. */
export interface ShortPod {
  readonly name: string;
  readonly address: string;
  /** Its vport on the node. */
  readonly vport: string;
}

/** Makes and removes pods on one node, one step at a time. */
export interface PodMaker extends AsyncDisposable {
  /** @throws LabError HOPSPAN_ERR_LAB_SETUP */
  add(name: string, address: string): Promise<ShortPod>;
  /** Sends one HTTP request from a pod and waits for its answer. @throws LabError when that is not 200 */
  request(name: string, url: string, traceparent: string): Promise<void>;
  /** Ends the pod; the kernel then removes its devices, in its own time. */
  remove(name: string): Promise<void>;
}

/**
 * A way to make pods on a node at run time; the pods end with it. Needs bash.
 * @throws LabError HOPSPAN_ERR_LAB_PROCESS
 */
export function openPods(node: LabNode): PodMaker {
  const child = node.spawn('bash', [script]);
  let turn: Promise<unknown> = Promise.resolve();
  const step = (kind: string, name: string, ...rest: readonly string[]): Promise<void> => {
    const mine = turn.then(async () => {
      const answer = new Promise<string>((resolve) => {
        const end = child.stdout.onLine((line) => {
          end();
          resolve(line);
        });
        void child.exited.then(() => resolve('the script has ended'));
        setTimeout(() => resolve(`no answer within ${STEP_MILLIS} ms`), STEP_MILLIS).unref();
      });
      child.stdin.write(`${[kind, name, ...rest].join(' ')}\n`);
      const line = await answer;
      if (line === `done ${kind} ${name}`) return;
      const said = child.stderr.lines.slice(-5).join('; ');
      throw new LabError('HOPSPAN_ERR_LAB_SETUP', `pods of ${node.name}: ${line}. ${said}`);
    });
    turn = mine.catch(() => undefined);
    return mine;
  };
  return {
    add: async (name, address) => {
      await step('add', name, address);
      return { name, address, vport: `veth${name}` };
    },
    request: (name, url, traceparent) => step('request', name, url, traceparent),
    remove: (name) => step('remove', name),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await child.stop();
    },
  };
}
