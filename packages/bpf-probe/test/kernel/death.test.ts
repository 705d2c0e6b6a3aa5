// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { HopProbe } from '../../src/hop-probe.ts';
import { listInterfaces } from '../../src/interfaces.ts';
import { loadNative } from '../../src/native.ts';
import { tcxNames } from './foreign.ts';
import { addVeth, run, until } from './network.ts';
import { enterPrivateNamespace } from './private-namespace.ts';

const skip = enterPrivateNamespace(import.meta.filename);
const probeUrl = new URL('../../src/hop-probe.ts', import.meta.url).href;

function program(attach: string): string {
  return `
    import { HopProbe } from '${probeUrl}';
    const probe = new HopProbe({ interfaces: { nic: ['d0'], vport: [] }, attach: '${attach}' });
    try {
      await probe.start({ onHops: () => {} });
      console.log('started');
    } catch (error) {
      console.log(error.code + ' ' + error.message);
    }
  `;
}

async function startProcess(attach: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program(attach)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  assert.equal(line, 'started');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** What a process that is started by other means says instead of starting. */
function refusal(...command: readonly string[]): string {
  const [file = '', ...args] = [
    ...command,
    process.execPath,
    '--input-type=module',
    '--eval',
    program('auto'),
  ];
  return spawnSync(file, args, { encoding: 'utf8' }).stdout.trim();
}

function ourFilterIds(): string[] {
  const text = run('tc', 'filter', 'show', 'dev', 'd0', 'ingress');
  return [...text.matchAll(/hopspan_ingress.* id (\d+)/g)].map((match) => match[1] ?? '');
}

describe('a probe that is killed', { skip }, () => {
  before(() => addVeth('d0', 'd1'));
  const ifindex = (): number => listInterfaces().find(({ ifname }) => ifname === 'd0')?.ifindex ?? 0;

  it('leaves no program attached (tcx)', async () => {
    const child = await startProcess('tcx');
    assert.equal(tcxNames(loadNative(), ifindex()).length, 1);
    await kill(child);
    await until('the links are gone', () => tcxNames(loadNative(), ifindex()).length === 0);
  });

  it('leaves filters that the next start replaces, in number and in kind (clsact)', async () => {
    await kill(await startProcess('clsact'));
    const [stale] = ourFilterIds();
    assert.notEqual(stale, undefined);
    const probe = new HopProbe({ interfaces: { nic: ['d0'], vport: [] }, attach: 'clsact' });
    await probe.start({ onHops: () => undefined });
    const now = ourFilterIds();
    assert.equal(now.length, 1);
    assert.notEqual(now[0], stale);
    await probe.shutdown();
    assert.deepEqual(ourFilterIds(), []);
    assert.doesNotMatch(
      run('tc', 'qdisc', 'show', 'dev', 'd0'),
      /clsact/,
      'the qdisc was ours, so it goes too',
    );
  });

  it('leaves the qdisc of somebody else to the next start, which leaves it too (clsact)', async () => {
    run('tc', 'qdisc', 'add', 'dev', 'd0', 'clsact');
    await kill(await startProcess('clsact'));
    const probe = new HopProbe({ interfaces: { nic: ['d0'], vport: [] }, attach: 'clsact' });
    await probe.start({ onHops: () => undefined });
    assert.equal(ourFilterIds().length, 1);
    await probe.shutdown();
    assert.deepEqual(ourFilterIds(), []);
    assert.match(run('tc', 'qdisc', 'show', 'dev', 'd0'), /clsact/);
    run('tc', 'qdisc', 'del', 'dev', 'd0', 'clsact');
  });

  it('replaces stale filters of another priority too', async () => {
    await kill(await startProcess('clsact'));
    const interfaces = { nic: ['d0'], vport: [] };
    const probe = new HopProbe({ interfaces, attach: 'clsact', clsactPriority: 5 });
    await probe.start({ onHops: () => undefined });
    assert.equal(ourFilterIds().length, 1);
    await probe.shutdown();
    assert.deepEqual(ourFilterIds(), []);
  });

  it('leaves nothing when its worker thread is terminated', async () => {
    const source = `import { parentPort } from 'node:worker_threads';
      ${program('tcx').replace("console.log('started')", "parentPort.postMessage('started')")}`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    assert.deepEqual(await once(worker, 'message'), ['started']);
    assert.equal(tcxNames(loadNative(), ifindex()).length, 1);
    await worker.terminate();
    await until('the links are gone', () => tcxNames(loadNative(), ifindex()).length === 0);
  });
});

describe('a probe that cannot start', { skip }, () => {
  after(() => run('ip', 'link', 'del', 'd0'));

  it('names all capabilities it lacks', () => {
    const said = refusal('setpriv', '--reuid=65534', '--clear-groups', '--inh-caps=-all', '--');
    assert.match(said, /^HOPSPAN_ERR_NOT_PERMITTED .*CAP_BPF.*CAP_PERFMON.*CAP_NET_ADMIN/);
  });

  it('explains why capabilities of a user namespace do not count', () => {
    const said = refusal('unshare', '--user', '--map-root-user', '--');
    assert.match(said, /^HOPSPAN_ERR_NOT_PERMITTED .*user namespace/);
  });

  it('says that the kernel is too old', () => {
    assert.match(refusal('setarch', '--uname-2.6'), /^HOPSPAN_ERR_KERNEL_TOO_OLD .*2\.6\.\d+.*6\.1 or newer/);
  });
});
