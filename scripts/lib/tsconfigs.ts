// SPDX-License-Identifier: Apache-2.0
// Three kinds of TypeScript project:
//   - a published workspace: src -> dist, and beside it its tests, which are only checked;
//   - everything that Node runs straight from .ts: only checked, its declarations go to .cache/types;
//   - the root, which builds all of them in order.
// References follow the dependencies of package.json, so that `tsc -b` knows what comes first.
import { posix } from 'node:path';
import { listWorkspaces, type Workspace } from './workspaces.ts';

/** What one tsconfig.json becomes; `references` are folders relative to the root. */
interface Project {
  readonly folder: string;
  readonly include: readonly string[];
  /** Whether src becomes dist; otherwise the project is only checked. */
  readonly emit: boolean;
  readonly references: readonly string[];
}

/** Folder of the scripts' shared modules: the only project that depends on no workspace. */
const scriptsLib = 'scripts/lib';

/** Paths relative to the root and the full text of every generated tsconfig.json. */
export function getTsconfigs(root: string): Map<string, string> {
  const projects = getProjects(listWorkspaces(root));
  const files = new Map(
    projects.map((project) => [`${project.folder}/tsconfig.json`, format(toConfig(project))]),
  );
  const references = projects
    .map(({ folder }) => ({ path: folder }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return files.set('tsconfig.json', format({ files: [], references }));
}

function getProjects(workspaces: readonly Workspace[]): Project[] {
  const folders = new Map(workspaces.map(({ path, manifest }) => [manifest.name, path]));
  return [
    { folder: scriptsLib, include: ['**/*.ts'], emit: false, references: [] },
    ...workspaces.flatMap((workspace) => getWorkspaceProjects(workspace, getReferences(workspace, folders))),
    {
      folder: 'scripts',
      include: ['*.ts'],
      emit: false,
      references: [scriptsLib, ...folders.values()],
    },
  ];
}

function getWorkspaceProjects({ path, manifest }: Workspace, references: string[]): Project[] {
  if (manifest.private) {
    return [
      {
        folder: path,
        include: ['**/*.ts'],
        emit: false,
        references: [scriptsLib, ...references],
      },
    ];
  }
  return [
    { folder: path, include: ['src/**/*.ts'], emit: true, references },
    { folder: `${path}/test`, include: ['**/*.ts'], emit: false, references: [path, ...references] },
  ];
}

function getReferences({ manifest }: Workspace, folders: ReadonlyMap<string, string>): string[] {
  const names = Object.keys({
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.peerDependencies,
  });
  return names.flatMap((name) => folders.get(name) ?? []);
}

function toConfig({ folder, include, emit, references }: Project): object {
  const up = posix.relative(folder, '.');
  const types = `${up}/.cache/types/${folder}`;
  const places = emit
    ? { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' }
    : {
        rootDir: '.',
        outDir: types,
        tsBuildInfoFile: `${types}/.tsbuildinfo`,
        emitDeclarationOnly: true,
        // Only what becomes .js needs its imports rewritten; these files import sources of other projects too.
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
      };
  return {
    extends: `${up}/tsconfig.base.json`,
    compilerOptions: places,
    include,
    ...(emit ? {} : { exclude: ['**/node_modules', '**/fixtures'] }),
    references: references.map((reference) => ({ path: posix.relative(folder, reference) })),
  };
}

const lineWidth = 110;

/** JSON as Biome writes it: lists on one line where they fit, objects of one key too. */
function format(value: object): string {
  return `${print(value, '', '')}\n`;
}

/** @param key what stands in front of the value on its line */
function print(value: unknown, indent: string, key: string): string {
  if (typeof value !== 'object' || value === null) return key + JSON.stringify(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((item) => print(item, inner, ''))
    : Object.entries(value).map(([name, item]) => print(item, inner, `${JSON.stringify(name)}: `));
  const line = isList ? `${key}[${parts.join(', ')}]` : `${key}{ ${parts.join(', ')} }`;
  const short = isList || parts.length === 1;
  if (short && !line.includes('\n') && indent.length + line.length <= lineWidth) return line;
  const [open, close] = isList ? '[]' : '{}';
  return `${key}${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}
