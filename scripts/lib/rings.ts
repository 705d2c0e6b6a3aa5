// SPDX-License-Identifier: Apache-2.0
import type { Check } from './checks.ts';
import { getLintChecks } from './lint-checks.ts';
import {
  containerRequirements,
  kubernetesRequirements,
  type Requirement,
  virtualMachineRequirements,
} from './requirements.ts';

/** A set of tests that need the same of the machine. */
export interface Ring {
  readonly name: string;
  /** What it shows, for the heading. */
  readonly title: string;
  /** Programs whose exit status is the verdict; run before the test files. */
  readonly getChecks?: () => readonly Check[];
  /** Patterns of its test files, */
  readonly files: readonly string[];
  /** and of those of them that belong to another ring. Default: none. */
  readonly except?: readonly string[];
  /** Files run one at a time, because they measure or rearrange the machine. */
  readonly serial: boolean;
  /** Whether it needs the programs of testRequirements. */
  readonly needsTools: boolean;
  /** What it needs besides. Default: nothing. */
  readonly requirements?: readonly Requirement[];
  /** After this long a file counts as hanging. */
  readonly timeoutMillis: number;
}

const minute = 60_000;

/** Tests of a package that load programs into the kernel. */
const kernelTests = 'packages/*/test/kernel/**/*.test.ts';

/** All rings, in the order in which they are run: the quick and telling ones first. */
export const rings: readonly Ring[] = [
  {
    name: 'lint',
    title: 'types, style, generated files',
    getChecks: getLintChecks,
    files: [],
    serial: true,
    needsTools: false,
    timeoutMillis: minute,
  },
  {
    name: 'unit',
    title: 'packages, examples and scripts, without root',
    files: [
      'packages/*/test/**/*.test.ts',
      'examples/*/test/**/*.test.ts',
      'benchmarks/test/**/*.test.ts',
      'test/workspace/**/*.test.ts',
    ],
    except: [kernelTests],
    serial: false,
    needsTools: false,
    timeoutMillis: 10 * minute,
  },
  {
    name: 'bpf',
    title: 'kernel code, on the host and through BPF_PROG_TEST_RUN',
    getChecks: () => [{ name: 'host-compiled C', command: ['make', '-s', '-C', 'bpf', 'test'] }],
    files: [kernelTests, 'test/bpf/**/*.test.ts'],
    serial: true,
    needsTools: true,
    timeoutMillis: 15 * minute,
  },
  {
    name: 'lab',
    title: 'nodes, pods and overlays out of network namespaces',
    files: ['test/integration/**/*.test.ts'],
    serial: true,
    needsTools: true,
    timeoutMillis: 20 * minute,
  },
  {
    name: 'package',
    title: 'the packages as users install them',
    files: ['test/package/**/*.test.ts'],
    serial: true,
    needsTools: false,
    timeoutMillis: 10 * minute,
  },
  {
    name: 'kernels',
    title: 'other kernels, under QEMU',
    files: ['test/kernels/**/*.test.ts'],
    serial: true,
    needsTools: true,
    requirements: virtualMachineRequirements,
    timeoutMillis: 60 * minute,
  },
  {
    name: 'runtime',
    title: 'containers of a real Docker Engine and a real containerd',
    files: ['test/runtime/**/*.test.ts'],
    serial: true,
    needsTools: true,
    requirements: containerRequirements,
    timeoutMillis: 10 * minute,
  },
  {
    name: 'e2e',
    title: 'real backends',
    files: ['test/e2e/**/*.test.ts'],
    serial: true,
    needsTools: true,
    timeoutMillis: 60 * minute,
  },
  {
    name: 'k8s',
    title: 'a real API server of Kubernetes',
    files: ['test/k8s/**/*.test.ts'],
    serial: true,
    needsTools: true,
    requirements: [...kubernetesRequirements, ...containerRequirements],
    timeoutMillis: 60 * minute,
  },
];
