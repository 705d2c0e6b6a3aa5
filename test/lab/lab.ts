// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError } from './errors.ts';
import { Namespace } from './namespace.ts';
import {
  checkOverlay,
  type LabOptions,
  type OverlayOptions,
  type ResolvedOverlay,
  resolveOverlay,
} from './options.ts';
import { findOverlayObstacle } from './overlays/obstacle.ts';
import { overlayDevices, overlayScript, removalScript } from './overlays/scripts.ts';
import { endWithNpm } from './owner.ts';
import { type LabPlan, NIC_NAME, type NodePlan, type PodPlan, planLab } from './plan.ts';
import { fabricScript, nodeScript, podScript } from './scripts.ts';
import { Warden } from './warden.ts';

const FABRIC = 'fabric';

/** A node of the lab. */
export class LabNode extends Namespace {
  readonly nicName = NIC_NAME;
  readonly underlayAddress: string;
  readonly underlayAddress6: string;
  /** IPv4 addresses that are its pods', routed to it by the other nodes. */
  readonly podSubnet: string;
  readonly #vports: readonly string[];
  readonly #tunnels: () => readonly string[];

  constructor(plan: NodePlan, holder: number, tunnels: () => readonly string[]) {
    super(plan.name, holder);
    this.underlayAddress = plan.underlay.ipv4;
    this.underlayAddress6 = plan.underlay.ipv6;
    this.podSubnet = plan.podSubnet.ipv4;
    this.#vports = plan.pods.map((pod) => pod.vport);
    this.#tunnels = tunnels;
  }

  /** The overlay device, when there is one; the first, when there is one for each of the other nodes. */
  get tunnelName(): string | undefined {
    return this.#tunnels()[0];
  }

  /** Names of the host-side ends of its pods' veths; all begin with `veth`. */
  vports(): string[] {
    return [...this.#vports];
  }
}

/** A pod of the lab. Its own interface is `eth0`. */
export class LabPod extends Namespace {
  readonly address: string;
  /** In use when the lab was made with IPv6. */
  readonly address6: string;
  readonly node: LabNode;
  /** The host-side end of its veth, in the node's namespace. */
  readonly vport: string;

  constructor(plan: PodPlan, node: LabNode, holder: number) {
    super(plan.name, holder);
    this.address = plan.address.ipv4;
    this.address6 = plan.address.ipv6;
    this.vport = plan.vport;
    this.node = node;
  }
}

/**
 * Nodes and pods made of network namespaces. The namespaces have no names and are held by processes
 * alone, so the kernel removes all of it however the owner ends, and labs cannot collide.
 */
export class Lab implements AsyncDisposable {
  readonly name: string;
  /** A folder for sockets and the like of what runs in the lab; removed with it. */
  readonly folder: string;
  /** What is outside of the cluster: the switch between the nodes, with routes to every pod. */
  readonly fabric: Namespace;
  readonly #plan: LabPlan;
  readonly #warden: Warden;
  readonly #nodes: Map<string, LabNode>;
  readonly #pods: Map<string, LabPod>;
  #overlay: ResolvedOverlay;
  #destroyed: Promise<void> | undefined;

  private constructor(plan: LabPlan, warden: Warden, folder: string) {
    const { name, overlay } = plan.options;
    this.name = name;
    this.folder = folder;
    this.#plan = plan;
    this.#overlay = overlay;
    this.#warden = warden;
    this.fabric = new Namespace(`${name}/${FABRIC}`, warden.holderOf(FABRIC));
    this.#nodes = new Map(
      plan.nodes.map((node) => {
        const tunnels = () => overlayDevices(plan, node, this.#overlay);
        return [node.name, new LabNode(node, warden.holderOf(nodeKey(node.name)), tunnels)];
      }),
    );
    this.#pods = new Map(
      plan.pods.map((pod) => [
        pod.name,
        new LabPod(pod, this.node(pod.node), warden.holderOf(podKey(pod.name))),
      ]),
    );
  }

  /**
   * Makes a lab; when it cannot be made whole, what there is of it is removed.
   * @throws LabError HOPSPAN_ERR_LAB_OPTION, HOPSPAN_ERR_LAB_PRIVILEGE, HOPSPAN_ERR_LAB_UNSUPPORTED (the kernel
   *   lacks what the overlay takes) or HOPSPAN_ERR_LAB_SETUP
   */
  static async create(options: LabOptions): Promise<Lab> {
    const plan = planLab(options);
    requireRoot();
    await requireOverlay(plan.options.overlay, plan.options.ipv6);
    endWithNpm();
    const keys = [
      FABRIC,
      ...plan.nodes.map((node) => nodeKey(node.name)),
      ...plan.pods.map((pod) => podKey(pod.name)),
    ];
    const folder = mkdtempSync(join(tmpdir(), 'hopspan-lab-'));
    const lab = new Lab(plan, await Warden.start(keys, folder), folder);
    try {
      await lab.#wire(plan);
      return lab;
    } catch (error) {
      await lab.destroy();
      throw error;
    }
  }

