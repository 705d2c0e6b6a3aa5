// SPDX-License-Identifier: Apache-2.0

/** A container, a pod's sandbox or a bare network namespace: something with a network namespace of its own. */
export interface RuntimeContainer {
  /** Unique and never reused; of a bare namespace, its path. */
  readonly id: string;
  readonly name: string;
  readonly image?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  /** Whether it has the node's own devices. */
  readonly hostNetwork: boolean;
  /** A process in it, as the runtime's PID namespace counts; this process must be in the same (hostPID). */
  readonly pid?: number;
  /** Path of its network namespace, as the runtime's mount namespace has it. */
  readonly namespacePath?: string;
  /** The pod that it is the sandbox of. */
  readonly pod?: { readonly namespace: string; readonly name: string; readonly uid: string };
}

/** What runs containers, as a source of what there is. */
export interface ContainerRuntime {
  readonly name: 'docker' | 'cri' | 'netns';
  /**
   * The containers that run now.
   * @throws ContainerRuntimeError
   */
  list(): Promise<readonly RuntimeContainer[]>;
  /** Calls back when something may have changed, until `close`. Absent: it must be asked. */
  watch?(onChange: () => void): void;
  close(): Promise<void>;
}
