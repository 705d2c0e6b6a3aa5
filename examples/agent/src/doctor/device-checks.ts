// SPDX-License-Identifier: Apache-2.0
import type { EbpfHopsConfig } from '../config/schema.ts';
import { type Devices, resolveDevices } from '../devices.ts';
import { describeError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { Check } from './check.ts';

/** Whether the configured devices are here. */
export function checkDevices(interfaces: EbpfHopsConfig['interfaces'], platform: Platform): Check {
  try {
    const devices: Devices = resolveDevices(interfaces, platform);
    return {
      name: 'devices',
      ok: true,
      detail: `nic ${devices.nic.join(', ')}; vport ${devices.vport.join(', ')}`,
    };
  } catch (error) {
    return {
      name: 'devices',
      ok: false,
      detail: describeError(error),
      mend: 'set receivers::ebpf_hops::interfaces to devices of this network namespace (ip link)',
    };
  }
}
