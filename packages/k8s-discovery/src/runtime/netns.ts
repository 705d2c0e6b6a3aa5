// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import type { ContainerRuntime, RuntimeContainer } from './container.ts';
import { ContainerRuntimeError } from './runtime-error.ts';

/** Network namespaces that have names, as `ip netns add` gives them. */
export class NamedNamespaces implements ContainerRuntime {
  readonly name = 'netns';
  readonly #directory: string;

  /** @param directory default: `/run/netns` */
  constructor(directory = '/run/netns') {
    this.#directory = directory;
  }

  async list(): Promise<readonly RuntimeContainer[]> {
    const names = await readdir(this.#directory).catch((error: NodeJS.ErrnoException) => {
      // Made with the first name.
      if (error.code === 'ENOENT') return [];
      throw new ContainerRuntimeError(`named network namespaces: ${error.message}`, { cause: error });
    });
    return names.map((name) => {
      const namespacePath = `${this.#directory}/${name}`;
      return { id: namespacePath, name, labels: {}, addresses: [], hostNetwork: false, namespacePath };
    });
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
