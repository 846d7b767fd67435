#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# lines-lab.sh [--kernel deb61|deb612] [--all | FAULT...]: is the source line that is blamed the one that faults?
# Without --kernel: the kernel and the module of kernel-lab.sh, and the dumps that dump-lab.sh left. Logs that are not
# there are made by a boot each. The lines are those that comments in module/ mark, see lines-fault.py.
# OD_LAB_CACHE, OD_LAB_DUMPS, OOPSDIAG as in the other labs. Exit 0 all passed, 1 some failed, 77 something is missing.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cache=${OD_LAB_CACHE:-lab-cache}
dumps=${OD_LAB_DUMPS:-$cache/dumps}
program=${OOPSDIAG:-./oopsdiag}
faults=(kfree_const null_deref list_del uaf)
kernel=

missing() { echo "lines-lab: $*" >&2; exit 77; }

[ "${1-}" != --kernel ] || { kernel=$2; shift 2; }
case ${1-} in
--all) mapfile -t faults < <({ grep -v '^#' "$here/expect.tsv" | cut -f 1; grep -ho 'FAULT: [^/]*' "$here"/module/* | grep -o 'cxx_[a-z]*'; } | sort -u) ;;
-*) echo "usage: lines-lab.sh [--kernel deb61|deb612] [--all | FAULT...]" >&2; exit 2 ;;
?*) faults=("$@") ;;
esac
mkdir -p "$cache" && cache=$(cd "$cache" && pwd) || exit 1

# Where image, module and logs are.
if [ -n "$kernel" ]; then
	[ -e "$cache/$kernel/kernel" ] || OD_LAB_NO_MODULE=1 "$here/foreign-kernel.sh" "$kernel" >&2 || missing "no kernel $kernel"
	image=$cache/$kernel/kernel place=$cache/$kernel/lines
	module=$place/odfaults.ko
	if [ ! -e "$module" ] || [ -n "$(find "$here/module" -newer "$module" -type f)" ]; then
		rm -rf "$place/log"
		OD_LAB_MODULE=module "$here/debug-module.sh" "$cache/$kernel"/root/usr/src/linux-headers-*cloud-amd64 "$place" || exit 1
	fi
else
	[ -s "$cache/release" ] && [ -e "$cache/module/odfaults.ko" ] || missing "kernel-lab.sh was not run"
	image=$cache/root/boot/vmlinuz-$(cat "$cache/release") place=$cache
	module=$cache/module/odfaults.ko
fi
mkdir -p "$place/log"
readelf -SW "$module" | grep -q '\.debug_info' || missing "$module has no debug information"

passed=0 failed=0
# check NAME MODULE FAULT FILE...
check() {
	local name=$1 why
	shift
	if why=$("$here/lines-fault.py" "$program" "$1" "$here/module" "${@:2}" 2>&1); then
		passed=$((passed + 1)); echo "ok $name"
	else
		failed=$((failed + 1)); echo "not ok $name: $why"
	fi
}

for fault in "${faults[@]}"; do
	log=$place/log/$fault
	if [ ! -s "$log" ] || [ "$module" -nt "$log" ]; then
		"$here/boot.sh" "$image" "$module" "$fault" "$log" > "$log.qemu" 2>&1
	fi
	check "log ${kernel:-kernel-lab} $fault" "$module" "$fault" "$log"
done

# The dumps whose fault is one of the module, with the module that crashed them.
[ -n "$kernel" ] || for made in "$dumps"/*/made; do
	case $made in */failed-*) continue ;; esac
	[ -e "$made" ] || continue
	read -r name from how _ fault options < "$made"
	case "$how $fault" in *sysrq* | *live*) continue ;; qemu:*" "* | kdump:*" "*) ;; *) continue ;; esac
	variant=
	case $options in *noorc*) variant=-noorc ;; esac
	module=$cache/$from/dump$variant/odfaults.ko
	[ -e "$module" ] && [ ! "$module" -nt "$made" ] || continue
	check "dump $name $fault" "$module" "$fault" "${made%/made}"/vmcore*
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
