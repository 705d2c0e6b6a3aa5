// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as go from '../go/build.ts';

const folder = join(import.meta.dirname, 'kube');

/** The version in go.mod, which the programs do not know by themselves. */
const version = /^require k8s\.io\/kubernetes (v\S+)$/m.exec(
  readFileSync(join(folder, 'go.mod'), 'utf8'),
)?.[1];

export type KubeProgram = 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kubelet';

const PROGRAMS: Readonly<Record<KubeProgram, go.GoProgram>> = {
  'kube-apiserver': program('kube-apiserver'),
  'kube-controller-manager': program('kube-controller-manager'),
  'kube-scheduler': program('kube-scheduler'),
  kubelet: program('kubelet'),
};

function program(name: string): go.GoProgram {
  return {
    name,
    folder,
    target: `k8s.io/kubernetes/cmd/${name}`,
    linkerFlags: `-X k8s.io/component-base/version.gitVersion=${version}`,
  };
}

/** Builds a part of Kubernetes unless the same has been built before. @throws GoBuildError */
export function buildKube(name: KubeProgram, options: go.BuildOptions = {}): Promise<string> {
  return go.buildGoProgram(PROGRAMS[name], options);
}

/** Why Kubernetes cannot be built here; undefined when it can. */
export function goAvailable(): string | undefined {
  return go.goAvailable(folder);
}

if (import.meta.main) await go.buildFromCommandLine(PROGRAMS, process.argv.slice(2));
