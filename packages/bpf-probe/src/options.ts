// SPDX-License-Identifier: Apache-2.0
import { type Clock, checkInteger, createClock, invalidOption } from '@hopspan/core';
import { nativeClockSource } from './clock-source.ts';
import { CONTEXT_FORMATS, type ContextFormat, isContextFormat } from './context-formats.ts';
import {
  CONNECTION_WAYS,
  CONTEXTS_MAX,
  HEADER_WAYS,
  HOP_WAYS,
  SEARCH_BYTES_MAX,
  VXLAN_PORTS_MAX,
} from './generated/abi.ts';
import { isGlob } from './glob.ts';

/** How programs are attached; `auto` tries tcx and falls back to clsact. */
export type AttachMode = 'auto' | 'tcx' | 'clsact';

/** Which devices are watched: names, or globs with `*` and `?`. */
export interface InterfaceOptions {
  /** The node's uplinks: where packets enter and leave the node. */
  nic: readonly string[];
  /** The host-side ends of the pods' veths. A device that matches both is a NIC. */
  vport: readonly string[];
}

/**
 * Which devices are tracing points besides NICs and vports. `two`: none. `all`: every bridge, tunnel device and bond
 * that is up. A list: these, by name or by glob with `*` and `?`.
 */
export type PointsOption = 'two' | 'all' | readonly string[];

/** Options of HopProbe. */
export interface HopProbeOptions {
  /** A name must exist; a glob may match nothing. */
  interfaces: InterfaceOptions;
  /** Which devices between those are tracing points, too. Default: 'two', none. */
  points?: PointsOption;
  /** Start also when no device matches. Default: false. */
  allowNoInterfaces?: boolean;
  /** Watch devices that match and come later, too. Default: true. */
  followInterfaces?: boolean;
  /** tcx needs Linux 6.6. Default: 'auto'. */
  attach?: AttachMode;
  /** Priority of the filters on the clsact path; the lowest runs first. Default: 1. */
  clsactPriority?: number;
  /** How much of a request's header is searched, in bytes, 64 to 8192. Default: 8192. */
  searchBytes?: number;
  /**
   * The headers in which a context may come; the first of them that is there and valid is followed. All but
   * `['traceparent']` make the search read every line of the header. Default: ['traceparent'].
   */
  contexts?: readonly ContextFormat[];
  /** Carry the tracestate of each request, up to 512 characters, to `context.traceState` of its hops. Default: false. */
  traceState?: boolean;
  /** Follow the responses to traced requests, too: hops of their own, with the status code. Default: true. */
  responses?: boolean;
  /** UDP destination ports that carry VXLAN, at most four. Default: [4789, 8472]. */
  vxlanPorts?: readonly number[];
  /** Messages that can be followed at once, rounded up to a power of two; 160 bytes each. Default: 8192. */
  tableSlots?: number;
  /**
   * Connections that can be remembered at once, at each device, because a response is awaited or a message goes on;
   * rounded up to a power of two, 904 bytes each. Default: 8192.
   */
  connectionSlots?: number;
  /** A connection that was quiet for this long is forgotten, in milliseconds. Default: 120000. */
  connectionIdleMillis?: number;
  /**
   * Request headers in several segments that can be put together at once; rounded up to a power of two, 16.3 KiB each.
   * Default: 64.
   */
  headerBuffers?: number;
  /** Size of the ring buffer of each CPU in bytes, a power of two of whole pages. Default: 262144. */
  ringBytes?: number;
  /** Devices × 2 that can be watched; 768 bytes for each CPU and point. Default: 512. */
  maxPoints?: number;
  /** A message that was not seen again for this long is given up, in milliseconds. Default: 1000. */
  pathTimeoutMillis?: number;
  /** A finished message is remembered this long, to know late copies of it, in milliseconds. Default: 5000. */
  lingerMillis?: number;
  /** New messages a second that are followed for one source address; 0: no limit. Default: 10000. */
  maxSourceRate?: number;
  /** New messages a second that are followed on one CPU, whoever sends them; 0: no limit. Default: 50000. */
  maxCpuRate?: number;
  /** Report messages that go no further. Default: true. */
  lostMessages?: boolean;
  /**
   * Load at start every program that may be needed later, some 0.1 s for each kind. Then the probe goes on with
   * CAP_NET_ADMIN alone: see dropCapabilities. Default: false.
   */
  loadAhead?: boolean;
  /** How often the rings are read, in milliseconds; a ring that is a quarter full is read at once. Default: 100. */
  pollIntervalMillis?: number;
  /** How often it is checked that our programs still run first, in milliseconds. Default: 10000. */
  orderCheckIntervalMillis?: number;
  /** Dates the hops. Default: a clock on nativeClockSource. */
  clock?: Clock;
}

/** Options with every default filled in, checked. */
export type ResolvedProbeOptions = Readonly<Required<HopProbeOptions>>;

/** The defaults of HopProbe; `interfaces` has none. */
export function getHopProbeDefaults(): Required<Omit<HopProbeOptions, 'interfaces' | 'clock'>> {
  return {
    points: 'two',
    allowNoInterfaces: false,
    followInterfaces: true,
    attach: 'auto',
    clsactPriority: 1,
    searchBytes: 8192,
    contexts: ['traceparent'],
    traceState: false,
    responses: true,
    vxlanPorts: [4789, 8472],
    tableSlots: 8192,
    connectionSlots: 8192,
    connectionIdleMillis: 120_000,
    headerBuffers: 64,
    ringBytes: 262_144,
    maxPoints: 512,
    pathTimeoutMillis: 1000,
    lingerMillis: 5000,
    maxSourceRate: 10_000,
    maxCpuRate: 50_000,
    lostMessages: true,
    loadAhead: false,
    pollIntervalMillis: 100,
    orderCheckIntervalMillis: 10_000,
  };
}

