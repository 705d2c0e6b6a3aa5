// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import { LabError } from '../lab/errors.ts';
import type { Lab, LabNode } from '../lab/index.ts';
import { Containerd } from '../runtime/containerd.ts';
import { Machine } from '../runtime/machine.ts';
import { API_SERVICE_ADDRESS } from './certificates.ts';
import type { KubeCluster } from './cluster.ts';
import { Kubelet } from './kubelet.ts';
import { createNode } from './objects.ts';

const RELAY = fileURLToPath(new URL('relay-process.ts', import.meta.url));
const API_PORT = 6443;
const OTLP_PORT = 4317;
/** What VXLAN leaves of an MTU of 1,500. */
const POD_MTU = 1450;

/** Options of WorkerNode.start. */
export interface WorkerNodeOptions {
  readonly lab: Lab;
  readonly cluster: KubeCluster;
  /** Sockets of the API server and of the OTLP collector, which are outside of the lab. */
  readonly apiSocket: string;
  readonly otlpSocket: string;
}

/** A Service with one pod behind it: what kube-proxy makes of it and of its slices. */
export interface ServiceRoute {
  readonly clusterIp: string;
  readonly port: number;
  /** `address:port`. */
  readonly backend: string;
}

/**
 * A node of the lab in a cluster: with a containerd, whose pods are on a bridge, routed to and from other nodes by the lab's
 * VXLAN, as flannel does it; with the API server at its Service's address, and a collector at the node's own.
 */
export class WorkerNode {
  readonly node: LabNode;
  readonly machine: Machine;
  readonly kubelet: Kubelet;
  readonly containerd: Containerd;

  private constructor(node: LabNode, machine: Machine, containerd: Containerd, kubelet: Kubelet) {
    this.node = node;
    this.machine = machine;
    this.containerd = containerd;
    this.kubelet = kubelet;
  }

  static async start(name: string, options: WorkerNodeOptions): Promise<WorkerNode> {
    const { lab, cluster, apiSocket, otlpSocket } = options;
    const node = lab.node(name);
    const { underlayAddress, podSubnet } = node;
    await createNode(cluster, name, underlayAddress, podSubnet);
    const relay = [RELAY, underlayAddress, API_PORT, apiSocket, OTLP_PORT, otlpSocket].map(String);
    await node.spawn(process.execPath, relay).waitForLine(/^listening$/);
    const machine = await Machine.start(lab, name);
    const containerd = await Containerd.start(machine);
    await containerd.useNetwork({ name: 'pods', plugin: bridge(podSubnet, machine.folder) });
    const env = { KUBERNETES_SERVICE_HOST: API_SERVICE_ADDRESS, KUBERNETES_SERVICE_PORT: '443' };
    const kubelet = new Kubelet({ cluster, containerd, hostIp: underlayAddress, env });
    return new WorkerNode(node, machine, containerd, kubelet);
  }

  /** Takes packets to these Services, and to that of the API server, to the pods behind them, as kube-proxy does. */
  async route(services: readonly ServiceRoute[]): Promise<void> {
    const api = `${this.node.underlayAddress}:${API_PORT}`;
    const all = [{ clusterIp: API_SERVICE_ADDRESS, port: 443, backend: api }, ...services];
    const rules = all.map(
      ({ clusterIp, port, backend }) => `ip daddr ${clusterIp} tcp dport ${port} dnat to ${backend}`,
    );
    const ruleset = `table ip services
      delete table ip services
      table ip services {
        chain services { ${rules.join('; ')}; }
        chain prerouting { type nat hook prerouting priority dstnat; jump services; }
        chain output { type nat hook output priority -100; jump services; }
      }\n`;
    const { code, stderr } = await this.node.exec('nft', ['-f', '-'], { input: ruleset });
    if (code !== 0) throw new LabError('HOPSPAN_ERR_LAB_SETUP', `nft on ${this.node.name}: ${stderr}`);
  }
}

/** The bridge plugin as flannel configures it; what it keeps goes with the machine. */
function bridge(subnet: string, folder: string): Record<string, unknown> {
  const ipam = {
    type: 'host-local',
    ranges: [[{ subnet }]],
    routes: [{ dst: '0.0.0.0/0' }],
    dataDir: `${folder}/ipam`,
  };
  return { type: 'bridge', bridge: 'cni0', isGateway: true, mtu: POD_MTU, ipam };
}
