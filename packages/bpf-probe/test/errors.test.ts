// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HopspanError } from '@hopspan/core';
import { requireCapabilities } from '../src/capabilities.ts';
import { checkStatus } from '../src/check-status.ts';
import { describeErrno, HopProbeError, type HopProbeErrorCode } from '../src/errors.ts';
import { HopProbe } from '../src/hop-probe.ts';
import { resolveInterfaces } from '../src/interfaces.ts';
import { requireKernel } from '../src/kernel-release.ts';
import type { LoadedProbe } from '../src/loaded-probe.ts';
import { readProbeObject, requireAddon } from '../src/native.ts';
import { PointTable } from '../src/point-table.ts';
import { loadObject } from '../src/probe-object.ts';
import type { ProbeSpec } from '../src/probe-spec.ts';
import { attachTcx } from '../src/tcx-attachment.ts';
import { fakeNative } from './fake-native.ts';

const noInterfaces = { nic: [], vport: [] };
const device = { ifindex: 2, ifname: 'eth0', hardwareType: 1, role: 'nic' } as const;

class RefusedObject {
  open = () => 0;
  setMaxEntries = () => 0;
  setVariable = () => 0;
  reuseMap = () => 0;
  setAutoload = () => 0;
  load = () => -13;
  mapFd = () => -2;
  programFd = () => -2;
  close = () => undefined;
}

const spec = { object: new Uint8Array(1), config: new Uint8Array(1), maxEntries: {} } as unknown as ProbeSpec;
const log = 'line 1\nline 2\nR1 invalid mem access\nprocessed 9 insns\n';

/** One way into each code, and what its message must tell: operation, what was found, what to do. */
const scenarios: Record<HopProbeErrorCode, { provoke: () => unknown; says: RegExp }> = {
  HOPSPAN_ERR_PLATFORM: {
    provoke: () => requireAddon('darwin', '/nowhere.node'),
    says: /load native addon: this is darwin; eBPF needs Linux\. Use FakeProbe/,
  },
  HOPSPAN_ERR_ADDON_MISSING: {
    provoke: () => requireAddon('linux', '/nowhere.node'),
    says: /looked for \/nowhere\.node, but there is no such file.*make -C packages\/bpf-probe/,
  },
  HOPSPAN_ERR_OBJECT_MISSING: {
    provoke: () => readProbeObject('/nowhere.o'),
    says: /cannot read \/nowhere\.o.*make -C packages\/bpf-probe/,
  },
  HOPSPAN_ERR_KERNEL_TOO_OLD: {
    provoke: () => requireKernel('2.6.78'),
    says: /check kernel: this is Linux 2\.6\.78; 6\.1 or newer is needed/,
  },
  HOPSPAN_ERR_NOT_PERMITTED: {
    provoke: () => requireCapabilities([{ name: 'CAP_BPF', why: 'to load', held: false }]),
    says: /start probe: this process lacks CAP_BPF \(to load\)\. Run it as root, or give it CAP_BPF/,
  },
  HOPSPAN_ERR_NO_SUCH_INTERFACE: {
    provoke: () => resolveInterfaces({ nic: ['eth9'], vport: [] }, [device]),
    says: /find interface: there is no interface 'eth9'.*nearest: eth0/,
  },
  HOPSPAN_ERR_TOO_MANY_POINTS: {
    provoke: () => new PointTable(1).add(device),
    says: /watch interface 'eth0': all 1 points are in use.*Raise maxPoints/,
  },
  HOPSPAN_ERR_LOAD: {
    provoke: () => loadObject(fakeNative({ ProbeObject: RefusedObject, takeLog: () => log }), spec),
    says: /load the BPF programs: EACCES \(.*\); libbpf says: line 2 \| R1 invalid mem access \| processed 9 insns/,
  },
  HOPSPAN_ERR_ATTACH: {
    provoke: () => {
      const native = fakeNative({ linkCreate: async () => -19, takeLog: () => '' });
      const probe = { programs: () => ({ ingress: { fd: 1 }, egress: { fd: 2 } }) } as unknown as LoadedProbe;
      return attachTcx({ native, probe, clsactPriority: 1 }, device, new PointTable(9).add(device));
    },
    says: /attach to tcx ingress of 'eth0': ENODEV/,
  },
  HOPSPAN_ERR_SYSTEM: {
    provoke: () => checkStatus({ takeLog: () => '' }, 'HOPSPAN_ERR_SYSTEM', 'count CPUs', -5),
    says: /count CPUs: EIO/,
  },
  HOPSPAN_ERR_STATE: {
    provoke: () => new HopProbe({ interfaces: noInterfaces }).setInterfaces(noInterfaces),
    says: /setInterfaces: this probe is new; it must be a running one/,
  },
};

describe('HopProbeError', () => {
  for (const [code, { provoke, says }] of Object.entries(scenarios)) {
    it(`${code} says what was done, what was found and what to do`, async () => {
      await assert.rejects(
        async () => provoke(),
        (error: HopProbeError) => {
          assert.ok(error instanceof HopProbeError && error instanceof HopspanError);
          assert.equal(error.code, code);
          assert.match(error.message, says);
          assert.equal(error.message.includes('\n'), false, 'one line');
          return true;
        },
      );
    });
  }

  it('keeps errno and the verifier log', () => {
    const native = fakeNative({ ProbeObject: RefusedObject, takeLog: () => log });
    assert.throws(
      () => loadObject(native, spec),
      (error: HopProbeError) => error.errno === 13 && error.verifierLog === log.trim(),
    );
  });

  it('blames missing rights for EPERM, whatever was done', () => {
    assert.throws(() => checkStatus({ takeLog: () => '' }, 'HOPSPAN_ERR_LOAD', 'load', -1), {
      code: 'HOPSPAN_ERR_NOT_PERMITTED',
      message: /load: EPERM .*user namespace.*seccomp/,
    });
  });
});

describe('checkStatus', () => {
  it('passes a good status on', () => {
    assert.equal(checkStatus({ takeLog: () => '' }, 'HOPSPAN_ERR_LOAD', 'load', 17), 17);
  });
});

describe('describeErrno', () => {
  it('names what it knows and numbers what it does not', () => {
    assert.match(describeErrno(2), /^ENOENT \(/);
    assert.equal(describeErrno(4007), 'errno 4007');
  });
});
