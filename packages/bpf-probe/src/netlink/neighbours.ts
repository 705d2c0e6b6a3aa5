// SPDX-License-Identifier: Apache-2.0
import { formatAddress, formatMac } from './address.ts';
import { dump, fixedPart, type Message, type Requester, readAttributes, readUint } from './message.ts';

/** An entry of the neighbour table: who has an IP address (struct ndmsg and NDA_* of linux/neighbour.h). */
export interface Neighbour {
  readonly address: string;
  /** Hardware address, `02:42:ac:11:00:02`. */
  readonly mac: string;
  /** The device it is behind: of a pod on a bridge, the bridge. */
  readonly ifindex: number;
}

/** An entry of a bridge's forwarding database: behind which port a hardware address is. */
export interface ForwardingEntry {
  readonly mac: string;
  /** Index of the port's device. */
  readonly ifindex: number;
  /** Index of the bridge. */
  readonly bridge?: number;
}

const RTM_GETNEIGH = 30;
const NDMSG = 12;
const NDA = { destination: 1, lladdr: 2, master: 9 } as const;
const AF_BRIDGE = 7;
/** NUD_FAILED and NUD_INCOMPLETE: nobody has answered. */
const UNKNOWN = 0x20 | 0x01;
/** NUD_PERMANENT in a forwarding database: the port's own address, not one behind it. */
const OWN = 0x80;

/**
 * The neighbours of both families.
 * @throws HopProbeError HOPSPAN_ERR_SYSTEM
 */
export function readNeighbours(native: Requester): Neighbour[] {
  return dump(native, 'neighbours', RTM_GETNEIGH, [fixedPart(NDMSG, [])]).flatMap((message) => {
    const { attributes, ifindex, state } = decode(message);
    const address = formatAddress(attributes.get(NDA.destination));
    const mac = formatMac(attributes.get(NDA.lladdr));
    if (address === undefined || mac === undefined || (state & UNKNOWN) !== 0) return [];
    return { address, mac, ifindex };
  });
}

/**
 * What the bridges have learnt.
 * @throws HopProbeError HOPSPAN_ERR_SYSTEM
 */
export function readForwarding(native: Requester): ForwardingEntry[] {
  const request = [fixedPart(NDMSG, [[0, AF_BRIDGE]])];
  return dump(native, 'forwarding databases', RTM_GETNEIGH, request).flatMap((message) => {
    const { attributes, ifindex, state } = decode(message);
    const mac = formatMac(attributes.get(NDA.lladdr));
    const master = attributes.get(NDA.master);
    if (mac === undefined || (state & OWN) !== 0) return [];
    return { mac, ifindex, ...(master === undefined ? {} : { bridge: readUint(master, 0) }) };
  });
}

function decode({ view, at, end }: Message) {
  return {
    attributes: readAttributes(view, at + NDMSG, end),
    ifindex: readUint(view, at + 4),
    state: readUint(view, at + 8, 2),
  };
}
