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

# verdict FOLDER FILE...: true if there is one. The exit statuses: a crash, none, stopped early.
verdict() {
	part=$1/oopsdiag-vmcore.txt.part
	verdict=$1/oopsdiag-vmcore.txt
	shift
	"${OOPSDIAG:-oopsdiag}" --quiet --timeout=300 "$@" >"$part" </dev/null
	case $? in
	0 | 1 | 3) mv -f "$part" "$verdict" ;;
	*)
		rm -f "$part"
		return 1
		;;
	esac
}

look() {
	dump=$(first "$1"/vmcore "$1"/dump.[0-9]* "$1"/vmcore.[0-9]* "$1"/vmcore.flat \
		"$1"/vmcore-incomplete "$1"/dump-incomplete*)
	log=$(first "$1"/vmcore-dmesg.txt "$1"/dmesg.[0-9]* "$1"/vmcore-dmesg-incomplete.txt)
	# Both are one input: of the log only what the dump lacks is used. A dump that cannot be read, such as one
	# that KDUMP_COMPRESSION packed, leaves the log.
	if [ -n "$dump" ] && verdict "$1" "$dump" ${log:+"$log"}; then
		return
	elif [ -n "$log" ] && verdict "$1" "$log"; then
		return
	elif [ -n "$dump$log" ]; then
		echo "vmcore-verdicts.sh: no verdict on $1" >&2
		failed=1
	fi
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
