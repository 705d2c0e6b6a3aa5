// SPDX-License-Identifier: Apache-2.0
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration, not of JavaScript
// What a user sees when something is wrong: the exit status, and one line without a stack trace.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { quiet, runAgentProcess, stopWhenReady } from './support/run-agent.ts';

const folder = mkdtempSync(join(tmpdir(), 'hopspan-'));
after(() => rmSync(folder, { recursive: true }));

function writeConfig(text: string): string {
  const file = join(folder, `${Math.random()}.yaml`);
  writeFileSync(file, text);
  return file;
}

async function listen(): Promise<{ port: number; close: () => Promise<unknown> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    return once(server, 'close');
  };
  return { port, close };
}

function assertOneLine(stderr: string): string {
  const lines = stderr.split('\n');
  assert.equal(lines.pop(), '', 'the last line ends');
  assert.equal(lines.length, 1, stderr);
  assert.doesNotMatch(stderr, /^ {4}at /m);
  return lines[0] ?? '';
}

async function assertFailure(
  args: readonly string[],
  code: number,
  line: string,
  env?: Record<string, string>,
) {
  const outcome = await runAgentProcess(args, { env });
  assert.equal(assertOneLine(outcome.stderr), line);
  assert.equal(outcome.code, code);
  assert.equal(outcome.stdout, '');
}

describe('one line and exit status 2', () => {
  it('for a key that is not known', async () => {
    const file = writeConfig('receivers:\n  ebpf_hops:\n    serch_bytes: 100\n');
    const problem =
      'receivers::ebpf_hops::serch_bytes: unknown key "serch_bytes"; did you mean "search_bytes"?';
    for (const command of [[], ['validate'], ['doctor']]) {
      await assertFailure([...command, '--config', file], 2, `hopspan-agent: ${file}:3:5: ${problem}`);
    }
  });

  it('for text that is not YAML', async () => {
    const file = writeConfig('receivers: [\n');
    const { code, stderr } = await runAgentProcess(['--config', file]);
    assert.equal(code, 2);
    assert.match(assertOneLine(stderr), /^hopspan-agent: \S+\.yaml:\d+:\d+: not YAML: /);
  });

  it('for a variable that is not set', async () => {
    const file = writeConfig('exporters:\n  otlp_grpc:\n    endpoint: "${env:COLLECTOR}"\n');
    const hint =
      'environment variable COLLECTOR is not set: set it, or give a default with ${env:COLLECTOR:-default}';
    await assertFailure(
      ['--config', file],
      2,
      `hopspan-agent: ${file}:3:15: exporters::otlp_grpc::endpoint: ${hint}`,
    );
  });

  it('for a file that is not there', () =>
    assertFailure(
      ['--config', '/nowhere.yaml'],
      2,
      'hopspan-agent: --config /nowhere.yaml: there is no such file',
    ));

  it('for an option that is not known', () =>
    assertFailure(['--cofig', 'x'], 2, 'hopspan-agent: unknown option "cofig"; did you mean "config"?'));

  it('for a variable of the agent itself that cannot be read', () =>
    assertFailure(
      quiet,
      2,
      'hopspan-agent: OTEL_RESOURCE_ATTRIBUTES: got "x", expected key=value pairs separated by commas',
      {
        OTEL_RESOURCE_ATTRIBUTES: 'x',
      },
    ));

  it('for a certificate that cannot be read', () => {
    const set = 'exporters::otlp_grpc={endpoint: "https://127.0.0.1:1", tls: {ca_file: /nowhere.pem}}';
    const line = 'hopspan-agent: exporters::otlp_grpc::tls::ca_file: there is no file /nowhere.pem';
    return assertFailure([...quiet, '--set', set], 2, line);
  });
});

