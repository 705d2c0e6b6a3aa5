#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds libbpf.a and libelf.a as position-independent code and prints the folder they are in.
#
# Debian's own archives are not position-independent, so they cannot go into a shared object; its
# source packages (with its security patches) can. The package lists are fetched into the cache by a
# private apt configuration: the system's is read, never changed, and nothing is installed.
#
# usage: build-libbpf.sh CACHE_FOLDER
set -eu

cache=$(mkdir -p "$1" && cd "$1" && pwd)

fail() {
	echo "build-libbpf: $1" >&2
	exit 1
}

# The version of a source package: of what is installed, else of what could be installed.
source_version() {
	dpkg-query -W -f '${source:Version}' "$1" 2>/dev/null && return
	apt-cache show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Version: //p'
}

# The system's Debian (or Ubuntu) archives as deb-src lines.
write_sources() {
	mkdir -p "$1"
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
		[ -f "$file" ] && grep -Eq '(debian|ubuntu)' "$file" || continue
		case $file in
		*.sources) sed 's/^Types:.*/Types: deb-src/' "$file" >"$1/${file##*/}" ;;
		*.list) sed -n 's/^deb \(.*\(debian\.org\|ubuntu\.com\).*\)/deb-src \1/p' "$file" >"$1/${file##*/}" ;;
		esac
	done
	# An archive of another vendor has no sources of these packages.
	find "$1" -type f ! -exec grep -Eq 'debian\.(org|net)|ubuntu\.com|[/.]debian' {} \; -delete
}

private_apt() {
	mkdir -p "$work/lists/partial" "$work/archives/partial"
	apt-get -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/sources" \
		-o Dir::State::lists="$work/lists" -o Dir::Cache="$work/archives" \
		-o APT::Sandbox::User=root "$@"
}

fetch() {
	write_sources "$work/sources"
	private_apt update >&2 || fail "cannot read the source package lists (apt-get update failed)"
	(cd "$work" && private_apt source "libbpf=$libbpf_version" "elfutils=$libelf_version" >&2) ||
		fail "cannot fetch the sources of libbpf $libbpf_version and elfutils $libelf_version"
}

# Only what libelf.a needs: no debuginfod, no compression but zlib.
build_libelf() {
	cd "$work"/elfutils-*/
	./configure --quiet --disable-debuginfod --disable-libdebuginfod --disable-nls \
		--without-bzlib --without-lzma --without-zstd CFLAGS='-O2 -g0 -fPIC -w' >&2
	make -s -j"$(nproc)" -C lib >&2
	make -s -j"$(nproc)" -C libelf libelf.a >&2
	mkdir -p "$stage/lib" "$stage/include"
	cp libelf/libelf.a "$stage/lib/"
	cp libelf/libelf.h libelf/gelf.h "$stage/include/"
}

build_libbpf() {
	mkdir -p "$work/libbpf-objects"
	make -s -j"$(nproc)" -C "$work"/libbpf-*/src BUILD_STATIC_ONLY=1 NO_PKG_CONFIG=1 \
		OBJDIR="$work/libbpf-objects" EXTRA_CFLAGS="-O2 -g0 -fPIC -I$stage/include" \
		DESTDIR="$stage" PREFIX= INCLUDEDIR=/include LIBDIR=/lib install install_uapi_headers >&2
}

libbpf_version=$(source_version libbpf-dev)
libelf_version=$(source_version libelf-dev)
[ -n "$libbpf_version" ] && [ -n "$libelf_version" ] ||
	fail "libbpf-dev and libelf-dev are unknown to apt: run 'apt-get update' first"
target="$cache/libbpf-$libbpf_version-libelf-$libelf_version-$(uname -m)"
if [ -f "$target/lib/libbpf.a" ]; then
	echo "$target"
	exit 0
fi

command -v dpkg-source >/dev/null || fail "dpkg-source is missing: apt-get install dpkg-dev"
work=$(mktemp -d "$cache/libbpf-build.XXXXXX")
trap 'rm -rf "$work"' EXIT
stage="$work/stage"
fetch
(build_libelf)
(build_libbpf)
# Moved into place whole, so that two builds at once and an interrupted one leave nothing half done.
mv -T "$stage" "$target" 2>/dev/null || [ -f "$target/lib/libbpf.a" ]
echo "$target"
