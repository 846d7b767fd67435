#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# debug-module.sh BUILD OUT [MAKE-ARGUMENT...]: build module oddebug (OD_LAB_MODULE=module: odfaults) for
# the kernel whose build tree or headers are BUILD; OUT/oddebug.ko.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1 out=$2
shift 2
mkdir -p "$out" && out=$(cd "$out" && pwd)
cp -p "$here/${OD_LAB_MODULE:-debug-module}"/* "$out/"
name=oddebug
[ -z "${OD_LAB_MODULE-}" ] || name=odfaults
# No build folder in what BUG, WARN and UBSAN print.
for file in "$out"/od*-*.c; do
	case $file in *.mod.c) ;; *) sed -i "1i #line 1 \"${name}/${file##*/}\"" "$file" ;; esac
done
make -C "$build" M="$out" CONFIG_DEBUG_INFO_BTF_MODULES= "$@" modules > "$out/build.log" 2>&1 || { tail -n 20 "$out/build.log" >&2; exit 1; }
