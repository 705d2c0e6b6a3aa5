// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { makeImage } from './image.ts';
import { type Machine, until } from './machine.ts';

const require = createRequire(import.meta.url);
const grpc = require('@grpc/grpc-js') as typeof import('@grpc/grpc-js');
const loader = require('@grpc/proto-loader') as typeof import('@grpc/proto-loader');

const proto = fileURLToPath(new URL('run-pods.proto', import.meta.url));
/** Busybox, and sleeps. */
export const PAUSE_IMAGE = 'hopspan.test/pause:1';
const REQUEST_MILLIS = 120_000;

/** A CNI network: its name, and the plugin with its configuration. */
export interface CniNetwork {
  readonly name: string;
  readonly plugin: Readonly<Record<string, unknown>>;
}

/** A pod to run: the kubelet would ask for it so. */
export interface PodRequest {
  readonly name: string;
  readonly uid: string;
  /** Default: `default`. */
  readonly namespace?: string;
  readonly hostNetwork?: boolean;
}

/** A container to run in a pod: ContainerConfig of the Container Runtime Interface, less the image, which is the same for all. */
export interface ContainerRequest {
  readonly metadata: { readonly name: string };
  readonly command: readonly string[];
  readonly args?: readonly string[];
  readonly envs?: readonly { readonly key: string; readonly value: string }[];
  readonly mounts?: readonly {
    readonly containerPath: string;
    readonly hostPath: string;
    readonly readonly: boolean;
  }[];
  readonly linux?: object;
}

/** A container that runs. */
export interface RunningContainer {
  readonly id: string;
  /** What it writes, as the kubelet has it written: each line behind its time, its stream and a tag. */
  readonly logFile: string;
}

/**
 * A containerd with a folder, a socket and CNI networks of its own, asked to run pods as a kubelet does. A pod is its
 * sandbox, out of an image of busybox that sleeps, and what containers are started in it, out of the same image.
 */
export class Containerd {
  readonly endpoint: string;
  readonly #folder: string;
  readonly #machine: Machine;
  readonly #call: <T>(method: string, request: object) => Promise<T>;

  private constructor(machine: Machine, folder: string) {
    this.#machine = machine;
    this.#folder = folder;
    this.endpoint = `unix://${folder}/containerd.sock`;
    this.#call = caller(this.endpoint);
  }

  static async start(machine: Machine): Promise<Containerd> {
    const folder = `${machine.folder}/containerd`;
    mkdirSync(`${folder}/cni`, { recursive: true });
    writeFileSync(`${folder}/config.toml`, configOf(folder));
    const daemon = machine.spawn('containerd', ['--config', `${folder}/config.toml`]);
    const containerd = new Containerd(machine, folder);
    await until('containerd answers', async () => {
      if (!daemon.running)
        throw new Error(`containerd has ended:\n${daemon.stderr.lines.slice(-20).join('\n')}`);
      if (!existsSync(`${folder}/containerd.sock`)) return undefined;
      return machine.run('ctr', '--address', `${folder}/containerd.sock`, 'version').catch(() => undefined);
    });
    await containerd.importImage(makeImage(folder, PAUSE_IMAGE, ['/bin/sleep', '100000']));
    return containerd;
  }

  /** @param image tar file as packImage makes it */
  async importImage(image: string): Promise<void> {
    const where = ['--address', `${this.#folder}/containerd.sock`, '--namespace', 'k8s.io'];
    await this.#machine.run('ctr', ...where, 'images', 'import', image);
  }

  /** The network that pods are attached to from now on. */
  async useNetwork({ name, plugin }: CniNetwork): Promise<void> {
    const list = { cniVersion: '0.4.0', name, plugins: [plugin] };
    writeFileSync(`${this.#folder}/cni/10-test.conflist`, JSON.stringify(list));
    // containerd watches the folder.
    await until(`network ${name} is known`, async () => {
      const { info } = await this.#call<{ info: Record<string, string> }>('Status', { verbose: true });
      return info.cniconfig?.includes(`"${name}"`) ? true : undefined;
    });
  }

  /** Runs a pod; its sandbox's id. */
  async runPod(pod: PodRequest): Promise<string> {
    const config = this.#sandboxConfig(pod);
    return (await this.#call<{ podSandboxId: string }>('RunPodSandbox', { config })).podSandboxId;
  }

  /** The address that the CNI plugin gave to a pod. */
  async addressOf(podSandboxId: string): Promise<string> {
    const { status } = await this.#call<{ status: { network: { ip: string } } }>('PodSandboxStatus', {
      podSandboxId,
    });
    return status.network.ip;
  }

  /** Starts a container in a pod that runs. */
  async startContainer(
    podSandboxId: string,
    pod: PodRequest,
    container: ContainerRequest,
  ): Promise<RunningContainer> {
    const sandboxConfig = this.#sandboxConfig(pod);
    const logPath = `${container.metadata.name}.log`;
    mkdirSync(sandboxConfig.logDirectory, { recursive: true });
    const { containerId } = await this.#call<{ containerId: string }>('CreateContainer', {
      podSandboxId,
      sandboxConfig,
      config: { ...container, image: { image: PAUSE_IMAGE }, logPath },
    });
    await this.#call('StartContainer', { containerId });
    return { id: containerId, logFile: `${sandboxConfig.logDirectory}/${logPath}` };
  }

  /** SIGTERM, and SIGKILL when that has not ended it within the time. */
  async stopContainer(containerId: string, graceSeconds = 60): Promise<void> {
    await this.#call('StopContainer', { containerId, timeout: graceSeconds });
  }

  async removePod(podSandboxId: string): Promise<void> {
    await this.#call('StopPodSandbox', { podSandboxId });
    await this.#call('RemovePodSandbox', { podSandboxId });
  }

  #sandboxConfig({ name, uid, namespace = 'default', hostNetwork = false }: PodRequest) {
    return {
      metadata: { name, uid, namespace, attempt: 0 },
      hostname: hostNetwork ? '' : name,
      logDirectory: `${this.#folder}/logs/${uid}`,
      labels: { app: name },
      linux: {
        cgroupParent: `/${this.#machine.cgroup}`,
        securityContext: { namespaceOptions: { network: hostNetwork ? 'NODE' : 'POD' } },
      },
    };
  }
}

function configOf(folder: string): string {
  return `version = 2
root = "${folder}/root"
state = "${folder}/state"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs"]
[grpc]
address = "${folder}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${PAUSE_IMAGE}"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${folder}/cni"
`;
}

function caller(endpoint: string): <T>(method: string, request: object) => Promise<T> {
  const definition = loader.loadSync(proto, { enums: String, defaults: true });
  const { runtime } = grpc.loadPackageDefinition(definition) as unknown as {
    runtime: { v1: { RuntimeService: import('@grpc/grpc-js').ServiceClientConstructor } };
  };
  const client = new runtime.v1.RuntimeService(endpoint, grpc.credentials.createInsecure());
  return (method, request) =>
    new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + REQUEST_MILLIS };
      const done = (error: Error | null, value: unknown): void =>
        error === null ? resolve(value as never) : reject(error);
      (client as unknown as Record<string, (...args: unknown[]) => void>)[method]?.(request, options, done);
    });
}
