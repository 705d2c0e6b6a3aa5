// SPDX-License-Identifier: Apache-2.0
import type { CollectedSpan } from '../lab/index.ts';
import type { BookinfoService } from './bookinfo-objects.ts';
import type { RunningPod } from './kubelet.ts';

type End = 'source' | 'destination';

/**
 * Who sent the message of a hop and who received it, by the spans of the applications: the hop's parent is a client span,
 * and so is the parent of the server span on the other side.
 */
export function partiesOf(hop: CollectedSpan, trace: readonly CollectedSpan[]): Record<End, string> {
  const client = trace.find(({ spanId }) => spanId === hop.parentSpanId)?.service ?? '';
  const isServer = ({ kind, parentSpanId }: CollectedSpan) =>
    kind === 'SERVER' && parentSpanId === hop.parentSpanId;
  const server = trace.find(isServer)?.service ?? '';
  const isResponse = hop.attributes['hopspan.kind'] === 'response';
  return isResponse ? { source: server, destination: client } : { source: client, destination: server };
}

/** What a span of the agent on a node is to say of one end: what the objects of the API say. */
export function expectedNames(
  end: End,
  { name, kind }: Pick<BookinfoService, 'name' | 'kind'>,
  { pod: { metadata, spec } }: Pick<RunningPod, 'pod'>,
  hop: CollectedSpan,
): Record<string, string> {
  const workload = kind === 'ReplicaSet' ? 'deployment' : 'statefulset';
  const isOfThisNode = hop.resource['k8s.node.name'] === spec.nodeName;
  const container = isOfThisNode
    ? containerAt(spec.containers, Number(hop.attributes[`${end}.port`]))
    : undefined;
  return {
    [`${end}.k8s.pod.name`]: metadata.name,
    [`${end}.k8s.pod.uid`]: metadata.uid,
    [`${end}.k8s.namespace.name`]: metadata.namespace,
    [`${end}.k8s.node.name`]: spec.nodeName,
    [`${end}.k8s.${workload}.name`]: name,
    [`${end}.k8s.service.name`]: name,
    [`${end}.service.name`]: name,
    ...(container === undefined ? {} : { [`${end}.k8s.container.name`]: container }),
  };
}

/** What a span does say of one end. */
export function namesOf({ attributes }: CollectedSpan, end: End): Record<string, unknown> {
  const isName = ([key]: [string, unknown]) => key.startsWith(`${end}.k8s.`) || key === `${end}.service.name`;
  return Object.fromEntries(Object.entries(attributes).filter(isName));
}

interface ContainerSpec {
  readonly name: string;
  readonly ports?: readonly { readonly containerPort: number }[];
}

/** The only one, or the one that declares the port. */
function containerAt(containers: readonly ContainerSpec[], port: number): string | undefined {
  if (containers.length === 1) return containers[0]?.name;
  return containers.find(({ ports = [] }) => ports.some(({ containerPort }) => containerPort === port))?.name;
}
