#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Version 1 in numbers (v1/layout.def) against the header of today and that of a made-up tomorrow, for this machine and,
# with clang, for others, none of which need be at hand. And that it would be noticed.
set -u
srcdir=${srcdir:-.}
top=$(cd "$srcdir" && pwd)
[ -d "$top/tests/abi" ] || top=$(cd "$(dirname "$0")/../.." && pwd)
abi=$top/tests/abi
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

# compile COMPILER... HEADER-DIRECTORY: no output, no code
compile() {
	"${@:1:$#-1}" -std=gnu11 -Wall -Wextra -Werror -fsyntax-only -I"${!#}" -I"$abi" "$abi/layout.c" > "$tmp/err" 2>&1
}
holds() {
	if compile "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL: ${*:1}"; head -n 5 "$tmp/err"; fi
}

compilers=("${CC:-cc}")
if command -v clang > /dev/null; then
	for t in x86_64-linux-gnu aarch64-linux-gnu riscv64-linux-gnu s390x-linux-gnu powerpc64-linux-gnu \
		powerpc64le-linux-gnu mips64el-linux-gnuabi64 i386-linux-gnu arm-linux-gnueabi riscv32-linux-gnu \
		mipsel-linux-gnu powerpc-linux-gnu; do
		compilers+=("clang --target=$t -ffreestanding")
	done
fi
for cc in "${compilers[@]}"; do
	for dir in "$abi/v1" "$top/plugins" "$abi/future/plugins"; do
		holds $cc "$dir"
	done
done

# The list is whole: as many members as the frozen header declares.
declared=$(${CC:-cc} -E -P -x c "$abi/v1/oopsdiag-plugin.h" | tr '\n\t' '  ' | grep -o 'struct od_plugin[a-z_]* {[^}]*}' |
	sed 's/) *([^)]*)/)/g' | tr -cd ';,' | wc -c)
listed=$(sed -n '/MACHINE == 64/,/MACHINE == 324/p' "$abi/v1/layout.def" | grep -c '^MEMBER')
if [ "$declared" = "$listed" ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL: $listed of $declared members listed"; fi

# What must not pass: each change is made in a copy of the header of today.
n=0
while read -r who change; do
	case $who in layout|both) ;; *) continue ;; esac
	n=$((n + 1))
	mkdir "$tmp/$n"
	# Its own assertions are out of the way: ours must see it.
	sed '/^OD_PLUGIN_OFFSET(/d' "$top/plugins/oopsdiag-plugin.h" > "$tmp/unchanged"
	sed "$change" "$tmp/unchanged" > "$tmp/$n/oopsdiag-plugin.h"
	if cmp -s "$tmp/$n/oopsdiag-plugin.h" "$tmp/unchanged"; then
		failed=$((failed + 1)); echo "FAIL: $change changes nothing"
	elif compile ${CC:-cc} "$tmp/$n"; then
		failed=$((failed + 1)); echo "FAIL: not noticed: $change"
	elif ! grep -q 'static assertion failed' "$tmp/err"; then
		failed=$((failed + 1)); echo "FAIL: $change:"; head -n 3 "$tmp/err"
	else
		passed=$((passed + 1))
	fi
done < "$abi/changes"
echo "layout: $passed passed, $failed failed (${#compilers[@]} machines)"
[ "$failed" = 0 ]
