#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# gate.sh OUT LOG...: fail a CI job if the kernel crashed in one of its logs (boots, consoles, test runs).
#
# Prints a line a log; writes OUT/oopsdiag.html and OUT/oopsdiag.md to keep as artifacts. On GitHub each crash is
# shown as an annotation too, and the Markdown as the summary of the job. FAIL_ON is what fails the job: a severity
# (critical, high, medium, low), unknown, or a signature; high if it is not set. OOPSDIAG_TRIAGE names the program.
# Exit status: 0 nothing of that, 1 there is, 2 usage, 3 a log could not be read: a gate that saw nothing is
# not open. github.yml and gitlab-ci.yml call it.
set -u
if [ $# -lt 2 ]; then
	echo "usage: gate.sh OUT LOG..." >&2
	exit 2
fi
out=$1
shift
mkdir -p -- "$out" || exit 2
work=$(mktemp -d) || exit 5
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

triage() {
	"${OOPSDIAG_TRIAGE:-oopsdiag-triage}" --store="$work/triage.db" --quiet "$@"
}

# The log is analysed once; the other formats come out of the store.
triage --format=line --fail-on="${FAIL_ON:-high}" run -- "$@" >"$work/lines"
status=$?
triage --format=html --verbose export >"$out/oopsdiag.html" &&
	triage --format=markdown export >"$out/oopsdiag.md" || exit 5
cat "$work/lines"

# What stands in a log must not become a command of the runner: GitHub takes lines that begin with ::, and in them
# %, ends of lines, and in properties : and , have to be escaped.
if [ "${GITHUB_ACTIONS:-}" = true ]; then
	awk -F '\t' '
	function data(s) { gsub(/%/, "%25", s); gsub(/\r/, "%0D", s); return s }
	function property(s) { s = data(s); gsub(/:/, "%3A", s); gsub(/,/, "%2C", s); return s }
	$2 == "crash" {
		level = $3 == "critical" || $3 == "high" ? "error" : "warning"
		printf "::%s title=%s::%s\n", level, property("Kernel: " $4), data($1 ": " $5)
	}' "$work/lines"
	if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
		cat "$out/oopsdiag.md" >>"$GITHUB_STEP_SUMMARY"
	fi
fi
exit $status
