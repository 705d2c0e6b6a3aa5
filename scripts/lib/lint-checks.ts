// SPDX-License-Identifier: Apache-2.0
import { globSync } from 'node:fs';
import type { Check } from './checks.ts';
import { isOnPath } from './exec.ts';
import { repoRoot } from './paths.ts';

const clangFormat = 'clang-format-19';

/** All that is checked without running anything of ours. */
export function getLintChecks(): Check[] {
  return [
    { name: 'types', command: ['node_modules/.bin/tsc', '-b'] },
    {
      name: 'TypeScript and JSON: style and lint',
      command: ['node_modules/.bin/biome', 'ci', '--colors=off', '--error-on-warnings', '.'],
    },
    {
      name: 'C and C++: format',
      command: [clangFormat, '--dry-run', '--Werror', '--ferror-limit=1', ...findCFiles()],
      skipReason: () => (isOnPath(clangFormat) ? undefined : `${clangFormat} is not installed`),
    },
    { name: 'tsconfig.json files as generated', command: ['node', 'scripts/update-tsconfigs.ts', '--check'] },
    { name: 'kernel ABI as generated', command: ['make', '-s', '-C', 'packages/bpf-probe', 'check-abi'] },
  ];
}

/** What rewrites files so that the checks above hold, as far as a program can. */
export function getLintFixes(): Check[] {
  return [
    { name: 'TypeScript and JSON', command: ['node_modules/.bin/biome', 'check', '--write', '.'] },
    { name: 'C and C++', command: [clangFormat, '-i', ...findCFiles()] },
    { name: 'tsconfig.json files', command: ['node', 'scripts/update-tsconfigs.ts'] },
    { name: 'kernel ABI', command: ['make', '-s', '-C', 'packages/bpf-probe', 'abi'] },
  ];
}

function findCFiles(): string[] {
  return globSync(['bpf/**/*.{c,h}', 'packages/*/native/**/*.{cc,h}', 'test/**/*.{c,h}'], {
    cwd: repoRoot,
    exclude: (path) => path.includes('node_modules'),
  }).sort();
}
