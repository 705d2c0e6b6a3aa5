// SPDX-License-Identifier: Apache-2.0
// Loads the BPF object as it is and prints what the verifier made of each program.
import { release } from 'node:os';
import { loadNative, readProbeObject } from '../../../packages/bpf-probe/src/native.ts';
import { say } from './say.ts';

const programs = [
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
const object = new native.ProbeObject();
const status = object.open(readProbeObject()) || object.load();
const verified = programs.map((name) => {
  const info = native.programInfo(object.programFd(name));
  return { name, instructions: typeof info === 'number' ? info : info.verifiedInstructions };
});
say({ step: 'programs', release: release(), status, verified, log: native.takeLog() });
object.close();
