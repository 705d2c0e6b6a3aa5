// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PodVports, type PodVportsOptions, type VportPod } from '../../src/index.ts';
import { FakeNetwork, hostRoute, veth } from './fake-network.ts';

const pod = (uid: string, address: string, more: Partial<VportPod> = {}): VportPod => ({
  ...{ uid, namespace: 'shop', name: uid, addresses: address === '' ? [] : [address], hostNetwork: false },
  ...more,
});

function scene(options: Partial<PodVportsOptions> = {}) {
  const network = new FakeNetwork([veth(5, 'cali1'), veth(6, 'veth6', { linkNamespace: 4 })]);
  network.routeList = [hostRoute('10.0.0.1', 5)];
  const state = {
    pods: [pod('a', '10.0.0.1')],
    changed: (): void => undefined,
    watching: false,
    changes: 0,
  };
  const source = {
    pods: () => state.pods,
    watchPods: (listener: () => void) => {
      state.changed = listener;
      state.watching = true;
      return () => {
        state.watching = false;
      };
    },
  };
  const onChange = (): void => {
    state.changes += 1;
  };
  return {
    network,
    state,
    vports: new PodVports({ source, network, onChange, recheckMillis: 60_000, ...options }),
  };
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !holds(); i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(holds());
}

describe('PodVports', () => {
  it('follows the pods, and tells when their devices have changed', async () => {
    const { network, state, vports } = scene();
    await vports.start();
    assert.deepEqual([vports.podOf(5), vports.devices(), state.changes], ['a', ['cali1'], 1]);
    network.linkList.push(veth(7, 'cali2'));
    network.routeList.push(hostRoute('10.0.0.2', 7));
    state.pods = [...state.pods, pod('b', '10.0.0.2')];
    for (let i = 0; i < 50; i += 1) state.changed();
    await until(() => vports.podOf(7) === 'b');
    assert.deepEqual([state.changes, network.reads.links], [2, 2], 'a burst is one look');
    await vports.shutdown();
    assert.equal(state.watching, false);
  });

  it('leaves out pods that have ended, and names those without a vport', async () => {
    const { state, vports } = scene();
    state.pods = [
      pod('a', '10.0.0.1', { ended: true }),
      pod('h', '192.0.2.1', { hostNetwork: true }),
      pod('n', ''),
      pod('x', '10.9.9.9'),
    ];
    await vports.start();
    assert.deepEqual(Object.fromEntries(vports.unwatched()), {
      no_address: ['shop/n'],
      host_network: ['shop/h'],
      not_found: ['shop/x'],
    });
    await vports.shutdown();
  });

  it('looks again for what it did not find', async () => {
    const { network, state, vports } = scene({ recheckMillis: 10 });
    state.pods = [pod('late', '10.0.0.9')];
    await vports.start();
    assert.deepEqual(vports.get('late'), { reason: 'not_found' });
    network.routeList.push(hostRoute('10.0.0.9', 6));
    await until(() => vports.podOf(6) === 'late');
    const reads = network.reads.links;
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(network.reads.links, reads, 'and not when there is nothing to find');
    await vports.shutdown();
  });

  it('asks the runtime for a process when nothing cheaper has found the device', async () => {
    let asked = 0;
    const runtime = {
      name: 'cri' as const,
      list: async () => {
        asked += 1;
        const container = { id: 's', name: 'b', labels: {}, addresses: [], hostNetwork: false, pid: 100 };
        return [{ ...container, pod: { uid: 'b', name: 'b', namespace: 'shop' } }];
      },
      close: async () => undefined,
    };
    const { network, state, vports } = scene({ runtime });
    network.namespaces.set(100, 4);
    await vports.start();
    assert.equal(asked, 0);
    state.pods = [...state.pods, pod('b', '10.0.0.2')];
    await vports.refresh();
    assert.deepEqual([asked, vports.podOf(6)], [1, 'b']);
    await vports.shutdown();
  });

  it('counts a runtime that fails, and what the network cannot tell', async () => {
    const failing = async () => {
      throw new Error('away');
    };
    const { network, state, vports } = scene({
      runtime: { name: 'cri', list: failing, close: async () => undefined },
    });
    state.pods = [pod('b', '10.0.0.2')];
    await vports.start();
    assert.equal(vports.counters().process_lookup_errors, 1);
    network.links = () => {
      throw new Error('no netlink');
    };
    await vports.refresh();
    assert.equal(vports.counters().vport_errors, 1);
    await vports.shutdown();
  });
});
