#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a dump costs from the start of the program to the end of its answer: the whole report and all
# tasks' backtraces without any debug file, against crash and drgn with one, on the same dump in the
# same run. Ratios, since the machine's speed is not ours. Peak memory of both our processes.
# usage: bench/vmcore.sh DUMP [VMLINUX]     OOPSDIAG names the program.
set -eu
oopsdiag=${OOPSDIAG:-./oopsdiag} dump=$1 vmlinux=${2:-}
seconds() { # the best of five, after one to warm up
	local best=999 t
	for _ in 0 1 2 3 4 5; do
		t=$( { TIMEFORMAT=%R; time "$@" > /dev/null 2>&1 < /dev/null || true; } 2>&1 )
		best=$(awk -v a="$best" -v b="$t" 'BEGIN { print b < a ? b : a }')
	done
	echo "$best"
}
crash_bt() { printf 'bt\nq\n' | crash -s "$vmlinux" "$dump"; }
drgn_bt() { drgn -c "$dump" -s "$vmlinux" -e 'print(prog.crashed_thread().stack_trace())' ||
	echo 'print(prog.crashed_thread().stack_trace())' | drgn -c "$dump" -s "$vmlinux"; }
row() { # what, seconds, seconds of our report
	awk -v w="$1" -v s="$2" -v o="$3" 'BEGIN { printf "%-36s %8.3f s  %6.1f times our report\n", w, s, s / o }'
}

report=$(seconds "$oopsdiag" -q "$dump")
row "report, no debug file" "$report" "$report"
row "all tasks' backtraces" "$(seconds "$oopsdiag" -q -c 'bt -T' "$dump")" "$report"
python3 - "$oopsdiag" "$dump" <<'PY'
import resource, subprocess, sys
subprocess.run([sys.argv[1], "-q", sys.argv[2]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print("peak memory of the report          %6d MiB a process"
      % (resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024))
PY
[ -n "$vmlinux" ] || exit 0
[ -z "$(command -v crash)" ] || row "crash -s, bt" "$(seconds crash_bt)" "$report"
[ -z "$(command -v drgn)" ] || row "drgn, trace of the crashed thread" "$(seconds drgn_bt)" "$report"
