// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'undici';
import type { ContainerRuntime, RuntimeContainer } from './container.ts';
import { ContainerRuntimeError, socketPathOf } from './runtime-error.ts';

/** What is read of GET /containers/json (Docker Engine API 1.24 and newer; Podman answers alike). */
interface ListedContainer {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly HostConfig?: { readonly NetworkMode?: string };
  readonly NetworkSettings?: {
    readonly Networks?: Readonly<Record<string, { IPAddress?: string; GlobalIPv6Address?: string }>>;
  };
}

/** What is read of GET /containers/ID/json. */
interface InspectedContainer {
  readonly State?: { readonly Pid?: number };
  readonly NetworkSettings?: { readonly SandboxKey?: string };
}

const REQUEST_MILLIS = 10_000;
/** Events in which a container's network changes. */
const EVENTS = { type: ['container', 'network'], event: ['start', 'die', 'connect', 'disconnect'] };
const RECONNECT_MILLIS = 1000;
const RECONNECT_MAX_MILLIS = 30_000;

/** Docker Engine, by its socket. Who may write to that socket is root on the machine; this only reads. */
export class DockerRuntime implements ContainerRuntime {
  readonly name = 'docker';
  readonly #endpoint: string;
  readonly #client: Client;
  readonly #closed = new AbortController();
  /** Process id and namespace of the containers that run; both change when one is started again. */
  readonly #inspected = new Map<string, Pick<RuntimeContainer, 'pid' | 'namespacePath'>>();

  /** @param endpoint `unix:///var/run/docker.sock`, the default, or a path */
  constructor(endpoint = 'unix:///var/run/docker.sock') {
    this.#endpoint = endpoint;
    this.#client = new Client('http://docker', {
      socketPath: socketPathOf(endpoint),
      headersTimeout: REQUEST_MILLIS,
      bodyTimeout: REQUEST_MILLIS,
    });
  }

  async list(): Promise<readonly RuntimeContainer[]> {
    const listed = await this.#get<readonly ListedContainer[]>('/containers/json');
    if (!Array.isArray(listed)) throw this.#failed('the list of containers is no list');
    const ids = new Set(listed.map(({ Id }) => Id));
    for (const id of this.#inspected.keys()) if (!ids.has(id)) this.#inspected.delete(id);
    const containers: RuntimeContainer[] = [];
    for (const each of listed) {
      // It shares the devices of another, which is listed, too.
      if (each.HostConfig?.NetworkMode?.startsWith('container:')) continue;
      const inspected = this.#inspected.get(each.Id) ?? (await this.#inspect(each.Id));
      if (inspected !== undefined) containers.push(toContainer(each, inspected));
    }
    return containers;
  }

  watch(onChange: () => void): void {
    void this.#watch(onChange);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#client.destroy();
  }

  async #inspect(id: string): Promise<Pick<RuntimeContainer, 'pid' | 'namespacePath'> | undefined> {
    const found = await this.#get<InspectedContainer | undefined>(`/containers/${id}/json`);
    // It has ended meanwhile.
    if (found === undefined) return undefined;
    const { State, NetworkSettings } = found;
    const inspected = {
      ...(State?.Pid ? { pid: State.Pid } : {}),
      ...(NetworkSettings?.SandboxKey ? { namespacePath: NetworkSettings.SandboxKey } : {}),
    };
    this.#inspected.set(id, inspected);
    return inspected;
  }

  /** Undefined for 404. */
  async #get<T>(path: string): Promise<T> {
    try {
      const { statusCode, body } = await this.#client.request({ method: 'GET', path });
      const text = await body.text();
      if (statusCode === 404) return undefined as T;
      if (statusCode !== 200) throw this.#failed(`GET ${path} answers ${statusCode} ${text.slice(0, 200)}`);
      return JSON.parse(text) as T;
    } catch (cause) {
      throw cause instanceof ContainerRuntimeError ? cause : this.#failed(String(cause), cause);
    }
  }

  /** The stream of events ends with the engine, and begins again with it. */
  async #watch(onChange: () => void): Promise<void> {
    const { signal } = this.#closed;
    let wait = RECONNECT_MILLIS;
    while (!signal.aborted) {
      try {
        await this.#readEvents(() => {
          wait = RECONNECT_MILLIS;
          onChange();
        });
      } catch {
        // Whoever asks for the list learns why.
      }
      await sleep(wait, undefined, { signal, ref: false }).catch(() => undefined);
      wait = Math.min(2 * wait, RECONNECT_MAX_MILLIS);
    }
  }

  async #readEvents(onEvent: () => void): Promise<void> {
    const filters = encodeURIComponent(JSON.stringify(EVENTS));
    const client = new Client('http://docker', { socketPath: socketPathOf(this.#endpoint), bodyTimeout: 0 });
    try {
      const { body } = await client.request({
        method: 'GET',
        path: `/events?filters=${filters}`,
        signal: this.#closed.signal,
      });
      // What happened before the stream began is in the list.
      onEvent();
      for await (const chunk of body) {
        this.#forgetRestarted(String(chunk));
        onEvent();
      }
    } finally {
      await client.destroy();
    }
  }

  /** A line a event; one that comes in two parts is understood by neither, and the container stays as it was. */
  #forgetRestarted(lines: string): void {
    for (const [, id] of lines.matchAll(/"(?:id|container)":"([0-9a-f]{64})"/g))
      this.#inspected.delete(id ?? '');
  }

  #failed(why: string, cause?: unknown): ContainerRuntimeError {
    return new ContainerRuntimeError(`Docker Engine at ${this.#endpoint}: ${why}`, { cause });
  }
}

function toContainer(
  { Id, Names, Image, Labels, HostConfig, NetworkSettings }: ListedContainer,
  inspected: Pick<RuntimeContainer, 'pid' | 'namespacePath'>,
): RuntimeContainer {
  const networks = Object.values(NetworkSettings?.Networks ?? {});
  return {
    id: Id,
    name: (Names[0] ?? Id.slice(0, 12)).replace(/^\//, ''),
    image: Image,
    labels: Labels ?? {},
    addresses: networks.flatMap(({ IPAddress, GlobalIPv6Address }) =>
      [IPAddress, GlobalIPv6Address].filter((address) => address !== undefined && address !== ''),
    ) as string[],
    hostNetwork: HostConfig?.NetworkMode === 'host',
    ...inspected,
  };
}
