// SPDX-License-Identifier: Apache-2.0
import type { Endpoint } from '@hopspan/core';
import type { ServiceName } from '../index/endpoint-slice.ts';

/** Which destinations a rule is about. What is absent is not looked at by the rule. */
export interface Destinations {
  readonly addresses?: readonly string[];
  /** Any address of this machine. */
  readonly local?: true;
  readonly ports?: readonly number[];
}

/** Where a translated packet goes; a port that is absent stays as it was. */
export interface Backend {
  readonly address: Endpoint['address'];
  readonly port?: Endpoint['port'];
}

/**
 * A rule for TCP in the words that iptables and nftables share. Conditions that only leave out some of the packets (source,
 * device, mark, chance) are not in it: what is asked is where a destination leads, not who may go there.
 */
export interface NatRule {
  readonly to: Destinations;
  /** Goes on in another chain, or translates the destination to one of these. */
  readonly verdict: { readonly chain: string } | { readonly backends: readonly Backend[] };
  /** The Service that it was written for, where its writer says so. */
  readonly service?: ServiceName;
  /** Its conditions or its translation are not understood. */
  readonly unknown?: true;
}

/** What a tool has told of address translation. */
export interface NatProgram {
  readonly chains: ReadonlyMap<string, readonly NatRule[]>;
  /** Chains that packets begin in. */
  readonly roots: readonly string[];
}
