#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# triage.sh DIRECTORY: what is in a directory of tickets?
#
# Runs oopsdiag on every file below DIRECTORY and prints a line for each report, separated by tabs:
# ticket, verdict, signature, known problem. A ticket without a crash, or one that could not be
# read, has one line that says so. Needs sh, find and python3. OOPSDIAG names the program.
set -u

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
	echo "usage: triage.sh DIRECTORY" >&2
	exit 2
fi
command -v python3 >/dev/null || { echo "triage.sh: python3 is needed" >&2; exit 2; }

# shellcheck disable=SC2089
# The document comes on standard input: no name and no text of a ticket is ever run by a shell.
rows='
import json, os, sys

def cell(text):
    """One cell of a line: no tab, no newline, nothing that a terminal obeys."""
    return "".join(c if c.isprintable() else "?" for c in str(text))

ticket, status = os.fsencode(sys.argv[1]).decode("utf-8", "replace"), sys.argv[2]
try:
    document = json.loads(sys.stdin.buffer.read().decode("utf-8"))
except ValueError:
    document = {}
reports = document.get("reports", [])
for report in reports:
    findings = report.get("findings") or [{}]
    print(cell(ticket), cell(report.get("title") or "-"), cell(report.get("signature") or "-"),
          cell(findings[0].get("id") or "-"), sep="\t")
if not reports:
    verdict = "no crash" if status == "1" else "not analysed (status %s)" % status
    for given in document.get("inputs", []):
        if given.get("error"):
            verdict += ": " + given["error"]
    print(cell(ticket), cell(verdict), "-", "-", sep="\t")
'

# Links are not followed, and only files are read: a ticket may hold anything.
# shellcheck disable=SC2090
export rows
find "$1" -type f -exec sh -c '
	for ticket do
		# An absolute or ./ name cannot be taken for an option.
		case $ticket in /*) ;; *) ticket=./$ticket ;; esac
		document=$("${OOPSDIAG:-oopsdiag}" --json --quiet "$ticket" 2>/dev/null </dev/null)
		status=$?
		printf "%s\n" "$document" |
			PYTHONIOENCODING=utf-8 python3 -c "$rows" "$ticket" "$status"
	done' sh {} + | LC_ALL=C sort
