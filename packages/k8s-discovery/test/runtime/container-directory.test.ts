// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ContainerDirectory, type ContainerRuntime, type RuntimeContainer } from '../../src/index.ts';
import { FakeNetwork, hostRoute, veth } from '../vport/fake-network.ts';

class FakeRuntime implements ContainerRuntime {
  readonly name = 'docker';
  containers: RuntimeContainer[] = [];
  failure: Error | undefined;
  closed = false;
  changed: () => void = () => undefined;

  async list(): Promise<readonly RuntimeContainer[]> {
    if (this.failure !== undefined) throw this.failure;
    return this.containers;
  }

  watch(onChange: () => void): void {
    this.changed = onChange;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

const container = (id: string, address: string): RuntimeContainer => ({
  ...{ id, name: `name of ${id}`, labels: {}, addresses: [address], hostNetwork: false },
});

function scene() {
  const network = new FakeNetwork([veth(5, 'veth5'), veth(6, 'veth6')]);
  network.routeList = [hostRoute('10.0.0.1', 5), hostRoute('10.0.0.2', 6)];
  const runtime = new FakeRuntime();
  runtime.containers = [container('a', '10.0.0.1')];
  return {
    network,
    runtime,
    directory: new ContainerDirectory({ runtimes: [runtime], network, intervalMillis: 60_000 }),
  };
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !holds(); i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(holds());
}

describe('ContainerDirectory', () => {
  it('knows whose a device is, and follows what the runtime says', async () => {
    const { runtime, directory } = scene();
    await directory.start();
    assert.deepEqual([directory.containerOf(5)?.name, directory.containerOf(6)], ['name of a', undefined]);
    runtime.containers.push(container('b', '10.0.0.2'));
    for (let i = 0; i < 20; i += 1) runtime.changed();
    await until(() => directory.containerOf(6)?.id === 'b');
    const { refreshes, containers_seen, vports_by_host_route } = directory.counters();
    assert.deepEqual([refreshes, containers_seen, vports_by_host_route], [2, 2, 2]);
    await directory.shutdown();
    assert.equal(runtime.closed, true);
  });

  it('keeps what a runtime said last when it fails, counts that, and goes on', async () => {
    const { runtime, directory } = scene();
    await directory.start();
    runtime.failure = new Error('away');
    await directory.refresh();
    assert.equal(directory.containerOf(5)?.id, 'a');
    assert.equal(directory.counters().refresh_errors, 1);
    runtime.failure = undefined;
    runtime.containers = [];
    await directory.refresh();
    assert.equal(directory.counters().refresh_errors, 1);
    await directory.shutdown();
  });

  it('starts without its runtime, which may come later', async () => {
    const { runtime, directory } = scene();
    runtime.failure = new Error('not yet');
    await directory.start();
    assert.equal(directory.containerOf(5), undefined);
    runtime.failure = undefined;
    runtime.changed();
    await until(() => directory.containerOf(5)?.id === 'a');
    await directory.shutdown();
  });

  it('still knows a container whose device has gone, for hops on their way', async () => {
    const { network, runtime, directory } = scene();
    await directory.start();
    network.linkList = [veth(6, 'veth6')];
    runtime.containers = [];
    await directory.refresh();
    assert.equal(directory.containerOf(5)?.id, 'a');
    await directory.shutdown();
  });

  it('tells what has no vport, and why', async () => {
    const { runtime, directory } = scene();
    runtime.containers.push(
      { ...container('h', '192.0.2.1'), hostNetwork: true },
      container('x', '10.9.9.9'),
    );
    await directory.start();
    assert.deepEqual(Object.fromEntries(directory.unwatched()), {
      host_network: ['name of h'],
      not_found: ['name of x'],
    });
    await directory.shutdown();
  });
});
