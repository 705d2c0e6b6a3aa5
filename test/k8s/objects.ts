// SPDX-License-Identifier: Apache-2.0
import type { KubeCluster } from './cluster.ts';
import type { Manifest } from './helm.ts';

/** A pod as the scheduler, the kubelet and a controller would have made it. */
export interface PodPlan {
  readonly name: string;
  readonly namespace?: string;
  readonly node: string;
  readonly ips?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly ports?: readonly number[];
  readonly hostNetwork?: boolean;
  readonly hostIp?: string;
}

const NOBODY = '00000000-0000-4000-8000-000000000000';
const GROUPS: Readonly<Record<string, string>> = { Job: 'batch/v1' };

function pods(namespace = 'default'): string {
  return `/api/v1/namespaces/${namespace}/pods`;
}

/** Where objects of a kind are created. */
export function pathOf({ apiVersion, kind, metadata }: Manifest): string {
  const group = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${group}${scope}/${kind.toLowerCase()}s`;
}

export async function createNamespace(cluster: KubeCluster, name: string): Promise<void> {
  await cluster.do('POST', '/api/v1/namespaces', { metadata: { name } });
}

export async function createNode(
  cluster: KubeCluster,
  name: string,
  ip: string,
  podCidr: string,
): Promise<void> {
  await cluster.do('POST', '/api/v1/nodes', {
    metadata: { name },
    spec: { podCIDR: podCidr, podCIDRs: [podCidr] },
  });
  await cluster.do('PATCH', `/api/v1/nodes/${name}/status`, {
    status: {
      addresses: [
        { type: 'InternalIP', address: ip },
        { type: 'Hostname', address: name },
      ],
    },
  });
}

/** @returns its uid */
export async function createPod(cluster: KubeCluster, plan: PodPlan): Promise<string> {
  const { name, namespace, node, labels, owner, ports = [], hostNetwork } = plan;
  const ownerReferences = owner && [
    {
      apiVersion: GROUPS[owner.kind] ?? 'apps/v1',
      kind: owner.kind,
      name: owner.name,
      uid: NOBODY,
      controller: true,
    },
  ];
  const created = await cluster.do('POST', pods(namespace), {
    metadata: { name, labels, ownerReferences },
    spec: {
      nodeName: node,
      hostNetwork,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'none', ports: ports.map((port) => ({ containerPort: port })) }],
    },
  });
  if (plan.ips !== undefined) await setPodIps(cluster, plan);
  return created.metadata.uid as string;
}

/** What the kubelet writes when the pod runs. */
export async function setPodIps(
  cluster: KubeCluster,
  plan: PodPlan,
  startedMillis = Date.now(),
): Promise<void> {
  const { name, namespace, ips = [], hostIp = '192.0.2.1' } = plan;
  const startedAt = seconds(startedMillis);
  await cluster.do('PATCH', `${pods(namespace)}/${name}/status`, {
    status: {
      phase: 'Running',
      hostIP: hostIp,
      hostIPs: [{ ip: hostIp }],
      podIP: ips[0],
      podIPs: ips.map((ip) => ({ ip })),
      startTime: startedAt,
      containerStatuses: [containerStatus({ running: { startedAt } })],
    },
  });
}

/** What the kubelet writes when the containers have ended. */
export async function endPod(
  cluster: KubeCluster,
  { name, namespace }: PodPlan,
  endedMillis = Date.now(),
): Promise<void> {
  const finishedAt = seconds(endedMillis);
  const terminated = { exitCode: 0, startedAt: finishedAt, finishedAt };
  await cluster.do('PATCH', `${pods(namespace)}/${name}/status`, {
    status: { phase: 'Succeeded', containerStatuses: [containerStatus({ terminated })] },
  });
}

export async function deletePod(cluster: KubeCluster, { name, namespace }: PodPlan): Promise<void> {
  await cluster.do('DELETE', `${pods(namespace)}/${name}?gracePeriodSeconds=0`);
}

/** @returns its ClusterIP */
export async function createService(
  cluster: KubeCluster,
  name: string,
  port: number,
  namespace = 'default',
): Promise<string> {
  const service = { metadata: { name }, spec: { ports: [{ port }] } };
  const created = await cluster.do('POST', `/api/v1/namespaces/${namespace}/services`, service);
  return created.spec.clusterIP as string;
}

/** One endpoint of a slice. */
export interface EndpointPlan {
  readonly ip: string;
  readonly node: string;
  readonly pod: string;
  readonly uid: string;
}

/** What the EndpointSlice controller writes. */
export async function createSlice(
  cluster: KubeCluster,
  service: string,
  port: number,
  endpoints: readonly EndpointPlan[],
  { namespace = 'default', name = `${service}-1`, addressType = 'IPv4' } = {},
): Promise<void> {
  await cluster.do('POST', `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
    metadata: { name, labels: { 'kubernetes.io/service-name': service } },
    addressType,
    ports: [{ port }],
    endpoints: endpoints.map(({ ip, node, pod, uid }) => ({
      addresses: [ip],
      nodeName: node,
      targetRef: { kind: 'Pod', namespace, name: pod, uid },
    })),
  });
}

export async function deleteSlice(cluster: KubeCluster, name: string, namespace = 'default'): Promise<void> {
  await cluster.do('DELETE', `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/${name}`);
}

/** Removes all pods and slices of a namespace. */
export async function clearNamespace(cluster: KubeCluster, namespace = 'default'): Promise<void> {
  await cluster.do('DELETE', `${pods(namespace)}?gracePeriodSeconds=0`);
  await cluster.do('DELETE', `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`);
}

function containerStatus(state: object): object {
  return {
    name: 'main',
    image: 'none',
    imageID: '',
    containerID: `containerd://${'ab'.repeat(32)}`,
    ready: true,
    restartCount: 0,
    state,
  };
}

function seconds(millis: number): string {
  return new Date(millis).toISOString().replace(/\.\d+Z$/, 'Z');
}
