// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync } from 'node:fs';
import { makeRootFileSystem } from './image.ts';
import { type Machine, until } from './machine.ts';

/** A Docker Engine with a folder, a socket, devices and iptables rules of its own, and an image called `hopspan-test`. */
export class DockerEngine {
  readonly endpoint: string;
  readonly #machine: Machine;

  private constructor(machine: Machine, endpoint: string) {
    this.#machine = machine;
    this.endpoint = endpoint;
  }

  static async start(machine: Machine): Promise<DockerEngine> {
    const folder = `${machine.folder}/docker`;
    mkdirSync(folder);
    const endpoint = `unix://${folder}/docker.sock`;
    const options = {
      'data-root': `${folder}/data`,
      'exec-root': `${folder}/exec`,
      host: endpoint,
      pidfile: `${folder}/pid`,
      'cgroup-parent': `/${machine.cgroup}`,
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const daemon = machine.spawn('dockerd', args);
    const engine = new DockerEngine(machine, endpoint);
    await until('dockerd answers', async () => {
      if (!daemon.running)
        throw new Error(`dockerd has ended:\n${daemon.stderr.lines.slice(-20).join('\n')}`);
      if (!existsSync(`${folder}/docker.sock`)) return undefined;
      return engine.docker('version').catch(() => undefined);
    });
    await engine.docker('import', makeRootFileSystem(folder), 'hopspan-test');
    return engine;
  }

  /** Runs the command line of Docker; its output. */
  async docker(...args: readonly string[]): Promise<string> {
    return (await this.#machine.run('docker', '--host', this.endpoint, ...args)).trim();
  }

  /** Builds an image out of a folder, by the builder that every version has. */
  async build(folder: string, name: string, args: Readonly<Record<string, string>>): Promise<void> {
    const settings = Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
    const command = ['docker', '--host', this.endpoint, 'build', '--tag', name, ...settings, folder];
    const builder = this.#machine.spawn('env', ['DOCKER_BUILDKIT=0', ...command]);
    const { code } = await builder.exited;
    if (code === 0) return;
    const said = [...builder.stdout.lines.slice(-5), ...builder.stderr.lines.slice(-5)].join('\n');
    throw new Error(`docker build ended with status ${code}: ${said}`);
  }

  /** What a container has written to standard error, by line. */
  async logs(name: string): Promise<string[]> {
    const script = 'docker --host "$1" logs "$2" 2>&1 >/dev/null';
    return (await this.#machine.run('sh', '-c', script, 'logs', this.endpoint, name)).split('\n');
  }
}
