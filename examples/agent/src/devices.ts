// SPDX-License-Identifier: Apache-2.0
import type { EbpfHopsConfig } from './config/schema.ts';
import { defaultVportGlobs } from './config/schema.ts';
import { AgentError, ExitCode } from './errors.ts';
import { isGlob, selectByGlobs } from './net/glob.ts';
import type { Platform } from './platform.ts';

/** Names of the devices to attach to. */
export interface Devices {
  readonly nic: readonly string[];
  readonly vport: readonly string[];
}

/** A device that is configured is not there: exit status 1. */
export class DeviceError extends AgentError {
  constructor(role: keyof Devices, message: string) {
    super(
      'HOPSPAN_ERR_AGENT_DEVICE',
      ExitCode.failure,
      `receivers::ebpf_hops::interfaces::${role}: ${message}`,
    );
    this.name = 'DeviceError';
  }
}

/**
 * The devices that the configuration means on this machine: every name must be there, and for each role at least
 * one device. A NIC is never a vport too. Throws DeviceError.
 */
export function resolveDevices(
  { nic, vport }: EbpfHopsConfig['interfaces'],
  platform: Pick<Platform, 'listDevices' | 'getDefaultRouteDevice'>,
): Devices {
  const present = platform.listDevices();
  const nics = select('nic', nic ?? [getDefaultNic(platform)], present);
  const candidates = present.filter((name) => !nics.includes(name));
  return { nic: nics, vport: select('vport', vport ?? defaultVportGlobs, candidates) };
}

function select(role: keyof Devices, wanted: readonly string[], present: readonly string[]): string[] {
  const missing = wanted.find((name) => !isGlob(name) && !present.includes(name));
  if (missing !== undefined) throw new DeviceError(role, `there is no device "${missing}"; ${list(present)}`);
  const selected = selectByGlobs(present, wanted);
  if (selected.length === 0)
    throw new DeviceError(role, `no device matches ${wanted.join(', ')}; ${list(present)}`);
  return selected;
}

function getDefaultNic(platform: Pick<Platform, 'getDefaultRouteDevice'>): string {
  const device = platform.getDefaultRouteDevice();
  if (device !== undefined) return device;
  throw new DeviceError(
    'nic',
    "there is no default route to take the NIC from; name the node's uplink device",
  );
}

function list(present: readonly string[]): string {
  const shown = present.slice(0, 12).join(', ');
  return `devices here: ${shown === '' ? 'none' : shown}${present.length > 12 ? ', …' : ''}`;
}
