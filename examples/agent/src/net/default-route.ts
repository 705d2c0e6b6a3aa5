// SPDX-License-Identifier: Apache-2.0

/**
 * The device of the best default route in the text of /proc/net/route (IPv4) or, where that has none, of
 * /proc/net/ipv6_route; undefined without one. The best is the route with the smallest metric.
 */
export function findDefaultRouteDevice(ipv4: string, ipv6: string): string | undefined {
  return pickBest(readIpv4(ipv4)) ?? pickBest(readIpv6(ipv6));
}

interface Route {
  readonly device: string;
  readonly metric: number;
}

/** RTF_UP and RTF_REJECT of linux/route.h. */
const flagUp = 0x1;
const flagReject = 0x200;

/** Iface Destination Gateway Flags RefCnt Use Metric Mask …; numbers in hex but for the metric. */
function readIpv4(text: string): Route[] {
  return text.split('\n').flatMap((line) => {
    const [device, destination, , flags, , , metric, mask] = line.trim().split(/\s+/);
    const isDefault = destination === '00000000' && mask === '00000000' && isUsable(flags);
    return isDefault && device !== undefined ? { device, metric: Number(metric) } : [];
  });
}

/** destination length source length next-hop metric refcount use flags device; all in hex. */
function readIpv6(text: string): Route[] {
  return text.split('\n').flatMap((line) => {
    const [destination, length, , , , metric, , , flags, device] = line.trim().split(/\s+/);
    const isDefault =
      destination !== undefined && /^0{32}$/.test(destination) && length === '00' && isUsable(flags);
    return isDefault && device !== undefined && device !== 'lo'
      ? { device, metric: Number.parseInt(metric ?? '0', 16) }
      : [];
  });
}

function isUsable(flags = '0'): boolean {
  const bits = Number.parseInt(flags, 16);
  return (bits & flagUp) !== 0 && (bits & flagReject) === 0;
}

function pickBest(routes: readonly Route[]): string | undefined {
  return routes.toSorted((a, b) => a.metric - b.metric)[0]?.device;
}
