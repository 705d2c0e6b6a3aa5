// SPDX-License-Identifier: Apache-2.0
import type { EbpfHopsConfig } from './config/schema.ts';
import { defaultVportGlobs } from './config/schema.ts';
import { AgentError, ExitCode } from './errors.ts';
import { isGlob, selectByGlobs } from './net/glob.ts';
import { checkNics, findNics, type NodeView } from './net/nics.ts';
import type { Platform } from './platform.ts';

/** What the configuration means on this machine. */
export interface Devices {
  /** Names, or globs where those are configured. */
  readonly nic: readonly string[];
  /** Names and globs: those that match later are watched, too. */
  readonly vport: readonly string[];
  /** Those that are here now. */
  readonly present: { readonly nic: readonly string[]; readonly vport: readonly string[] };
  /** What looks wrong, one line each. */
  readonly warnings: readonly string[];
}

/** A device that is configured is not there: exit status 1. */
export class DeviceError extends AgentError {
  constructor(role: 'nic' | 'vport', message: string) {
    super(
      'HOPSPAN_ERR_AGENT_DEVICE',
      ExitCode.failure,
      `receivers::ebpf_hops::interfaces::${role}: ${message}`,
    );
    this.name = 'DeviceError';
  }
}

/**
 * Every name must be there, and at least one NIC; a node without pods is fine, since pods come. A NIC is never a
 * vport too. Throws DeviceError.
 * @param nodeAddress the node's address in its cluster, where it is known
 */
export function resolveDevices(
  { nic, vport = [...defaultVportGlobs] }: EbpfHopsConfig['interfaces'],
  platform: Pick<Platform, 'network' | 'getAddresses'>,
  nodeAddress?: string,
): Devices {
  const links = platform.network.links();
  const view: NodeView = {
    links,
    routes: platform.network.routes(),
    addresses: platform.getAddresses(),
    nodeAddress,
  };
  const names = links.map(({ ifname }) => ifname);
  const wanted = nic ?? findDefault(view);
  requireNames('nic', wanted, names);
  requireNames('vport', vport, names);
  const nics = selectByGlobs(names, wanted);
  if (nics.length === 0)
    throw new DeviceError('nic', `no device matches ${wanted.join(', ')}; ${list(names)}`);
  const others = names.filter((name) => !nics.includes(name));
  return {
    nic: wanted,
    vport,
    present: { nic: nics, vport: selectByGlobs(others, vport) },
    warnings: checkNics(nics, view),
  };
}

function requireNames(role: 'nic' | 'vport', wanted: readonly string[], present: readonly string[]): void {
  const missing = wanted.find((name) => !isGlob(name) && !present.includes(name));
  if (missing !== undefined) throw new DeviceError(role, `there is no device "${missing}"; ${list(present)}`);
}

function findDefault(view: NodeView): readonly string[] {
  const nics = findNics(view);
  if (nics.length > 0) return nics;
  throw new DeviceError(
    'nic',
    "there is no default route to take the NIC from; name the node's uplink device",
  );
}

function list(present: readonly string[]): string {
  const shown = present.slice(0, 12).join(', ');
  return `devices here: ${shown === '' ? 'none' : shown}${present.length > 12 ? ', …' : ''}`;
}
