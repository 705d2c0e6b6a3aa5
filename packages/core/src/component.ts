// SPDX-License-Identifier: Apache-2.0
import type { Hop } from './hop.ts';
import type { LostMessage } from './lost-message.ts';

/** Named counters of a component. Every loss has one. Values only grow. */
export type Counters = Readonly<Record<string, number>>;

/** What every component of a pipeline has, in the OpenTelemetry SDK's words. */
export interface Component {
  /** Counters by name; see the README of the package for what each of them means. */
  counters(): Counters;
  /** Hands on everything that is held back. Resolves when that is done or its time is up. */
  forceFlush(): Promise<void>;
  /** Flushes, then releases what the component owns. A second call returns the first one's promise. */
  shutdown(): Promise<void>;
}

/** Takes hops. Must not throw and must not block: what cannot be taken is counted. */
export interface HopConsumer extends Component {
  onHops(hops: readonly Hop[]): void;
  /** Takes lost messages; a consumer without it does not want them. */
  onLost?(lost: readonly LostMessage[]): void;
}

/** What a receiver delivers to. */
export type HopSink = Pick<HopConsumer, 'onHops' | 'onLost'>;

/** Produces hops: the probe, or a fake of it. */
export interface HopReceiver extends Component {
  /** Begins to deliver. Rejects with an error that has a stable `code` when it cannot. */
  start(consumer: HopSink): Promise<void>;
}

/** Changes or drops hops between receiver and exporter. What it drops it counts. */
export interface HopProcessor extends Component {
  process(hops: readonly Hop[]): readonly Hop[];
  /** The same with lost messages; without it they pass unchanged. */
  processLost?(lost: readonly LostMessage[]): readonly LostMessage[];
}
