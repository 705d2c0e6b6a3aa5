// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { type OverlayOptions, resolveOverlay } from '../options.ts';
import { overlayKinds } from './kinds.ts';

const run = promisify(execFile);

/** Why this machine cannot have an overlay; undefined when it can. Takes root, and leaves nothing behind. */
export async function findOverlayObstacle(
  options: OverlayOptions,
  ipv6 = false,
): Promise<string | undefined> {
  const { type, underlay, vlans } = resolveOverlay(options);
  const { linkType, program } = overlayKinds[type];
  if (ipv6 && !existsSync('/proc/sys/net/ipv6')) return 'this kernel has no IPv6';
  for (const device of [linkType(underlay), vlans.length > 0 ? 'vlan' : undefined]) {
    if (device !== undefined && !(await hasDevice(device))) return `this kernel has no ${device} devices`;
  }
  if (program !== undefined && !(await succeeds('sh', ['-c', `command -v ${program}`]))) {
    return `${program} is not installed`;
  }
  return undefined;
}

/** Most types want options that are not given here: only one complaint tells that there is no such type. */
async function hasDevice(type: string): Promise<boolean> {
  const args = ['--net', 'ip', 'link', 'add', 'probe', 'type', type];
  const complaint = await run('unshare', args).then(
    () => '',
    (error: { stderr?: string }) => error.stderr ?? '',
  );
  return !/Unknown device type|Operation not supported/.test(complaint);
}

function succeeds(file: string, args: readonly string[]): Promise<boolean> {
  return run(file, args).then(
    () => true,
    () => false,
  );
}
