#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Does the plugin say what it should, and nothing where there is nothing to say?
set -u
cd "$(dirname "$0")" || exit 99
oopsdiag=${OOPSDIAG:-oopsdiag}
failed=0

# crash DEPTH: an oops whose stack has one function that often. Made here, no machine printed it.
crash() {
	echo "BUG: unable to handle page fault for address: ffffc90000183ff8"
	echo "#PF: supervisor write access in kernel mode"
	echo "Oops: 0002 [#1] PREEMPT SMP"
	echo "CPU: 0 PID: 4711 Comm: find Not tainted 6.1.0-example #1"
	echo "RIP: 0010:tree_walk+0x1a/0x90 [treefs]"
	echo "RSP: 0018:ffffc90000184000 EFLAGS: 00010246"
	echo "Call Trace:"
	echo " <TASK>"
	i=1
	while [ $i -lt "$1" ]; do
		echo " tree_walk+0x5c/0x90 [treefs]"
		i=$((i + 1))
	done
	echo " treefs_lookup+0x44/0xa0 [treefs]"
	echo " __lookup_slow+0x81/0x130"
	echo " do_syscall_64+0x3b/0x90"
	echo " </TASK>"
	echo "---[ end trace 0000000000000000 ]---"
}

# said DEPTH: what oopsdiag finds then.
said() {
	crash "$1" | "$oopsdiag" --plugin-path="$PWD" --format=json - ||
		echo "oopsdiag ended with status $?"
}

said 20 > deep.out
said 3 > flat.out
for what in '"recursion/endless"' 'tree_walk calls itself without end' 'on the stack 20 times'; do
	grep -qF "$what" deep.out || { echo "FAIL: a deep stack, but no $what"; failed=1; }
done
grep -q 'recursion/endless' flat.out && { echo "FAIL: three calls are no endless recursion"; failed=1; }
for f in deep.out flat.out; do
	grep -qF treefs "$f" || { echo "FAIL: no crash was found:"; cat "$f"; failed=1; }
	grep -q 'plugin recursion' "$f" && { echo "FAIL: a note on the plugin:"; cat "$f"; failed=1; }
done
rm -f deep.out flat.out
[ $failed = 0 ] && echo "the plugin works"
exit $failed
