// SPDX-License-Identifier: Apache-2.0
// The agent's image on a real Docker Engine, with a root file system that cannot be written to.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Lab, OtlpCollector } from '../lab/index.ts';
import { buildAgentImage } from './agent-image.ts';
import { DockerEngine } from './docker-engine.ts';
import { Machine, until } from './machine.ts';

/** Docker before version 23 lets nobody but CAP_SYS_ADMIN call bpf(), and does not know the names of its parts. */
const CAPABILITIES = ['--cap-drop', 'ALL', '--cap-add', 'SYS_ADMIN', '--cap-add', 'NET_ADMIN'];
const CONFINED = ['--network', 'host', '--read-only', ...CAPABILITIES, '--security-opt', 'no-new-privileges'];

describe("the agent's image", () => {
  let lab: Lab;
  let engine: DockerEngine;
  before(async () => {
    lab = await Lab.create({ nodes: [{ name: 'node1' }] });
    const machine = await Machine.start(lab, 'node1');
    engine = await DockerEngine.start(machine);
    await buildAgentImage(engine, `${machine.folder}/image`);
    mkdirSync(`${lab.folder}/config`);
    const config = {
      receivers: { ebpf_hops: { interfaces: { nic: ['eth0'], vport: ['veth*'] } } },
      exporters: { otlp_grpc: { endpoint: 'unix:///run/lab/otlp.sock' } },
    };
    writeFileSync(`${lab.folder}/config/agent.yaml`, JSON.stringify(config));
  });
  after(() => lab?.destroy());

  const arguments_ = () => [
    ...CONFINED,
    ...['--volume', `${lab.folder}:/run/lab`],
    ...['--volume', `${lab.folder}/config:/etc/hopspan:ro`],
    'hopspan-agent',
  ];
  const runOnce = (...args: readonly string[]) =>
    engine.docker('run', '--rm', ...arguments_(), ...args, '--config', '/etc/hopspan/agent.yaml');

  it('has no shell and nothing to build with', async () => {
    for (const program of ['sh', 'npm', 'cc'])
      await assert.rejects(
        engine.docker('run', '--rm', '--entrypoint', program, 'hopspan-agent'),
        /executable file not found/,
      );
  });

  it('checks a configuration, and the machine', async () => {
    await runOnce('validate');
    await assert.rejects(
      runOnce('validate', '--set', 'receivers::ebpf_hops::atach=tcx'),
      /status 2.*"attach"/s,
    );
    await using _collector = await OtlpCollector.start({ socket: `${lab.folder}/otlp.sock` });
    const { ok, checks } = JSON.parse(await runOnce('doctor', '--json'));
    assert.equal(ok, true, JSON.stringify(checks));
  });

  it('traces a request from one container to another, and keeps one capability', async () => {
    await using collector = await OtlpCollector.start({ socket: `${lab.folder}/otlp.sock` });
    const command = ['--config', '/etc/hopspan/agent.yaml', '--json'];
    await engine.docker('run', '--detach', '--name', 'agent', ...arguments_(), ...command);
    const ready = await until('the agent is ready', async () =>
      (await engine.logs('agent')).find((line) => line.includes('"msg":"ready"')),
    );
    assert.deepEqual(JSON.parse(ready).capabilities, ['CAP_NET_ADMIN']);
    const web = ['httpd', '-f', '-p', '8080', '-h', '/www'];
    await engine.docker('network', 'create', 'shop');
    await engine.docker('run', '-d', '--network', 'shop', '--name', 'web', 'hopspan-test', ...web);
    await engine.docker(
      'run',
      '-d',
      '--network',
      'shop',
      '--name',
      'client',
      'hopspan-test',
      'sleep',
      '100000',
    );
    const traceId = 'd15717e55'.padStart(32, '0');
    let requests = 0;
    await until('the hop of a request', async () => {
      requests += 1;
      const header = `traceparent: 00-${traceId}-${requests.toString(16).padStart(16, '0')}-01`;
      await engine.docker('exec', 'client', 'wget', '-q', '-O', '-', '--header', header, 'http://web:8080/');
      return collector.spans().find((span) => span.traceId === traceId && span.name === 'overlay local');
    });
    await engine.docker('stop', '--time', '60', 'agent');
    assert.equal(await engine.docker('inspect', '--format', '{{.State.ExitCode}}', 'agent'), '0');
    const stopped = (await engine.logs('agent')).find((line) => line.includes('"msg":"stopped"'));
    assert.ok(stopped);
    const { sightings, records } = JSON.parse(stopped).counters.receivers.ebpf_hops;
    assert.ok(sightings >= 2 && records >= 1, stopped);
  });
});
