// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { HopProbe } from '../../src/hop-probe.ts';
import { type LoadedProbe, loadProbe } from '../../src/loaded-probe.ts';
import { loadNative, readProbeObject } from '../../src/native.ts';
import { resolveProbeOptions } from '../../src/options.ts';
import { createProbeSpec } from '../../src/probe-spec.ts';
import { addVeth } from './network.ts';
import { enterPrivateNamespace } from './private-namespace.ts';

const skip = enterPrivateNamespace(import.meta.filename);
const TC_ACT_UNSPEC = 0xffff_ffff;

describe('the programs in the kernel', { skip }, () => {
  let probe: LoadedProbe;
  const options = resolveProbeOptions({ interfaces: { nic: [], vport: [] } });
  before(() => {
    const native = loadNative();
    const machine = { possibleCpus: native.possibleCpus(), pageSize: native.pageSize(), netns: 1 };
    probe = loadProbe(native, createProbeSpec(options, machine, readProbeObject()));
  });
  after(() => probe.close());

  it('are called by the names that a later start knows them by', () => {
    const { ingress, egress } = probe.programs('ethernet');
    assert.deepEqual([ingress.name, egress.name], ['hopspan_ingress', 'hopspan_egress']);
    assert.ok(ingress.verifiedInstructions > 0);
  });

  it('have a twin with other ids on the same maps', () => {
    const twin = probe.twin('ethernet');
    assert.notEqual(twin.ingress.id, probe.programs('ethernet').ingress.id);
    assert.equal(probe.twin('ethernet'), twin);
    const before = probe.counters.readIndex(0).unknown_point;
    loadNative().testRun(twin.ingress.fd, Buffer.alloc(64), undefined, 1);
    assert.equal(probe.counters.readIndex(0).unknown_point, before + 1);
  });

  it('come in another form for devices without Ethernet headers, on the same maps, with a twin', () => {
    const { ingress } = probe.programs('none');
    const twin = probe.twin('none');
    assert.equal(probe.programs('none').ingress, ingress);
    const ids = [ingress, twin.ingress, probe.programs('ethernet').ingress, probe.twin('ethernet').ingress];
    assert.equal(new Set(ids.map(({ id }) => id)).size, 4);
    for (const program of ids) assert.match(program.name, /^hopspan_ingress/);
    const before = probe.counters.readIndex(0).unknown_point;
    for (const { fd } of [ingress, twin.ingress]) loadNative().testRun(fd, Buffer.alloc(64), undefined, 1);
    assert.equal(probe.counters.readIndex(0).unknown_point, before + 2);
  });

  it('pass every packet on unchanged', () => {
    const packet = Buffer.from(Array.from({ length: 200 }, (_, i) => (i * 37) & 255));
    const out = Buffer.alloc(packet.length);
    const result = loadNative().testRun(probe.programs('ethernet').egress.fd, packet, out, 1);
    assert.deepEqual([result.status, result.returned, result.dataSize], [0, TC_ACT_UNSPEC, packet.length]);
    assert.deepEqual(out, packet);
  });

  it('are refused with the verifier log when the object is broken', () => {
    const native = loadNative();
    const spec = createProbeSpec(
      options,
      { possibleCpus: 1, pageSize: 4096, netns: 1 },
      Buffer.from('not an ELF file'),
    );
    assert.throws(() => loadProbe(native, spec), {
      code: 'HOPSPAN_ERR_LOAD',
      message: /open the BPF object/,
    });
  });
});

/** What this process holds of the kernel's. */
function descriptors(): string[] {
  return readdirSync('/proc/self/fd')
    .flatMap((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return []; // The descriptor that the folder itself was read by.
      }
    })
    .filter((target) => /bpf|eventpoll/.test(target))
    .sort();
}

describe('a probe that was shut down', { skip }, () => {
  it('leaves no descriptor behind, also when it did not get to start', async () => {
    const none = { interfaces: { nic: [], vport: [] }, allowNoInterfaces: true };
    const life = async (): Promise<void> => {
      const probe = new HopProbe(none);
      await probe.start({ onHops: () => undefined });
      await probe.shutdown();
      // Room for one device: the second makes the start fail when the first is attached already.
      const failing = new HopProbe({ interfaces: { nic: ['n0'], vport: ['n1'] }, maxPoints: 3 });
      await assert.rejects(failing.start({ onHops: () => undefined }), {
        code: 'HOPSPAN_ERR_TOO_MANY_POINTS',
      });
      // The event loop closes what it watched after the immediates of a turn.
      await new Promise(setImmediate);
      await new Promise(setImmediate);
    };
    addVeth('n0', 'n1');
    await life();
    const before = descriptors();
    for (let i = 0; i < 5; i += 1) await life();
    assert.deepEqual(descriptors(), before);
  });

  it('refuses to start again, and shuts down only once', async () => {
    const probe = new HopProbe({ interfaces: { nic: [], vport: [] }, allowNoInterfaces: true });
    await probe.start({ onHops: () => undefined });
    await assert.rejects(probe.start({ onHops: () => undefined }), { code: 'HOPSPAN_ERR_STATE' });
    assert.equal(probe.shutdown(), probe.shutdown());
    await probe.shutdown();
    await assert.rejects(probe.start({ onHops: () => undefined }), { code: 'HOPSPAN_ERR_STATE' });
    assert.equal(probe.counters().sightings, 0);
  });
});
