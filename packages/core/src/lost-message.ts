// SPDX-License-Identifier: Apache-2.0
import type { Hop, PacketContext, Sighting } from './hop.ts';

/** The kernel's word on a packet that it dropped. */
export interface PacketDrop {
  /** Name of the reason without its prefix, such as NETFILTER_DROP; the number where the kernel has no name for it. */
  readonly reason: string;
  /** The device that the packet was at; empty where the kernel did not tell. */
  readonly ifname: string;
}

/** A message that went no further on this node, in one copy at least. A message makes at most one of these. */
export interface LostMessage {
  readonly kind: Hop['kind'];
  readonly context: PacketContext;
  /** Where that copy was seen for the last time. */
  readonly from: Sighting;
  /** From then until it was dropped, or until its next copy was seen, in nanoseconds. */
  readonly durationNs: number;
  /** Offset of CLOCK_REALTIME to CLOCK_MONOTONIC that dates it, in nanoseconds. */
  readonly clockOffsetNs: bigint;
  /** As of a hop. */
  readonly streamPosition: number;
  /** Which copy was lost, as of a hop: 0 for the first, n for the nth retransmitted one. */
  readonly retransmission: number;
  /** How many retransmitted copies were seen until it was reported. */
  readonly copies: number;
  /** drop: the kernel dropped it; retransmission: it came again before it had been seen further on. */
  readonly evidence: 'drop' | 'retransmission';
  /** With evidence `drop`. */
  readonly drop?: PacketDrop;
  /** As of a hop: what processors found out. */
  readonly attributes?: Hop['attributes'];
}