describe('one line and exit status 1', () => {
  it('for a device that is not there', () => {
    const line =
      'hopspan-agent: receivers::ebpf_hops::interfaces::nic: there is no device "eth7"; did you mean "eth0"? devices here: lo, eth0, veth1';
    return assertFailure([...quiet, '--set', 'receivers::ebpf_hops::interfaces::nic=[eth7]'], 1, line);
  });

  it('for a port of the health endpoint that is taken', async () => {
    const { port, close } = await listen();
    const line = `hopspan-agent: the health endpoint cannot listen on 127.0.0.1:${port}: the address is in use by another process; set extensions::health_check::endpoint`;
    await assertFailure(['--set', `extensions::health_check::endpoint="127.0.0.1:${port}"`], 1, line);
    await close();
  });

  it('for a port of the metrics endpoint that is taken', async () => {
    const { port, close } = await listen();
    const readers = `service::telemetry::metrics::readers=[{pull: {exporter: {prometheus: {port: ${port}}}}}]`;
    const option = 'service::telemetry::metrics::readers::0::pull::exporter::prometheus::port';
    const line = `hopspan-agent: the metrics endpoint cannot listen on 127.0.0.1:${port}: the address is in use by another process; set ${option}`;
    await assertFailure(['--set', 'service::extensions=[]', '--set', readers], 1, line);
    await close();
  });

  it('as one JSON record with --json', async () => {
    const { code, stderr } = await runAgentProcess([
      '--json',
      ...quiet,
      '--set',
      'receivers::ebpf_hops::interfaces::nic=[eth7]',
    ]);
    assert.equal(code, 1);
    const { level, msg, code: errorCode } = JSON.parse(assertOneLine(stderr)) as Record<string, string>;
    assert.deepEqual([level, errorCode], ['error', 'HOPSPAN_ERR_AGENT_DEVICE']);
    assert.match(msg ?? '', /there is no device "eth7"/);
  });
});

describe('an endpoint where nobody is', () => {
  it('is one warning for a running agent, which goes on and ends well', async () => {
    const { port, close } = await listen();
    await close();
    const set = `exporters={otlp_grpc: {endpoint: "http://127.0.0.1:${port}"}}`;
    const { code, stderr } = await runAgentProcess(['--json', ...quiet, '--set', set], {
      onStderr: (seen, child) => void (seen.includes('cannot be reached') && child.kill('SIGTERM')),
    });
    const records = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const warnings = records.filter(({ level }) => level === 'warn' || level === 'error');
    assert.equal(warnings.length, 1, stderr);
    const expected = `exporters::otlp_grpc: 127.0.0.1:${port} cannot be reached (ECONNREFUSED); the agent goes on and retries within the bounds of retry_on_failure and sending_queue`;
    assert.equal(warnings[0]?.msg, expected);
    assert.equal(code, 0);
  });

  it('fails the doctor, who says what to do', async () => {
    const { port, close } = await listen();
    await close();
    const set = `exporters={otlp_grpc: {endpoint: "http://127.0.0.1:${port}"}}`;
    const { code, stdout, stderr } = await runAgentProcess(['doctor', '--set', set]);
    assert.equal(code, 1);
    assert.equal(stderr, '');
    assert.match(
      stdout,
      new RegExp(
        `^FAIL {2}endpoint of otlp_grpc {2}127.0.0.1:${port} cannot be reached \\(ECONNREFUSED\\)\\n +-> start the collector`,
        'm',
      ),
    );
    assert.match(stdout, /^ok {4}devices {16}nic eth0; vport veth1$/m);
  });
});

describe('signals', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`${signal} ends the agent well, with the final counters as the last line`, async () => {
      const { code, stderr, stdout } = await runAgentProcess(['--json', ...quiet], {
        env: { TEST_HOPS: '3' },
        onStderr: stopWhenReady(signal),
      });
      assert.equal(code, 0);
      const records = stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      assert.deepEqual(
        records.map(({ msg }) => msg),
        ['ready', 'stopping', 'stopped'],
      );
      const points = [
        { interface: 'eth0', ifindex: 2, role: 'nic', hook: 'egress' },
        { interface: 'veth1', ifindex: 3, role: 'vport', hook: 'ingress' },
      ];
      assert.deepEqual(records[0]?.points, points);
      const counters = records[2]?.counters as Record<string, Record<string, unknown>>;
      assert.deepEqual(
        counters.points,
        points.map((point) => ({ ...point, counters: { sightings: 3 } })),
      );
      assert.equal(counters.pipeline?.delivered, 3);
      assert.deepEqual(counters.exporters?.debug, {
        hops: 3,
        traces_printed: 1,
        lost: 0,
        traces_printed_early: 0,
        queued: 0,
      });
      assert.match(stdout, /^trace 4bf92f3577b34da6a3ce929d0e0e4736 .* 3 hops/);
    });
  }
});
