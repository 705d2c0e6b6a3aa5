// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';
import { endianness } from 'node:os';
import type { PointRole, TracingPoint } from '@hopspan/core';
import { HopProbeError } from './errors.ts';
import {
  HOOK_EGRESS,
  HOOK_INGRESS,
  POINT_CONFIG,
  POINT_KEY,
  ROLE_BOND,
  ROLE_BRIDGE,
  ROLE_NIC,
  ROLE_TUNNEL,
  ROLE_VPORT,
} from './generated/abi.ts';

/*
 * Maps through npm `bpf`. Sound for the ones here, whose values the kernel copies as they are: a hash, a
 * plain array, an array of maps. Never give it a per-CPU map: the kernel would copy a value for every
 * CPU, and that package makes room for one.
 */

type BpfModule = typeof import('bpf');

/** It loads an addon of its own, so it is not imported before it is needed. */
function bpfModule(): BpfModule {
  return createRequire(import.meta.url)('bpf') as BpfModule;
}

const LITTLE = endianness() === 'LE';

/** Which devices are tracing points. */
export interface PointsMap {
  set(point: TracingPoint): void;
  delete(point: TracingPoint): void;
  close(): void;
}

/** Rows of the counters map: CPU × max_points + index of the point. */
export interface CounterRows {
  read(row: number, into: Buffer): void;
  close(): void;
}

/** @param fd ownership passes on */
export function openPointsMap(fd: number): PointsMap {
  const bpf = bpfModule();
  const map = new bpf.RawMap(bpf.createMapRef(fd, { transfer: true }));
  return {
    set: (point) => void attempt('set tracing point', () => map.set(pointKey(point), pointConfig(point))),
    delete: (point) => void attempt('delete tracing point', () => map.delete(pointKey(point))),
    close: () => map.ref.close(),
  };
}

/** @param fd ownership passes on */
export function openCounterRows(fd: number): CounterRows {
  const bpf = bpfModule();
  const map = new bpf.RawArrayMap(bpf.createMapRef(fd, { transfer: true }));
  return {
    read: (row, into) => void attempt('read counters', () => map.get(row, 0, into)),
    close: () => map.ref.close(),
  };
}

/**
 * Makes the rings known to the programs, which hold them from then on.
 * @param fd the outer map; ownership passes on
 */
export function putRings(fd: number, ringFds: readonly number[]): void {
  const bpf = bpfModule();
  const map = new bpf.RawMap(bpf.createMapRef(fd, { transfer: true }));
  try {
    ringFds.forEach((ringFd, cpu) => {
      attempt('put ring', () => map.set(words(cpu), words(ringFd)));
    });
  } finally {
    map.ref.close();
  }
}

function attempt<T>(operation: string, access: () => T): T {
  try {
    return access();
  } catch (cause) {
    const { errno } = cause as { errno?: number };
    throw new HopProbeError('HOPSPAN_ERR_SYSTEM', `${operation}: ${String(cause)}`, {
      cause,
      ...(errno === undefined ? {} : { errno }),
    });
  }
}

function words(...values: readonly number[]): Buffer {
  return Buffer.from(Uint32Array.from(values).buffer);
}

function pointKey({ ifindex, hook }: TracingPoint): Buffer {
  const key = new DataView(new ArrayBuffer(POINT_KEY.size));
  key.setUint32(POINT_KEY.ifindex, ifindex, LITTLE);
  key.setUint32(POINT_KEY.hook, hook === 'ingress' ? HOOK_INGRESS : HOOK_EGRESS, LITTLE);
  return Buffer.from(key.buffer);
}

const ROLES: Readonly<Record<PointRole, number>> = {
  nic: ROLE_NIC,
  vport: ROLE_VPORT,
  bridge: ROLE_BRIDGE,
  tunnel: ROLE_TUNNEL,
  bond: ROLE_BOND,
};

function pointConfig({ index, role }: TracingPoint): Buffer {
  const value = new DataView(new ArrayBuffer(POINT_CONFIG.size));
  value.setUint16(POINT_CONFIG.index, index, LITTLE);
  value.setUint8(POINT_CONFIG.role, ROLES[role]);
  return Buffer.from(value.buffer);
}
