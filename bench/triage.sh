#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A queue of mixed tickets (bench/make-tickets.py): how long oopsdiag-triage takes, how much processor time a
# ticket, whether memory (anonymous, of all processes) grows with their number, what a second run takes that finds nothing new; with
# "kill" also whether it gives the same bytes though its processes are killed all the time.
# usage: bench/triage.sh [TICKETS [kill]]     OOPSDIAG_TRIAGE names the program.
set -eu
triage=${OOPSDIAG_TRIAGE:-./oopsdiag-triage}
here=$(dirname "$0")
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
n=${1:-10000}

run() { # what, store, queue: its output to $dir/out
	python3 - "$triage" "$@" "$dir/out" <<'PY'
import os, resource, subprocess, sys, time
triage, what, store, queue, out = sys.argv[1:]
def memory(pid):
    """KiB, of it and all that it has started: whatever is its own."""
    try:
        with open("/proc/%d/status" % pid) as status:
            own = sum(int(l.split()[1]) for l in status if l.startswith("RssAnon"))
        with open("/proc/%d/task/%d/children" % (pid, pid)) as children:
            return own + sum(memory(int(child)) for child in children.read().split())
    except OSError:
        return 0
start = time.monotonic()
with open(out, "wb") as stdout:
    run = subprocess.Popen([triage, "--store", store, "run", "-q", "-f", "jsonl", queue], stdout=stdout)
    samples = []
    while run.poll() is None:
        samples.append((time.monotonic() - start, memory(run.pid)))
        time.sleep(0.05)
wall = time.monotonic() - start
def most(first, last):
    return max([kib for when, kib in samples if first * wall <= when <= last * wall] or [0]) / 1024
ru = resource.getrusage(resource.RUSAGE_CHILDREN)
n = len(os.listdir(queue))
print("%-28s %6d tickets %7.1f s %6.1f s of processors %5.1f ms a ticket,"
      " %.0f MiB in the second tenth, %.0f in the last, status %d"
      % (what, n, wall, ru.ru_utime + ru.ru_stime, (ru.ru_utime + ru.ru_stime) * 1000 / n, most(0.1, 0.2),
         most(0.9, 1), run.returncode))
PY
}

"$here/make-tickets.py" "$dir/queue" "$n"
"$here/make-tickets.py" "$dir/tenth" $((n / 10))
run "a tenth" "$dir/tenth.db" "$dir/tenth"
run "all of them" "$dir/all.db" "$dir/queue"
cp "$dir/out" "$dir/wanted"
du -sh "$dir/queue" "$dir/all.db" | sed "s,$dir/,,"
run "again: nothing is new" "$dir/all.db" "$dir/queue"
cmp "$dir/out" "$dir/wanted"
[ "${2:-}" = kill ] || exit 0

python3 - "$triage" "$dir/killed.db" "$dir/queue" <<'PY'
import os, random, signal, subprocess, sys, time
triage, store, queue = sys.argv[1:]
chance, workers, parents = random.Random(1), 0, 0
def tree(pid):
    found = []
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as children:
            for child in map(int, children.read().split()):
                found += [child] + tree(child)
    except OSError:
        pass
    return found
while True:
    run = subprocess.Popen([triage, "--store", store, "run", "-q", queue], stdout=subprocess.DEVNULL)
    end = time.monotonic() + chance.uniform(0.1, 3) if parents < 20 else 1e9
    while run.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
        for pid in chance.sample(tree(run.pid) or [0], 1):
            if pid:
                try:
                    os.kill(pid, signal.SIGKILL)
                    workers += 1
                except ProcessLookupError:
                    pass
    if run.poll() is not None:
        break
    run.kill()
    run.wait()
    parents += 1
print("killed: the program %d times, its processes %d times" % (parents, workers))
PY
run "after that" "$dir/killed.db" "$dir/queue"
cmp "$dir/out" "$dir/wanted" && echo "the same bytes"
