#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# dmesg.sh [HOST...]: has the kernel of this machine, or of each HOST, crashed since it was booted?
#
# A line of --format=line for each crash, the host's name before it. For cron, or for a loop over a fleet:
# prints nothing where nothing happened. Exit status: 1 if a machine has a crash, 2 if one could not be asked,
# else 0. HOSTs are asked by ssh, without asking for a password. OOPSDIAG names the program.
# Installed anywhere; dmesg needs root where kernel.dmesg_restrict is 1.
set -u
crashed=0
unasked=0

# ask NAME COMMAND...: the log that COMMAND prints
ask() {
	name=$1
	shift
	log=$("$@" </dev/null) || {
		echo "dmesg.sh: cannot read the log of $name" >&2
		unasked=1
		return
	}
	lines=$(printf '%s\n' "$log" | "${OOPSDIAG:-oopsdiag}" --quiet --format=line)
	case $? in
	0)
		# What goes into the line is the host's name as it was given, never something that sed reads.
		printf '%s\n' "$lines" | while IFS= read -r line; do
			printf '%s\t%s\n' "$name" "$line"
		done
		crashed=1
		;;
	1) ;;
	*)
		echo "dmesg.sh: the log of $name was not analysed" >&2
		unasked=1
		;;
	esac
}

if [ $# -eq 0 ]; then
	ask "$(uname -n)" dmesg
fi
for host do
	# -- so that no name is taken for an option of ssh.
	ask "$host" ssh -o BatchMode=yes -o ConnectTimeout=10 -- "$host" dmesg
done
[ $unasked -eq 0 ] || exit 2
exit $crashed
