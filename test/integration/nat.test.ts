// SPDX-License-Identifier: Apache-2.0
// Rules that the real tools have loaded and tell: what we read of them is where connections go.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type NatTable, type NatTool, NatTranslations } from '@hopspan/k8s-discovery';
import { Lab, type LabNode } from '../lab/index.ts';

const skip = process.geteuid?.() === 0 ? false : 'network namespaces take root';

/** Written by the real kube-proxy 1.34; see packages/k8s-discovery/test/nat/fixtures.ts. */
const kubeProxy = (name: string): string =>
  readText(`../../packages/k8s-discovery/test/fixtures/nat/kube-proxy.${name}`);
const readText = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

const reviews = ['10.244.1.5:9081', '10.244.2.6:9081'];
/** Virtual destinations, and where each of them leads. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  '10.96.0.10:53': ['10.244.1.9:53'],
  '10.96.0.20:9080': reviews,
  '10.96.0.21:80': ['10.244.1.7:8080'],
  '192.168.100.1:30080': reviews,
  '203.0.113.7:9080': reviews,
};
const SERVICES6 = { '[fd00:10:96::20]:80': ['[fd00:10:244::7]:8080'] };
const FORMS = {
  '10.9.0.1:80': ['10.1.1.1:8080'],
  '10.9.0.2:80': ['10.1.1.3:80'],
  '10.9.0.2:443': ['10.1.1.3:443'],
  '10.9.9.1:90': ['10.1.1.3:91'],
  '10.9.9.2:90': ['10.1.1.3:91'],
  '10.9.0.3:80': ['10.1.1.1:8080'],
  '10.9.0.3:443': ['10.1.1.2:8443'],
  '10.9.0.4:80': ['10.1.1.5:80', '10.1.1.6:80'],
  '10.9.0.5:80': ['10.1.1.5:81', '10.1.1.6:82'],
  '10.9.0.6:81': ['10.1.1.9:81'],
  '10.9.0.7:80': ['10.1.1.8:80'],
  '10.9.0.7:81': ['10.1.1.8:81'],
  '10.9.0.8:99': ['10.1.1.8:81'],
  '10.9.0.9:80': ['10.1.1.9:81'],
  '192.168.100.1:8088': ['10.1.1.7:80'],
  '[fd00:9::1]:80': ['[fd00:1::2]:8080'],
};
const FORMS_UNKNOWN = 5;

interface Scene {
  readonly name: string;
  readonly load: readonly (readonly [command: string, rules: string])[];
  readonly read: readonly (readonly [NatTool, string])[];
  readonly expected: Readonly<Record<string, readonly string[]>>;
  readonly unknown?: number;
  /** Service of `10.96.0.20:9080`. */
  readonly service?: string;
}

const scenes: readonly Scene[] = [
  {
    name: 'kube-proxy in mode nftables',
    load: [['nft', kubeProxy('nft')]],
    read: [['nft', 'nft -j list ruleset']],
    expected: { ...SERVICES, ...SERVICES6 },
    service: 'default/reviews',
  },
  {
    name: 'kube-proxy in mode iptables',
    load: [
      ['iptables-restore', kubeProxy('iptables')],
      ['ip6tables-restore', kubeProxy('ip6tables')],
    ],
    read: [
      ['nft', 'nft -j list ruleset'],
      ['iptables', 'iptables-save -t nat'],
      ['ip6tables', 'ip6tables-save -t nat'],
    ],
    expected: { ...SERVICES, ...SERVICES6 },
    service: 'default/reviews',
  },
  {
    name: 'kube-proxy in mode iptables, with the older tool',
    load: [['iptables-legacy-restore', kubeProxy('iptables')]],
    read: [['iptables', 'iptables-legacy-save -t nat']],
    expected: SERVICES,
    service: 'default/reviews',
  },
  {
    name: 'rules of nftables in every form',
    load: [['nft', readText('../fixtures/nat/forms.nft')]],
    read: [['nft', 'nft -j list ruleset']],
    expected: FORMS,
    unknown: FORMS_UNKNOWN,
  },
];

/** All ports that something is expected at, each answering with its own address. */
const SERVER = `
  const [ports] = process.argv.slice(1).map(JSON.parse);
  let open = 0;
  for (const port of ports)
    require('node:net').createServer((socket) => {
      const { localAddress, localPort } = socket;
      const address = localAddress.replace('::ffff:', '');
      socket.end(address.includes(':') ? '[' + address + ']:' + localPort : address + ':' + localPort);
    }).listen(port, '::', () => { if (++open === ports.length) console.log('listening'); });`;
/** Where each connection has gone to, as a list in the order of what was asked for. */
const CLIENT = `
  const [targets] = process.argv.slice(1).map(JSON.parse);
  const connect = (target) => new Promise((resolve) => {
    const { hostname, port } = new URL('http://' + target);
    let answer = '';
    require('node:net').connect(Number(port || 80), hostname.replace(/[[\\]]/g, ''))
      .setEncoding('utf8').on('data', (text) => { answer += text; })
      .on('close', () => resolve(answer)).on('error', (error) => { answer = String(error); });
  });
  Promise.all(targets.map(connect)).then((answers) => console.log(JSON.stringify(answers)));`;

