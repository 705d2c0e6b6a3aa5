// SPDX-License-Identifier: Apache-2.0
import type { TracingPoint } from '@hopspan/core';
import type { WatchedInterface } from './interfaces.ts';
import type { LoadedProbe } from './loaded-probe.ts';
import type { NativeAddon } from './native.ts';

/**
 * in-place: ours run before any other. restored: they had been overtaken or removed, and are first again.
 * unknown: it could not be found out, or not mended.
 */
export type OrderState = 'in-place' | 'restored' | 'unknown';

/** The state of a device from those of its hooks. */
export function worstState(states: readonly OrderState[]): OrderState {
  if (states.includes('unknown')) return 'unknown';
  return states.includes('restored') ? 'restored' : 'in-place';
}

/** Our two programs on one device. Owns what it made, and nothing else. */
export interface Attachment {
  readonly mechanism: 'tcx' | 'clsact';
  readonly watched: WatchedInterface;
  readonly points: readonly TracingPoint[];
  /** Looks whether both still run first, and puts them there. Never rejects. */
  restoreOrder(): Promise<OrderState>;
  /** Takes them off; also when the device is gone. Never rejects. */
  detach(): Promise<void>;
}

/** What attaching needs. */
export interface AttachContext {
  readonly native: NativeAddon;
  readonly probe: LoadedProbe;
  readonly clsactPriority: number;
}
