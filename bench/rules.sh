#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What rules cost that have nothing to do with the crashes of a log: processor time of the text path (bytes to
# reports, no output) with 100 and 1000 generated rules against none, in turn on the same log in the same run,
# the best of each. The bound is 5 % for 1000. Exit status 1 beyond it.
# usage: bench/rules.sh [INCIDENTS]     RULES_BENCH names the program (make bench/rules-bench).
set -eu
bench=${RULES_BENCH:-./bench/rules-bench}
here=$(dirname "$0")
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
"$here/make-log.py" 3 "${1:-300}" > "$dir/log"
for n in 100 1000; do
	"$here/make-rules.py" $n > "$dir/$n.yaml"
done
for _ in 1 2 3 4 5 6 7; do
	echo "0 $("$bench" "$dir/log")"
	echo "100 $("$bench" "$dir/log" "$dir/100.yaml")"
	echo "1000 $("$bench" "$dir/log" "$dir/1000.yaml")"
done | awk '
	!($1 in best) || $2 < best[$1] { best[$1] = $2 }
	{ reports = $3; found[$1] = $4 }
	END {
		for (i = split("0 100 1000", n, " "); i; i--)
			order[i] = n[i]
		for (i = 1; i <= 3; i++)
			printf "%5d rules %9.2f ms  %7.1f us a report  %+6.2f %%  (%d reports, %d findings)\n", order[i],
				best[order[i]], best[order[i]] / reports * 1e3,
				(best[order[i]] / best[0] - 1) * 100, reports, found[order[i]]
		exit best[1000] / best[0] > 1.05
	}'
