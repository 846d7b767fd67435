#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Throughput on a benign kernel log, as FILE and as standard input, against grep -c for eight markers
# on the same file in the same run; then on logs full of crashes. Ratios, since the machine's speed is
# not ours. Also peak memory of both processes.
# usage: bench/text.sh [MEGABYTES]     OOPSDIAG names the program.
set -eu
oopsdiag=${OOPSDIAG:-./oopsdiag}
here=$(dirname "$0")
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
seconds() { # the best of five, after one to warm up
	local best=999 t
	for _ in 0 1 2 3 4 5; do
		t=$( { TIMEFORMAT=%R; time "$@" > /dev/null 2>&1 || true; } 2>&1 )
		best=$(awk -v a="$best" -v b="$t" 'BEGIN { print b < a ? b : a }')
	done
	echo "$best"
}
peer() {
	seconds env LC_ALL=C grep -c -F -e 'kernel BUG at' -e ' BUG: ' -e 'Oops' \
		-e 'general protection' -e 'Call Trace' -e 'cut here' -e 'Kernel panic' \
		-e 'WARNING: ' "$1"
}
from_stdin() { "$oopsdiag" -q < "$1"; }
row() { # what, bytes, seconds, seconds of grep
	awk -v w="$1" -v b="$2" -v o="$3" -v p="$4" 'BEGIN {
		printf "%-30s %6.0f MB %8.0f MB/s %8.3f s   %5.2f of grep'\''s time\n",
			w, b / 1e6, b / 1e6 / o, o, o / p }'
}

"$here/make-log.py" "${1:-1000}" > "$dir/log"
bytes=$(stat -c %s "$dir/log")
grep_s=$(peer "$dir/log")
row "grep -c -F, 8 markers" "$bytes" "$grep_s" "$grep_s"
row "benign, FILE" "$bytes" "$(seconds "$oopsdiag" -q "$dir/log")" "$grep_s"
row "benign, standard input" "$bytes" "$(seconds from_stdin "$dir/log")" "$grep_s"
python3 - "$oopsdiag" "$dir/log" <<'PY'
import resource, subprocess, sys
subprocess.run([sys.argv[1], "-q", sys.argv[2]], stderr=subprocess.DEVNULL)
print("benign, peak memory            %6d MiB a process"
      % (resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024))
PY
for what in "5 117" "20 500"; do
	set -- $what
	"$here/make-log.py" "$1" "$2" > "$dir/log"
	found=$("$oopsdiag" -q -f line "$dir/log" | wc -l)
	[ "$found" = "$2" ] || echo "of $2 incidents $found were found"
	took=$(seconds "$oopsdiag" "$dir/log")
	awk -v w="$1 MB with $2 incidents" -v b="$(stat -c %s "$dir/log")" -v o="$took" -v n="$2" 'BEGIN {
		printf "%-30s %6.0f MB %8.0f MB/s %8.3f s   %5.2f ms an incident\n",
			w, b / 1e6, b / 1e6 / o, o, o / n * 1e3 }'
done
