#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual pages, and the files that bash completes from, are what the tables and the header of plugins print,
# and their readers do not complain about them.
set -eu
doc=${srcdir:-.}/doc

# is PAGE: what comes on standard input
is() {
	if ! diff -u "$1" -; then
		echo "$1 is not what it is made of: run 'make man'"
		exit 1
	fi
}
# completion MKMAN FUNCTION PROGRAM
completion() {
	{ "$1" --completion && sed -e "s/@p@/$2/g" -e "s/@program@/$3/" "$doc/completion.bash"; } | is "$doc/completion/$3"
}
mkman=${MKMAN:-./src/front/mkman}
"$mkman" | is "$doc/oopsdiag.1"
completion "$mkman" _oopsdiag oopsdiag
version=$(sed -n 's/^\.TH OOPSDIAG 1 [^ ]* "oopsdiag \([^"]*\)".*/\1/p' "$doc/oopsdiag.1")
header=${srcdir:-.}/plugins/oopsdiag-plugin.h
awk -v version="$version" -f "$doc/mkman3.awk" "$header" | is "$doc/oopsdiag-plugin.3"
# No member and no function got lost on the way.
for word in $(sed -n -e 's,/\*.*,,' -e 's/^\t[a-z].*[ *]\([a-z_0-9]*\);.*/\1/p' -e 's/^\tint32_t (\*\([a-z_]*\)).*/\1/p' "$header"); do
	grep -q "^\.B .*$word" "$doc/oopsdiag-plugin.3" || { echo "oopsdiag-plugin.3: nothing about $word"; exit 1; }
done
awk -v version="$version" -f "$doc/mkman5.awk" "$doc/rules.md" | is "$doc/oopsdiag-rules.5"
# Without sqlite there is no such program.
if [ -x ./src/triage/mkman ]; then
	./src/triage/mkman | is "$doc/oopsdiag-triage.1"
	completion ./src/triage/mkman _oopsdiag_triage oopsdiag-triage
fi
for page in "$doc/oopsdiag.1" "$doc/oopsdiag-triage.1" "$doc/oopsdiag-plugin.3" "$doc/oopsdiag-rules.5"; do
	if command -v mandoc >/dev/null; then
		mandoc -Tlint "$page"
	fi
	if command -v groff >/dev/null; then
		complaints=$(groff -man -Tutf8 -ww "$page" 2>&1 >/dev/null)
		[ -z "$complaints" ] || { echo "$complaints"; exit 1; }
	fi
done
if command -v shellcheck >/dev/null; then
	shellcheck -s bash "$doc/completion/oopsdiag" "$doc/completion/oopsdiag-triage"
fi
