// SPDX-License-Identifier: Apache-2.0
import { PAUSE_IMAGE } from '../runtime/containerd.ts';
import { BOOKINFO_PORT, type BookinfoService } from './bookinfo-objects.ts';
import type { KubeCluster } from './cluster.ts';
import type { Manifest } from './helm.ts';
import { hostImages } from './host-images.ts';
import { until } from './until.ts';

const { entrypoint, paths } = hostImages.bookinfo as NonNullable<(typeof hostImages)[string]>;
const volumes = paths.map((path, i) => ({ name: `files-${i}`, hostPath: { path } }));
const volumeMounts = paths.map((mountPath, i) => ({ name: `files-${i}`, mountPath, readOnly: true }));

/**
 * Makes Deployment and headless Service of one of Bookinfo's services in a namespace.
 * @param addresses of the services that it may call, in the place of the cluster's DNS
 * @returns its pod, when that is ready
 */
export async function deployService(
  cluster: KubeCluster,
  namespace: string,
  { name }: BookinfoService,
  addresses: ReadonlyMap<string, string>,
): Promise<Manifest> {
  const labels = { app: name };
  await cluster.do('POST', `/api/v1/namespaces/${namespace}/services`, {
    metadata: { name },
    spec: { clusterIP: 'None', selector: labels, ports: [{ port: BOOKINFO_PORT }] },
  });
  const hostAliases = [...addresses].map(([hostname, ip]) => ({ ip, hostnames: [hostname] }));
  const spec = { volumes, hostAliases, automountServiceAccountToken: false, containers: [containerOf(name)] };
  await cluster.do('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, {
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  });
  return waitForPod(cluster, namespace, `app=${name}`);
}

/** Waits until one pod with these labels is ready. */
export async function waitForPod(cluster: KubeCluster, namespace: string, labels: string): Promise<Manifest> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(labels)}`;
  let pod: Manifest;
  await until(`a pod with ${labels} is ready`, async () => {
    [pod] = (await cluster.do('GET', path)).items;
    return pod?.status.conditions?.some(
      ({ type, status }: Manifest) => type === 'Ready' && status === 'True',
    );
  });
  return pod;
}

function containerOf(name: string): object {
  return {
    name: `${name}-main`,
    image: PAUSE_IMAGE,
    command: entrypoint,
    args: [name],
    ports: [{ containerPort: BOOKINFO_PORT }],
    env: [
      { name: 'HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://$(HOST_IP):4317' },
    ],
    readinessProbe: {
      httpGet: { path: '/healthz', port: BOOKINFO_PORT },
      periodSeconds: 1,
      timeoutSeconds: 10,
    },
    volumeMounts,
  };
}
