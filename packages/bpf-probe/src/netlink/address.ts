// SPDX-License-Identifier: Apache-2.0
import { formatIpv6 } from '../ip-address.ts';

/** An IP address of four or sixteen bytes as text; undefined for anything else. */
export function formatAddress(value: DataView | undefined): string | undefined {
  if (value?.byteLength === 4)
    return Array.from({ length: 4 }, (_, i) => String(value.getUint8(i))).join('.');
  if (value?.byteLength !== 16) return undefined;
  return formatIpv6(Buffer.from(value.buffer, value.byteOffset, 16), 0);
}

/** The bytes of a hardware address, `02:42:ac:11:00:02`; undefined where it is not one of Ethernet. */
export function formatMac(value: DataView | undefined): string | undefined {
  if (value?.byteLength !== 6) return undefined;
  return Array.from({ length: 6 }, (_, i) => value.getUint8(i).toString(16).padStart(2, '0')).join(':');
}
