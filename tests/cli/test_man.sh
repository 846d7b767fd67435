#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual page is what the tables print, and a page that its readers do not complain about.
set -eu
page=${srcdir:-.}/doc/oopsdiag.1

if ! "${MKMAN:-./src/front/mkman}" | diff -u "$page" -; then
	echo "$page is not what the tables say: run 'make man'"
	exit 1
fi
if command -v mandoc >/dev/null; then
	mandoc -Tlint "$page"
fi
if command -v groff >/dev/null; then
	complaints=$(groff -man -Tutf8 -ww "$page" 2>&1 >/dev/null)
	[ -z "$complaints" ] || { echo "$complaints"; exit 1; }
fi
