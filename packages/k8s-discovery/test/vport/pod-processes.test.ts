// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findPodProcesses, podUidOf } from '../../src/vport/pod-processes.ts';

const uid = '0c2f7a1e-4c1d-4f5b-9d0e-8a7b6c5d4e3f';
const low = uid.replaceAll('-', '_');
const id = 'a'.repeat(64);

describe('podUidOf', () => {
  for (const [name, text] of Object.entries({
    'cgroup v2, systemd, containerd': `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${low}.slice/cri-containerd-${id}.scope`,
    'cgroup v2, systemd, guaranteed': `0::/kubepods.slice/kubepods-pod${low}.slice/crio-${id}.scope`,
    'cgroup v2, cgroupfs': `0::/kubepods/besteffort/pod${uid}/${id}`,
    'cgroup v1': `12:pids:/kubepods/burstable/pod${uid}/${id}\n11:cpu:/kubepods/burstable/pod${uid}/${id}\n0::/`,
    'Docker under systemd': `1:name=systemd:/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${low}.slice/docker-${id}.scope`,
    'a kubelet in a container (kind)': `0::/../../kubelet/kubepods/pod${uid}/${id}`,
    'the pod itself': `0::/kubepods/pod${uid}`,
  }))
    it(`reads that of ${name}`, () => assert.equal(podUidOf(text), uid));

  it('reads that of a static pod, which has no dashes', () => {
    assert.equal(podUidOf(`0::/kubepods/pod${uid.replaceAll('-', '')}/${id}`), uid.replaceAll('-', ''));
  });

  it('finds none in other control groups', () => {
    for (const text of [
      '0::/',
      `0::/docker/${id}`,
      '0::/system.slice/podman.service',
      `0::/libpod-${id}.scope`,
      '',
    ])
      assert.equal(podUidOf(text), undefined, text);
  });
});

describe('findPodProcesses', () => {
  it('has the first process of each pod, and bears with those that end meanwhile', async () => {
    const proc = mkdtempSync(join(tmpdir(), 'hopspan-proc-'));
    const put = (pid: string, text?: string): void => {
      mkdirSync(`${proc}/${pid}`);
      if (text !== undefined) writeFileSync(`${proc}/${pid}/cgroup`, text);
    };
    put('1', '0::/init.scope\n');
    put('40', `0::/kubepods/pod${uid}/${id}\n`);
    put('41', `0::/kubepods/pod${uid}/${id}\n`);
    put('42');
    put('sys', `0::/kubepods/pod${uid}/${id}\n`);
    assert.deepEqual(await findPodProcesses(proc), new Map([[uid, 40]]));
    rmSync(proc, { recursive: true });
  });
});
