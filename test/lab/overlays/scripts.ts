// SPDX-License-Identifier: Apache-2.0
import { ip } from '../batch.ts';
import type { Family, ResolvedOverlay } from '../options.ts';
import { type LabPlan, NIC_NAME, type NodePlan } from '../plan.ts';
import { overlayKinds } from './kinds.ts';
import type { OverlaySite } from './site.ts';

/** Shell script for a node's namespace: VLANs on its NIC if the overlay is to be in any, and the overlay. */
export function overlayScript(plan: LabPlan, node: NodePlan, overlay: ResolvedOverlay): string {
  const site = siteOf(plan, node, overlay);
  return `${ip(vlanLines(plan, node, overlay))}\n${overlayKinds[overlay.type].script(site)}`;
}

/** Shell script that removes what overlayScript made, or as much as it got to make. */
export function removalScript(plan: LabPlan, node: NodePlan, overlay: ResolvedOverlay): string {
  const devices = [...overlayDevices(plan, node, overlay), ...vlanNames(overlay).slice(0, 1)];
  const flush = (family: Family) =>
    peersOf(plan, node).map(({ podSubnet }) => `route flush ${podSubnet[family]}`);
  const lines = {
    ipv4: [...devices.map((device) => `link delete ${device}`), ...flush('ipv4')],
    ipv6: flush('ipv6'),
  };
  return plan.families.map((family) => tryAll(family, lines[family])).join('\n');
}

/** Names of the overlay's devices on a node. */
export function overlayDevices(plan: LabPlan, node: NodePlan, overlay: ResolvedOverlay): string[] {
  return overlayKinds[overlay.type].deviceNames(overlay, peersOf(plan, node));
}

function siteOf(plan: LabPlan, node: NodePlan, overlay: ResolvedOverlay): OverlaySite {
  const carries = overlayKinds[overlay.type].carries;
  return {
    overlay,
    node,
    peers: peersOf(plan, node),
    families: plan.families.filter((family) => carries.includes(family)),
    carrier: vlanNames(overlay).at(-1) ?? NIC_NAME,
    addressOf: ({ vlan, underlay }) => (overlay.vlans.length > 0 ? vlan : underlay)[overlay.underlay],
  };
}

function peersOf(plan: LabPlan, node: NodePlan): NodePlan[] {
  return plan.nodes.filter((peer) => peer !== node);
}

/** The VLAN in the other has its name, too: eth0.5, eth0.5.6. */
function vlanNames({ vlans }: ResolvedOverlay): string[] {
  return vlans.map((_, i) => [NIC_NAME, ...vlans.slice(0, i + 1)].join('.'));
}

function vlanLines({ families }: LabPlan, node: NodePlan, overlay: ResolvedOverlay): string[] {
  const names = vlanNames(overlay);
  const lines = names.flatMap((name, i) => {
    const below = names[i - 1] ?? NIC_NAME;
    // A tag around another is a service tag: IEEE 802.1ad.
    const protocol = i < names.length - 1 ? '802.1ad' : '802.1Q';
    return [
      `link add link ${below} name ${name} type vlan protocol ${protocol} id ${overlay.vlans[i]}`,
      `link set ${name} up`,
    ];
  });
  const carrier = names.at(-1);
  if (carrier === undefined) return lines;
  const addresses = families.map((family) => `${node.vlan[family]}/${family === 'ipv4' ? 24 : 64}`);
  return [...lines, ...addresses.map((address) => `address add ${address} dev ${carrier}`)];
}

/** Shell script that runs every line, whether or not there is anything to remove. */
function tryAll(family: Family, lines: readonly string[]): string {
  const option = { ipv4: '-4', ipv6: '-6' }[family];
  return `ip ${option} -force -batch - >/dev/null 2>&1 <<'END' || true\n${lines.join('\n')}\nEND`;
}
