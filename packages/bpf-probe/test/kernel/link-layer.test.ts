// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { HopProbe } from '../../src/hop-probe.ts';
import { listInterfaces } from '../../src/interfaces.ts';
import { type LoadedProbe, loadProbe } from '../../src/loaded-probe.ts';
import { loadNative, readProbeObject } from '../../src/native.ts';
import { resolveProbeOptions } from '../../src/options.ts';
import { PointTable } from '../../src/point-table.ts';
import { createProbeSpec } from '../../src/probe-spec.ts';
import { attachTcx } from '../../src/tcx-attachment.ts';
import { ForeignProgram } from './foreign.ts';
import { removeLink, run, sendMalformed, until } from './network.ts';
import { enterPrivateNamespace } from './private-namespace.ts';

const skip = enterPrivateNamespace(import.meta.filename);
const TCX_INGRESS = 46;

describe('a device without Ethernet headers', { skip }, () => {
  let probe: HopProbe;
  before(() => {
    // Nobody reads this device; its egress hook sees the packets all the same.
    run('ip', 'tuntap', 'add', 'tun0', 'mode', 'tun');
    run('ip', 'address', 'add', '10.8.0.1/24', 'dev', 'tun0');
    run('ip', 'link', 'set', 'tun0', 'up');
  });
  after(() => removeLink('tun0'));

  it('is known by its hardware type', () => {
    assert.equal(listInterfaces().find(({ ifname }) => ifname === 'tun0')?.hardwareType, 65_534);
  });

  for (const attach of ['tcx', 'clsact'] as const) {
    describe(`by ${attach}`, () => {
      afterEach(() => probe.shutdown());

      it('gets the programs that expect none', async () => {
        probe = new HopProbe({ interfaces: { nic: ['tun0'], vport: [] }, attach });
        await probe.start({ onHops: () => undefined });
        await sendMalformed('10.8.0.2');
        await until('the packet is counted', () => (probe.counters().malformed ?? 0) === 1);
        assert.equal(probe.counters().other_protocol, 0, 'as what an address would be for an EtherType');
      });
    });
  }
});

describe('restoring the order on a device without Ethernet headers', { skip }, () => {
  const native = loadNative();
  let probe: LoadedProbe;
  let foreign: ForeignProgram;
  before(() => {
    run('ip', 'tuntap', 'add', 'tun1', 'mode', 'tun');
    const machine = { possibleCpus: native.possibleCpus(), pageSize: native.pageSize(), netns: 1 };
    const options = resolveProbeOptions({ interfaces: { nic: [], vport: [] } });
    probe = loadProbe(native, createProbeSpec(options, machine, readProbeObject()));
    foreign = new ForeignProgram(native);
  });
  after(() => {
    foreign.close();
    probe.close();
    removeLink('tun1');
  });

  it('takes turns with the twin that expects none either', async () => {
    const device = listInterfaces().find(({ ifname }) => ifname === 'tun1');
    assert.ok(device);
    const watched = { ...device, role: 'nic' } as const;
    const context = { native, probe, clsactPriority: 1 };
    const attachment = await attachTcx(context, watched, new PointTable(9).add(watched));
    const [first, twin] = [probe.programs('none').ingress.id, probe.twin('none').ingress.id];
    const expected = [twin, first];
    for (const ours of expected) {
      await foreign.overtake(device.ifindex);
      assert.equal(await attachment.restoreOrder(), 'restored');
      assert.deepEqual(native.queryPrograms(device.ifindex, TCX_INGRESS), [ours, foreign.id]);
      foreign.withdraw();
    }
    await attachment.detach();
  });
});
