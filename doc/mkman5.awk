# SPDX-License-Identifier: GPL-3.0-or-later
# doc/oopsdiag-rules.5 of doc/rules.md: `make man` runs it, and tests/cli/test_man.sh compares. Of markdown it knows
# what that file has: headings, paragraphs, lists of one level, one block of code, and words in backquotes.

function esc(s) {
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	gsub(/'/, "\\(aq", s)
	return s
}
function put(s) {
	print s ~ /^[.]/ ? "\\&" s : s
}
# Filled to lines.
function fill(s,    n, i, word, line) {
	n = split(s, word, " ")
	line = word[1]
	for (i = 2; i <= n; i++) {
		if (length(line) + length(word[i]) > 76) {
			put(line)
			line = word[i]
		} else {
			line = line " " word[i]
		}
	}
	put(line)
}
# Words in backquotes are bold.
function inline(s,    out, n, part, i) {
	n = split(s, part, "`")
	out = ""
	for (i = 1; i <= n; i++)
		out = out (i % 2 ? esc(part[i]) : "\\fB" esc(part[i]) "\\fR")
	return out
}
# A paragraph, a sentence a line.
function flush(    s, i) {
	s = para
	para = ""
	while ((i = index(s, ". ")) > 0) {
		fill(inline(substr(s, 1, i)))
		s = substr(s, i + 2)
	}
	if (s != "")
		fill(inline(s))
}
BEGIN {
	print ".\\\" Made of doc/rules.md by doc/mkman5.awk: change that file, not this one."
	print ".TH OOPSDIAG\\-RULES 5 2026-11-21 \"oopsdiag " version "\" \"File Formats\""
	print ".SH NAME"
	print "oopsdiag\\-rules \\- rules for known problems, in YAML"
	first = 1
}
/^```/ {
	flush()
	code = !code
	print code ? (begun ? "" : ".PP\n") ".nf\n.RS 4" : ".RE\n.fi"
	next
}
code {
	line = esc($0)
	print line ~ /^[.]/ ? "\\&" line : line
	next
}
/^# / {
	print ".SH DESCRIPTION"
	next
}
/^## / {
	flush()
	print ".SH \"" toupper(substr($0, 4)) "\""
	begun = 1
	next
}
/^$/ {
	if (para != "")
		flush()
	fresh = 1
	next
}
/^- / {
	flush()
	i = index($0, ":")
	print ".TP"
	print inline(substr($0, 3, i - 3))
	para = substr($0, i + 2)
	fresh = begun = 0
	next
}
{
	line = $0
	sub(/^ +/, "", line)
	if (para == "" && fresh && !begun && !first)
		print ".PP"
	first = fresh = begun = 0
	para = para == "" ? line : para " " line
}
END {
	flush()
	print ".SH \"SEE ALSO\""
	print ".BR oopsdiag (1),"
	print ".BR pcre2pattern (3)"
}
