// SPDX-License-Identifier: Apache-2.0
import { loadConfig } from '../config/load.ts';
import { areChecksOk, type Check, formatChecks } from '../doctor/check.ts';
import { checkDevices } from '../doctor/device-checks.ts';
import { checkEndpoints } from '../doctor/endpoint-checks.ts';
import { watchPoints } from '../doctor/watch-checks.ts';
import { ExitCode } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { Io } from './io.ts';
import type { CliOptions } from './options.ts';

/** Checks everything the agent needs and prints what it found; fails when a check does. */
export async function runDoctor(
  options: CliOptions,
  io: Io,
  getPlatform: () => Promise<Platform>,
): Promise<ExitCode> {
  const config = loadConfig({
    file: options.config,
    overrides: options.overrides,
    environment: io.environment().variables,
  });
  const platform = await getPlatform();
  const { config: receiver } = config.receiver;
  const checks: Check[] = [
    ...platform.checkSystem(),
    ...checkDevices(receiver, platform, io.environment().nodeAddress),
    ...(await checkEndpoints(config.exporters)),
    ...(options.watchMillis === undefined ? [] : await watchPoints(receiver, platform, options.watchMillis)),
  ];
  const ok = areChecksOk(checks);
  io.stdout(options.json ? `${JSON.stringify({ ok, checks })}\n` : formatChecks(checks));
  return ok ? ExitCode.ok : ExitCode.failure;
}
