// SPDX-License-Identifier: Apache-2.0
import type { Hop } from '@hopspan/core';

/** A pod as an orchestrator tells of it. */
export interface PodNews {
  readonly id: string;
  readonly address: string;
}

/** A line to the probe process: all pods there are now. */
export interface PodsMessage {
  readonly pods: readonly PodNews[];
}

/** A line from the probe process: it has looked for the vports of so many pods. */
export interface ToldMessage {
  readonly told: number;
}

/** A line from the probe process: a device was attached to, seen at this time (CLOCK_MONOTONIC). */
export interface AttachedMessage {
  readonly attached: string;
  readonly monotonicMillis: number;
}

/** What the process has of the kernel's things. */
export interface Holdings {
  /** Devices it says it watches. */
  readonly interfaces: number;
  /** Descriptors of BPF links, as /proc/self/fd has them. */
  readonly links: number;
  /** Descriptors of any kind. */
  readonly descriptors: number;
  readonly residentBytes: number;
}

/** A line from the probe process in answer to `holdings`. */
export interface HoldingsMessage {
  readonly holdings: Holdings;
}

/** One hop, with whose devices it went between. */
export interface OwnedHop {
  readonly traceId: string;
  readonly kind: Hop['kind'];
  /** Of the device where a request came in, and where a response goes out; null when the table knows of nobody. */
  readonly clientOwner: string | null;
}

/** What the probe process writes to its file when it ends. */
export interface ProbeResult {
  readonly hops: readonly OwnedHop[];
  readonly counters: Readonly<Record<string, number>>;
  /** Longest time that a timer of 5 ms came late: how long the event loop stood still. */
  readonly longestStallMillis: number;
}
