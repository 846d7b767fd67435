#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# kdump-post.sh STATUS: kdump's post hook on Fedora, RHEL and their like. Writes oopsdiag.txt beside the vmcore
# that was just saved, out of the log that kdump saved first (vmcore-dmesg.txt): the capture kernel has little
# memory and should reboot soon, so the dump itself is left to vmcore-verdicts.sh at the next boot.
#
# Install, in /etc/kdump.conf, then "kdumpctl restart", which builds the capture kernel's initramfs anew:
#     kdump_post /usr/local/sbin/kdump-post.sh
#     extra_bins /usr/bin/oopsdiag
# kdump calls it with one argument, the exit status of saving; it says nothing of the path, which is looked for
# below the mounted file systems under the "path" of kdump.conf. Nothing is written for ssh and raw targets.
# Whatever happens the exit status is 0, and it takes at most a minute: the capture never fails of it.
#
# Its own settings, for tests and unusual systems: OOPSDIAG, KDUMP_CONF, MOUNTS.
set -u
saved=${1:-unknown}

say() {
	echo "oopsdiag: $*" >&2
}

# Where kdump puts dumps, below the mount point of the target: the last "path" counts.
crash_path() {
	path=$(sed -n 's/^[[:blank:]]*path[[:blank:]]\{1,\}\([^#[:blank:]]*\).*/\1/p' \
		"${KDUMP_CONF:-/etc/kdump.conf}" 2>/dev/null | sed -n '$p')
	path=${path:-/var/crash}
	printf '/%s\n' "${path#/}"
}

# In $folder the one that the dump went to: the newest below any mount point, since names start with a host. Only
# what every shell has: an initramfs holds few programs.
newest() {
	folder=
	path=$(crash_path)
	while read -r _ mount _; do
		# Blanks stand in the table as octal numbers.
		mount=$(printf '%b' "$mount")
		for candidate in "${mount%/}$path"/*/; do
			[ -d "$candidate" ] || continue
			# shellcheck disable=SC3013 # not in POSIX, but in bash, dash and busybox
			if [ -z "$folder" ] || [ "$candidate" -nt "$folder" ]; then
				folder=${candidate%/}
			fi
		done
	done <"${MOUNTS:-/proc/mounts}"
}

verdict() {
	for log in vmcore-dmesg.txt vmcore-dmesg-incomplete.txt; do
		if [ -s "$1/$log" ]; then
			limit=
			! command -v timeout >/dev/null || limit='timeout 60'
			echo "kdump: saving ended with status $saved"
			# shellcheck disable=SC2086 # no word if there is no such program
			$limit "${OOPSDIAG:-oopsdiag}" --quiet --timeout=45 --max-memory=64 --no-symbols "$1/$log" </dev/null
			status=$?
			[ $status -gt 1 ] || return 0
			say "no verdict on $1/$log: exit status $status"
			return 1
		fi
	done
	say "no log of the crash in $1"
	return 1
}

newest
if [ -z "$folder" ]; then
	say "no folder of a dump is mounted, so there is nothing to say"
	exit 0
fi
umask 077
if verdict "$folder" >"$folder/oopsdiag.txt.part"; then
	mv -f "$folder/oopsdiag.txt.part" "$folder/oopsdiag.txt" && sync
else
	rm -f "$folder/oopsdiag.txt.part"
fi
exit 0
