// SPDX-License-Identifier: Apache-2.0
// Loads the BPF objects as they are and prints what the verifier made of each program.
import { release } from 'node:os';
import { CONTEXT_FORMATS, type ContextFormat } from '../../../packages/bpf-probe/src/context-formats.ts';
import {
  contextsObjectPath,
  dropObjectPath,
  loadNative,
  readProbeObject,
} from '../../../packages/bpf-probe/src/native.ts';
import { resolveProbeOptions } from '../../../packages/bpf-probe/src/options.ts';
import { createProbeSpec } from '../../../packages/bpf-probe/src/probe-spec.ts';
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

function verify(file: Uint8Array, programs: readonly string[], config?: Uint8Array) {
  const object = new native.ProbeObject();
  const opened = object.open(file) || (config === undefined ? 0 : object.setVariable('config', config));
  const status = opened || object.load();
  const verified = programs.map((name) => {
    const info = native.programInfo(object.programFd(name));
    return { name, instructions: typeof info === 'number' ? info : info.verifiedInstructions };
  });
  object.close();
  return { status, verified };
}

const probe = verify(readProbeObject(), probePrograms);
const everyContext = resolveProbeOptions({
  interfaces: { nic: [], vport: [] },
  contexts: Object.keys(CONTEXT_FORMATS) as ContextFormat[],
  traceState: true,
});
const contextsFile = readProbeObject(contextsObjectPath);
const { config } = createProbeSpec(everyContext, { possibleCpus: 1, pageSize: 4096, netns: 0 }, contextsFile);
const contexts = verify(contextsFile, probePrograms, config);
const drop = verify(readProbeObject(dropObjectPath), ['hopspan_drop']);
say({
  step: 'programs',
  release: release(),
  status: probe.status || contexts.status || drop.status,
  verified: [
    ...probe.verified,
    ...contexts.verified.map(({ name, instructions }) => ({
      name: `${name} with every context`,
      instructions,
    })),
    ...drop.verified,
  ],
  log: native.takeLog(),
});
