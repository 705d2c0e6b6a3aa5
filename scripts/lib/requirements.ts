// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { isOnPath } from './exec.ts';

/** A Debian package, and one thing it brings: a program by name or a file by absolute path. */
export interface Requirement {
  readonly package: string;
  readonly brings: string;
}

/** To build everything and to run the demo. */
export const baseRequirements: readonly Requirement[] = [
  { package: 'clang-19', brings: 'clang-19' },
  { package: 'llvm-19', brings: 'llvm-strip-19' },
  { package: 'g++', brings: 'g++' },
  { package: 'make', brings: 'make' },
  { package: 'dpkg-dev', brings: 'dpkg-source' },
  { package: 'xz-utils', brings: 'xz' },
  { package: 'libbpf-dev', brings: '/usr/include/bpf/bpf_helpers.h' },
  { package: 'libelf-dev', brings: '/usr/include/libelf.h' },
  { package: 'zlib1g-dev', brings: '/usr/include/zlib.h' },
  { package: 'iproute2', brings: 'ip' },
  { package: 'util-linux', brings: 'nsenter' },
  { package: 'procps', brings: 'sysctl' },
];

/** What tests and benchmarks need besides. A ring that needs more than these says so when it skips. */
export const testRequirements: readonly Requirement[] = [
  {
    package: 'libclang-rt-19-dev',
    brings: '/usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.asan-x86_64.a',
  },
  { package: 'clang-format-19', brings: 'clang-format-19' },
  { package: 'bpftool', brings: 'bpftool' },
  { package: 'ethtool', brings: 'ethtool' },
  { package: 'iptables', brings: 'iptables-save' },
  { package: 'nftables', brings: 'nft' },
  { package: 'haproxy', brings: 'haproxy' },
  { package: 'lua5.3', brings: 'lua5.3' },
  { package: 'nginx-light', brings: 'nginx' },
  { package: 'tcpdump', brings: 'tcpdump' },
  { package: 'conntrack', brings: 'conntrack' },
  { package: 'wrk', brings: 'wrk' },
];

/** To boot other kernels than the machine's. */
export const virtualMachineRequirements: readonly Requirement[] = [
  { package: 'qemu-system-x86', brings: 'qemu-system-x86_64' },
  { package: 'busybox-static', brings: '/bin/busybox' },
  { package: 'cpio', brings: 'cpio' },
  { package: 'kmod', brings: 'modprobe' },
  { package: 'wireguard-tools', brings: 'wg' },
];

/** To run an API server of Kubernetes. */
export const kubernetesRequirements: readonly Requirement[] = [
  { package: 'etcd-server', brings: 'etcd' },
  { package: 'openssl', brings: 'openssl' },
];

/** To run containers: they are started by the tests, in namespaces of their own, and by nobody else. */
export const containerRequirements: readonly Requirement[] = [
  { package: 'busybox-static', brings: '/bin/busybox' },
  { package: 'containerd', brings: 'containerd' },
  { package: 'containernetworking-plugins', brings: '/usr/lib/cni/bridge' },
  { package: 'docker.io', brings: 'dockerd' },
  { package: 'iptables', brings: 'iptables' },
  { package: 'runc', brings: 'runc' },
];

/** Those of the list whose program or file is not on this machine, whatever brought the others. */
export function findMissing(requirements: readonly Requirement[]): Requirement[] {
  return requirements.filter(
    ({ brings }) => !(brings.startsWith('/') ? existsSync(brings) : isOnPath(brings)),
  );
}
