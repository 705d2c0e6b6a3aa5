// SPDX-License-Identifier: Apache-2.0
import { bookinfoPods } from '../lab/bookinfo.ts';
import type { KubeCluster } from './cluster.ts';
import type { Manifest } from './helm.ts';
import { createSlice } from './objects.ts';

export const BOOKINFO_PORT = 9080;
const TEMPLATE_HASH = '6d4cf56db6';
const NOBODY = '00000000-0000-4000-8000-000000000000';

/** Where the services are: who asks from outside comes in by another namespace than the rest. */
const namespaceOf = (service: string): string => (service === 'gateway' ? 'edge' : 'bookinfo');
const declared = [{ containerPort: BOOKINFO_PORT }];

/**
 * Bookinfo's services, callees first, and what differs between them: whether a pod has a second container, whether it
 * declares its port, what made it, and whether its Service has an address of its own.
 */
export const bookinfoServices = [
  { name: 'ratings', ports: declared, sidecar: false, headless: false, kind: 'StatefulSet' },
  { name: 'reviews', ports: declared, sidecar: true, headless: false, kind: 'ReplicaSet' },
  { name: 'details', ports: [], sidecar: false, headless: false, kind: 'ReplicaSet' },
  // On one node with who calls it. Answers to a ClusterIP would come back over the bridge, past the translation.
  { name: 'productpage', ports: declared, sidecar: true, headless: true, kind: 'ReplicaSet' },
  { name: 'gateway', ports: declared, sidecar: false, headless: false, kind: 'ReplicaSet' },
] as const;

export type BookinfoService = (typeof bookinfoServices)[number];

export const bookinfoNamespaces = ['bookinfo', 'edge'];

/** @returns the Service as the API server has it */
export function createBookinfoService(
  cluster: KubeCluster,
  { name, headless }: BookinfoService,
): Promise<Manifest> {
  return cluster.do('POST', `/api/v1/namespaces/${namespaceOf(name)}/services`, {
    metadata: { name },
    spec: { ports: [{ port: BOOKINFO_PORT }], ...(headless ? { clusterIP: 'None' } : {}) },
  });
}

/**
 * Makes the pod of a service as its controller and the scheduler would.
 * @param addresses of the Services that it may call, in the place of the cluster's DNS
 */
export function createBookinfoPod(
  cluster: KubeCluster,
  service: BookinfoService,
  addresses: ReadonlyMap<string, string>,
): Promise<Manifest> {
  const { name, kind } = service;
  const owner = kind === 'ReplicaSet' ? `${name}-${TEMPLATE_HASH}` : name;
  const hash = kind === 'ReplicaSet' ? { 'pod-template-hash': TEMPLATE_HASH } : {};
  const sidecar = { name: 'sidecar', image: 'busybox', command: ['/bin/sleep', '100000'] };
  return cluster.do('POST', `/api/v1/namespaces/${namespaceOf(name)}/pods`, {
    metadata: {
      name: kind === 'ReplicaSet' ? `${owner}-x7k2p` : `${owner}-0`,
      labels: { app: name, ...hash },
      ownerReferences: [{ apiVersion: 'apps/v1', kind, name: owner, uid: NOBODY, controller: true }],
    },
    spec: {
      nodeName: bookinfoPods.find((pod) => pod.name === name)?.node,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 30,
      hostAliases: [...addresses].map(([hostname, ip]) => ({ ip, hostnames: [hostname] })),
      containers: [mainContainer(service), ...(service.sidecar ? [sidecar] : [])],
    },
  });
}

function mainContainer({ name, ports }: BookinfoService): object {
  const env = [
    { name: 'HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
    { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://$(HOST_IP):4317' },
  ];
  return { name: `${name}-main`, image: 'bookinfo', args: [name], env, ports };
}

/** The slice of a service with one pod. */
export function createBookinfoSlice(cluster: KubeCluster, service: string, pod: Manifest): Promise<void> {
  const { namespace, name, uid } = pod.metadata;
  const endpoint = { ip: pod.status.podIP, node: pod.spec.nodeName, pod: name, uid };
  return createSlice(cluster, service, BOOKINFO_PORT, [endpoint], { namespace });
}
