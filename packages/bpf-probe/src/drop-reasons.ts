// SPDX-License-Identifier: Apache-2.0
import type { NativeAddon } from './native.ts';

const PREFIX = 'SKB_DROP_REASON_';

/** What the running kernel calls its reasons to drop a packet; their numbers differ from kernel to kernel. */
export class DropReasons {
  readonly #native: Pick<NativeAddon, 'kernelEnum'>;
  #names: Readonly<Record<number, string>> | undefined;

  constructor(native: Pick<NativeAddon, 'kernelEnum'>) {
    this.#native = native;
  }

  /** The name without its prefix; the number where there is none, as for those of kernel modules. */
  nameOf(reason: number): string {
    // Only when it is asked for: reading the kernel's types takes some 20 ms.
    this.#names ??= this.#read();
    return this.#names[reason]?.replace(PREFIX, '') ?? String(reason);
  }

  #read(): Readonly<Record<number, string>> {
    const names = this.#native.kernelEnum('skb_drop_reason');
    return typeof names === 'number' ? {} : names;
  }
}
