// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import * as go from '../../go/build.ts';
import type { BackendName } from './errors.ts';

const folderOf = (name: BackendName) => join(import.meta.dirname, name);

const PROGRAMS: Readonly<Record<BackendName, go.GoProgram>> = {
  jaeger: { name: 'jaeger', folder: folderOf('jaeger'), target: '.', sources: ['main.go'] },
  tempo: { name: 'tempo', folder: folderOf('tempo'), target: 'github.com/grafana/tempo/cmd/tempo' },
};

export type { BuildOptions } from '../../go/build.ts';

/**
 * Builds a backend unless the same has been built before.
 * @returns the path of the binary
 * @throws GoBuildError
 */
export function buildBackend(name: BackendName, options: go.BuildOptions = {}): Promise<string> {
  return go.buildGoProgram(PROGRAMS[name], options);
}

/** Why the backends cannot be built here; undefined when they can. */
export function goAvailable(): string | undefined {
  return go.goAvailable(folderOf('jaeger'));
}

if (import.meta.main) await go.buildFromCommandLine(PROGRAMS, process.argv.slice(2));
