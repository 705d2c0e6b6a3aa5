// SPDX-License-Identifier: Apache-2.0
import type { RawObject } from '../api/resource.ts';
import { type OwnerReference, type Workload, workloadOf } from '../workload.ts';

/** A container of a pod, ephemeral ones left out. */
export interface Container {
  readonly name: string;
  /** As the runtime knows it, without the runtime's name: 64 hex digits. Absent until it runs. */
  readonly id?: string;
  /** Ports that the pod declares for it. */
  readonly ports: readonly number[];
}

/** What is known of a pod by an EndpointSlice alone, and more of those that are watched themselves. */
export interface PodIdentity {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly nodeName?: string;
  readonly workload?: Workload;
  /** Its OpenTelemetry service.name, by the rules of the k8s semantic conventions. */
  readonly serviceName?: string;
  /** Absent where only an EndpointSlice tells of the pod. */
  readonly containers?: readonly Container[];
}

/** A pod, cut down to what is used. */
export interface Pod extends PodIdentity {
  readonly containers: readonly Container[];
  readonly labels: Readonly<Record<string, string>>;
  /** What its containers are told to call themselves in traces: their OTEL_SERVICE_NAME, where the pod gives it. */
  readonly tracedNames: readonly string[];
  readonly hostNetwork: boolean;
  /** All addresses, both families. */
  readonly addresses: readonly string[];
  /** Addresses of its node. */
  readonly hostAddresses: readonly string[];
  /** Whether its containers have ended for good: it holds its addresses no longer, though the object is still there. */
  readonly ended: boolean;
  /** Whether it has been asked to end; until it has, it holds its addresses. */
  readonly terminating: boolean;
  /** When its first container started, and its last one ended: Unix milliseconds, whole seconds, cut off. */
  readonly startedMillis?: number;
  readonly endedMillis?: number;
}

interface RawContainer {
  readonly name: string;
  readonly restartPolicy?: string;
  readonly ports?: readonly { readonly containerPort: number; readonly protocol?: string }[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

interface RawContainerState {
  readonly startedAt?: string | null;
  readonly finishedAt?: string | null;
}

interface RawContainerStatus {
  readonly name: string;
  readonly containerID?: string;
  readonly state?: { readonly running?: RawContainerState; readonly terminated?: RawContainerState };
  readonly lastState?: { readonly terminated?: RawContainerState };
}

/** The fields of v1.Pod that are used. */
export interface RawPod extends RawObject {
  readonly metadata?: RawObject['metadata'] & {
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly OwnerReference[];
  };
  readonly spec?: {
    readonly nodeName?: string;
    readonly hostNetwork?: boolean;
    readonly containers?: readonly RawContainer[];
    readonly initContainers?: readonly RawContainer[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly podIPs?: readonly { readonly ip: string }[];
    readonly hostIP?: string;
    readonly hostIPs?: readonly { readonly ip: string }[];
    readonly containerStatuses?: readonly RawContainerStatus[];
    readonly initContainerStatuses?: readonly RawContainerStatus[];
  };
}

/**
 * https://opentelemetry.io/docs/specs/semconv/non-normative/k8s-attributes/. Its well-known labels are opt-in, and
 * are not used: they are not known of pods of other nodes, and one pod must not have two names.
 */
const SERVICE_NAME_ANNOTATION = 'resource.opentelemetry.io/service.name';

/** Cuts a pod of the API down to what is used. */
export function trimPod({ metadata = {}, spec = {}, status = {} }: RawPod): Pod {
  const { name = '', namespace = '', labels = {} } = metadata;
  const workload = workloadOf(metadata.ownerReferences, labels);
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const ended = status.phase === 'Succeeded' || status.phase === 'Failed';
  return {
    uid: metadata.uid ?? '',
    namespace,
    name,
    nodeName: spec.nodeName,
    workload,
    serviceName: metadata.annotations?.[SERVICE_NAME_ANNOTATION] || workload?.name || name,
    containers: trimContainers(spec, statuses),
    labels,
    tracedNames: tracedNamesOf(spec.containers ?? []),
    hostNetwork: spec.hostNetwork === true,
    addresses: ipsOf(status.podIPs, status.podIP),
    hostAddresses: ipsOf(status.hostIPs, status.hostIP),
    ended,
    terminating: metadata.deletionTimestamp !== undefined,
    startedMillis: firstStart(statuses),
    endedMillis: lastEnd(status.containerStatuses ?? []),
  };
}

/** Init containers that go on running are sidecars (Kubernetes 1.29). */
function trimContainers(
  spec: NonNullable<RawPod['spec']>,
  statuses: readonly RawContainerStatus[],
): Container[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(spec.containers ?? []), ...sidecars].map(({ name, ports = [] }) => {
    const id = statuses.find((status) => status.name === name)?.containerID?.replace(/^.*:\/\//, '');
    const tcp = ports.filter(({ protocol = 'TCP' }) => protocol === 'TCP');
    return { name, ...(id ? { id } : {}), ports: tcp.map(({ containerPort }) => containerPort) };
  });
}

/** Where the value is not there but in a ConfigMap, or is put together by the kubelet, it is not known. */
function tracedNamesOf(containers: readonly RawContainer[]): string[] {
  const variables = containers.flatMap(({ env = [] }) => env);
  const values = variables.flatMap(({ name, value }) =>
    name === 'OTEL_SERVICE_NAME' && value ? [value] : [],
  );
  return values.filter((value) => !value.includes('$('));
}

function ipsOf(list: readonly { ip: string }[] | undefined, single: string | undefined): string[] {
  if (list !== undefined && list.length > 0) return list.map(({ ip }) => ip);
  return single ? [single] : [];
}

function firstStart(statuses: readonly RawContainerStatus[]): number | undefined {
  const times = statuses.flatMap(({ state, lastState }) => [
    parseTime(state?.running?.startedAt),
    parseTime(state?.terminated?.startedAt),
    parseTime(lastState?.terminated?.startedAt),
  ]);
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Only when all have ended. */
function lastEnd(statuses: readonly RawContainerStatus[]): number | undefined {
  const times = statuses.map(({ state }) => parseTime(state?.terminated?.finishedAt));
  if (times.length === 0 || times.includes(undefined)) return undefined;
  return Math.max(...(times as number[]));
}

function parseTime(text: string | null | undefined): number | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) || time <= 0 ? undefined : time;
}
