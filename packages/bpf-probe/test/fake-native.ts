// SPDX-License-Identifier: Apache-2.0
import { loadNative, type NativeAddon } from '../src/native.ts';

/** The parts of the addon a test stands in for; anything else fails the test when it is called. */
export function fakeNative(parts: Partial<NativeAddon>): NativeAddon {
  return new Proxy(parts as NativeAddon, {
    get: (target, name) => {
      const part = target[name as keyof NativeAddon];
      if (part === undefined) throw new Error(`the test did not expect a call of ${String(name)}`);
      return part;
    },
  });
}

/** Why native tests cannot run here, or undefined when they can. */
export function nativeSkipReason(): string | undefined {
  try {
    loadNative();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
