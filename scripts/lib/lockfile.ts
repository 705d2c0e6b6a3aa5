// SPDX-License-Identifier: Apache-2.0
// A registry that lacks the packages of other platforms makes npm write a lockfile without them, and `npm ci`
// then refuses that lockfile. What is missing is known from the dependants: name, version and, by the naming
// habit of such packages, platform. An entry of these three is all that npm needs to skip it elsewhere.

/** The part of a package-lock.json (version 3) entry that matters here. */
export interface LockEntry {
  version?: string;
  resolved?: string;
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** A package-lock.json: entries by folder, the root's under the empty string. */
export interface Lockfile {
  lockfileVersion: number;
  packages: Record<string, LockEntry>;
}

/** An optional dependency that no entry satisfies. */
export interface MissingOptional {
  /** Folder of the entry that asks for it. */
  readonly dependant: string;
  readonly name: string;
  readonly range: string;
}

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];
const libraries: Readonly<Record<string, string>> = {
  musl: 'musl',
  gnu: 'glibc',
  gnueabihf: 'glibc',
};

/** Every optional dependency, named by any entry, that Node's lookup would not find among the entries. */
export function findMissingOptionals(lock: Lockfile): MissingOptional[] {
  return Object.entries(lock.packages).flatMap(([dependant, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !isFound(lock, dependant, name))
      .map(([name, range]) => ({ dependant, name, range })),
  );
}

/** The lockfile with an entry for each missing optional dependency, in npm's order of keys. */
export function completeLockfile(lock: Lockfile): Lockfile {
  const packages = { ...lock.packages };
  for (const missing of findMissingOptionals(lock)) {
    packages[`node_modules/${missing.name}`] = makeStub(missing, packages[missing.dependant]?.dev === true);
  }
  const keys = Object.keys(packages).sort((a, b) => a.localeCompare(b, 'en'));
  return { ...lock, packages: Object.fromEntries(keys.map((key) => [key, packages[key] as LockEntry])) };
}

function isFound(lock: Lockfile, dependant: string, name: string): boolean {
  for (let folder = dependant; ; folder = getParent(folder)) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in lock.packages) return true;
    if (folder === '') return false;
  }
}

function getParent(folder: string): string {
  const end = folder.lastIndexOf('/node_modules/');
  return end < 0 ? '' : folder.slice(0, end);
}

function makeStub({ dependant, name, range }: MissingOptional, dev: boolean): LockEntry {
  if (!/^\d+\.\d+\.\d+/.test(range)) {
    throw new Error(
      `${dependant} asks for ${name}@${range}: only an exact version can be entered without a registry`,
    );
  }
  const words = name.split(/[/@-]/);
  const os = words.filter((word) => systems.includes(word));
  const cpu = words.filter((word) => processors.includes(word));
  if (os.length === 0 || cpu.length === 0) {
    throw new Error(
      `cannot tell the platform of ${name} from its name: add its entry to package-lock.json by hand`,
    );
  }
  const libc = words.flatMap((word) => libraries[word] ?? []);
  return {
    version: range,
    cpu,
    ...(dev ? { dev } : {}),
    ...(libc.length > 0 ? { libc } : {}),
    optional: true,
    os,
  };
}
