#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kernel-lab.sh [--all | FAULT...]: crash real kernels in QEMU and compare what oopsdiag says about them
# with expect.tsv. Packages are kept in OD_LAB_CACHE (lab-cache), the program is OOPSDIAG (./oopsdiag).
# Exit 0 all passed, 1 some failed, 77 something it needs is not there.
set -u
here=$(cd "$(dirname "$0")" && pwd)
oopsdiag=${OOPSDIAG:-./oopsdiag}
cache=${OD_LAB_CACHE:-lab-cache}
faults=(kfree_const null_deref list_del)

missing() { echo "kernel-lab: $*" >&2; exit 77; }

# fetch PACKAGE...: download and unpack into the cache, nothing is installed.
fetch() {
	local try
	for try in 1 2 3; do
		(cd "$cache/debs" && apt-get download -q -o APT::Sandbox::User=root "$@") > "$cache/apt.log" 2>&1 && return 0
		sleep $((try * 2))
	done
	tail -n 5 "$cache/apt.log" >&2
	return 1
}

# The packages of the newest cloud kernel that apt knows, once; leaves $cache/root and $cache/release.
get_kernel() {
	local image release version deb
	[ -s "$cache/release" ] && return 0
	image=$(apt-cache depends linux-image-cloud-amd64 2> /dev/null | awk '/Depends: linux-image-/ { print $2; exit }')
	[ -n "$image" ] || missing "apt knows no linux-image-cloud-amd64 (apt-get update?)"
	release=${image#linux-image-}
	version=${release%%-*}
	rm -rf "$cache/debs" "$cache/root" && mkdir -p "$cache/debs" "$cache/root" || return 1
	fetch "$image" "linux-headers-$release" "linux-headers-${release%-cloud-amd64}-common" "linux-kbuild-${version%.*}" ||
		missing "the packages of $release cannot be downloaded"
	for deb in "$cache"/debs/*.deb; do dpkg -x "$deb" "$cache/root" || return 1; done
	echo "$release" > "$cache/release"
}

build_module() {
	local src=$cache/root/usr/src
	# The headers name their place in an installed system.
	echo "include $src/linux-headers-${release%-cloud-amd64}-common/Makefile" > "$src/linux-headers-$release/Makefile" || return 1
	mkdir -p "$cache/module" && cp -p "$here"/module/* "$cache/module/" || return 1
	if make -C "$src/linux-headers-$release" M="$cache/module" modules > "$cache/build.log" 2>&1; then return 0; fi
	tail -n 20 "$cache/build.log" >&2
	return 1
}

# judge FAULT LOG: nothing if the report that expect.tsv wants is there, or why not.
judge() {
	"$oopsdiag" -f json < "$2" > "$2.json" 2> "$2.err"
	local status=$?
	[ $status -eq 0 ] || { echo "oopsdiag ended with $status"; return 1; }
	python3 -c '
import json, re, sys

fault, expect, output = sys.argv[1:]
want = [line.rstrip("\n").split("\t") for line in open(expect) if line.split("\t")[0] == fault]
if not want:
    sys.exit(print("not in expect.tsv") or 1)
reports = json.load(open(output))["reports"]
why = []
for _, kind, function, module, finding in want:
    for r in reports:
        got = [r["kind"], r["guilty"]["function"] or "-", r["guilty"]["module"] or "-"]
        ids = [f["id"] for f in r["findings"]]
        if all(re.fullmatch(w, g) for w, g in zip((kind, function, module), got)) and (
                finding == "-" or any(re.fullmatch(finding, i) for i in ids)):
            break
    else:
        why.append("want %s %s %s %s, got %s" % (kind, function, module, finding, "; ".join(
            " ".join([r["kind"], r["guilty"]["function"] or "-", r["guilty"]["module"] or "-",
                      ",".join(f["id"] for f in r["findings"]) or "-"]) for r in reports) or "no report"))
print("; ".join(why))
sys.exit(1 if why else 0)
' "$1" "$here/expect.tsv" "$2.json"
}

case ${1-} in
--all) mapfile -t faults < <(grep -v '^#' "$here/expect.tsv" | cut -f 1 | uniq) ;;
-*) echo "usage: kernel-lab.sh [--all | FAULT...]" >&2; exit 2 ;;
?*) faults=("$@") ;;
esac

for tool in qemu-system-x86_64 apt-get dpkg cpio python3 make gcc-12 g++; do
	command -v "$tool" > /dev/null || missing "$tool is not there"
done
[ "$(uname -m)" = x86_64 ] || missing "the host is no x86_64"
[ -x "${OD_LAB_BUSYBOX:-/bin/busybox}" ] || missing "no busybox (package busybox-static)"
[ -x "$oopsdiag" ] || { echo "kernel-lab: no program $oopsdiag (OOPSDIAG=...)" >&2; exit 1; }
mkdir -p "$cache" && cache=$(cd "$cache" && pwd) || exit 1
get_kernel || exit 1
release=$(cat "$cache/release")
build_module || exit 1

passed=0 failed=0
mkdir -p "$cache/log"
for fault in "${faults[@]}"; do
	log=$cache/log/$fault
	rm -f "$log"
	if ! "$here/boot.sh" "$cache/root/boot/vmlinuz-$release" "$cache/module/odfaults.ko" "$fault" "$log" > "$log.qemu" 2>&1; then
		failed=$((failed + 1)); echo "not ok $fault: no log: $(tail -n 1 "$log.qemu")"
	elif why=$(judge "$fault" "$log"); then
		passed=$((passed + 1)); echo "ok $fault"
	else
		failed=$((failed + 1)); echo "not ok $fault: $why"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
