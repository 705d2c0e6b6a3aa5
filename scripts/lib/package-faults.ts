// SPDX-License-Identifier: Apache-2.0
import type { PackedPackage } from './pack.ts';
import type { PackageJson } from './workspaces.ts';

/** What the tarball of one package must hold besides what every one must. */
const needed: Readonly<Record<string, readonly RegExp[]>> = {
  '@hopspan/bpf-probe': [/^prebuilds\/linux-x64\/.+\.node$/, /^bpf\/.+\.bpf\.o$/],
};

/** Whether a file is in the working tree, by its path relative to the package's folder. */
export type HasSource = (path: string) => boolean;

/**
 * What is wrong with a package that is to be published, each in one line; publint looks at the rest.
 * @param version the one version of all packages
 */
export function findPackageFaults(packed: PackedPackage, version: string, hasSource: HasSource): string[] {
  const { manifest } = packed.workspace;
  return [
    ...findMissingFiles(packed),
    ...packed.files.flatMap((path) => findFileFault(path, hasSource) ?? []),
    ...findManifestFaults(manifest, version),
  ];
}

function findMissingFiles({ workspace, files }: PackedPackage): string[] {
  const patterns = [/^README\.md$/, /^LICENSE$/, ...(needed[workspace.manifest.name] ?? [])];
  return patterns
    .filter((pattern) => !files.some((path) => pattern.test(path)))
    .map((pattern) => `no file matches ${pattern.source}`);
}

function findFileFault(path: string, hasSource: HasSource): string | undefined {
  if (path.endsWith('binding.gyp')) return `${path} would make npm compile at install`;
  if (/(^|\/)test\//.test(path)) return `${path} is a test`;
  if (path.endsWith('.tsbuildinfo')) return `${path} is only for the compiler`;
  const source = /^dist\/(.+?)(\.d\.ts|\.js)$/.exec(path)?.[1];
  if (source !== undefined && !hasSource(`src/${source}.ts`))
    return `${path} is left of a source that is gone`;
  return undefined;
}

function findManifestFaults(manifest: PackageJson, version: string): string[] {
  const faults = ['preinstall', 'install', 'postinstall', 'prepare']
    .filter((script) => manifest.scripts?.[script] !== undefined)
    .map((script) => `package.json has a script '${script}'`);
  if (manifest.version !== version) faults.push(`version is ${manifest.version}, lerna.json says ${version}`);
  const own = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies });
  for (const [name, range] of own) {
    if (name.startsWith('@hopspan/') && range !== version)
      faults.push(`depends on ${name} ${range}, not ${version}`);
  }
  return faults;
}
