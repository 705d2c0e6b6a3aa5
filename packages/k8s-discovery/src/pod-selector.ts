// SPDX-License-Identifier: Apache-2.0
import type { Pod } from './index/pod.ts';

/** Which pods are meant: those that fit every key that is given. Keys that are absent fit all. */
export interface PodSelector {
  /** Names of namespaces, one of which is the pod's. */
  readonly namespaces?: readonly string[];
  /** Labels that the pod has, all of them. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Names of workloads (Deployment, StatefulSet, DaemonSet, Job, CronJob), one of which has made the pod. */
  readonly workloads?: readonly string[];
}

/** Whether the selector means this pod. */
export function selectsPod({ namespaces, labels, workloads }: PodSelector, pod: Pod): boolean {
  if (namespaces !== undefined && !namespaces.includes(pod.namespace)) return false;
  if (workloads !== undefined && !workloads.includes(pod.workload?.name ?? '')) return false;
  return Object.entries(labels ?? {}).every(([name, value]) => pod.labels[name] === value);
}
