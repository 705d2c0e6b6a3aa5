// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabPod, LabProcess } from '@hopspan/test/lab/index.ts';
import { placement, spawnOn } from './placement.ts';
import { RESPONSE_BODY } from './response-body.ts';

const TRIES = 600;
const PAUSE_MILLIS = 50;

/**
 * nginx in the pod, which answers every request. Not a server of ours in Node: what that does between two
 * packets on the same CPU drives the taps and the programs, which are compared, out of its caches.
 * @param folder for its configuration and its process id
 */
export async function startServer(pod: LabPod, port: number, folder: string): Promise<LabProcess> {
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr;
events { worker_connections 64; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 1h;
  server { listen ${port}; location / { return 200 '${RESPONSE_BODY}'; } }
}
`,
  );
  const nginx = spawnOn(placement.traffic, pod, 'nginx', ['-p', folder, '-c', file, '-e', 'stderr']);
  for (let tries = 0; tries < TRIES; tries++) {
    if ((await pod.exec('bash', ['-c', `: > /dev/tcp/127.0.0.1/${port}`])).code === 0) return nginx;
    await sleep(PAUSE_MILLIS);
  }
  throw new Error('nginx does not listen');
}
