// SPDX-License-Identifier: Apache-2.0
/*
 * What is used of the Kubernetes Container Runtime Interface, version v1 (RuntimeService of runtime.v1): names and
 * numbers of fields, in the JSON form of protobuf.js. Fields that are not here are skipped.
 */

const text = (id: number) => ({ type: 'string', id });
const field = (type: string, id: number) => ({ type, id });
const list = (type: string, id: number) => ({ rule: 'repeated', type, id });
const texts = (id: number) => ({ keyType: 'string', type: 'string', id });

export const criMessages = {
  nested: {
    runtime: {
      nested: {
        v1: {
          nested: {
            RuntimeService: {
              methods: {
                ListPodSandbox: {
                  requestType: 'ListPodSandboxRequest',
                  responseType: 'ListPodSandboxResponse',
                },
                PodSandboxStatus: {
                  requestType: 'PodSandboxStatusRequest',
                  responseType: 'PodSandboxStatusResponse',
                },
              },
            },
            PodSandboxState: { values: { SANDBOX_READY: 0, SANDBOX_NOTREADY: 1 } },
            NamespaceMode: { values: { POD: 0, CONTAINER: 1, NODE: 2, TARGET: 3 } },
            PodSandboxMetadata: { fields: { name: text(1), uid: text(2), namespace: text(3) } },
            ListPodSandboxRequest: { fields: {} },
            PodSandbox: {
              fields: {
                id: text(1),
                metadata: field('PodSandboxMetadata', 2),
                state: field('PodSandboxState', 3),
                labels: texts(5),
              },
            },
            ListPodSandboxResponse: { fields: { items: list('PodSandbox', 1) } },
            PodSandboxStatusRequest: { fields: { podSandboxId: text(1), verbose: field('bool', 2) } },
            PodIP: { fields: { ip: text(1) } },
            PodSandboxNetworkStatus: { fields: { ip: text(1), additionalIps: list('PodIP', 2) } },
            NamespaceOption: { fields: { network: field('NamespaceMode', 1) } },
            Namespace: { fields: { options: field('NamespaceOption', 2) } },
            LinuxPodSandboxStatus: { fields: { namespaces: field('Namespace', 1) } },
            PodSandboxStatus: {
              fields: {
                id: text(1),
                state: field('PodSandboxState', 3),
                network: field('PodSandboxNetworkStatus', 5),
                linux: field('LinuxPodSandboxStatus', 6),
              },
            },
            PodSandboxStatusResponse: { fields: { status: field('PodSandboxStatus', 1), info: texts(2) } },
          },
        },
      },
    },
  },
};

/** A pod as the list has it. */
export interface ListedSandbox {
  readonly id: string;
  readonly metadata: { readonly name: string; readonly uid: string; readonly namespace: string } | null;
  readonly state: 'SANDBOX_READY' | 'SANDBOX_NOTREADY';
  readonly labels: Readonly<Record<string, string>>;
}

/** A pod by itself. */
export interface SandboxStatus {
  readonly status: {
    readonly network: {
      readonly ip: string;
      readonly additionalIps: readonly { readonly ip: string }[];
    } | null;
    readonly linux: {
      readonly namespaces: { readonly options: { readonly network: string } | null } | null;
    } | null;
  } | null;
  /** Verbose: `info` is JSON of the runtime's own. */
  readonly info: Readonly<Record<string, string>>;
}

/** What containerd and CRI-O both have in that JSON. */
export interface SandboxInfo {
  readonly pid?: number;
  readonly runtimeSpec?: {
    readonly linux?: { readonly namespaces?: readonly { readonly type: string; readonly path?: string }[] };
  };
}
