// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { repoRoot } from '../../scripts/lib/paths.ts';
import * as go from '../go/build.ts';

const HELM: go.GoProgram = {
  name: 'helm',
  folder: join(import.meta.dirname, 'helm'),
  target: 'helm.sh/helm/v3/cmd/helm',
};
const CHART = join(repoRoot, 'examples/agent/chart');
const KUBE_VERSION = '1.34.0';

/** An object as a manifest has it. */
// biome-ignore lint/suspicious/noExplicitAny: objects of the API, each test knows its own
export type Manifest = any;

/** Runs Helm, built where needed, with a home of its own. @returns its standard output; rejects with what it said */
export async function helm(args: readonly string[]): Promise<string> {
  const binary = await go.buildGoProgram(HELM);
  const home = mkdtempSync(join(tmpdir(), 'hopspan-helm-'));
  const env = { PATH: process.env.PATH, HOME: home };
  try {
    return (await promisify(execFile)(binary, [...args], { env, encoding: 'utf8' })).stdout;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

export function lintChart(): Promise<string> {
  return helm(['lint', '--strict', '--kube-version', KUBE_VERSION, CHART]);
}

/** What `helm template` makes of the agent's chart. @param set as `--set-json` takes it */
export function templateChart(
  release: string,
  namespace: string,
  set: readonly string[] = [],
): Promise<string> {
  const values = set.flatMap((each) => ['--set-json', each]);
  const where = ['--namespace', namespace, '--kube-version', KUBE_VERSION];
  return helm(['template', release, CHART, ...where, ...values]);
}

/** The same as objects. */
export async function renderChart(namespace: string, set: readonly string[] = []): Promise<Manifest[]> {
  return parseManifests(await templateChart('hopspan', namespace, set));
}

/** The objects of a file of manifests. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest)
    .filter((manifest) => manifest !== null);
}
