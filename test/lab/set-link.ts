// SPDX-License-Identifier: Apache-2.0
// Runs in a namespace: sets limits of devices that older iproute2 has no words for.
// Usage: set-link.ts ATTRIBUTE VALUE DEVICE…, with the number of the attribute in linux/if_link.h.
import { loadNative } from '../../packages/bpf-probe/src/native.ts';
import { readLinks } from '../../packages/bpf-probe/src/netlink/links.ts';
import { ask, fixedPart, uintAttribute } from '../../packages/bpf-probe/src/netlink/message.ts';

const RTM_SETLINK = 19;
const IFINFOMSG = 16;
const [attribute, value, ...names] = process.argv.slice(2);
const native = loadNative();
for (const { ifindex, ifname } of readLinks(native)) {
  if (!names.includes(ifname)) continue;
  const header = fixedPart(IFINFOMSG, []);
  header.setInt32(4, ifindex, true);
  const status = ask(native, RTM_SETLINK, [header, uintAttribute(Number(attribute), Number(value))]);
  if (typeof status === 'number' && status < 0) throw new Error(`set link ${ifname}: errno ${-status}`);
}
