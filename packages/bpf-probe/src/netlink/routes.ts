// SPDX-License-Identifier: Apache-2.0
import { formatAddress } from './address.ts';
import { dump, fixedPart, type Message, type Requester, readAttributes, readUint } from './message.ts';

/** A unicast route (struct rtmsg and RTA_* of linux/rtnetlink.h); one for each next hop. */
export interface Route {
  readonly family: 4 | 6;
  /** Text form; absent for a default route. */
  readonly destination?: string;
  /** Bits of the prefix: 32 or 128 for the route of one host. */
  readonly prefixLength: number;
  readonly ifindex: number;
  /** Routing table: 254 is `main`. */
  readonly table: number;
  /** The smaller is preferred. */
  readonly metric: number;
}

const RTM_GETROUTE = 26;
const RTMSG = 12;
const RTA = { destination: 1, outInterface: 4, priority: 6, multipath: 9, table: 15 } as const;
const RTN_UNICAST = 1;
/** RTM_F_CLONED: an entry of the IPv6 route cache, not of a table. */
const CLONED = 0x200;
const RTNEXTHOP = 8;

/**
 * The unicast routes of this network namespace, of all tables and both families.
 * @throws HopProbeError HOPSPAN_ERR_SYSTEM
 */
export function readRoutes(native: Requester): Route[] {
  return dump(native, 'routes', RTM_GETROUTE, [fixedPart(RTMSG, [])]).flatMap(decodeRoute);
}

function decodeRoute({ view, at, end }: Message): Route[] {
  const family = { 2: 4, 10: 6 }[readUint(view, at, 1)] as 4 | 6 | undefined;
  const cloned = (readUint(view, at + 8) & CLONED) !== 0;
  if (family === undefined || cloned || readUint(view, at + 7, 1) !== RTN_UNICAST) return [];
  const attributes = readAttributes(view, at + RTMSG, end);
  const number = (type: number): number | undefined => {
    const value = attributes.get(type);
    return value === undefined ? undefined : readUint(value, 0);
  };
  const destination = formatAddress(attributes.get(RTA.destination));
  const route = {
    family,
    ...(destination === undefined ? {} : { destination }),
    prefixLength: readUint(view, at + 1, 1),
    table: number(RTA.table) ?? readUint(view, at + 4, 1),
    metric: number(RTA.priority) ?? 0,
  };
  const out = number(RTA.outInterface);
  const devices = out === undefined ? nextHops(attributes.get(RTA.multipath)) : [out];
  return devices.map((ifindex) => ({ ...route, ifindex }));
}

/** Devices of struct rtnexthop {u16 length, u8 flags, u8 hops, s32 ifindex, attributes}. */
function nextHops(list: DataView | undefined): number[] {
  const devices: number[] = [];
  for (let at = 0; list !== undefined && at + RTNEXTHOP <= list.byteLength; ) {
    const length = readUint(list, at, 2);
    if (length < RTNEXTHOP) break;
    devices.push(readUint(list, at + 4));
    at += (length + 3) & ~3;
  }
  return devices;
}
