// SPDX-License-Identifier: Apache-2.0
// A real Docker Engine: which device is whose, and an application as Compose runs it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NatTranslations } from '@hopspan/k8s-discovery';
import { startAgent } from '../lab/agent.ts';
import { Lab, OtlpCollector } from '../lab/index.ts';
import { DockerEngine } from './docker-engine.ts';
import { findVports } from './find-vports.ts';
import { Machine, until } from './machine.ts';

const SLEEP = ['hopspan-test', 'sleep', '100000'];

describe('containers of a Docker Engine', () => {
  let lab: Lab;
  let machine: Machine;
  let engine: DockerEngine;
  before(async () => {
    lab = await Lab.create({ nodes: [{ name: 'node1' }] });
    machine = await Machine.start(lab, 'node1');
    engine = await DockerEngine.start(machine);
  });
  after(() => lab.destroy());

  /** The other end of a container's interface, as the container itself sees it. */
  const iflink = async (name: string, ifname: string): Promise<number> =>
    Number(await engine.docker('exec', name, 'cat', `/sys/class/net/${ifname}/iflink`));

  it('are behind the ports that the rules of address translation tell', async () => {
    await engine.docker('run', '-d', '--name', 'published', '-p', '8088:80', '-p', '5353:53/udp', ...SLEEP);
    const format = '{{.NetworkSettings.Networks.bridge.IPAddress}}';
    const address = await engine.docker('inspect', '--format', format, 'published');
    const command = ['nsenter', `--net=${lab.node('node1').netnsPath}`, 'iptables-save', '-t', 'nat'];
    const nat = new NatTranslations({ sources: [{ tool: 'iptables', command }] });
    await nat.start();
    await nat.shutdown();
    assert.deepEqual(nat.table.find('192.168.100.1', 8088, true)?.backends, [{ address, port: 80 }]);
    assert.equal(nat.table.find('192.168.100.1', 5353, true), undefined, 'that is not TCP');
    assert.equal(nat.counters().nat_rules_unknown, 0);
    await engine.docker('rm', '-f', 'published');
  });

  it('have the vports that they see themselves, by each strategy that knows of them', async () => {
    await engine.docker('network', 'create', 'other');
    await engine.docker('run', '-d', '--name', 'one', ...SLEEP);
    await engine.docker('run', '-d', '--name', 'two', ...SLEEP);
    await engine.docker('network', 'connect', 'other', 'two');
    await engine.docker('run', '-d', '--name', 'host', '--network', 'host', ...SLEEP);
    await engine.docker('run', '-d', '--name', 'none', '--network', 'none', ...SLEEP);
    await engine.docker('run', '-d', '--name', 'shared', '--network', 'container:one', ...SLEEP);
    // Whoever has spoken to the bridge is known to it; nobody answers at that port.
    for (const name of ['one', 'two']) {
      const [, gateway = ''] =
        /default via (\S+)/.exec(await engine.docker('exec', name, 'ip', 'route')) ?? [];
      await assert.rejects(engine.docker('exec', name, 'nc', '-w', '60', gateway, '9'), /refused/);
    }
    const strategies = ['namespace', 'bridge_port', 'host_route', 'cni_name'] as const;
    const { containers, found } = await findVports(machine, { docker: engine.endpoint, strategies });
    assert.deepEqual(
      containers.map(({ name }) => name).toSorted(),
      ['host', 'none', 'one', 'two'],
      'shared is of one',
    );
    const one = [await iflink('one', 'eth0')];
    const two = [await iflink('two', 'eth0'), await iflink('two', 'eth1')];
    const others = { host: 'host_network', none: 'no_address' };
    const sorted = (vports: Record<string, readonly number[] | string> = {}) =>
      Object.fromEntries(
        Object.entries(vports).map(([name, ids]) => [
          name,
          typeof ids === 'string' ? ids : ids.toSorted((a, b) => a - b),
        ]),
      );
    assert.deepEqual(sorted(found.all), { one, two, ...others });
    assert.deepEqual(sorted(found.namespace), { one, two, ...others });
    assert.deepEqual(sorted(found.bridge_port), { one, two, ...others });
    assert.deepEqual(sorted(found.host_route), { one: 'not_found', two: 'not_found', ...others });
    assert.deepEqual(sorted(found.cni_name), { one: 'not_found', two: 'not_found', ...others });
  });

  it('are named in the hops between services of an application, also those that come later', async () => {
    await using collector = await OtlpCollector.start({ socket: `${lab.folder}/otlp.sock` });
    await startAgent(machine, {
      endpoint: collector.endpoint,
      set: [`processors::container_metadata={docker: {endpoint: "${engine.endpoint}"}, interval: 1h}`],
    });
    await engine.docker('network', 'create', 'shop');
    const service = (name: string) => [
      '--network',
      'shop',
      '--name',
      `shop-${name}-1`,
      '--label',
      `com.docker.compose.service=${name}`,
    ];
    await engine.docker(
      'run',
      '-d',
      ...service('web'),
      'hopspan-test',
      'httpd',
      '-f',
      '-p',
      '8080',
      '-h',
      '/www',
    );
    await engine.docker('run', '-d', ...service('client'), ...SLEEP);
    const traceId = '5ca1ab1e'.padStart(32, '0');
    let tries = 0;
    const span = await until('a local hop with names', async () => {
      tries += 1;
      const header = `traceparent: 00-${traceId}-${tries.toString(16).padStart(16, '0')}-01`;
      const wget = ['wget', '-q', '-O', '-', '--header', header, 'http://shop-web-1:8080/'];
      // The server may not listen yet.
      const answered = await engine.docker('exec', 'shop-client-1', ...wget).catch(() => undefined);
      if (answered === undefined) return undefined;
      return collector
        .spans()
        .find(
          ({ attributes, ...each }) =>
            each.traceId === traceId &&
            attributes['hopspan.kind'] === 'request' &&
            'source.container.name' in attributes,
        );
    });
    assert.equal(span.name, 'overlay local');
    const expected = {
      'source.container.name': 'shop-client-1',
      'source.service.name': 'client',
      'source.container.image.name': 'hopspan-test',
      'destination.container.name': 'shop-web-1',
      'destination.service.name': 'web',
      'source.container.id': await engine.docker('inspect', '-f', '{{.Id}}', 'shop-client-1'),
      'destination.container.id': await engine.docker('inspect', '-f', '{{.Id}}', 'shop-web-1'),
    };
    const got = Object.fromEntries(Object.keys(expected).map((name) => [name, span.attributes[name]]));
    assert.deepEqual(got, expected);
    const health = await machine.run(
      process.execPath,
      '--eval',
      "fetch('http://127.0.0.1:13143/?verbose').then(async (answer) => console.log(await answer.text()))",
    );
    const { components } = JSON.parse(health) as {
      components: Record<string, { status: string; reason?: string }>;
    };
    assert.match(components['processors/container_metadata']?.reason ?? '', /1 host_network \(host\)/);
  });
});
