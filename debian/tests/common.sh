# SPDX-License-Identifier: GPL-3.0-or-later
# What the tests of the installed packages share. They run in the source tree; what they ask is the installed program.
set -u
tmp=${AUTOPKGTEST_TMP:?set by autopkgtest}
failed=0
bad() {
	failed=1
	echo "FAIL: $*"
}
# has FILE WORD...: each word stands in the file
has() {
	file=$1; shift
	for word; do
		grep -qF -- "$word" "$file" || { bad "nothing of '$word' in $file:"; head -n 30 "$file"; }
	done
}
# ends STATUS COMMAND...: its standard error is shown only if it ends otherwise
ends() {
	want=$1; shift
	status=0
	"$@" 2> "$tmp/stderr" || status=$?
	[ "$status" = "$want" ] || { bad "status $status, not $want: $*"; cat "$tmp/stderr"; }
}
finish() {
	[ "$failed" = 0 ] && echo "$(basename "$0"): passed"
	exit "$failed"
}
