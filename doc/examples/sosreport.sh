#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# sosreport.sh ARCHIVE|DIRECTORY...: what crashed in sosreports (supportconfigs, plain archives), as Markdown?
#
# In one line, if the results are to be kept in your store:
#     oopsdiag-triage run -f markdown sosreport-*.tar.xz
# This script leaves nothing behind. Archives are read in place, nothing is unpacked. Exit status: that of
# oopsdiag-triage, so 1 if something of severity high or worse is in it. OOPSDIAG_TRIAGE names the program.
# Installed anywhere.
set -u
if [ $# -eq 0 ]; then
	echo "usage: sosreport.sh ARCHIVE|DIRECTORY..." >&2
	exit 2
fi
store=$(mktemp -d) || exit 5
trap 'rm -rf "$store"' EXIT
trap 'exit 130' INT TERM HUP
"${OOPSDIAG_TRIAGE:-oopsdiag-triage}" --store="$store/triage.db" --quiet --format=markdown --fail-on=high \
	run -- "$@"
