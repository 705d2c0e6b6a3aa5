// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabNode, LabProcess, PodMaker } from '@hopspan/test/lab/index.ts';
import { openPods } from '@hopspan/test/lab/index.ts';
import type { AttachedMessage, Holdings, HoldingsMessage, PodNews, ToldMessage } from './messages.ts';

/** So many pods at a time, and so many addresses: each comes again soon after its pod has gone. */
const ALIVE = 4;
const ADDRESSES = 8;
const LIMIT_MILLIS = 30_000;

/** What the cycles took. */
export interface CycleTimes {
  /** From before the command that makes the device, to attached; for each pod. */
  readonly attachMillis: readonly number[];
  readonly before: Holdings;
  readonly after: Holdings;
}

/** Trace id of the request of a cycle. */
export function traceIdOf(cycle: number): string {
  return (cycle + 1).toString(16).padStart(32, '0');
}

/** Id of the pod of a cycle. */
export function podIdOf(cycle: number): string {
  return `pod-${cycle}`;
}

/** Makes a pod, waits until its device is watched, has it send one request, and removes one that is older. */
export async function playCycles(
  node: LabNode,
  probe: LabProcess,
  {
    cycles,
    url,
    note,
    signal,
  }: { cycles: number; url: string; note: (line: string) => void; signal: AbortSignal },
): Promise<CycleTimes> {
  const listener = new ProbeListener(probe);
  await using maker = openPods(node);
  const pods = new Map<number, PodNews>();
  const tell = (): Promise<void> => listener.tell([...pods.values()]);
  const before = await listener.holdings();
  const attachMillis: number[] = [];
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    signal.throwIfAborted();
    attachMillis.push(await addPod(maker, listener, cycle, (pod) => pods.set(cycle, pod)));
    await tell();
    await maker.request(String(cycle), url, `00-${traceIdOf(cycle)}-${traceIdOf(cycle).slice(16)}-01`);
    const oldest = cycle - ALIVE + 1;
    if (pods.delete(oldest)) await maker.remove(String(oldest));
    await tell();
    if ((cycle + 1) % 100 === 0) note(`churn: ${cycle + 1} of ${cycles} pods`);
  }
  // Delivers the last hops, too, while it is known whose they are.
  await listener.holdings();
  for (const cycle of pods.keys()) await maker.remove(String(cycle));
  pods.clear();
  await tell();
  return { attachMillis, before, after: await listener.waitForRest(before.interfaces) };
}

async function addPod(
  maker: PodMaker,
  listener: ProbeListener,
  cycle: number,
  onNews: (pod: PodNews) => void,
): Promise<number> {
  const address = `10.42.1.${100 + (cycle % ADDRESSES)}`;
  const from = Number(process.hrtime.bigint()) / 1e6;
  const { vport } = await maker.add(String(cycle), address);
  onNews({ id: podIdOf(cycle), address });
  return (await listener.attached(vport)) - from;
}

/** Hears what the probe process says. */
class ProbeListener {
  readonly #probe: LabProcess;
  readonly #attached = new Map<string, number>();
  #holdings: Holdings | undefined;
  #told = false;

  constructor(probe: LabProcess) {
    this.#probe = probe;
    probe.stdout.onLine((line) => {
      const message = JSON.parse(line) as Partial<AttachedMessage & HoldingsMessage & ToldMessage>;
      if (message.attached !== undefined) this.#attached.set(message.attached, message.monotonicMillis ?? 0);
      if (message.holdings !== undefined) this.#holdings = message.holdings;
      if (message.told !== undefined) this.#told = true;
    });
  }

  /** Resolves when it has looked for their vports: a request that is sent before may be looked at before, too. */
  async tell(pods: readonly PodNews[]): Promise<void> {
    this.#told = false;
    this.#probe.stdin.write(`${JSON.stringify({ pods })}\n`);
    await wait('the probe knows the pods', () => this.#told || undefined);
  }

  /** When the device was attached to, in milliseconds of CLOCK_MONOTONIC. */
  attached(vport: string): Promise<number> {
    return wait(`${vport} is attached`, () => this.#attached.get(vport));
  }

  /** What it holds, after it has delivered the hops that there are. */
  holdings(): Promise<Holdings> {
    this.#holdings = undefined;
    this.#probe.stdin.write('holdings\n');
    return wait('the probe answers', () => this.#holdings);
  }

  /** What it holds when it has let go of the pods' devices, or at the end of its time. */
  async waitForRest(interfaces: number): Promise<Holdings> {
    const end = performance.now() + LIMIT_MILLIS;
    for (;;) {
      const now = await this.holdings();
      if (now.interfaces === interfaces || performance.now() > end) return now;
      await sleep(50);
    }
  }
}

async function wait<T>(what: string, look: () => T | undefined): Promise<T> {
  const end = performance.now() + LIMIT_MILLIS;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`within ${LIMIT_MILLIS} ms it did not happen that ${what}`);
    await sleep(1);
  }
}
