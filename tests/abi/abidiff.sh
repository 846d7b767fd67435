#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The interface of today against that of version 1, as abidiff (libabigail) reads it from debug information: types and
# parameters, which layout.sh cannot see. Structs may grow at their end, nothing else.
# Skipped (77) without abidiff.
set -u
srcdir=${srcdir:-.}
top=$(cd "$srcdir" && pwd)
[ -d "$top/tests/abi" ] || top=$(cd "$(dirname "$0")/../.." && pwd)
abi=$top/tests/abi
command -v abidiff > /dev/null || { echo "abidiff: not here"; exit 77; }
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

# library NAME HEADER-DIRECTORY
library() {
	${CC:-cc} -std=gnu11 -g -O0 -shared -fPIC -I"$2" -o "$tmp/$1.so" "$abi/abi-lib.c" > "$tmp/err" 2>&1 ||
		{ failed=$((failed + 1)); echo "FAIL: $1 does not build"; head -n 5 "$tmp/err"; return 1; }
}
# Reads what abidiff says of each changed type by itself: prints the first line that is no growth at the end. Its
# suppressions cannot say that: "inserted at the end" is true for them of a struct with no insertion at all.
growth='
	/^(Leaf changes|Changed leaf types) summary: / || /^$/ { next }
	/^Removed\/Changed\/Added (functions|variables) summary: 0 Removed, 0 Changed, 0 Added / { next }
	/^.struct od_plugin[a-z_]* at .*. changed:$/ { old = -1; next }
	/^  type size changed from [0-9]+ to [0-9]+ \(in bits\)$/ && $7 > $5 { old = $5; next }
	/^  [0-9]+ data member insertions?:$/ && old >= 0 { next }
	/^    .*, at offset [0-9]+ \(in bits\) at / && old >= 0 {
		sub(/.*, at offset /, "")
		if ($1 + 0 >= old + 0) next
	}
	{ print; exit 1 }'

# compare OLD NEW: is NEW as OLD, or longer? $tmp/why has the first thing that is not so.
compare() {
	local status
	abidiff --leaf-changes-only "$tmp/$1.so" "$tmp/$2.so" > "$tmp/out" 2>&1
	status=$?
	# Bits of the status: 1 and 2 are failures of its own, 4 a change, 8 one that it knows to be incompatible.
	[ $((status & 3)) = 0 ] || { cat "$tmp/out"; exit 1; }
	awk "$growth" "$tmp/out" > "$tmp/why" && [ $((status & 8)) = 0 ]
}
compatible() {
	if compare "$1" "$2"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL: $1 -> $2:"; cat "$tmp/out"; fi
}
incompatible() { # OLD NEW WHAT
	if compare "$1" "$2"; then
		failed=$((failed + 1)); echo "FAIL: not noticed: $3"
	else
		passed=$((passed + 1))
	fi
}

library v1 "$abi/v1" && library now "$top/plugins" && library future "$abi/future/plugins" || exit 1
compatible v1 now
compatible v1 future
compatible now future
# Backwards it is not: members of the future are gone.
incompatible future v1 "what was added is taken away again"
n=0
while read -r who change; do
	case $who in abidiff|both) ;; *) continue ;; esac
	n=$((n + 1))
	mkdir "$tmp/$n"
	sed -e '/^OD_PLUGIN_OFFSET(/d' -e "$change" "$top/plugins/oopsdiag-plugin.h" > "$tmp/$n/oopsdiag-plugin.h"
	library "$n" "$tmp/$n" && incompatible v1 "$n" "$change"
	# Nor does growth beside it hide it.
	sed -e '/^OD_PLUGIN_OFFSET(/d' -e "$change" "$abi/future/plugins/oopsdiag-plugin.h" > "$tmp/$n/oopsdiag-plugin.h"
	library "$n" "$tmp/$n" && incompatible v1 "$n" "$change, of the future"
done < "$abi/changes"
echo "abidiff: $passed passed, $failed failed"
[ "$failed" = 0 ]
