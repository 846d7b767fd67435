#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What source lines cost, from the start of the program to the end of its answer: one frame, a thousand spread addresses with
# what is inlined there, and a log of 100 oopses, against programs that do the same, on the same file in the same run. Ratios,
# since the machine's speed is not ours; the file is in the page cache. Then the anonymous memory of our largest process.
# usage: bench/lines.sh VMLINUX [DECODE_STACKTRACE.sh]     OOPSDIAG names the program; linux-source has the script.
set -eu
oopsdiag=${OOPSDIAG:-./oopsdiag} vmlinux=$1 decode=${2:-}
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
export XDG_CACHE_HOME=$dir/cache
seconds() { # TIMES COMMAND...: the best of so many, after one to warm up
	local times=$1 best=999999 t i
	shift
	for ((i = 0; i <= times; i++)); do
		t=$( { TIMEFORMAT=%R; time "$@" > /dev/null 2>&1 < /dev/null || true; } 2>&1 )
		[ "$i" = 0 ] && [ "$times" -gt 1 ] || best=$(awk -v a="$best" -v b="$t" 'BEGIN { print b < a ? b : a }')
		[ "$times" -gt 1 ] || break
	done
	echo "$best"
}
row() { # what, seconds, seconds of ours
	awk -v w="$1" -v s="$2" -v o="$3" 'BEGIN { printf "%-44s %9.3f s  %7.2f times ours\n", w, s, s / o }'
}
memory() { # what, command...: the largest anonymous memory of a process of ours, looked at all the time
	python3 - "$@" <<'PY'
import os, subprocess, sys
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
largest, looks = 0, 0
while child.poll() is None:
    pids = [child.pid]
    for pid in pids:
        try:
            with open('/proc/%d/task/%d/children' % (pid, pid), encoding='ascii') as f:
                pids += map(int, f.read().split())
            with open('/proc/%d/status' % pid, encoding='ascii') as f:
                for line in f:
                    if line.startswith('RssAnon:'):
                        largest, looks = max(largest, int(line.split()[1])), looks + 1
        except OSError:
            pass
print('%-44s %9.1f MB anonymous, the largest of %d looks' % (sys.argv[1], largest / 1024, looks))
PY
}

# Functions of the kernel, always the same ones: names that stand there once, spread over the whole text.
nm -S --defined-only "$vmlinux" | python3 -c '
import collections, hashlib, mmap, re, sys
top = sys.argv[1]
with open(sys.argv[2], "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
    release = re.compile(b"Linux version ([^ ]{3,64}) ").search(m)[1].decode()
rows = [w for w in (l.split() for l in sys.stdin) if len(w) == 4 and w[2] in "tT" and int(w[1], 16) > 64]
times = collections.Counter(w[3] for w in rows)
rows = sorted((w for w in rows if times[w[3]] == 1), key=lambda w: hashlib.sha256(w[3].encode()).digest())[:1000]
mid = lambda w: int(w[1], 16) // 2
frames = ["%s+0x%x/0x%x" % (w[3], mid(w), int(w[1], 16)) for w in rows]
open(top + "/one", "w").write(frames[0])
open(top + "/addresses", "w").write("".join("0x%x\n" % (int(w[0], 16) + mid(w)) for w in rows))
open(top + "/script", "w").write("".join("sym 0x%x\n" % (int(w[0], 16) + mid(w)) for w in rows))
with open(top + "/log", "w") as f:
    for n in range(100):
        some = [frames[(n * 7 + k * 13) % 200] for k in range(16)]
        lines = ["BUG: kernel NULL pointer dereference, address: 0000000000000008", "#PF: supervisor read access in kernel mode", "Oops: 0000 [#%d] PREEMPT SMP" % (n + 1),
                 "CPU: 0 PID: %d Comm: test Not tainted %s #1" % (n + 100, release), "RIP: 0010:" + some[0], "RSP: 0018:ffffc90000147d80 EFLAGS: 00010246", "Call Trace:", " <TASK>"]
        lines += [" " + s for s in some[1:]] + [" </TASK>", "---[ end trace %016x ]---" % n]
        f.writelines("[%5d.%06d] %s\n" % (n + 10, i, l) for i, l in enumerate(lines))
' "$dir" "$vmlinux"

one() { "$oopsdiag" -q -s "$vmlinux" -c "sym $(cat "$dir/one")"; }
thousand() { "$oopsdiag" -q -s "$vmlinux" -x "$dir/script"; }
annotate() { "$oopsdiag" -q -s "$vmlinux" --annotate "$dir/log"; }
peer_one() { head -n 1 "$dir/addresses" | "$@"; }
peer_thousand() { "$@" < "$dir/addresses"; }
stacktrace() { "$decode" "$vmlinux" auto < "$dir/log"; }

peers=("llvm-symbolizer -i --obj=$vmlinux" "addr2line -i -f -a -e $vmlinux" "eu-addr2line -i -f -a -e $vmlinux")
ours=$(seconds 5 one)
row "one frame, sym NAME+0x12/0x34" "$ours" "$ours"
for peer in "${peers[@]}"; do
	[ -z "$(command -v "${peer%% *}")" ] || row "  ${peer%% *}" "$(seconds 5 peer_one $peer)" "$ours"
done
said=$(thousand 2> /dev/null | grep -c -E '\.(c|h|S|rs):[0-9]+' || true)
ours=$(seconds 5 thousand)
row "1,000 addresses with inlines ($said places)" "$ours" "$ours"
for peer in "${peers[@]}"; do
	[ -z "$(command -v "${peer%% *}")" ] || row "  ${peer%% *}" "$(seconds 3 peer_thousand $peer)" "$ours"
done
said=$(annotate 2> /dev/null | grep -c -E '\.(c|h|S|rs):[0-9]+' || true)
ours=$(seconds 5 annotate)
row "log of 100 oopses, --annotate ($said places)" "$ours" "$ours"
[ -z "$decode" ] || row "  decode_stacktrace.sh, once" "$(seconds 1 stacktrace)" "$ours"
row "  the same log without -s" "$(seconds 5 "$oopsdiag" -q "$dir/log")" "$ours"
memory "memory: one frame" "$oopsdiag" -q -s "$vmlinux" -c "sym $(cat "$dir/one")"
memory "memory: 1,000 addresses" "$oopsdiag" -q -s "$vmlinux" -x "$dir/script"
memory "memory: 100 oopses" "$oopsdiag" -q -s "$vmlinux" --annotate "$dir/log"