/** How many virtual destinations each tool tells of, after everything but the named capabilities was dropped. */
const READ_AFTER_DROP = `
  const { dropCapabilities } = await import('@hopspan/bpf-probe');
  const { NatTranslations } = await import('@hopspan/k8s-discovery');
  await dropCapabilities(process.argv.slice(1));
  const sources = {
    nft: { tool: 'nft' },
    iptables: { tool: 'iptables' },
    legacy: { tool: 'iptables', command: ['iptables-legacy-save', '-t', 'nat'] },
  };
  const found = {};
  for (const [name, source] of Object.entries(sources)) {
    const nat = new NatTranslations({ sources: [source] });
    await nat.start();
    await nat.shutdown();
    const { nat_refresh_errors, nat_translations } = nat.counters();
    found[name] = nat_refresh_errors > 0 ? 'failed' : nat_translations;
  }
  console.log(JSON.stringify(found));`;

/** `10.0.0.1:80`, `[fd00::1]:80` */
function parseEnd(text: string): [string, number] {
  const [, address = '', port] = /^\[?([^\]]+?)\]?:(\d+)$/.exec(text) ?? [];
  return [address, Number(port)];
}

/** Gives the node all backends, and a way to all that is virtual. */
async function prepare(node: LabNode, expected: Scene['expected']): Promise<void> {
  const backends = new Set(Object.values(expected).flat());
  const addresses = new Set([...backends].map((each) => parseEnd(each)[0]));
  const commands = [...addresses].map((each) =>
    each.includes(':') ? `ip -6 addr add ${each}/128 dev lo nodad` : `ip addr add ${each}/32 dev lo`,
  );
  const script = [...commands, 'ip route replace default dev lo', 'ip -6 route replace default dev lo'].join(
    '\n',
  );
  const { code, stderr } = await node.exec('sh', ['-e'], { input: script });
  assert.equal(code, 0, stderr);
  const ports = [...new Set([...backends].map((each) => parseEnd(each)[1]))];
  const server = node.spawn(process.execPath, ['-e', SERVER, JSON.stringify(ports)]);
  await server.waitForLine(/listening/);
}

async function read(node: LabNode, sources: Scene['read']): Promise<{ table: NatTable; counters: object }> {
  const enter = ['nsenter', `--net=${node.netnsPath}`];
  const nat = new NatTranslations({
    sources: sources.map(([tool, command]) => ({ tool, command: [...enter, ...command.split(' ')] })),
  });
  await nat.start();
  await nat.shutdown();
  return { table: nat.table, counters: nat.counters() };
}

describe('address translation, as the tools tell it', { skip }, () => {
  for (const { name, load, read: sources, expected, unknown = 0, service } of scenes) {
    it(`leads where connections go: ${name}`, async () => {
      await using lab = await Lab.create({ nodes: [{ name: 'node1' }], ipv6: true });
      const node = lab.node('node1');
      await prepare(node, expected);
      for (const [command, rules] of load) {
        const { code, stderr } = await node.exec(command, command === 'nft' ? ['-f', '-'] : [], {
          input: rules,
        });
        assert.equal(code, 0, stderr);
      }
      const { table, counters } = await read(node, sources);
      const targets = Object.keys(expected);
      const { nat_refresh_errors, nat_rules_unknown, nat_translations } = counters as Record<string, number>;
      assert.deepEqual([nat_refresh_errors, nat_rules_unknown], [0, unknown]);
      assert.equal(nat_translations, targets.length);
      const { stdout, stderr } = await node.exec(process.execPath, ['-e', CLIENT, JSON.stringify(targets)]);
      const answers = JSON.parse(stdout || `"${stderr}"`) as string[];
      for (const [i, target] of targets.entries()) {
        const [address, port] = parseEnd(target);
        const found = table.find(address, port, address === node.underlayAddress);
        const backends = found?.backends.map(
          (each) => `${each.address.includes(':') ? `[${each.address}]` : each.address}:${each.port ?? port}`,
        );
        assert.deepEqual(backends?.toSorted(), expected[target], target);
        assert.ok(backends?.includes(answers[i] ?? ''), `${target} went to ${answers[i]}`);
      }
      const { namespace, name: of } = table.find('10.96.0.20', 9080)?.service ?? {};
      assert.equal(of && `${namespace}/${of}`, service);
    });
  }

  it('is read by a process that has dropped all capabilities but those for it', async () => {
    await using lab = await Lab.create({ nodes: [{ name: 'node1' }] });
    const node = lab.node('node1');
    for (const command of ['iptables-restore', 'iptables-legacy-restore'])
      assert.equal((await node.exec(command, [], { input: kubeProxy('iptables') })).code, 0);
    const readWith = async (kept: readonly string[]): Promise<unknown> => {
      const args = ['--input-type=module', '-e', READ_AFTER_DROP, ...kept];
      const { stdout, stderr } = await node.exec(process.execPath, args, { cwd: import.meta.dirname });
      return JSON.parse(stdout || JSON.stringify(stderr));
    };
    const all = { nft: 0, iptables: 5, legacy: 5 };
    assert.deepEqual(await readWith(['CAP_NET_ADMIN', 'CAP_NET_RAW']), all);
    assert.deepEqual(await readWith(['CAP_NET_ADMIN']), { ...all, legacy: 'failed' });
    assert.deepEqual(await readWith([]), { nft: 'failed', iptables: 'failed', legacy: 'failed' });
  });
});
