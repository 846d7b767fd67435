#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# talloc-lab.sh [DIR]: crash the programs of talloc/ under gdb, write DIR/lab-talloc-NAME/input (DIR is
# tests/corpus). Exit 77 if something is missing.
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../corpus}
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 1

for tool in gcc gdb pkg-config; do
	command -v $tool > /dev/null || { echo "talloc-lab: $tool is not there" >&2; exit 77; }
done
pkg-config --exists talloc tevent || { echo "talloc-lab: no libtalloc-dev, libtevent-dev" >&2; exit 77; }

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp "$here"/talloc/*.c "$tmp" && cd "$tmp" || exit 1	# relative names only in what gdb prints
for program in talloc-lab tevent-lab; do
	gcc -g -O0 -Wall -fdebug-prefix-map="$tmp=." -o $program $program.c -ltevent -ltalloc || exit 1
done

failed=0
run() { # PROGRAM NAME
	mkdir -p "$out/lab-talloc-$2"
	# Freed memory is filled with 0x5a: the crash does not depend on what malloc does next.
	env -i PATH=/usr/bin:/bin HOME=/ LC_ALL=C TALLOC_FREE_FILL=0x5a DEBUGINFOD_URLS= \
		gdb -nx -batch -ex "run $2" -ex 'bt full' "./$1" > "$out/lab-talloc-$2/input" 2>&1 < /dev/null
	if grep -q '^#0 ' "$out/lab-talloc-$2/input"; then echo "ok $2"; else failed=1; echo "not ok $2: no crash"; fi
}
for name in parent-freed reentrant abort-after-free abort-unknown abort-type; do run talloc-lab $name; done
for name in dead-event-context dead-event-context-timer plain-segv; do run tevent-lab $name; done
exit $failed
