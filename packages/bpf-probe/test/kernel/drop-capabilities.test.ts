// SPDX-License-Identifier: Apache-2.0
// A running probe needs one capability. In processes of their own, since what is dropped is gone for good.
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { listInterfaces } from '../../src/interfaces.ts';
import { loadNative } from '../../src/native.ts';
import { ForeignProgram, tcxNames } from './foreign.ts';
import { addVeth, removeLink, run, sleep, until } from './network.ts';
import { enterPrivateNamespace } from './private-namespace.ts';

const skip = enterPrivateNamespace(import.meta.filename);
const source = new URL('../../src/', import.meta.url).href;

const LIMIT_MILLIS = 60_000;

/** Threads of every kind that Node has: its own, those of the thread pool, a worker, and one that comes later. */
const PROGRAM = `
  import { readFile } from 'node:fs/promises';
  import { once } from 'node:events';
  import { createInterface } from 'node:readline';
  import { Worker } from 'node:worker_threads';
  import { HopProbe } from '${source}hop-probe.ts';
  import { dropCapabilities } from '${source}drop-capabilities.ts';
  const work = () => once(new Worker('setInterval(() => {}, 1e6)', { eval: true }), 'online');
  const attach = process.argv[1];
  const probe = new HopProbe({
    interfaces: { nic: ['d0'], vport: [attach + '*', 'tun-' + attach + '*'] },
    attach, loadAhead: true, orderCheckIntervalMillis: 20,
  });
  await probe.start({ onHops: () => {} });
  await work();
  await readFile('/dev/null');
  const left = await dropCapabilities(['CAP_NET_ADMIN', 'CAP_SYS_PTRACE']);
  await work();
  process.setegid(0); // The C library asks all threads, too.
  console.log(JSON.stringify({ left }));
  for await (const line of createInterface(process.stdin)) {
    if (line === 'stop') await probe.shutdown();
    const interfaces = probe.attached().map(({ ifname }) => ifname).toSorted();
    console.log(JSON.stringify({ interfaces, counters: probe.counters() }));
    if (line === 'stop') process.exit();
  }
`;

interface Answer {
  readonly left: readonly string[];
  readonly interfaces: readonly string[];
  readonly counters: Readonly<Record<string, number>>;
}

/** A process with a probe that has dropped its capabilities. */
class Dropped {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(attach: string, wrapper: readonly string[] = []) {
    const command = [...wrapper, process.execPath, '--input-type=module', '--eval', PROGRAM, '--', attach];
    this.child = spawn(command[0] ?? '', command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines: Interface = createInterface(this.child.stdout);
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async read(): Promise<Answer> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the process has ended');
    return JSON.parse(value) as Answer;
  }

  ask(line: 'tell' | 'stop'): Promise<Answer> {
    this.child.stdin.write(`${line}\n`);
    return this.read();
  }

  async untilTold(what: string, holds: (answer: Answer) => boolean): Promise<void> {
    const end = performance.now() + LIMIT_MILLIS;
    for (;;) {
      const answer = await this.ask('tell');
      if (holds(answer)) return;
      if (performance.now() > end) throw new Error(`it did not happen: ${what}; ${JSON.stringify(answer)}`);
      await sleep(10);
    }
  }

  /** Of each thread: permitted, effective and inheritable set, and whether executing a file gains nothing. */
  threads(): string[] {
    const tasks = `/proc/${this.child.pid}/task`;
    return readdirSync(tasks).map((thread) => {
      const status = readFileSync(`${tasks}/${thread}/status`, 'utf8');
      const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1];
      return ['CapPrm', 'CapEff', 'CapInh', 'NoNewPrivs'].map(field).join(' ');
    });
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

const CAPABILITIES = '-all,+bpf,+perfmon,+net_admin';
const WITH_THREE = ['setpriv', '--bounding-set', CAPABILITIES, '--inh-caps', CAPABILITIES, '--'];
const NET_ADMIN = (1n << 12n).toString(16).padStart(16, '0');
const filters = () =>
  run('tc', 'filter', 'show', 'dev', 'd0', 'ingress').match(/hopspan_ingress.* id /g)?.length ?? 0;

describe('a process that drops capabilities', { skip }, () => {
  before(() => addVeth('d0', 'd1'));
  after(() => removeLink('d0'));

  for (const attach of ['tcx', 'clsact'] as const) {
    it(`has them in no thread, and goes on attaching by ${attach}`, async () => {
      const dropped = new Dropped(attach, WITH_THREE);
      try {
        assert.deepEqual((await dropped.read()).left, ['CAP_NET_ADMIN']);
        const threads = dropped.threads();
        assert.ok(threads.length >= 10, `${threads.length} threads: Node's, the pool's and two workers'`);
        assert.deepEqual([...new Set(threads)], [`${NET_ADMIN} ${NET_ADMIN} ${NET_ADMIN} 1`]);
        addVeth(`${attach}0`, `${attach}1`);
        run('ip', 'tuntap', 'add', `tun-${attach}`, 'mode', 'tun');
        run('ip', 'link', 'set', `tun-${attach}`, 'up');
        const wanted = ['d0', `${attach}0`, `${attach}1`, `tun-${attach}`].toSorted().join(' ');
        await dropped.untilTold(wanted, ({ interfaces }) => interfaces.join(' ') === wanted);
        const { order_checks: checks = 0 } = (await dropped.ask('tell')).counters;
        await dropped.untilTold('checks', ({ counters }) => (counters.order_checks ?? 0) > checks + 2);
        const { counters } = await dropped.ask('stop');
        const { order_unknown, order_restored, interfaces_refused, interface_errors } = counters;
        assert.deepEqual([order_unknown, order_restored, interfaces_refused, interface_errors], [0, 0, 0, 0]);
      } finally {
        await dropped.end();
      }
    });
  }

  it('goes first again, once for each program that it cannot know', async () => {
    const native = loadNative();
    const ifindex = listInterfaces().find(({ ifname }) => ifname === 'd0')?.ifindex ?? 0;
    const foreign = new ForeignProgram(native);
    const dropped = new Dropped('tcx', WITH_THREE);
    try {
      await dropped.read();
      await foreign.overtake(ifindex);
      await dropped.untilTold('restored', ({ counters }) => counters.order_restored === 1);
      assert.deepEqual(tcxNames(native, ifindex), ['hopspan_ingress', 'foreign_ingress']);
      foreign.withdraw();
      await foreign.overtake(ifindex);
      const { order_checks: checks = 0 } = (await dropped.ask('tell')).counters;
      await dropped.untilTold('checks', ({ counters }) => (counters.order_checks ?? 0) > checks + 2);
      assert.equal((await dropped.ask('tell')).counters.order_restored, 1, 'it may be another Hopspan');
    } finally {
      await dropped.end();
      foreign.close();
    }
  });

  it('knows the filters of one that was killed without CAP_SYS_ADMIN', async () => {
    const first = new Dropped('clsact', WITH_THREE);
    await first.read();
    await first.end();
    assert.equal(filters(), 1, 'left behind');
    const second = new Dropped('clsact', WITH_THREE);
    try {
      await second.read();
      assert.equal(filters(), 1, 'replaced');
      await second.ask('stop');
      await until('the filters are gone', () => filters() === 0);
    } finally {
      await second.end();
    }
  });
});
