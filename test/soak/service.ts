// SPDX-License-Identifier: Apache-2.0
import type { LabNode, LabPod } from '../lab/index.ts';

/** An address that stands for several pods, as kube-proxy in nftables mode makes it. */
export interface Service {
  readonly address: string;
  readonly port: number;
  /** Whether the pods see the node as the source of the connection. */
  readonly masquerade: boolean;
}

/** Connections take turns: the first to the first pod, and so on. */
export async function addService(
  node: LabNode,
  { address, port, masquerade }: Service,
  pods: readonly LabPod[],
  podPort: number,
): Promise<void> {
  const backends = pods.map((pod, i) => `${i} : ${pod.address} . ${podPort}`).join(', ');
  const mark = masquerade ? 'meta mark set 0x4000 ' : '';
  await loadRules(
    node,
    `table ip service-${address.replaceAll('.', '-')} {
  chain prerouting {
    type nat hook prerouting priority dstnat
    ip daddr ${address} tcp dport ${port} ${mark}dnat to numgen inc mod ${pods.length} map { ${backends} }
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    meta mark 0x4000 masquerade
  }
}
`,
  );
}

/** @throws Error with what nft says */
export async function loadRules(place: Pick<LabNode, 'name' | 'exec'>, rules: string): Promise<void> {
  const { code, stderr } = await place.exec('nft', ['-f', '-'], { input: rules });
  if (code !== 0) throw new Error(`nft in ${place.name} ended with status ${code}: ${stderr}`);
}
