// SPDX-License-Identifier: Apache-2.0

/** What made a pod, or what made that. */
export interface Workload {
  readonly kind: 'deployment' | 'replicaset' | 'statefulset' | 'daemonset' | 'job' | 'cronjob';
  readonly name: string;
}

/** The fields of metav1.OwnerReference that are used. */
export interface OwnerReference {
  readonly kind?: string;
  readonly name?: string;
  readonly controller?: boolean;
}

const HASH_LABEL = 'pod-template-hash';

/**
 * A pod-template-hash is a 32-bit number in decimal, each digit written as one of ten characters
 * (SafeEncodeString, k8s.io/apimachinery/pkg/util/rand): that, and the five random characters behind it, tell the
 * pods of a Deployment from all others. One hash in 43,000 is shorter than six characters and is not recognised.
 */
const DEPLOYMENT_POD = /^(.+)-[456789bcdf]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/;
/** The minute for which it was scheduled, since 1970: eight digits until 2160. */
const CRON_JOB = /^(.+)-\d{8}$/;
const CRON_JOB_POD = /^(.+)-\d{8}-[bcdfghjklmnpqrstvwxz2456789]{5}$/;
const STATEFUL_SET_POD = /^(.+)-\d{1,5}$/;

/**
 * The workload of a pod by its owner. ReplicaSets and Jobs are not read (that would take two more kinds on each
 * node): a Deployment's name is that of its ReplicaSet less the pod-template-hash, a CronJob's that of its Job
 * less the time.
 */
export function workloadOf(
  owners: readonly OwnerReference[] | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): Workload | undefined {
  const { kind, name } = owners?.find(({ controller }) => controller === true) ?? {};
  if (!name) return undefined;
  if (kind === 'ReplicaSet') return deploymentOf(name, labels?.[HASH_LABEL]);
  if (kind === 'StatefulSet') return { kind: 'statefulset', name };
  if (kind === 'DaemonSet') return { kind: 'daemonset', name };
  if (kind === 'Job') {
    const cronJob = CRON_JOB.exec(name)?.[1];
    return cronJob === undefined ? { kind: 'job', name } : { kind: 'cronjob', name: cronJob };
  }
  return undefined;
}

function deploymentOf(replicaSet: string, hash: string | undefined): Workload {
  const suffix = `-${hash}`;
  if (hash && replicaSet.length > suffix.length && replicaSet.endsWith(suffix))
    return { kind: 'deployment', name: replicaSet.slice(0, -suffix.length) };
  return { kind: 'replicaset', name: replicaSet };
}

/**
 * The workload of a pod of which only the name is known, as an EndpointSlice gives it. Pods of DaemonSets and Jobs
 * cannot be told from others by their names.
 */
export function workloadByName(pod: string): Workload | undefined {
  const deployment = DEPLOYMENT_POD.exec(pod)?.[1];
  if (deployment !== undefined) return { kind: 'deployment', name: deployment };
  const cronJob = CRON_JOB_POD.exec(pod)?.[1];
  if (cronJob !== undefined) return { kind: 'cronjob', name: cronJob };
  const statefulSet = STATEFUL_SET_POD.exec(pod)?.[1];
  return statefulSet === undefined ? undefined : { kind: 'statefulset', name: statefulSet };
}
