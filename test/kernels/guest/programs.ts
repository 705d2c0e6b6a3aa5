// SPDX-License-Identifier: Apache-2.0
// Loads the BPF objects as they are and prints what the verifier made of each program.
import { release } from 'node:os';
import { dropObjectPath, loadNative, readProbeObject } from '../../../packages/bpf-probe/src/native.ts';
import { say } from './say.ts';

const probePrograms = [
  'hopspan_ingress',
  'hopspan_egress',
  'hopspan_ingress_l3',
  'hopspan_egress_l3',
  'hopspan_requests',
  'hopspan_responses',
  'hopspan_sweep',
  'hopspan_sweep_connections',
];

const native = loadNative();

function verify(file: Uint8Array, programs: readonly string[]) {
  const object = new native.ProbeObject();
  const status = object.open(file) || object.load();
  const verified = programs.map((name) => {
    const info = native.programInfo(object.programFd(name));
    return { name, instructions: typeof info === 'number' ? info : info.verifiedInstructions };
  });
  object.close();
  return { status, verified };
}

const probe = verify(readProbeObject(), probePrograms);
const drop = verify(readProbeObject(dropObjectPath), ['hopspan_drop']);
say({
  step: 'programs',
  release: release(),
  status: probe.status || drop.status,
  verified: [...probe.verified, ...drop.verified],
  log: native.takeLog(),
});
