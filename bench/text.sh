#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Throughput on 100 MB of a benign kernel log, against grep -c for eight markers on the same file in
# the same run: a ratio, since the machine's speed is not ours. Also peak memory of both processes.
# usage: bench/text.sh [MEGABYTES]     OOPSDIAG names the program.
set -eu
oopsdiag=${OOPSDIAG:-./oopsdiag}
mb=${1:-100}
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
python3 - "$mb" > "$dir/log" <<'PY'
import random, sys
random.seed(1)
words = ["usb 1-1: new high-speed USB device number %d using xhci_hcd",
         "EXT4-fs (sda%d): mounted filesystem with ordered data mode. Quota mode: none.",
         "pci 0000:00:%02x.0: [8086:1234] type 00 class 0x060000",
         "audit: type=1400 audit(1700000000.123:%d): apparmor=\"STATUS\" operation=\"profile_load\"",
         "systemd[1]: Started Session %d of user root.",
         "e1000e 0000:00:1f.6 eth0: NIC Link is Up %d Mbps Full Duplex, Flow Control: Rx/Tx",
         "clocksource: tsc: mask: 0xffffffffffffffff max_cycles: 0x2a3%x, max_idle_ns: 440795",
         "BTRFS info (device dm-%d): using crc32c (crc32c-intel) checksum algorithm",
         "DEBUG: module foo%d param set", "WARN something%d"]
size = us = 0
while size < int(sys.argv[1]) << 20:
    us += random.randrange(1, 5000)
    line = "[%5d.%06d] " % (us // 1000000, us % 1000000) + random.choice(words) % random.randrange(1, 200)
    size += len(line) + 1
    print(line)
PY
bytes=$(stat -c %s "$dir/log")
seconds() { # the best of five, after one to warm up
	local best=999 t
	for _ in 0 1 2 3 4 5; do
		t=$( { TIMEFORMAT=%R; time "$@" > /dev/null 2>&1 || true; } 2>&1 )
		best=$(awk -v a="$best" -v b="$t" 'BEGIN { print b < a ? b : a }')
	done
	echo "$best"
}
ours=$(seconds "$oopsdiag" -q "$dir/log")
peer=$(seconds grep -c -e 'kernel BUG at' -e ' BUG: ' -e 'Oops' -e 'general protection' \
	-e 'Call Trace' -e 'cut here' -e 'Kernel panic' -e 'WARNING: ' "$dir/log")
memory=$(python3 - "$oopsdiag" "$dir/log" <<'PY'
import resource, subprocess, sys
subprocess.run([sys.argv[1], "-q", sys.argv[2]], stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
PY
)
awk -v b="$bytes" -v o="$ours" -v p="$peer" -v m="$memory" 'BEGIN {
	printf "benign log      %6.0f MB\n", b / 1e6
	printf "oopsdiag        %6.0f MB/s   %.3f s   peak %d MiB a process\n", b / 1e6 / o, o, m
	printf "grep -c         %6.0f MB/s   %.3f s\n", b / 1e6 / p, p
	printf "ratio           %6.2f of grep\n", p / o }'
