// SPDX-License-Identifier: Apache-2.0
// A machine with a Docker Engine and a container on it, for a test that kills this process. Prints one JSON object.
import { Lab } from '../lab/index.ts';
import { DockerEngine } from './docker-engine.ts';
import { Machine } from './machine.ts';

const lab = await Lab.create({ nodes: [{ name: 'node1' }] });
const machine = await Machine.start(lab, 'node1');
const engine = await DockerEngine.start(machine);
await engine.docker('run', '-d', '--name', 'one', 'hopspan-test', 'sleep', '100000');
process.stdout.write(`${JSON.stringify({ folder: lab.folder, cgroup: machine.cgroup })}\n`);
setInterval(() => undefined, 60_000);
