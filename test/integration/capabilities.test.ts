// SPDX-License-Identifier: Apache-2.0
// The agent with exactly the capabilities that its manifest gives it, which is made from the chart.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { repoRoot } from '../../scripts/lib/paths.ts';
import { until } from '../k8s/until.ts';
import { type AgentPlace, startAgent } from '../lab/agent.ts';
import { balance, droppedBy } from '../lab/conservation.ts';
import { Lab, type LabNode, OtlpCollector, openPods } from '../lab/index.ts';
import { serveOn } from '../lab/traffic.ts';

const command = fileURLToPath(new URL('../../examples/agent/bin/hopspan-agent.js', import.meta.url));

interface SecurityContext {
  readonly runAsUser: number;
  readonly allowPrivilegeEscalation: boolean;
  readonly capabilities: { readonly add: readonly string[]; readonly drop: readonly string[] };
}

function readSecurityContext(): SecurityContext {
  const text = readFileSync(join(repoRoot, 'examples/agent/deploy/agent.yaml'), 'utf8');
  const documents = parseAllDocuments(text).map((document) => document.toJS());
  return documents.find(({ kind }) => kind === 'DaemonSet').spec.template.spec.containers[0].securityContext;
}

const { add: given, drop } = readSecurityContext().capabilities;

/** What the kubelet has the runtime do. */
function confine(capabilities: readonly string[]): string[] {
  const sets = ['-all', ...capabilities.map((name) => `+${name.toLowerCase()}`)].join(',');
  return ['setpriv', '--bounding-set', sets, '--inh-caps', '-all', '--no-new-privs'];
}

/** Permitted and effective capabilities of every thread of a process. */
function capabilitiesOf(pid: number): string[] {
  const tasks = `/proc/${pid}/task`;
  const status = readdirSync(tasks).map((thread) => readIfThere(`${tasks}/${thread}/status`));
  return status.flatMap((text) =>
    [...text.matchAll(/^Cap(?:Prm|Eff):\t(\w+)$/gm)].map(([, mask = '']) => mask),
  );
}

/** A thread may end while we look. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

describe('the agent with the capabilities of its manifest', () => {
  let lab: Lab;
  let node: LabNode;
  let collector: OtlpCollector;
  before(async () => {
    lab = await Lab.create({ nodes: [{ name: 'node1' }], pods: [] });
    collector = await OtlpCollector.start({ socket: `${lab.folder}/otlp.sock` });
    node = lab.node('node1');
    await serveOn(lab.fabric);
  });
  after(async () => {
    await collector?.[Symbol.asyncDispose]();
    await lab?.destroy();
  });

  it('gets no others', () => {
    const { runAsUser, allowPrivilegeEscalation } = readSecurityContext();
    assert.deepEqual([runAsUser, allowPrivilegeEscalation, drop], [0, false, ['ALL']]);
    assert.deepEqual(given, ['BPF', 'PERFMON', 'NET_ADMIN']);
  });

  for (const [turn, attach] of ['tcx', 'clsact'].entries()) {
    it(`keeps one of them in each thread, and traces pods that come later (${attach})`, async () => {
      const [file = '', ...wrapper] = confine(given);
      const place: AgentPlace = {
        name: node.name,
        nicName: node.nicName,
        spawn: (program, args, options) => node.spawn(file, [...wrapper, program, ...args], options),
      };
      const set = [
        `receivers::ebpf_hops::attach=${attach}`,
        `receivers::ebpf_hops::interfaces::vport=["vethlate${turn}*"]`,
      ];
      const agent = await startAgent(place, { endpoint: collector.endpoint, set });
      const netAdmin = (1n << 12n).toString(16).padStart(16, '0');
      assert.deepEqual([...new Set(capabilitiesOf(agent.process.pid))], [netAdmin]);
      const [, said] = await agent.process.waitForLine(/"capabilities":(\[.*?\])/);
      assert.deepEqual(JSON.parse(said ?? ''), ['CAP_NET_ADMIN']);

      await using pods = openPods(node);
      await pods.add(`late${turn}`, `10.42.1.1${turn}`);
      const traceId = `c0ffee${turn}`.padStart(32, '0');
      const names = () =>
        new Set(collector.spans().flatMap((span) => (span.traceId === traceId ? span.name : [])));
      let requests = 0;
      await until('both hops of a request and its response', async () => {
        requests += 1;
        const spanId = requests.toString(16).padStart(16, '0');
        await pods.request(`late${turn}`, 'http://192.168.100.254:8080', `00-${traceId}-${spanId}-01`);
        return names().has('overlay transmit') && names().has('overlay receive');
      });
      const counters = await agent.stop();
      assert.deepEqual(
        balance(counters).filter(({ residual }) => residual !== 0),
        [],
      );
      assert.equal(droppedBy(counters), 0);
      const warnings = agent.process.stderr.lines.filter((line) => !line.includes('"level":"info"'));
      assert.deepEqual(warnings, [], 'packets that are dropped are seen, too');
      const { interfaces_attached, interfaces_refused, order_unknown } = counters.receivers.ebpf_hops ?? {};
      assert.deepEqual([interfaces_attached, interfaces_refused, order_unknown], [2, 0, 0]);
    });
  }

  for (const missing of given) {
    it(`says in one line that CAP_${missing} is missing`, async () => {
      const wrapper = confine(given.filter((name) => name !== missing));
      const args = [...wrapper.slice(1), process.execPath, command];
      const set = ['--set', 'receivers::ebpf_hops::interfaces={nic: [eth0], vport: ["veth*"]}'];
      const { code, stdout, stderr } = await node.exec(wrapper[0] ?? '', [...args, ...set]);
      assert.match(stderr, /^hopspan-agent: [^\n]*\n$/);
      const named = [...new Set(stderr.match(/CAP_\w+/g))];
      assert.deepEqual(named, [`CAP_${missing}`]);
      assert.match(stderr, new RegExp(`Run it as root, or give it CAP_${missing}\\.`));
      assert.deepEqual([code, stdout], [1, '']);
      const doctor = await node.exec(wrapper[0] ?? '', [...args, 'doctor', '--json', ...set]);
      const { checks } = JSON.parse(doctor.stdout) as { checks: { name: string; ok: boolean }[] };
      const failed = checks.filter(({ ok }) => !ok).map(({ name }) => name);
      assert.deepEqual([doctor.code, failed], [1, [`cap_${missing.toLowerCase()}`]]);
    });
  }
});
