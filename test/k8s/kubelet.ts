// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Containerd, ContainerRequest, PodRequest, RunningContainer } from '../runtime/containerd.ts';
import { mountAccount } from './agent-account.ts';
import type { KubeCluster } from './cluster.ts';
import type { Manifest } from './helm.ts';
import { hostImages } from './host-images.ts';

const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
type Mounts = NonNullable<ContainerRequest['mounts']>;

/** A pod that runs, with its containers by name. */
export interface RunningPod {
  /** As the API server has it, status included. */
  readonly pod: Manifest;
  readonly containers: ReadonlyMap<string, RunningContainer>;
}

/** Options of Kubelet. */
export interface KubeletOptions {
  readonly cluster: KubeCluster;
  readonly containerd: Containerd;
  /** Address of the node. */
  readonly hostIp: string;
  /** What every container finds in its environment besides. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Does what a kubelet does with a pod that is bound to its node, as far as pods of these tests ask for it: makes
 * sandbox and containers of what the API server has, and writes their status.
 */
export class Kubelet {
  readonly #options: KubeletOptions;

  constructor(options: KubeletOptions) {
    this.#options = options;
  }

  /** Runs a pod that the API server has. */
  async run(pod: Manifest): Promise<RunningPod> {
    const { containerd, hostIp } = this.#options;
    const { name, namespace, uid } = pod.metadata;
    const hostNetwork = pod.spec.hostNetwork === true;
    const request = { name, namespace, uid, hostNetwork };
    const sandbox = await containerd.runPod(request);
    const podIp = hostNetwork ? hostIp : await containerd.addressOf(sandbox);
    const addressed = await this.#writeStatus(pod, { hostIP: hostIp, podIP: podIp, podIPs: [{ ip: podIp }] });
    const mounts = await this.#mountVolumes(addressed);
    const containers = new Map<string, RunningContainer>();
    for (const container of pod.spec.containers) {
      const started = await this.#start(sandbox, request, addressed, container, mounts);
      containers.set(container.name, started);
    }
    const startedAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const containerStatuses = [...containers].map(([containerName, { id }]) => ({
      ...{ name: containerName, image: containerName, imageID: '', ready: true, restartCount: 0 },
      ...{ containerID: `containerd://${id}`, state: { running: { startedAt } } },
    }));
    const status = { phase: 'Running', startTime: startedAt, containerStatuses };
    return { pod: await this.#writeStatus(pod, status), containers };
  }

  #writeStatus({ metadata }: Manifest, status: object): Promise<Manifest> {
    const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/status`;
    return this.#options.cluster.do('PATCH', path, { status });
  }

  #start(
    sandbox: string,
    request: PodRequest,
    pod: Manifest,
    container: Manifest,
    volumes: ReadonlyMap<string, string>,
  ): Promise<RunningContainer> {
    const image = hostImages[container.image.split(':')[0]];
    if (image === undefined) throw new Error(`there is no image ${container.image} here`);
    return this.#options.containerd.startContainer(sandbox, request, {
      metadata: { name: container.name },
      command: [...image.entrypoint, ...(container.command ?? [])],
      args: container.args ?? [],
      envs: this.#envOf(pod, container),
      mounts: [
        ...image.paths.map((path) => readOnly(path, path)),
        ...mountsOf(container, volumes),
        ...this.#builtInMounts(volumes),
      ],
      linux: {
        resources: { memoryLimitInBytes: bytesOf(container.resources?.limits?.memory) },
        securityContext: securityOf(pod, container),
      },
    });
  }

  /** Values may name variables before them: `$(NAME)`. */
  #envOf({ spec, status }: Manifest, container: Manifest): { key: string; value: string }[] {
    const fields: Record<string, string> = {
      'spec.nodeName': spec.nodeName,
      'status.hostIP': status.hostIP,
      'status.podIP': status.podIP,
    };
    const env: Record<string, string> = { ...this.#options.env };
    for (const { name, value = '', valueFrom } of container.env ?? []) {
      const text: string = valueFrom === undefined ? value : (fields[valueFrom.fieldRef.fieldPath] as string);
      env[name] = text.replace(/\$\((\w+)\)/g, (all, other: string) => env[other] ?? all);
    }
    return Object.entries(env).map(([key, value]) => ({ key, value }));
  }

  /** Folders and files of this machine: volumes by name, and what every pod gets by the path where it gets it. */
  async #mountVolumes({ metadata, spec }: Manifest): Promise<ReadonlyMap<string, string>> {
    const { cluster } = this.#options;
    const folder = mkdtempSync(join(cluster.folder, 'pod-'));
    const volumes = new Map<string, string>();
    for (const { name, configMap } of spec.volumes ?? []) {
      const path = `/api/v1/namespaces/${metadata.namespace}/configmaps/${configMap.name}`;
      const { data } = await cluster.do('GET', path);
      const files = mkdtempSync(join(folder, 'volume-'));
      for (const [file, text] of Object.entries(data)) writeFileSync(join(files, file), text as string);
      volumes.set(name, files);
    }
    const account = spec.serviceAccountName;
    if (account !== undefined)
      volumes.set(ACCOUNT_FOLDER, await mountAccount(cluster, metadata.namespace, account));
    const hosts = (spec.hostAliases ?? []).map(
      ({ ip, hostnames }: Manifest) => `${ip} ${hostnames.join(' ')}\n`,
    );
    writeFileSync(join(folder, 'hosts'), `127.0.0.1 localhost\n${hosts.join('')}`);
    return volumes.set('/etc/hosts', join(folder, 'hosts'));
  }

  #builtInMounts(volumes: ReadonlyMap<string, string>): Mounts {
    return [...volumes].flatMap(([path, from]) => (path.startsWith('/') ? readOnly(path, from) : []));
  }
}

function mountsOf(container: Manifest, volumes: ReadonlyMap<string, string>): Mounts {
  return (container.volumeMounts ?? []).map(({ name, mountPath }: Manifest) =>
    readOnly(mountPath, volumes.get(name) as string),
  );
}

function readOnly(containerPath: string, hostPath: string): Mounts[number] {
  return { containerPath, hostPath, readonly: true };
}

function securityOf({ spec }: Manifest, { securityContext = {} }: Manifest): object {
  const { capabilities = {}, readOnlyRootFilesystem, allowPrivilegeEscalation } = securityContext;
  const isDefault = spec.securityContext?.seccompProfile?.type === 'RuntimeDefault';
  return {
    capabilities: { addCapabilities: capabilities.add ?? [], dropCapabilities: capabilities.drop ?? [] },
    namespaceOptions: { network: spec.hostNetwork === true ? 'NODE' : 'POD' },
    readonlyRootfs: readOnlyRootFilesystem === true,
    noNewPrivs: allowPrivilegeEscalation === false,
    seccomp: { profileType: isDefault ? 'RuntimeDefault' : 'Unconfined' },
  };
}

/** As `512Mi`; 0 for no limit. */
function bytesOf(quantity: string | undefined): number {
  return quantity === undefined ? 0 : Number.parseInt(quantity, 10) * 2 ** 20;
}

/** The lines that a container has written; the runtime cuts long ones, and says so by `P`, partial, for `F`, full. */
export function readLog({ logFile }: RunningContainer): string[] {
  const whole = readFileSync(logFile, 'utf8').replace(
    /^\S+ \S+ ([PF]) (.*)\n/gm,
    (_, tag: string, text: string) => (tag === 'P' ? text : `${text}\n`),
  );
  return whole.trimEnd().split('\n');
}
