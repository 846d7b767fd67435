#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# debug-kernel.sh VARIANT...: build small x86-64 kernels with checks that no distribution enables, from
# Debian's linux-source-6.1, and the modules for them. A variant is a file debug-kernel/VARIANT.config
# (debug, hard, kcsan, cfi, kmsan); a line "# CC=..." in it names the compiler. Leaves
# OD_LAB_CACHE/VARIANT/{bzImage,config,oddebug.ko}; minutes each.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${OD_LAB_CACHE:-lab-cache}
tarball=${OD_LAB_SOURCE:-/usr/src/linux-source-6.1.tar.xz}

[ -f "$tarball" ] || { echo "debug-kernel: no $tarball (package linux-source-6.1)" >&2; exit 77; }
mkdir -p "$cache" && cache=$(cd "$cache" && pwd)
[ -d "$cache/linux-source-6.1" ] || tar -C "$cache" -xf "$tarball"

for variant; do
	out=$cache/$variant
	cc=$(sed -n 's/^# CC=//p' "$here/debug-kernel/$variant.config")
	cc=${cc:-gcc}
	command -v "$cc" > /dev/null || { echo "debug-kernel: no $cc for $variant" >&2; exit 77; }
	mkdir -p "$out/build"
	make -s -C "$cache/linux-source-6.1" O="$out/build" CC="$cc" tinyconfig
	"$cache/linux-source-6.1/scripts/kconfig/merge_config.sh" -m -O "$out/build" "$out/build/.config" \
		"$here/debug-kernel/base.config" "$here/debug-kernel/$variant.config" > "$out/merge.log"
	make -s -C "$out/build" CC="$cc" olddefconfig
	make -C "$out/build" -j"$(nproc)" CC="$cc" KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab bzImage modules > "$out/build.log" 2>&1 ||
		{ tail -n 20 "$out/build.log" >&2; exit 1; }
	cp "$out/build/arch/x86/boot/bzImage" "$out/bzImage"
	cp "$out/build/.config" "$out/config"
	"$here/debug-module.sh" "$out/build" "$out/module" CC="$cc"
done
