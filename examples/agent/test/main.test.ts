// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { main } from '../src/main.ts';
import type { Platform } from '../src/platform.ts';
import { createTestPlatform, TestProbe } from './support/fake-platform.ts';
import { createMemoryIo } from './support/memory-io.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

async function run(args: readonly string[], platform?: Partial<Platform>, env?: Record<string, string>) {
  const { io, written } = createMemoryIo({ env });
  const code = await main(args, io, async () => createTestPlatform(platform));
  return { code, ...written };
}

const neverLoaded = async (): Promise<Platform> => {
  throw new Error('the native addon was loaded');
};

describe('commands that do without a kernel', () => {
  const cases: [string[], RegExp][] = [
    [['--help'], /^Usage: hopspan-agent \[command\] \[options\]\n/],
    [['--version'], new RegExp(`^${version}\\n$`)],
    [
      ['components'],
      /^receivers: \[ebpf_hops\]\nprocessors: \[budget, container_metadata, hop_filter, k8s_attributes, probabilistic_sampler\]\nexporters: \[otlp_grpc, otlp_http, debug\]\nextensions: \[health_check\]\n$/,
    ],
    [['components', '--json'], /^\{"receivers":\["ebpf_hops"\],/],
    [['validate'], /^defaults: ok: ebpf_hops -> budget -> debug\n$/],
  ];
  for (const [args, output] of cases) {
    it(`${args.join(' ')} writes to standard output and ends well`, async () => {
      const { io, written } = createMemoryIo();
      assert.equal(await main(args, io, neverLoaded), 0);
      assert.match(written.stdout, output);
      assert.equal(written.stderr, '');
    });
  }

  it('validate warns of old names but ends well', async () => {
    const { code, stderr } = await run([
      'validate',
      '--set',
      'exporters={otlphttp: {endpoint: "http://a:1"}}',
    ]);
    assert.equal(code, 0);
    assert.equal(
      stderr,
      'hopspan-agent: --set: exporters::otlphttp: "otlphttp" is deprecated, use "otlp_http"\n',
    );
  });
});

describe('doctor', () => {
  const set = ['--set', 'exporters={debug: {}}'];

  it('ends well when every check does, as text and as JSON', async () => {
    const { code, stdout } = await run(['doctor', ...set]);
    assert.equal(code, 0);
    assert.equal(stdout, 'ok    kernel   pretended\nok    devices  nic eth0; vport veth1\n');
    const report = await run(['doctor', '--json', ...set]);
    assert.deepEqual(JSON.parse(report.stdout), {
      ok: true,
      checks: [
        { name: 'kernel', ok: true, required: true, detail: 'pretended' },
        { name: 'devices', ok: true, detail: 'nic eth0; vport veth1' },
      ],
    });
  });

  it('fails with a check of the system', async () => {
    const checkSystem = () => [{ name: 'cap_bpf', ok: false, required: true, detail: 'missing: grant it' }];
    const { code, stdout } = await run(['doctor', ...set], { checkSystem });
    assert.equal(code, 1);
    assert.match(stdout, /^FAIL {2}cap_bpf {2}missing: grant it\n/);
  });

  it('only warns of what the agent does without', async () => {
    const checkSystem = () => [{ name: 'btf', ok: false, required: false, detail: 'none' }];
    const { code, stdout } = await run(['doctor', ...set], { checkSystem });
    assert.equal(code, 0);
    assert.match(stdout, /^WARN {2}btf {6}none\n/);
  });

  it('fails with a device that is missing', async () => {
    const { code, stdout } = await run([
      'doctor',
      ...set,
      '--set',
      'receivers::ebpf_hops::interfaces::nic=[x]',
    ]);
    assert.equal(code, 1);
    assert.match(stdout, /^FAIL {2}devices {2}.*there is no device "x"/m);
  });

  it('watches every point, and detaches', async () => {
    const probe = new TestProbe([]);
    const { code, stdout } = await run(['doctor', '--watch', '1ms', ...set], { createProbe: () => probe });
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^FAIL {2}eth0 egress {4}0 packets in 1 ms, 0 with a sampled trace context\n +-> send requests/m,
    );
    assert.equal(probe.stopped, true);
  });

  it('is content with points that see packets', async () => {
    const { code } = await run(['doctor', '--watch', '1ms', ...set], createTestPlatform({ hops: 2 }));
    assert.equal(code, 0);
  });

  it('tells why the probe cannot be attached', async () => {
    const probe = new TestProbe([]);
    probe.start = () => Promise.reject(new Error('not permitted'));
    const { code, stdout } = await run(['doctor', '--watch', '1ms', ...set], { createProbe: () => probe });
    assert.equal(code, 1);
    assert.match(stdout, /^FAIL {2}attach {3}not permitted$/m);
    assert.equal(probe.stopped, true);
  });
});
