// SPDX-License-Identifier: Apache-2.0
import type { EbpfHopsConfig } from '../config/schema.ts';
import { resolveDevices } from '../devices.ts';
import { describeError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { Check } from './check.ts';

const mend =
  'set receivers::ebpf_hops::interfaces and ::points to devices of this network namespace (ip link)';

/** Whether the configured devices are here, and whether the NICs are the right ones. */
export function checkDevices(
  config: Pick<EbpfHopsConfig, 'interfaces' | 'points'>,
  platform: Platform,
  nodeAddress?: string,
): Check[] {
  try {
    const { present, vport, warnings } = resolveDevices(config, platform, nodeAddress);
    const pods = present.vport.length === 0 ? `none yet (${vport.join(', ')})` : present.vport.join(', ');
    const between = present.between.map(({ ifname, role }) => `; ${role} ${ifname}`).join('');
    return [
      { name: 'devices', ok: true, detail: `nic ${present.nic.join(', ')}; vport ${pods}${between}` },
      ...warnings.map((detail) => ({ name: 'nic', ok: false, required: false, detail, mend })),
    ];
  } catch (error) {
    return [{ name: 'devices', ok: false, detail: describeError(error), mend }];
  }
}
