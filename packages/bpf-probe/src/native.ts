// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { HopProbeError } from './errors.ts';

/** 0 or a file descriptor when it went well; −errno when it did not. */
export type Status = number;

/** One BPF object file (native/probe_object.cc). Descriptors belong to the object and close with it. */
export interface NativeProbeObject {
  open(file: Uint8Array): Status;
  /** Fills a global constant of .rodata. −ENOENT: there is none of that name; −EMSGSIZE: other size. */
  setVariable(name: string, value: Uint8Array): Status;
  setMaxEntries(map: string, entries: number): Status;
  /** Works on another object's map of the same shape instead of making one. */
  reuseMap(map: string, fd: number): Status;
  setAutoload(program: string, load: boolean): Status;
  load(): Status;
  mapFd(map: string): Status;
  programFd(program: string): Status;
  close(): void;
}

/** The rings of all CPUs (native/ring_set.cc). */
export interface NativeRingSet {
  /** `onReadable` runs on this thread whenever the kernel asks for a ring to be read. It must not throw. */
  open(ringFds: readonly number[], onReadable: () => void): Status;
  /**
   * Moves records out of the rings into `buffer` until that is full or they are empty; bytes written.
   * For each record: its length (u32), four zero bytes, the record padded to 8 bytes (at most 1016 of it).
   */
  drain(buffer: Uint8Array): number;
  close(): void;
}

/** Tells that something about the devices of this network namespace has changed (native/routing_socket.cc). */
export interface NativeLinkWatch {
  /** `onChange` runs on this thread; `lost`: the kernel had more to say than it could keep. It must not throw. */
  open(onChange: (lost: boolean) => void): Status;
  close(): void;
}

/** What the kernel says about a loaded program (struct bpf_prog_info). */
export interface ProgramInfo {
  readonly id: number;
  readonly type: number;
  readonly name: string;
  readonly verifiedInstructions: number;
  /** Both 0 unless kernel.bpf_stats_enabled is set. */
  readonly runTimeNs: number;
  readonly runCount: number;
}

/** Outcome of BPF_PROG_TEST_RUN. `status` is that of the system call, `returned` the program's. */
export interface RunResult {
  readonly status: Status;
  readonly returned: number;
  readonly durationNs: number;
  readonly dataSize: number;
}

/** A traffic control filter of any owner. */
export interface FilterInfo {
  readonly kind: string;
  readonly handle: number;
  readonly priority: number;
  /** 0 when it is not a BPF filter. */
  readonly programId: number;
  /** What whoever attached it called the program: libbpf its name and id, `hopspan_ingress:[42]`. */
  readonly programName: string;
}

/** Everything that is native: marshalling only, decisions are made in TypeScript. */
export interface NativeAddon {
  readonly ProbeObject: new () => NativeProbeObject;
  readonly RingSet: new () => NativeRingSet;
  readonly LinkWatch: new () => NativeLinkWatch;
  /** What libbpf has printed on this thread since the last call. */
  takeLog(): string;
  createRing(bytes: number): Status;
  /** Not on this thread: the kernel waits for a grace period, some 15 ms. */
  linkCreate(programFd: number, ifindex: number, attachType: number, flags: number): Promise<Status>;
  /** Likewise. */
  linkClose(fd: number): Promise<Status>;
  closeFd(fd: number): Status;
  /** The new descriptor belongs to the caller: `closeFd` does not know it. */
  dupFd(fd: number): Status;
  queryPrograms(ifindex: number, attachType: number): number[] | Status;
  programInfo(fd: number): ProgramInfo | Status;
  programInfoById(id: number): ProgramInfo | Status;
  testRun(fd: number, dataIn: Uint8Array, dataOut: Uint8Array | undefined, repeat: number): RunResult;
  runSyscall(fd: number, context: Uint8Array): RunResult;
  clsactCreate(ifindex: number): Status;
  clsactDestroy(ifindex: number): Status;
  filterAttach(
    ifindex: number,
    hook: number,
    handle: number,
    priority: number,
    programFd: number,
    replace: boolean,
  ): Status;
  filterDetach(ifindex: number, hook: number, handle: number, priority: number): Status;
  listFilters(ifindex: number, hook: number): FilterInfo[] | Status;
  monotonicNs(): bigint;
  realtimeNs(): bigint;
  /** Messages of the answer to a rtnetlink request for a dump, or for an acknowledged single answer. */
  routingRequest(message: Uint8Array): Uint8Array | Status;
  /** Names of an enum of the running kernel by value, from its BTF. */
  kernelEnum(name: string): Readonly<Record<number, string>> | Status;
  /**
   * From now on a thread that is asked drops every capability but these, as bits, and cannot gain any by executing a
   * file.
   */
  armDrop(keepLow: number, keepHigh: number): Status;
  disarmDrop(): Status;
  /** The status tells only that the thread was asked. */
  askToDrop(thread: number): Status;
  possibleCpus(): Status;
  pageSize(): number;
  waitForGracePeriod(): Status;
}

/** The package's own folder: `src` and `dist` are both one below it. */
const packageFolder = new URL('..', import.meta.url);

const addonPath = fileURLToPath(
  new URL(`prebuilds/linux-${process.arch}/hopspan-bpf-probe.node`, packageFolder),
);
const objectPath = fileURLToPath(new URL('bpf/hop_probe.bpf.o', packageFolder));

/** The same programs with every context; see bpf/hop_probe_contexts.bpf.c. */
export const contextsObjectPath: string = fileURLToPath(
  new URL('bpf/hop_probe_contexts.bpf.o', packageFolder),
);

/** The program that watches for dropped packets; see bpf/drop.bpf.c. */
export const dropObjectPath: string = fileURLToPath(new URL('bpf/drop.bpf.o', packageFolder));

let addon: NativeAddon | undefined;

/**
 * The addon, loaded at the first call, so that importing this package works everywhere.
 * @throws HopProbeError HOPSPAN_ERR_PLATFORM, HOPSPAN_ERR_ADDON_MISSING
 */
export function loadNative(): NativeAddon {
  addon ??= requireAddon(process.platform, addonPath);
  return addon;
}

/** @internal with its inputs as parameters, for tests */
export function requireAddon(platform: NodeJS.Platform, path: string): NativeAddon {
  if (platform !== 'linux') {
    throw new HopProbeError(
      'HOPSPAN_ERR_PLATFORM',
      `load native addon: this is ${platform}; eBPF needs Linux. Use FakeProbe of @hopspan/bpf-probe/testing to develop here.`,
    );
  }
  try {
    return createRequire(import.meta.url)(path) as NativeAddon;
  } catch (cause) {
    const reason = existsSync(path) ? `it does not load: ${String(cause)}` : 'there is no such file';
    throw new HopProbeError(
      'HOPSPAN_ERR_ADDON_MISSING',
      `load native addon: looked for ${path}, but ${reason}. Prebuilt for Linux on x64 with glibc 2.33 or newer; for others build it in a clone with 'make -C packages/bpf-probe'.`,
      { cause },
    );
  }
}

/**
 * The compiled BPF programs.
 * @throws HopProbeError HOPSPAN_ERR_OBJECT_MISSING
 */
export function readProbeObject(path: string = objectPath): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new HopProbeError(
      'HOPSPAN_ERR_OBJECT_MISSING',
      `read BPF object: cannot read ${path}. It is part of the published package; in a clone build it with 'make -C packages/bpf-probe'.`,
      { cause },
    );
  }
}