const RANGES = {
  clsactPriority: { min: 1, max: 0xffff },
  searchBytes: { min: 64, max: SEARCH_BYTES_MAX },
  tableSlots: { min: HOP_WAYS, max: 2 ** 24 },
  connectionSlots: { min: CONNECTION_WAYS, max: 2 ** 22 },
  connectionIdleMillis: { min: 1, max: 86_400_000 },
  headerBuffers: { min: HEADER_WAYS, max: 4096 },
  ringBytes: { min: 4096, max: 2 ** 28 },
  maxPoints: { min: 3, max: 0xffff },
  pathTimeoutMillis: { min: 1, max: 3_600_000 },
  lingerMillis: { min: 0, max: 3_600_000 },
  maxSourceRate: { min: 0, max: 10_000_000 },
  maxCpuRate: { min: 0, max: 10_000_000 },
  pollIntervalMillis: { min: 1, max: 60_000 },
  orderCheckIntervalMillis: { min: 10, max: 3_600_000 },
} as const;

/**
 * Fills in the defaults and checks every option.
 * @throws HopspanError HOPSPAN_ERR_INVALID_OPTION
 */
export function resolveProbeOptions(options: HopProbeOptions): ResolvedProbeOptions {
  const defaults = getHopProbeDefaults();
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const merged = { ...defaults, ...(Object.fromEntries(given) as unknown as HopProbeOptions) };
  for (const [name, range] of Object.entries(RANGES)) {
    checkInteger('HopProbe', name, merged[name as keyof typeof RANGES] as number, range);
  }
  checkInterfaces(merged.interfaces);
  checkChoices(merged);
  return {
    ...merged,
    tableSlots: powerOfTwo(merged.tableSlots),
    connectionSlots: powerOfTwo(merged.connectionSlots),
    headerBuffers: powerOfTwo(merged.headerBuffers),
    clock: merged.clock ?? createClock({ source: nativeClockSource }),
  } as ResolvedProbeOptions;
}

/** At least `count`. */
function powerOfTwo(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}

function checkContexts(contexts: unknown): void {
  const given: readonly unknown[] = Array.isArray(contexts) ? contexts : [];
  const known = given.every(isContextFormat);
  if (!known || given.length === 0 || given.length >= CONTEXTS_MAX || new Set(given).size < given.length) {
    const wanted = `a list of ${Object.keys(CONTEXT_FORMATS).join(', ')}, each at most once`;
    throw invalidOption(
      'HopProbe',
      'contexts',
      Array.isArray(contexts) ? given.join(', ') : contexts,
      wanted,
    );
  }
}

function checkChoices(options: HopProbeOptions): void {
  const { points, attach, vxlanPorts, ringBytes, responses, traceState } = options;
  checkContexts(options.contexts);
  if (typeof traceState !== 'boolean') {
    throw invalidOption('HopProbe', 'traceState', traceState, 'true or false');
  }
  if (typeof responses !== 'boolean') {
    throw invalidOption('HopProbe', 'responses', responses, 'true or false');
  }
  if (typeof options.loadAhead !== 'boolean') {
    throw invalidOption('HopProbe', 'loadAhead', options.loadAhead, 'true or false');
  }
  if (points !== 'two' && points !== 'all' && !isNameList(points)) {
    throw invalidOption('HopProbe', 'points', points, "'two', 'all' or a list of interface names or globs");
  }
  if (!['auto', 'tcx', 'clsact'].includes(attach as string)) {
    throw invalidOption('HopProbe', 'attach', attach, "'auto', 'tcx' or 'clsact'");
  }
  if (!Number.isInteger(Math.log2(ringBytes as number))) {
    throw invalidOption('HopProbe', 'ringBytes', ringBytes, 'a power of two');
  }
  const ports: readonly unknown[] = Array.isArray(vxlanPorts) ? vxlanPorts : [Number.NaN];
  if (ports.length > VXLAN_PORTS_MAX) {
    throw invalidOption('HopProbe', 'vxlanPorts', ports.join(', '), `at most ${VXLAN_PORTS_MAX} ports`);
  }
  for (const port of ports) checkInteger('HopProbe', 'vxlanPorts', port as number, { min: 1, max: 0xffff });
}

/** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
export function checkInterfaces(interfaces: InterfaceOptions | undefined): void {
  for (const role of ['nic', 'vport'] as const) {
    const names: unknown = interfaces?.[role];
    if (!isNameList(names)) {
      throw invalidOption('HopProbe', `interfaces.${role}`, names, 'a list of interface names or globs');
    }
  }
  const { nic, vport } = interfaces as InterfaceOptions;
  const twice = vport.find((name) => !isGlob(name) && nic.includes(name));
  if (twice !== undefined)
    throw invalidOption('HopProbe', 'interfaces.vport', twice, 'different from interfaces.nic');
}

function isNameList(names: unknown): boolean {
  return Array.isArray(names) && names.every((name) => typeof name === 'string' && name !== '');
}
