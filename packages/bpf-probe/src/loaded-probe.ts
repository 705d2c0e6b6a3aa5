// SPDX-License-Identifier: Apache-2.0
import type { Hook } from '@hopspan/core';
import { openCounterRows, openPointsMap, type PointsMap, putRings } from './bpf-maps.ts';
import { checkStatus } from './check-status.ts';
import { CounterReader } from './counter-reader.ts';
import { type DropWatch, watchDrops } from './drop-watch.ts';
import { HopProbeError } from './errors.ts';
import { LINK_LAYERS, type LinkLayer, PROGRAM_NAMES } from './link-layer.ts';
import type { NativeAddon, NativeProbeObject, ProgramInfo } from './native.ts';
import { loadMore, loadObject, type ProgramChoice } from './probe-object.ts';
import type { ProbeSpec } from './probe-spec.ts';

/** A program in the kernel. */
export interface LoadedProgram extends Pick<ProgramInfo, 'id' | 'name' | 'verifiedInstructions'> {
  readonly fd: number;
}

export type ProgramPair = Readonly<Record<Hook, LoadedProgram>>;

/**
 * The programs and maps in the kernel, attached nowhere. All of it is freed by `close()`, and by the
 * kernel when the process dies.
 */
export interface LoadedProbe {
  /** Those for devices without Ethernet headers are loaded when they are first asked for. */
  programs(linkLayer: LinkLayer): ProgramPair;
  /**
   * A second copy of the programs on the same maps, loaded when it is first asked for. A hook takes a
   * program only once, so without a copy there would be a moment at which none of ours is there.
   */
  twin(linkLayer: LinkLayer): ProgramPair;
  /** Loads both for every kind of device, as far as the way of attaching has a use for them. */
  loadAhead(tcx: boolean): void;
  /** What tells of dropped packets; undefined where this kernel cannot, or nobody asked. */
  watchDrops(): Promise<DropWatch | undefined>;
  readonly sweepFd: number;
  readonly sweepConnectionsFd: number;
  readonly ringFds: readonly number[];
  readonly points: PointsMap;
  readonly counters: CounterReader;
  close(): void;
}

/**
 * Loads the spec into the kernel: all of it, or nothing stays.
 * @throws HopProbeError HOPSPAN_ERR_LOAD, HOPSPAN_ERR_NOT_PERMITTED, HOPSPAN_ERR_SYSTEM
 */
export function loadProbe(native: NativeAddon, spec: ProbeSpec): LoadedProbe {
  const undo: (() => void)[] = [];
  try {
    return load(native, spec, undo);
  } catch (error) {
    runAll(undo);
    throw error;
  }
}

function load(native: NativeAddon, spec: ProbeSpec, undo: (() => void)[]): LoadedProbe {
  const keep = <T extends { close(): void }>(owned: T): T => {
    undo.push(() => owned.close());
    return owned;
  };
  const object = keep(loadObject(native, spec));
  const ringFds = createRings(native, spec, undo);
  putRings(dupMap(native, object, 'rings'), ringFds);
  const points = keep(openPointsMap(dupMap(native, object, 'points')));
  const rows = openCounterRows(dupMap(native, object, 'counters'));
  const counters = keep(new CounterReader(rows, spec.possibleCpus, spec.maxPoints));
  const more = new Map<string, ProgramPair>();
  const loadOnce = (choice: ProgramChoice): ProgramPair => {
    const key = `${choice.linkLayer} ${choice.copy}`;
    const pair = more.get(key) ?? programsOf(native, keep(loadMore(native, spec, object, choice)), choice);
    more.set(key, pair);
    return pair;
  };
  const first = programsOf(native, object, { linkLayer: 'ethernet' });
  const programs = (linkLayer: LinkLayer) =>
    linkLayer === 'ethernet' ? first : loadOnce({ linkLayer, copy: 0 });
  const twin = (linkLayer: LinkLayer) => loadOnce({ linkLayer, copy: 1 });
  return {
    programs,
    twin,
    loadAhead: (tcx) => {
      for (const linkLayer of LINK_LAYERS) {
        programs(linkLayer);
        if (tcx) twin(linkLayer);
      }
    },
    watchDrops: async () => {
      const watch = await watchDrops(native, spec, object);
      return watch && keep(watch);
    },
    sweepFd: found('hopspan_sweep', object.programFd('hopspan_sweep')),
    sweepConnectionsFd: found('hopspan_sweep_connections', object.programFd('hopspan_sweep_connections')),
    ringFds,
    points,
    counters,
    close: () => runAll(undo),
  };
}

/** In reverse, and each of them once. */
function runAll(undo: (() => void)[]): void {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) step();
}

function createRings(native: NativeAddon, spec: ProbeSpec, undo: (() => void)[]): number[] {
  return Array.from({ length: spec.possibleCpus }, () => {
    const status = native.createRing(spec.ringBytes);
    const fd = checkStatus(native, 'HOPSPAN_ERR_LOAD', `create a ring of ${spec.ringBytes} bytes`, status);
    undo.push(() => void native.closeFd(fd));
    return fd;
  });
}

function dupMap(native: NativeAddon, object: NativeProbeObject, map: string): number {
  return checkStatus(native, 'HOPSPAN_ERR_LOAD', `open map ${map}`, native.dupFd(object.mapFd(map)));
}

function programsOf(
  native: NativeAddon,
  object: NativeProbeObject,
  { linkLayer }: Pick<ProgramChoice, 'linkLayer'>,
): ProgramPair {
  const programOf = (name: string): LoadedProgram => {
    const fd = found(name, object.programFd(name));
    const info = native.programInfo(fd);
    if (typeof info === 'number') throw missing(name, info);
    return { fd, id: info.id, name: info.name, verifiedInstructions: info.verifiedInstructions };
  };
  const { ingress, egress } = PROGRAM_NAMES[linkLayer];
  return { ingress: programOf(ingress), egress: programOf(egress) };
}

function found(program: string, status: number): number {
  if (status < 0) throw missing(program, status);
  return status;
}

function missing(program: string, status: number): HopProbeError {
  return new HopProbeError(
    'HOPSPAN_ERR_LOAD',
    `find program ${program}: the BPF object has none. It does not belong to this version; rebuild it.`,
    { errno: -status },
  );
}
