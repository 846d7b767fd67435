#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# foreign-kernel.sh NAME...: get Debian's kernels for make-cases.py, the busybox for them, and build the
# module. Names: arm64 arm s390 ppc64 i386 mips mips64 riscv deb510 deb61 deb612. apt gets lists of its own, in
# the cache; nothing is installed. Leaves OD_LAB_CACHE/NAME/{kernel,busybox,module/}. OD_LAB_NO_MODULE=1:
# no modules.
# Cross compilers: gcc-12-{aarch64,s390x,powerpc64le,i686}-linux-gnu, gcc-12-arm-linux-gnueabihf,
# gcc-12-mipsel-linux-gnu, gcc-12-mips64el-linux-gnuabi64, gcc-riscv64-linux-gnu.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${OD_LAB_CACHE:-lab-cache}
mirror=${OD_LAB_MIRROR:-http://deb.debian.org}
mkdir -p "$cache" && cache=$(cd "$cache" && pwd)

# name: architecture of Debian, package, architecture of the kernel, prefix of the compiler, suite
describe() {
	case $1 in
	arm64) echo "arm64 linux-image-arm64 arm64 aarch64-linux-gnu- bookworm" ;;
	arm) echo "armhf linux-image-armmp arm arm-linux-gnueabihf- bookworm" ;;
	s390) echo "s390x linux-image-s390x s390 s390x-linux-gnu- bookworm" ;;
	ppc64) echo "ppc64el linux-image-powerpc64le powerpc powerpc64le-linux-gnu- bookworm" ;;
	i386) echo "i386 linux-image-686 x86 i686-linux-gnu- bookworm" ;;
	mips) echo "mipsel linux-image-4kc-malta mips mipsel-linux-gnu- bookworm" ;;
	mips64) echo "mips64el linux-image-5kc-malta mips mips64el-linux-gnuabi64- bookworm" ;;
	riscv) echo "riscv64 linux-image-riscv64 riscv riscv64-linux-gnu- trixie" ;;
	deb61) echo "amd64 linux-image-cloud-amd64 x86 - bookworm" ;;
	deb510) echo "amd64 linux-image-cloud-amd64 x86 - bullseye" ;;
	deb612) echo "amd64 linux-image-6.12-cloud-amd64 x86 - bookworm-security" ;;
	*) echo "foreign-kernel: $1?" >&2; return 1 ;;
	esac
}

for name; do
	read -r debian package arch prefix suite <<< "$(describe "$name")"
	place=$cache/$name
	apt=$cache/apt-$suite-$debian
	mkdir -p "$place/debs" "$place/module" "$apt/lists/partial" "$apt/cache/archives/partial"
	echo "deb $mirror/debian $suite main" > "$apt/sources"
	[ "$suite" != bullseye ] || echo "deb $mirror/debian-security bullseye-security main" >> "$apt/sources"
	[ "$suite" != bookworm-security ] || { echo "deb $mirror/debian-security bookworm-security main"; echo "deb $mirror/debian bookworm main"; } > "$apt/sources"
	: > "$apt/status"
	options=(-o "Dir::State::status=$apt/status" -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o "Dir::Etc::sourcelist=$apt/sources"
		-o Dir::Etc::sourceparts=/nonexistent -o APT::Sandbox::User=root -o APT::Architecture=amd64
		-o "APT::Architectures::=amd64" -o "APT::Architectures::=$debian")
	if [ ! -e "$apt/done" ]; then
		apt-get -q "${options[@]}" update > "$apt/log" 2>&1 || tail -n 3 "$apt/log" >&2
		touch "$apt/done"
	fi
	image=$(apt-cache "${options[@]}" depends "$package:$debian" | awk '/Depends: linux-image-/ { print $2; exit }')
	image=${image%%:*}
	release=${image#linux-image-}
	common=linux-headers-$(echo "$release" | sed -E 's/-(cloud-amd64|[45]kc-malta|[a-z0-9]+)$//')-common
	kbuild=$(apt-cache "${options[@]}" depends "linux-headers-$release:$debian" | awk '/linux-kbuild-/ { print $2; exit }' | tr -d "<>")
	kbuild=${kbuild%%:*}
	if [ ! -e "$place/kernel" ]; then
		(cd "$place/debs" && apt-get -q "${options[@]}" download "$image:$debian" "linux-headers-$release:$debian" \
			"$common" "$kbuild:amd64" "busybox-static:$debian") > "$place/log" 2>&1 ||
			{ tail -n 3 "$place/log" >&2; exit 77; }
		for deb in "$place"/debs/*.deb; do dpkg -x "$deb" "$place/root"; done
		rm -rf "$place/debs"
		cp "$place/root"/boot/vmlinu?-"$release" "$place/kernel"
		cp "$place/root/bin/busybox" "$place/busybox" 2> /dev/null || cp "$place/root/usr/bin/busybox" "$place/busybox"
	fi
	src=$place/root/usr/src
	[ ! -e "$src/linux-headers-$release/Makefile" ] ||
		echo "include $src/$common/Makefile" > "$src/linux-headers-$release/Makefile"
	# The tools of Debian 13 do not run on 12, those of the 6.12 for Debian 12 do.
	if [ "$suite" = trixie ]; then
		"$0" deb612
		cp "$cache"/deb612/root/usr/lib/linux-kbuild-*/scripts/mod/modpost* "$place"/root/usr/lib/linux-kbuild-*/scripts/mod/
		cp "$cache"/deb612/root/usr/lib/linux-kbuild-*/scripts/basic/fixdep "$place"/root/usr/lib/linux-kbuild-*/scripts/basic/
	fi
	[ -z "${OD_LAB_NO_MODULE-}" ] || { echo "$name: $release"; continue; }
	cross=()
	[ "$prefix" = - ] || cross=("ARCH=$arch" "CROSS_COMPILE=$prefix")
	# The headers of Debian 13 want its compiler.
	[ "$suite" != trixie ] || cross+=("CC=${prefix}gcc")
	[ "$suite" != bullseye ] || cross+=("CC=gcc")
	# 5.10 has not all the checks that oddebug wants to fail.
	[ "$name" = deb510 ] || "$here/debug-module.sh" "$src/linux-headers-$release" "$place/module" ${cross[@]+"${cross[@]}"}
	case $name in
	deb*)
		OD_LAB_MODULE=module "$here/debug-module.sh" "$src/linux-headers-$release" "$place/cxx" ${cross[@]+"${cross[@]}"}
		cp "$place/cxx/odfaults.ko" "$place/" ;;
	esac
	echo "$name: $release"
done
