// SPDX-License-Identifier: Apache-2.0
import { type NativeAddon, type NativeProbeObject, readProbeObject } from '../../src/native.ts';

const TCX_INGRESS = 46;
const BPF_F_BEFORE = 8;

/** Programs of somebody else: ours under a name of the same length that does not begin with `hopspan_`. */
export class ForeignProgram {
  readonly fd: number;
  readonly id: number;
  readonly #native: NativeAddon;
  readonly #object: NativeProbeObject;
  readonly #links: number[] = [];

  constructor(native: NativeAddon) {
    this.#native = native;
    const bytes = Buffer.from(readProbeObject()).toString('latin1').replaceAll('hopspan_', 'foreign_');
    this.#object = new native.ProbeObject();
    const status = this.#object.open(Buffer.from(bytes, 'latin1')) || this.#object.load();
    if (status !== 0) throw new Error(`foreign program: ${status} ${native.takeLog()}`);
    this.fd = this.#object.programFd('foreign_ingress');
    const info = native.programInfo(this.fd);
    if (typeof info === 'number') throw new Error(`foreign program: ${info}`);
    this.id = info.id;
  }

  /** Stands before everybody else at the ingress of a device. */
  async overtake(ifindex: number): Promise<void> {
    const link = await this.#native.linkCreate(this.fd, ifindex, TCX_INGRESS, BPF_F_BEFORE);
    if (link < 0) throw new Error(`overtake: ${link}`);
    this.#links.push(link);
  }

  /** Takes its links away again. */
  withdraw(): void {
    for (const link of this.#links.splice(0)) this.#native.closeFd(link);
  }

  close(): void {
    this.withdraw();
    this.#object.close();
  }
}

/** Names of the programs at a device's tcx ingress, in the order they run. */
export function tcxNames(native: NativeAddon, ifindex: number): string[] {
  const ids = native.queryPrograms(ifindex, TCX_INGRESS);
  if (typeof ids === 'number') throw new Error(`query programs: ${ids}`);
  return ids.map((id) => {
    const info = native.programInfoById(id);
    return typeof info === 'number' ? `gone ${id}` : info.name;
  });
}
