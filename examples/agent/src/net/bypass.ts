// SPDX-License-Identifier: Apache-2.0
import type { PointReport } from '../telemetry/agent-counters.ts';

/** So much on one side of a device, and nothing on the other, is no chance: TCP with a pod goes both ways. */
const TELLING = 100;

/** What every segment with a payload is counted as, once; the rest counts what becomes of some of them. */
const SEGMENTS = [
  'sightings',
  'unsampled',
  'invalid_context',
  'duplicate_context',
  'no_context',
  'header_split',
  'header_beyond_window',
  'response',
  'tls',
  'http2',
  'not_http',
] as const;

/**
 * Vports that see the packets of one direction alone. Something takes those of the other past the host's side of the
 * veth: `bpf_redirect_peer`, as Cilium and Calico's eBPF data plane do it. Hops of these pods are missing, so it is said.
 */
export function findBypassed(points: readonly PointReport[]): string[] {
  const seen = new Map<string, { ingress: number; egress: number }>();
  for (const point of points) {
    if (point.role !== 'vport') continue;
    const device = seen.get(point.interface) ?? { ingress: 0, egress: 0 };
    device[point.hook] += SEGMENTS.reduce((sum, name) => sum + (point.counters[name] ?? 0), 0);
    seen.set(point.interface, device);
  }
  return [...seen].flatMap(([name, { ingress, egress }]) =>
    Math.min(ingress, egress) === 0 && Math.max(ingress, egress) >= TELLING ? name : [],
  );
}
