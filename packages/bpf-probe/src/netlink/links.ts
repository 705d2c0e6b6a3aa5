// SPDX-License-Identifier: Apache-2.0
import { formatMac } from './address.ts';
import {
  dump,
  fixedPart,
  type Message,
  type Requester,
  readAttributes,
  readText,
  readUint,
  uintAttribute,
} from './message.ts';

/** A network device (struct ifinfomsg and IFLA_* of linux/if_link.h). */
export interface NetworkInterface {
  readonly ifindex: number;
  readonly ifname: string;
  /** ARPHRD_* of linux/if_arp.h: 1 for Ethernet, 768 for an ipip tunnel. */
  readonly hardwareType: number;
  /** Whether somebody has set it up (IFF_UP); before, no packet passes. Default: yes. */
  readonly up?: boolean;
  /** `veth`, `bridge`, `vlan`, `bond` and so on; absent for hardware. */
  readonly kind?: string;
  /** Hardware address, `02:42:ac:11:00:02`. */
  readonly address?: string;
  /** Index of the bridge, bond or VRF that it is a port of. */
  readonly master?: number;
  /** Index of the other end of a veth, or of the device below a VLAN; in `linkNamespace`, where there is one. */
  readonly link?: number;
  /** The kernel's id, in this namespace, of the network namespace that `link` is in; absent when it is this one. */
  readonly linkNamespace?: number;
}

const RTM_GETLINK = 18;
const IFINFOMSG = 16;
const IFLA = {
  address: 1,
  ifname: 3,
  link: 5,
  master: 10,
  linkinfo: 18,
  extMask: 29,
  linkNetnsId: 37,
} as const;
const IFLA_INFO_KIND = 1;
/** RTEXT_FILTER_SKIP_STATS: half of an answer would be statistics. */
const SKIP_STATS = 1 << 3;
const IFF_UP = 1;

/**
 * The devices of this network namespace, by index.
 * @throws HopProbeError HOPSPAN_ERR_SYSTEM
 */
export function readLinks(native: Requester): NetworkInterface[] {
  const parts = [fixedPart(IFINFOMSG, []), uintAttribute(IFLA.extMask, SKIP_STATS)];
  const links = dump(native, 'interfaces', RTM_GETLINK, parts).map(decodeLink);
  return links.sort((a, b) => a.ifindex - b.ifindex);
}

function decodeLink({ view, at, end }: Message): NetworkInterface {
  const attributes = readAttributes(view, at + IFINFOMSG, end);
  const number = (type: number): number | undefined => {
    const value = attributes.get(type);
    return value === undefined ? undefined : readUint(value, 0);
  };
  const optional = {
    kind: kindOf(attributes.get(IFLA.linkinfo)),
    address: formatMac(attributes.get(IFLA.address)),
    master: number(IFLA.master),
    link: number(IFLA.link),
    linkNamespace: number(IFLA.linkNetnsId),
  };
  return {
    ifindex: readUint(view, at + 4),
    ifname: readText(attributes.get(IFLA.ifname)) ?? '',
    hardwareType: readUint(view, at + 2, 2),
    up: (readUint(view, at + 8) & IFF_UP) !== 0,
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Partial<
      typeof optional
    >),
  } as NetworkInterface;
}

function kindOf(info: DataView | undefined): string | undefined {
  if (info === undefined) return undefined;
  return readText(readAttributes(info, 0, info.byteLength).get(IFLA_INFO_KIND));
}
