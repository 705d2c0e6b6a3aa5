// SPDX-License-Identifier: Apache-2.0
import { isIPv6 } from 'node:net';

/**
 * The one text form of an address: RFC 5952 for IPv6, as hops have it. The API takes any form and gives it back as
 * it was written. What is no address stays as it is.
 */
export function canonicalAddress(address: string): string {
  if (!isIPv6(address) || address.includes('%')) return address;
  return URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1) ?? address;
}
