// SPDX-License-Identifier: Apache-2.0
import type { Namespace } from '../lab/index.ts';
import { loadRules } from './service.ts';

const TABLE = 'netdev wire';

/**
 * The wire between the nodes, and how it loses packets: in the fabric, behind the sending node's NIC and before the
 * receiving one's. So the sender's node has seen what is lost, and sees it again; the receiver's sees one copy.
 */
export class Wire {
  readonly #fabric: Namespace;
  readonly #ports: readonly string[];

  /** @param ports the fabric's ends of the nodes' NICs */
  constructor(fabric: Namespace, ports: readonly string[]) {
    this.#fabric = fabric;
    this.#ports = ports;
  }

  /** From now on one packet in `everyNth` is lost, at random; 0: none. Counts from 0 again. */
  async lose(everyNth: number): Promise<void> {
    const chains = this.#ports.map(
      (port) => `  chain ${port} {
    type filter hook ingress device ${port} priority 0
    numgen random mod ${everyNth} == 0 counter drop
  }
`,
    );
    const table = everyNth === 0 ? '' : `table ${TABLE} {\n${chains.join('')}}\n`;
    await loadRules(this.#fabric, `table ${TABLE} {}\ndelete table ${TABLE}\n${table}`);
  }

  /** Packets that were lost, as the rules have counted them. */
  async lost(): Promise<number> {
    const { stdout } = await this.#fabric.exec('nft', ['list', 'ruleset']);
    return [...stdout.matchAll(/counter packets (\d+) bytes/g)].reduce((sum, [, n]) => sum + Number(n), 0);
  }
}
