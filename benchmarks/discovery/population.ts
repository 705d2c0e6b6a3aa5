// SPDX-License-Identifier: Apache-2.0
import type { KubeCluster } from '@hopspan/test/k8s/cluster.ts';
import {
  createNamespace,
  createNode,
  createPod,
  createService,
  createSlice,
  type EndpointPlan,
} from '@hopspan/test/k8s/objects.ts';

/** How large the cluster is. */
export interface Size {
  readonly nodes: number;
  readonly podsPerNode: number;
  /** Pods of a Deployment, which has a Service with one EndpointSlice. */
  readonly podsPerService: number;
}

/** A pod as it was created. */
export interface CreatedPod extends EndpointPlan {
  readonly service: string;
}

export const PORT = 8080;
/** Most requests at a time: the API server takes 400, and shares the CPUs with us. */
const CONCURRENCY = 16;
const HASH_DIGITS = '456789bcdf';
const RANDOM_DIGITS = 'bcdfghjklmnpqrstvwxz2456789';

export function nodeName(index: number): string {
  return `node-${index}`;
}

/** Creates nodes, then Deployments' pods spread over them, with Services and slices, all through the API. */
export async function populate(
  cluster: KubeCluster,
  size: Size,
  note: (line: string) => void,
  signal: AbortSignal,
): Promise<CreatedPod[]> {
  const begin = performance.now();
  await createNamespace(cluster, 'bench');
  await forEach(size.nodes, signal, (i) =>
    createNode(cluster, nodeName(i), `192.168.${i >> 8}.${i & 255}`, `10.${100 + (i >> 8)}.${i & 255}.0/24`),
  );
  const count = size.nodes * size.podsPerNode;
  const pods: CreatedPod[] = [];
  await forEach(count, signal, async (i) => {
    const node = i % size.nodes;
    const service = `app-${Math.floor(i / size.podsPerService)}`;
    const hash = digits(HASH_DIGITS, Math.floor(i / size.podsPerService), 10);
    const name = `${service}-${hash}-${digits(RANDOM_DIGITS, i, 5)}`;
    const ip = `10.${100 + (node >> 8)}.${node & 255}.${2 + Math.floor(i / size.nodes)}`;
    const uid = await createPod(cluster, {
      ...{ name, namespace: 'bench', node: nodeName(node), ips: [ip], ports: [PORT] },
      labels: { app: service, 'pod-template-hash': hash },
      owner: { kind: 'ReplicaSet', name: `${service}-${hash}` },
    });
    pods.push({ ip, node: nodeName(node), pod: name, uid, service });
    if (pods.length % 1000 === 0) note(`${pods.length} pods of ${count} created`);
  });
  const services = [...Map.groupBy(pods, ({ service }) => service)];
  await forEach(services.length, signal, async (i) => {
    const [service, endpoints] = services[i] as [string, CreatedPod[]];
    await createService(cluster, service, PORT, 'bench');
    await createSlice(cluster, service, PORT, endpoints, { namespace: 'bench' });
  });
  note(`${count} pods on ${size.nodes} nodes created in ${Math.round((performance.now() - begin) / 1000)} s`);
  return pods;
}

async function forEach(
  count: number,
  signal: AbortSignal,
  make: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      signal.throwIfAborted();
      const index = next;
      next += 1;
      await make(index);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

/** A number written in other digits. */
function digits(alphabet: string, value: number, length: number): string {
  let [text, rest] = ['', value];
  for (let i = 0; i < length; i += 1) {
    text = `${alphabet[rest % alphabet.length]}${text}`;
    rest = Math.floor(rest / alphabet.length);
  }
  return text;
}
