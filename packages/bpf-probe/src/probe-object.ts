// SPDX-License-Identifier: Apache-2.0
import { endianness } from 'node:os';
import { checkStatus } from './check-status.ts';
import { PROBE_CONFIG } from './generated/abi.ts';
import { type LinkLayer, PROGRAM_NAMES } from './link-layer.ts';
import {
  contextsObjectPath,
  dropObjectPath,
  type NativeAddon,
  type NativeProbeObject,
  readProbeObject,
} from './native.ts';
import type { ResolvedProbeOptions } from './options.ts';
import type { ProbeSpec } from './probe-spec.ts';

/** Every map that the objects share; each has a configuration and later stages (tail calls) of its own. */
const MAPS = [
  'points',
  'counters',
  'hop_table',
  'tunnel_table',
  'connection_tags',
  'connections',
  'header_buffers',
  'openings',
  'works',
  'rings',
  'scratch',
  'sources',
  'other_sources',
  'cpu_budget',
  'flights',
  'trodden',
  'losses',
] as const;

/** Those that the program for dropped packets works on. */
const DROP_MAPS = ['counters', 'hop_table', 'tunnel_table', 'flights', 'losses'] as const;

const SWEEPERS = ['hopspan_sweep', 'hopspan_sweep_connections'];

/**
 * The compiled programs for these options: those that only look for traceparent, or those with every context.
 * @throws HopProbeError HOPSPAN_ERR_OBJECT_MISSING
 */
export function readObjectFor({
  contexts,
  traceState,
}: Pick<ResolvedProbeOptions, 'contexts' | 'traceState'>): Uint8Array {
  const plain = !traceState && contexts.length === 1 && contexts[0] === 'traceparent';
  return plain ? readProbeObject() : readProbeObject(contextsObjectPath);
}

/**
 * The maps, the sweeper, and the packet programs for devices with Ethernet headers.
 * @throws HopProbeError HOPSPAN_ERR_LOAD, HOPSPAN_ERR_NOT_PERMITTED
 */
export function loadObject(native: NativeAddon, spec: ProbeSpec): NativeProbeObject {
  return load(native, spec, (object, check) => {
    for (const [map, entries] of Object.entries(spec.maxEntries)) {
      check(`size map ${map}`, object.setMaxEntries(map, entries));
    }
    check('configure the BPF programs', object.setVariable('config', spec.config));
    leaveOut(object, check, Object.values(PROGRAM_NAMES.none));
  });
}

/** Which packet programs. */
export interface ProgramChoice {
  readonly linkLayer: LinkLayer;
  /** What the programs call themselves: 1 for a twin. */
  readonly copy: 0 | 1;
}

/**
 * Two packet programs more, on the maps of the first object.
 * @throws HopProbeError HOPSPAN_ERR_LOAD, HOPSPAN_ERR_NOT_PERMITTED
 */
export function loadMore(
  native: NativeAddon,
  spec: ProbeSpec,
  first: NativeProbeObject,
  { linkLayer, copy }: ProgramChoice,
): NativeProbeObject {
  const others = PROGRAM_NAMES[linkLayer === 'ethernet' ? 'none' : 'ethernet'];
  return load(native, spec, (object, check) => {
    for (const map of MAPS) check(`share map ${map}`, object.reuseMap(map, first.mapFd(map)));
    check('configure the BPF programs', object.setVariable('config', configOf(spec.config, copy)));
    leaveOut(object, check, [...SWEEPERS, ...Object.values(others)]);
  });
}

/**
 * The program for dropped packets, on the maps of the first object.
 * @throws HopProbeError HOPSPAN_ERR_LOAD, HOPSPAN_ERR_NOT_PERMITTED, HOPSPAN_ERR_OBJECT_MISSING
 */
export function loadDrop(native: NativeAddon, spec: ProbeSpec, first: NativeProbeObject): NativeProbeObject {
  const file = readProbeObject(dropObjectPath);
  return load(native, { ...spec, object: file }, (object, check) => {
    for (const map of DROP_MAPS) check(`share map ${map}`, object.reuseMap(map, first.mapFd(map)));
    check('configure the program for dropped packets', object.setVariable('config', spec.config));
  });
}

type Check = (operation: string, status: number) => number;

function leaveOut(object: NativeProbeObject, check: Check, programs: readonly string[]): void {
  for (const program of programs) check(`leave ${program} out`, object.setAutoload(program, false));
}

/** The copy's number: so a packet that a program and its twin see at one hook is not taken for a retransmission. */
function configOf(config: Uint8Array, copy: ProgramChoice['copy']): Uint8Array {
  const own = config.slice();
  new DataView(own.buffer).setUint32(PROBE_CONFIG.copy, copy, endianness() === 'LE');
  return own;
}

function load(
  native: NativeAddon,
  spec: ProbeSpec,
  prepare: (object: NativeProbeObject, check: Check) => void,
): NativeProbeObject {
  const object = new native.ProbeObject();
  const check: Check = (operation, status) => checkStatus(native, 'HOPSPAN_ERR_LOAD', operation, status);
  native.takeLog();
  try {
    check('open the BPF object', object.open(spec.object));
    prepare(object, check);
    check('load the BPF programs', object.load());
  } catch (error) {
    object.close();
    throw error;
  }
  return object;
}
