// SPDX-License-Identifier: Apache-2.0
// A whole cluster of one node: API server, controllers, scheduler and kubelet, with the agent's chart applied to it as a user
// would, and Bookinfo beside.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { driveFrom } from '../lab/bookinfo.ts';
import { type CollectedSpan, Lab, OtlpCollector } from '../lab/index.ts';
import { packAgentImage } from '../runtime/agent-image.ts';
import { deployService, waitForPod } from './bookinfo-deployments.ts';
import { BOOKINFO_PORT, type BookinfoService, bookinfoServices } from './bookinfo-objects.ts';
import { goAvailable } from './build.ts';
import { applyChart } from './chart-objects.ts';
import { KubeCluster } from './cluster.ts';
import { startControllers } from './controllers.ts';
import { expectedNames, namesOf, partiesOf } from './expected-names.ts';
import { type Manifest, renderChart } from './helm.ts';
import { startKubelet } from './kubelet-process.ts';
import { createNamespace } from './objects.ts';
import { TcpRelay } from './tcp-relay.ts';
import { WorkerNode } from './worker-node.ts';

const notRoot = process.geteuid?.() === 0 ? undefined : 'containers take root';
const skip = process.env.CI ? false : (notRoot ?? goAvailable() ?? false);
const REQUESTS = 50;
/** Of one request: four calls on this node and their answers; a server span in five services, a client span for each call. */
const [HOPS, SPANS] = [8, 9];

describe('a whole cluster of one node', { skip }, () => {
  const resources = new AsyncDisposableStack();
  const pods = new Map<string, Manifest>();
  let lab: Lab;
  let cluster: KubeCluster;
  let collector: OtlpCollector;
  let worker: WorkerNode;
  const hops = (): CollectedSpan[] =>
    collector.spans().filter(({ service }) => service === 'overlay-network');

  before(async () => {
    cluster = resources.use(await KubeCluster.start({ serviceAccounts: true }));
    lab = resources.use(await Lab.create({ nodes: [{ name: 'node1' }] }));
    const [apiSocket, otlpSocket] = [`${lab.folder}/api.sock`, `${lab.folder}/otlp.sock`];
    resources.use(await TcpRelay.start(cluster.url, apiSocket));
    collector = resources.use(await OtlpCollector.start({ socket: otlpSocket }));
    resources.use(await startControllers(cluster));
    worker = await WorkerNode.start('node1', { lab, cluster, apiSocket, otlpSocket });
    await worker.route([]);
    await startKubelet(worker, cluster);
  });
  after(() => resources.disposeAsync());

  it("runs the agent as its pod, out of the chart's DaemonSet", async () => {
    const [wanted] = (await renderChart('observability')).filter(({ kind }) => kind === 'DaemonSet');
    const { image } = wanted.spec.template.spec.containers[0];
    await worker.containerd.importImage(await packAgentImage(`${lab.folder}/agent`, image));
    const daemonSet = await applyChart(cluster, 'observability');
    const pod = await waitForPod(cluster, 'observability', 'app.kubernetes.io/instance=hopspan');
    assert.equal(pod.metadata.ownerReferences[0].uid, daemonSet.metadata.uid);
    assert.equal(pod.spec.nodeName, 'node1');
  });

  it('has the right pod, workload, service, node, namespace and container at both ends of every hop', async () => {
    await createNamespace(cluster, 'bookinfo');
    const addresses = new Map<string, string>();
    for (const service of bookinfoServices) {
      const pod = await deployService(cluster, 'bookinfo', service, addresses);
      pods.set(service.name, pod);
      addresses.set(service.name, pod.status.podIP);
    }
    const url = `http://${addresses.get('gateway')}:${BOOKINFO_PORT}/productpage`;
    const { failed } = await driveFrom(lab.fabric, url, { requests: REQUESTS, concurrency: 2 });
    assert.equal(failed, 0);
    await collector.waitFor((all) => all.spans().length >= REQUESTS * (HOPS + SPANS));
    for (const hop of hops()) {
      const parties = partiesOf(hop, collector.trace(hop.traceId));
      for (const end of ['source', 'destination'] as const) {
        const service = bookinfoServices.find(({ name }) => name === parties[end]) as BookinfoService;
        const pod = pods.get(service.name);
        const expected = expectedNames(end, { ...service, kind: 'ReplicaSet' }, { pod }, hop);
        assert.deepEqual(namesOf(hop, end), expected);
      }
    }
    assert.ok(hops().length >= REQUESTS * HOPS);
  });

  it('has not restarted the agent', async () => {
    const pod = await waitForPod(cluster, 'observability', 'app.kubernetes.io/instance=hopspan');
    assert.equal(pod.status.containerStatuses[0].restartCount, 0);
  });
});
