// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { EbpfHopsConfig } from '../config/schema.ts';
import { resolveDevices } from '../devices.ts';
import { describeError } from '../errors.ts';
import type { Platform, Probe } from '../platform.ts';
import { toProbeOptions } from '../probe-options.ts';
import type { Check } from './check.ts';

type PointCounters = ReturnType<Probe['pointCounters']>[number];

/** Attaches the probe for a while and looks whether every point sees packets. Leaves nothing attached. */
export async function watchPoints(
  config: EbpfHopsConfig,
  platform: Platform,
  millis: number,
): Promise<Check[]> {
  let probe: Probe | undefined;
  try {
    probe = platform.createProbe(toProbeOptions(config, resolveDevices(config, platform)));
    await probe.start({ onHops: () => undefined });
    await sleep(millis);
    return probe.pointCounters().map((point) => checkPoint(point, millis));
  } catch (error) {
    return [{ name: 'attach', ok: false, detail: describeError(error), mend: 'see the checks above' }];
  } finally {
    await probe?.shutdown();
  }
}

function checkPoint({ point, counters }: PointCounters, millis: number): Check {
  const seen = Object.values(counters).reduce((sum, value) => sum + value, 0);
  const name = `${point.ifname} ${point.hook}`;
  const detail = `${seen} packets in ${millis} ms, ${counters.sightings} with a sampled trace context`;
  if (seen > 0) return { name, ok: true, detail };
  const mend = `send requests through ${point.ifname} while watching; if there were some, another program may redirect the packets past this hook`;
  return { name, ok: false, detail, mend };
}
