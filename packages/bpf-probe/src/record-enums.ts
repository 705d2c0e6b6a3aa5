// SPDX-License-Identifier: Apache-2.0
// The words for the enums of a record.
import type { Hop, LostMessage, TunnelType } from '@hopspan/core';
import {
  EVIDENCE_DROP,
  EVIDENCE_RETRANSMISSION,
  MESSAGE_REQUEST,
  MESSAGE_RESPONSE,
  TUNNEL_4IN6,
  TUNNEL_6IN4,
  TUNNEL_GENEVE,
  TUNNEL_GRE,
  TUNNEL_IP6IP6,
  TUNNEL_IPIP,
  TUNNEL_VXLAN,
} from './generated/abi.ts';

/** By enum loss_evidence. */
export const EVIDENCE: Readonly<Record<number, LostMessage['evidence']>> = {
  [EVIDENCE_DROP]: 'drop',
  [EVIDENCE_RETRANSMISSION]: 'retransmission',
};

/** By enum tunnel_type. */
export const TUNNEL_TYPES: Readonly<Record<number, TunnelType>> = {
  [TUNNEL_VXLAN]: 'vxlan',
  [TUNNEL_GENEVE]: 'geneve',
  [TUNNEL_GRE]: 'gre',
  [TUNNEL_IPIP]: 'ipip',
  [TUNNEL_IP6IP6]: 'ip6ip6',
  [TUNNEL_6IN4]: '6in4',
  [TUNNEL_4IN6]: '4in6',
};

/** Undefined for one this version does not know. */
export function messageKind(kind: number): Hop['kind'] | undefined {
  if (kind === MESSAGE_REQUEST) return 'request';
  return kind === MESSAGE_RESPONSE ? 'response' : undefined;
}
