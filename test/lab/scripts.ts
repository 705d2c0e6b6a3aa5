// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';
import { ip } from './batch.ts';
import { overlayDevices, overlayScript } from './overlays/scripts.ts';
import {
  FABRIC_ADDRESS,
  FABRIC_ADDRESS_6,
  type LabPlan,
  LINK_LOCAL_GATEWAY,
  LINK_LOCAL_GATEWAY_6,
  NIC_NAME,
  type NodePlan,
  type PodPlan,
  VPORT_MAC,
} from './plan.ts';

/** Process ids of the holders of the namespaces, by node or pod name. */
export type Holders = (place: string) => number;

const FABRIC_BRIDGE = 'fabric0';
const POD_BRIDGE = 'cni0';
const FABRIC = { ipv4: FABRIC_ADDRESS, ipv6: FABRIC_ADDRESS_6 };
const GATEWAY = { ipv4: LINK_LOCAL_GATEWAY, ipv6: LINK_LOCAL_GATEWAY_6 };

/** Shell script for the fabric's namespace: the switch, and each node's NIC in the node's namespace. */
export function fabricScript(plan: LabPlan, holderOf: Holders): string {
  const lines = [
    'link set lo up',
    `link add ${FABRIC_BRIDGE} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    ...plan.families.map((family) => address(FABRIC[family], SUBNET[family], FABRIC_BRIDGE)),
    `link set ${FABRIC_BRIDGE} up`,
  ];
  for (const node of plan.nodes) {
    const nic = `name ${NIC_NAME} address ${node.mac} netns ${holderOf(node.name)}`;
    lines.push(
      `link add ${node.fabricPort} type veth peer ${nic}`,
      `link set ${node.fabricPort} master ${FABRIC_BRIDGE} up`,
      ...plan.families.map((family) => `route add ${node.podSubnet[family]} via ${node.underlay[family]}`),
    );
  }
  return `${settings(plan)}\n${ip(lines)}`;
}

/** Shell script for a node's namespace: NIC, pod bridge, each pod's veth, and the overlay. */
export function nodeScript(plan: LabPlan, node: NodePlan, holderOf: Holders): string {
  const { overlay, podAttachment, gsoOff, rps } = plan.options;
  const { families } = plan;
  const lines = [
    'link set lo up',
    ...families.map((family) => address(node.underlay[family], SUBNET[family], NIC_NAME)),
    `link set ${NIC_NAME} ${gsoOff ? 'gso_max_segs 1 ' : ''}up`,
    ...families.map((family) => `route add default via ${FABRIC[family]}`),
    ...(podAttachment === 'bridged' ? podBridge(plan, node) : []),
    ...node.pods.flatMap((pod) => podLink(plan, pod, holderOf(pod.name))),
  ];
  const script = [
    settings(plan),
    ...families.map((family) => `echo 1 > /proc/sys/net/${family}/conf/all/forwarding`),
    ip(lines),
  ];
  if (podAttachment === 'routed') script.push(...node.pods.map(proxyArp));
  script.push(overlayScript(plan, node, overlay));
  if (rps) script.push(...overlayDevices(plan, node, overlay).map(spreadReceive));
  return script.join('\n');
}

/** Shell script for a pod's namespace. */
export function podScript(plan: LabPlan, pod: PodPlan): string {
  const node = plan.nodes.find((candidate) => candidate.name === pod.node) as NodePlan;
  const { families } = plan;
  const routed = plan.options.podAttachment === 'routed';
  const gateway = routed ? GATEWAY : node.podGateway;
  const lines = [
    'link set lo up',
    ...families.map((family) => address(pod.address[family], (routed ? HOST : SUBNET)[family], NIC_NAME)),
    `link set ${NIC_NAME} up`,
    ...(routed ? [`route add ${gateway.ipv4} dev ${NIC_NAME} scope link`] : []),
    ...families.map((family) => `route add default via ${gateway[family]} dev ${NIC_NAME}`),
  ];
  return `${settings(plan)}\n${ip(lines)}`;
}

const SUBNET = { ipv4: 24, ipv6: 64 };
const HOST = { ipv4: 32, ipv6: 128 };

function address(of: string, prefix: number, device: string): string {
  return `address add ${of}/${prefix} dev ${device}`;
}

/** Shell script for the settings of any namespace. */
function settings({ options }: LabPlan): string {
  return [...(options.lossy ? [] : [WAIT_FOR_ANSWERS]), ...(options.ipv6 ? [SWITCH_ON_IPV6] : [])].join('\n');
}

const WAIT_FOR_ANSWERS = `setting=/proc/sys/net/ipv4/tcp_rto_min_us
test ! -e $setting || echo 5000000 > $setting`;

/** Every namespace begins without IPv6. Nobody else has the lab's addresses: no second is spent on asking. */
const SWITCH_ON_IPV6 = `for setting in /proc/sys/net/ipv6/conf/*/accept_dad; do echo 0 > "$setting"; done
echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6`;

function podBridge({ options, families }: LabPlan, node: NodePlan): string[] {
  return [
    `link add ${POD_BRIDGE} mtu ${options.overlay.mtu} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    ...families.map((family) => address(node.podGateway[family], SUBNET[family], POD_BRIDGE)),
    `link set ${POD_BRIDGE} up`,
  ];
}

function podLink({ options, families }: LabPlan, pod: PodPlan, holder: number): string[] {
  const { overlay, podAttachment } = options;
  const peer = `peer name ${NIC_NAME} mtu ${overlay.mtu} netns ${holder}`;
  if (podAttachment === 'bridged') {
    return [
      `link add ${pod.vport} mtu ${overlay.mtu} type veth ${peer}`,
      `link set ${pod.vport} master ${POD_BRIDGE} up`,
    ];
  }
  return [
    `link add ${pod.vport} mtu ${overlay.mtu} address ${VPORT_MAC} type veth ${peer}`,
    `link set ${pod.vport} up`,
    ...families.map((family) => `route add ${pod.address[family]} dev ${pod.vport}`),
  ];
}

/** Without the second line the kernel holds each proxied answer back for up to 0.8 s. */
function proxyArp(pod: PodPlan): string {
  return `echo 1 > /proc/sys/net/ipv4/conf/${pod.vport}/proxy_arp
echo 0 > /proc/sys/net/ipv4/neigh/${pod.vport}/proxy_delay`;
}

/**
 * sysfs shows the devices of the namespace it was mounted in, so it takes a mount of its own. The mask
 * stops at 32 CPUs, where the kernel wants a comma.
 */
function spreadReceive(device: string): string {
  const mask = (2 ** Math.min(availableParallelism(), 32) - 1).toString(16);
  return `unshare --mount sh -ec 'mount -t sysfs sysfs /sys; echo ${mask} > /sys/class/net/${device}/queues/rx-0/rps_cpus'`;
}
