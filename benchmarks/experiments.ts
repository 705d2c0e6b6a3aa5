// SPDX-License-Identifier: Apache-2.0
import { kubernetesRequirements } from '../scripts/lib/requirements.ts';
import type { Experiment } from './harness/experiment.ts';

/** All experiments, in the order in which they are run. */
export const experiments: readonly Experiment[] = [
  {
    name: 'accuracy',
    title: 'hop durations against tcpdump at the same devices, packet by packet',
    load: async () => (await import('./accuracy/experiment.ts')).measureAccuracy,
  },
  {
    name: 'overhead',
    title: 'what applications lose to the probe, and to tcpdump at the same devices',
    requirements: [{ package: 'iperf3', brings: 'iperf3' }],
    load: async () => (await import('./overhead/experiment.ts')).measureOverhead,
  },
  {
    name: 'detection',
    title: 'requests that are seen, by where the context stands and how far the probe searches',
    load: async () => (await import('./detection/experiment.ts')).measureDetection,
  },
  {
    name: 'header-order',
    title: 'where the context stands in a request, with and without the recipes that put it first',
    load: async () => (await import('./header-order/experiment.ts')).measureHeaderOrder,
  },
  {
    name: 'soak',
    title: 'a mixed load, lost packets included: each request and response followed, once, by its own trace',
    load: async () => (await import('./soak/experiment.ts')).measureSoak,
  },
  {
    name: 'churn',
    title: 'pods that come and go: how soon each is watched, and that nothing stays behind',
    load: async () => (await import('./churn/experiment.ts')).measureChurn,
  },
  {
    name: 'discovery',
    title: 'one node follows a cluster of 5,000 pods on 200 nodes: memory, requests, time',
    requirements: kubernetesRequirements,
    load: async () => (await import('./discovery/experiment.ts')).measureDiscovery,
  },
];
