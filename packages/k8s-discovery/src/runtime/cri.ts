// SPDX-License-Identifier: Apache-2.0
import type { Client, ServiceError } from '@grpc/grpc-js';
import type { ContainerRuntime, RuntimeContainer } from './container.ts';
import { criMessages, type ListedSandbox, type SandboxInfo, type SandboxStatus } from './cri-messages.ts';
import { ContainerRuntimeError, socketPathOf } from './runtime-error.ts';

const REQUEST_MILLIS = 10_000;

type Call = <T>(method: string, request: object) => Promise<T>;

/**
 * A runtime of Kubernetes (containerd, CRI-O), by the Container Runtime Interface on its socket. It lists pods, by their
 * sandboxes. Who may write to that socket is root on the machine; this only reads. Needs `@grpc/grpc-js` and
 * `@grpc/proto-loader`, which are loaded when it is first asked.
 */
export class CriRuntime implements ContainerRuntime {
  readonly name = 'cri';
  readonly #endpoint: string;
  /** What does not change while a sandbox lives, by its id. */
  readonly #known = new Map<string, RuntimeContainer>();
  #connection: Promise<{ client: Client; call: Call }> | undefined;

  /** @param endpoint `unix:///run/containerd/containerd.sock`, the default, or a path */
  constructor(endpoint = 'unix:///run/containerd/containerd.sock') {
    this.#endpoint = endpoint;
  }

  async list(): Promise<readonly RuntimeContainer[]> {
    const { call } = await this.#connect();
    const { items } = await call<{ items: readonly ListedSandbox[] }>('ListPodSandbox', {}).catch(
      (error: Error) => {
        throw this.#failed(`ListPodSandbox: ${error.message}`, error);
      },
    );
    const ready = items.filter(({ state }) => state === 'SANDBOX_READY');
    const ids = new Set(ready.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
    const containers: RuntimeContainer[] = [];
    for (const sandbox of ready) {
      const container = this.#known.get(sandbox.id) ?? (await this.#describe(call, sandbox));
      if (container !== undefined) containers.push(container);
    }
    return containers;
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    connection?.client.close();
  }

  #connect(): Promise<{ client: Client; call: Call }> {
    this.#connection ??= connect(this.#endpoint).catch((cause: unknown) => {
      this.#connection = undefined;
      throw this.#failed(
        `${String(cause)}. It needs @grpc/grpc-js and @grpc/proto-loader: npm install both`,
        cause,
      );
    });
    return this.#connection;
  }

  /** Undefined when it has ended meanwhile. */
  async #describe(
    call: Call,
    { id, metadata, labels }: ListedSandbox,
  ): Promise<RuntimeContainer | undefined> {
    const request = { podSandboxId: id, verbose: true };
    const found = await call<SandboxStatus>('PodSandboxStatus', request).catch((error: ServiceError) => {
      if (error.code === NOT_FOUND) return undefined;
      throw this.#failed(`PodSandboxStatus: ${error.message}`, error);
    });
    if (found === undefined) return undefined;
    const { status, info } = found;
    const { ip = '', additionalIps = [] } = status?.network ?? {};
    const container = {
      id,
      name: metadata?.name ?? id,
      labels,
      addresses: [ip, ...additionalIps.map((each) => each.ip)].filter((address) => address !== ''),
      hostNetwork: status?.linux?.namespaces?.options?.network === 'NODE',
      ...whereabouts(info),
      ...(metadata === null ? {} : { pod: metadata }),
    };
    // Without an address the runtime is still at it.
    if (container.addresses.length > 0 || container.hostNetwork) this.#known.set(id, container);
    return container;
  }

  #failed(why: string, cause?: unknown): ContainerRuntimeError {
    return new ContainerRuntimeError(`container runtime at ${this.#endpoint}: ${why}`, { cause });
  }
}

/** grpc.status.NOT_FOUND */
const NOT_FOUND = 5;

function whereabouts(info: SandboxStatus['info']): Pick<RuntimeContainer, 'pid' | 'namespacePath'> {
  let parsed: SandboxInfo;
  try {
    parsed = JSON.parse(info.info ?? '{}') as SandboxInfo;
  } catch {
    return {};
  }
  const path = parsed.runtimeSpec?.linux?.namespaces?.find(({ type }) => type === 'network')?.path;
  return {
    ...(parsed.pid ? { pid: parsed.pid } : {}),
    ...(path === undefined || path === '' ? {} : { namespacePath: path }),
  };
}

async function connect(endpoint: string): Promise<{ client: Client; call: Call }> {
  const [grpc, loader] = await Promise.all([import('@grpc/grpc-js'), import('@grpc/proto-loader')]);
  const options = { keepCase: false, enums: String, longs: Number, defaults: true } as const;
  const definition = loader.fromJSON(criMessages as Parameters<typeof loader.fromJSON>[0], options);
  const service = definition['runtime.v1.RuntimeService'] as Record<
    string,
    {
      path: string;
      requestSerialize: (value: object) => Buffer;
      responseDeserialize: (bytes: Buffer) => object;
    }
  >;
  const client = new grpc.Client(`unix:${socketPathOf(endpoint)}`, grpc.credentials.createInsecure());
  const call: Call = <T>(method: string, request: object) =>
    new Promise<T>((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = service[method] as (typeof service)[string];
      const deadline = { deadline: Date.now() + REQUEST_MILLIS };
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        deadline,
        (error, value) => {
          if (error !== null) reject(error);
          else resolve(value as T);
        },
      );
    });
  return { client, call };
}
