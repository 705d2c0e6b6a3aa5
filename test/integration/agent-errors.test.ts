// SPDX-License-Identifier: Apache-2.0
// The errors of the agent that need its real probe: exit status, and one line without a stack trace.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ExecResult, Lab, type LabNode } from '../lab/index.ts';
import { StayingClient, serve } from '../lab/traffic.ts';

const command = fileURLToPath(new URL('../../examples/agent/bin/hopspan-agent.js', import.meta.url));
const devices = [
  '--set',
  'receivers::ebpf_hops::interfaces::nic=[eth0]',
  '--set',
  'receivers::ebpf_hops::interfaces::vport=[veth*]',
];
/** Takes every capability away and leaves the user root, who can read the checkout wherever it is. */
const withoutCapabilities = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'];
const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
const onOldKernel = ['setarch', process.arch === 'arm64' ? 'aarch64' : 'x86_64', '--uname-2.6'];

function assertOneLine({ code, stdout, stderr }: ExecResult, expectedCode: number, line: RegExp): void {
  assert.match(stderr, /^[^\n]*\n$/, 'exactly one line');
  assert.match(stderr, line);
  assert.doesNotMatch(stderr, /^ {4}at /m);
  assert.equal(stdout, '');
  assert.equal(code, expectedCode);
}

describe('the agent with its real probe', () => {
  let lab: Lab;
  let node: LabNode;
  before(async () => {
    lab = await Lab.create({ nodes: [{ name: 'node1' }], pods: [{ name: 'pod1', node: 'node1' }] });
    node = lab.node('node1');
  });
  after(() => lab.destroy());

  const run = (wrapper: readonly string[], args: readonly string[]) => {
    const [file = '', ...rest] = [...wrapper, process.execPath, command, ...args];
    return node.exec(file, rest);
  };

  it('says which capabilities are missing', async () => {
    assertOneLine(await run(withoutCapabilities, devices), 1, /^hopspan-agent: .*CAP_BPF.*CAP_NET_ADMIN/);
  });

  it('says the same to a user who is not root', async (context) => {
    const readable = await node.exec(asNobody[0] ?? '', [...asNobody.slice(1), 'test', '-r', command]);
    const runnable = await node.exec(asNobody[0] ?? '', [
      ...asNobody.slice(1),
      process.execPath,
      '--version',
    ]);
    if (readable.code !== 0 || runnable.code !== 0) {
      context.skip('the checkout or Node is in a folder that only root can read');
      return;
    }
    assertOneLine(await run(asNobody, devices), 1, /^hopspan-agent: .*CAP_BPF.*CAP_NET_ADMIN/);
  });

  it('says that a device is missing, and which there are', async () => {
    const result = await run([], [...devices, '--set', 'receivers::ebpf_hops::interfaces::nic=[eth7]']);
    assertOneLine(
      result,
      1,
      /^hopspan-agent: receivers::ebpf_hops::interfaces::nic: there is no device "eth7"; .*eth0/,
    );
  });

  it('says that the kernel is too old, and which one it needs', async () => {
    assertOneLine(
      await run(onOldKernel, devices),
      1,
      /^hopspan-agent: .*Linux 2\.6\.\d+.* 6\.1 or newer is needed/,
    );
  });

  it('refuses a key that is not known before it looks at the kernel', async () => {
    const result = await run(withoutCapabilities, ['--set', 'receivers::ebpf_hops::atach=tcx']);
    assertOneLine(
      result,
      2,
      /^hopspan-agent: --set: receivers::ebpf_hops::atach: .*did you mean "attach"\?$/m,
    );
  });

  it('warns once of an endpoint where nobody is, goes on, and ends well', async () => {
    const endpoint = ['--set', 'exporters={otlp_grpc: {endpoint: "http://127.0.0.1:4317"}}'];
    const agent = node.spawn(process.execPath, [command, '--json', ...devices, ...endpoint]);
    await agent.waitForLine(/cannot be reached/);
    assert.deepEqual(await agent.stop(), { code: 0, signal: null });
    const levels = agent.stderr.lines.map((line) => (JSON.parse(line) as { level: string }).level);
    assert.deepEqual(levels, ['info', 'warn', 'info', 'info']);
  });

  it('has a doctor that finds a good system good, and says what is wrong with a bad one', async () => {
    const good = await run([], ['doctor', '--json', ...devices]);
    assert.equal(good.code, 0, good.stdout);
    assert.equal((JSON.parse(good.stdout) as { ok: boolean }).ok, true);
    const bad = await run([...onOldKernel, ...withoutCapabilities], ['doctor', '--json', ...devices]);
    const { checks } = JSON.parse(bad.stdout) as { checks: { name: string; ok: boolean }[] };
    const failed = checks.filter(({ ok }) => !ok).map(({ name }) => name);
    assert.deepEqual(failed, ['kernel', 'cap_bpf', 'cap_perfmon', 'cap_net_admin', 'attach']);
    assert.equal(bad.code, 1);
    assert.equal(bad.stderr, '');
  });

  it('has a doctor that sees the packets of every point', async () => {
    const url = await serve(lab.pod('pod1'));
    // It sends all the time that the doctor watches: to start one may take longer than that.
    const client = new StayingClient(node);
    await client.send(url, { count: 1 });
    let watching = true;
    const watched = run([], ['doctor', '--json', '--watch', '3s', ...devices]).finally(() => {
      watching = false;
    });
    while (watching) await client.send(url, { count: 20 });
    const { stdout } = await watched;
    const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean }[] };
    const vport = node.vports()[0];
    const points = checks.filter(({ name }) => name.startsWith(`${vport} `));
    assert.deepEqual(
      points.map(({ name, ok }) => [name, ok]),
      [
        [`${vport} ingress`, true],
        [`${vport} egress`, true],
      ],
    );
  });
});
