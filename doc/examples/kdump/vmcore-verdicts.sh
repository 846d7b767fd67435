#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# vmcore-verdicts.sh [DIRECTORY]: look into each dump below /var/crash that has no verdict yet, and write
# oopsdiag-vmcore.txt beside it. Run once after boot by oopsdiag-vmcore.service.
#
# This is the way on Debian and Ubuntu: kdump-tools reboots as soon as the dump is saved and has no hook after it
# (KDUMP_FAIL_CMD is for failures). It does as well after kdump-post.sh, which only has the log.
# Known are the names of kdump-tools (DATE/dump.DATE, DATE/dmesg.DATE, vmcore.DATE) and of kexec-tools
# (HOST-DATE/vmcore, vmcore-dmesg.txt); what is incomplete is taken if there is nothing else.
# Installed as /usr/local/sbin/vmcore-verdicts.sh. OOPSDIAG names the program. Exit status: 1 if a dump could not
# be looked into; the next run tries it again.
set -u
directory=${1:-/var/crash}
failed=0
umask 077

# The first of the files that is there, with something in it.
first() {
	for file do
		if [ -f "$file" ] && [ ! -h "$file" ] && [ -s "$file" ]; then
			printf '%s\n' "$file"
			return
		fi
	done
}

look() {
	dump=$(first "$1"/vmcore "$1"/dump.[0-9]* "$1"/vmcore.[0-9]* "$1"/vmcore.flat \
		"$1"/vmcore-incomplete "$1"/dump-incomplete*)
	log=$(first "$1"/vmcore-dmesg.txt "$1"/dmesg.[0-9]* "$1"/vmcore-dmesg-incomplete.txt)
	[ -n "$dump$log" ] || return 0
	# Both are one input: of the log only what the dump lacks is used.
	set --
	[ -z "$dump" ] || set -- "$@" "$dump"
	[ -z "$log" ] || set -- "$@" "$log"
	part=$folder/oopsdiag-vmcore.txt.part
	"${OOPSDIAG:-oopsdiag}" --quiet --timeout=300 "$@" >"$part" </dev/null
	status=$?
	# 3: stopped early, what was found by then is printed and says so.
	case $status in
	0 | 1 | 3) mv -f "$part" "$folder/oopsdiag-vmcore.txt" ;;
	*)
		rm -f "$part"
		echo "vmcore-verdicts.sh: no verdict on $folder: exit status $status" >&2
		failed=1
		;;
	esac
}

# Only folders that nobody else can have prepared: on some systems anyone may write to /var/crash.
me=$(id -u)
for folder in "$directory"/*; do
	if [ -d "$folder" ] && [ ! -h "$folder" ] && [ ! -e "$folder/oopsdiag-vmcore.txt" ] &&
		[ -n "$(find "$folder" -prune -user "$me" ! -perm -o+w ! -perm -g+w)" ]; then
		look "$folder"
	fi
done
exit $failed
