// SPDX-License-Identifier: Apache-2.0
// examples/agent/deploy, as the chart's defaults make it. Run by itself it writes the files anew.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from '../../scripts/lib/paths.ts';
import { templateChart } from './helm.ts';

export const DEPLOY_FOLDER = join(repoRoot, 'examples/agent/deploy');

const NAME = 'hopspan-agent';
const NAMESPACE = 'hopspan';
const HEADING = `# SPDX-License-Identifier: Apache-2.0
# Made from ../chart with its defaults by test/k8s/plain-manifests.ts. What is changed here is lost; change the chart.
`;
/** Helm can create the namespace of a release, but not label it. */
const NAMESPACE_MANIFEST = `---
apiVersion: v1
kind: Namespace
metadata:
  name: ${NAMESPACE}
  labels:
    # The host's network and these capabilities are more than the levels baseline and restricted allow.
    pod-security.kubernetes.io/enforce: privileged
`;
/** Nothing here was installed by Helm. */
const OF_HELM = /^ +(app\.kubernetes\.io\/managed-by: Helm|helm\.sh\/chart: .*)\n/gm;

/** The text of each file. */
export async function makePlainManifests(): Promise<Readonly<Record<string, string>>> {
  const text = await templateChart(NAME, NAMESPACE, ['podMonitor={"create":true}']);
  const documents = text.replaceAll(OF_HELM, '').split(/^(?=---$)/m);
  const isMonitor = (document: string) => document.includes('\nkind: PodMonitor\n');
  return {
    'agent.yaml': [HEADING, NAMESPACE_MANIFEST, ...documents.filter((each) => !isMonitor(each))].join(''),
    'podmonitor.yaml': [HEADING, ...documents.filter(isMonitor)].join(''),
  };
}

if (import.meta.main) {
  for (const [file, text] of Object.entries(await makePlainManifests())) {
    writeFileSync(join(DEPLOY_FOLDER, file), text);
  }
}
