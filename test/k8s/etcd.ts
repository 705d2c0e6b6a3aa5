// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { ServerProcess } from '../e2e/backends/server.ts';
import { freePort } from './free-port.ts';

/** A running etcd, spoken to through its HTTP gateway. */
export class Etcd {
  readonly url: string;
  readonly #server: ServerProcess;

  private constructor(url: string, server: ServerProcess) {
    this.url = url;
    this.#server = server;
  }

  static async start(folder: string): Promise<Etcd> {
    const url = `http://127.0.0.1:${await freePort()}`;
    const peerUrl = `http://127.0.0.1:${await freePort()}`;
    const args = {
      'data-dir': join(folder, 'etcd'),
      'listen-client-urls': url,
      'advertise-client-urls': url,
      'listen-peer-urls': peerUrl,
      'initial-advertise-peer-urls': peerUrl,
      'initial-cluster': `default=${peerUrl}`,
      'log-level': 'error',
    };
    const server = await ServerProcess.start({
      name: 'etcd',
      binary: 'etcd',
      args: ['--unsafe-no-fsync', ...Object.entries(args).map(([name, value]) => `--${name}=${value}`)],
      isReady: async () => (await fetch(`${url}/health`)).ok,
      readyMillis: 120_000,
    });
    return new Etcd(url, server);
  }

  get pid(): number {
    return this.#server.pid;
  }

  /** Forgets all revisions but the last, as the API server has it done every five minutes. @returns the last one */
  async compact(): Promise<string> {
    const answer = (await this.#call('kv/range', { key: 'AA==' })) as { header: { revision: string } };
    const { revision } = answer.header;
    await this.#call('kv/compaction', { revision, physical: true });
    return revision;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async #call(path: string, body: object): Promise<unknown> {
    const response = await fetch(`${this.url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`etcd ${path}: ${response.status}: ${await response.text()}`);
    return response.json();
  }
}