  get nodes(): LabNode[] {
    return [...this.#nodes.values()];
  }

  get pods(): LabPod[] {
    return [...this.#pods.values()];
  }

  /** @throws LabError HOPSPAN_ERR_LAB_OPTION when there is no such node */
  node(name: string): LabNode {
    return find(this.#nodes, 'node', name);
  }

  /** @throws LabError HOPSPAN_ERR_LAB_OPTION when there is no such pod */
  pod(name: string): LabPod {
    return find(this.#pods, 'pod', name);
  }

  /**
   * Takes the overlay away and puts another in its place. Nodes, pods and what runs in them stay, and pods keep
   * their MTU: make the lab with that of the overlay that leaves the least.
   * @throws LabError as `create`; HOPSPAN_ERR_LAB_SETUP leaves the lab with half an overlay
   */
  async useOverlay(options: OverlayOptions): Promise<void> {
    const { ipv6 } = this.#plan.options;
    const overlay = resolveOverlay(options);
    checkOverlay(overlay, ipv6);
    await requireOverlay(overlay, ipv6);
    const before = this.#overlay;
    this.#overlay = overlay;
    await this.#runOnNodes(
      (node) => `${removalScript(this.#plan, node, before)}\n${overlayScript(this.#plan, node, overlay)}`,
    );
  }

  /** Kills every process in the lab and waits until they are gone. A second call waits for the first. */
  destroy(): Promise<void> {
    this.#destroyed ??= this.#tearDown();
    return this.#destroyed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy();
  }

  async #wire(plan: LabPlan): Promise<void> {
    const holderOf = (key: string) => this.#warden.holderOf(key);
    await run(
      this.fabric,
      fabricScript(plan, (node) => holderOf(nodeKey(node))),
    );
    await this.#runOnNodes((node) => nodeScript(plan, node, (pod) => holderOf(podKey(pod))));
    await Promise.all(plan.pods.map((pod) => run(this.pod(pod.name), podScript(plan, pod))));
  }

  async #runOnNodes(scriptOf: (node: NodePlan) => string): Promise<void> {
    await Promise.all(this.#plan.nodes.map((node) => run(this.node(node.name), scriptOf(node))));
  }

  async #tearDown(): Promise<void> {
    await Promise.all([this.fabric, ...this.nodes, ...this.pods].map((place) => place.close()));
    await this.#warden.release();
  }
}

function nodeKey(name: string): string {
  return `node/${name}`;
}

function podKey(name: string): string {
  return `pod/${name}`;
}

function find<T>(places: ReadonlyMap<string, T>, what: string, name: string): T {
  const place = places.get(name);
  if (place !== undefined) return place;
  const known = [...places.keys()].join(', ');
  throw new LabError(
    'HOPSPAN_ERR_LAB_OPTION',
    `the lab has no ${what} ${JSON.stringify(name)}; it has ${known || 'none'}`,
  );
}

async function run(place: Namespace, script: string): Promise<void> {
  const { stderr, code } = await place.exec('sh', ['-e'], { input: script });
  if (code === 0) return;
  throw new LabError(
    'HOPSPAN_ERR_LAB_SETUP',
    `Lab.create: setting up ${place.name} ended with status ${code}: ${stderr.trim()}. ` +
      'The kernel needs veth and bridge, and the devices of the overlay; iproute2 must be installed.',
  );
}

function requireRoot(): void {
  const uid = process.geteuid?.();
  if (uid === 0) return;
  throw new LabError(
    'HOPSPAN_ERR_LAB_PRIVILEGE',
    `Lab.create: runs as user ${uid}, but network namespaces take root (CAP_SYS_ADMIN, CAP_NET_ADMIN). Run it by sudo.`,
  );
}

async function requireOverlay(overlay: ResolvedOverlay, ipv6: boolean): Promise<void> {
  const obstacle = await findOverlayObstacle(overlay, ipv6);
  if (obstacle === undefined) return;
  throw new LabError(
    'HOPSPAN_ERR_LAB_UNSUPPORTED',
    `overlay ${overlay.type}: ${obstacle}. Use another overlay, or another kernel (test/kernels).`,
  );
}
