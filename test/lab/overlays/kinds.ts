// SPDX-License-Identifier: Apache-2.0
import type { OverlayType } from '../options.ts';
import { geneve } from './geneve.ts';
import { gre, gretap } from './gre.ts';
import { fourInSix, ip6ip6, ipip, sixInFour } from './ip-in-ip.ts';
import { none } from './none.ts';
import type { OverlayKind } from './site.ts';
import { vxlan } from './vxlan.ts';
import { wireguard } from './wireguard.ts';

/** Every way to wrap packets that a lab knows. */
export const overlayKinds: Readonly<Record<OverlayType, OverlayKind>> = {
  none,
  vxlan,
  geneve,
  gre,
  gretap,
  wireguard,
  ipip,
  ip6ip6,
  '6in4': sixInFour,
  '4in6': fourInSix,
};
