#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# cut-log.sh [--crlf] < LOG > INPUT: a serial log as a corpus input. Keeps the "Linux version" line, the
# 30 lines before the fault and what follows, but no power-off; drops \r unless --crlf.
if [ "${1-}" = --crlf ]; then cat; else tr -d '\r'; fi | awk '
	/Linux version/ && !version { print; version = 1; next }
	{ line[++n] = $0 }
	/odfaults: running / && !start { start = n }
	END {
		from = start > 30 ? start - 30 : 1
		for (i = from; i <= n; i++)
			if (line[i] !~ /reboot: Power down|Preparing to enter system sleep|Rebooting in|tsc: Refined|clocksource: /)
				print line[i]
	}'
