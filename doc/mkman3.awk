# SPDX-License-Identifier: GPL-3.0-or-later
# doc/oopsdiag-plugin.3 of plugins/oopsdiag-plugin.h: its comments are the manual. `make man` runs it, and
# tests/cli/test_man.sh compares. It knows the shape of that one file: tabs, one member a line, a comment behind
# a member or above it.

function esc(s) {
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	return s
}
# Text of a comment, filled to lines, none of which starts like a request.
function say(s,    n, i, word, line) {
	n = split(s, word, " ")
	line = word[1]
	for (i = 2; i <= n; i++) {
		if (length(line) + length(word[i]) > 70) {
			put(line)
			line = word[i]
		} else {
			line = line " " word[i]
		}
	}
	put(line)
}
function put(line) {
	line = esc(line)
	print line ~ /^[.']/ ? "\\&" line : line
}
# Whole sentences start lines.
function prose(s,    i) {
	while ((i = index(s, ". ")) > 0) {
		say(substr(s, 1, i))
		s = substr(s, i + 2)
	}
	if (s != "")
		say(s)
}
function strip(s) {
	gsub(/[ \t]+/, " ", s)
	sub(/^ /, "", s)
	sub(/ $/, "", s)
	return s
}
# The words of a comment that starts in the line; reads on to its end.
function comment(line,    text) {
	sub(/.*\/\*/, "", line)
	text = line
	while (index(text, "*/") == 0) {
		if ((getline line) <= 0)
			break
		if (line !~ /^[ \t]*\*\//)
			sub(/^[ \t]*\*/, "", line)
		# A line of its own in a list, or an empty one, ends a paragraph.
		if (line ~ /^[ \t]*$/)
			text = text "\n"
		else if (line ~ /^ - /)
			text = text "\n" line
		else
			text = text " " line
	}
	sub(/\*\/.*/, "", text)
	return text
}
function paragraphs(text,    n, i, part, said) {
	n = split(text, part, "\n")
	for (i = 1; i <= n; i++) {
		part[i] = strip(part[i])
		if (part[i] == "")
			continue
		if (sub(/^- /, "", part[i]))
			print ".IP \\(bu 3"
		else if (said++)
			print ".PP"
		prose(part[i])
	}
}
function heading(name) {
	if (section != name)
		print ".SH " name
	section = name
}
# A declaration (a whole statement) with what was said of it.
function item(declaration, text) {
	print ".TP"
	print ".B " esc(strip(declaration))
	if (strip(text) != "")
		prose(strip(text))
	else
		print "\\&"
}

BEGIN {
	print ".\\\" Printed by doc/mkman3.awk: change plugins/oopsdiag-plugin.h and run make man."
	print ".TH OOPSDIAG\\-PLUGIN 3 2026-11-21 \"oopsdiag " version "\""
	print ".SH NAME"
	print "oopsdiag\\-plugin \\- the interface of plugins of oopsdiag"
	print ".SH SYNOPSIS"
	print ".nf"
	print ".B #include <oopsdiag\\-plugin.h>"
	print ".PP"
	print ".B const struct od_plugin *od_plugin_entry_1(const struct od_plugin_host *host);"
	print ".PP"
	print ".B cc \\-shared \\-fPIC \\-fvisibility=hidden $(pkg\\-config \\-\\-cflags oopsdiag\\-plugin) \\-o name.so name.c"
	print ".fi"
}

# The comment at the top is the description; those before structs and enums belong to them.
/^\/\*/ && !/SPDX/ {
	text = comment($0)
	if (!described) {
		described = 1
		heading("DESCRIPTION")
		paragraphs(text)
		text = ""
	}
	above = text
	next
}
/^struct [a-z_]+ \{/ {
	name = $2
	heading("STRUCTS")
	print ".SS struct " esc(name)
	paragraphs(above)
	above = pending = ""
	inside = "struct"
	next
}
/^enum \{/ {
	if (section == "STRUCTS")
		print ".SS Constants"
	else
		heading("CONSTANTS")
	if (above != "" && section == "CONSTANTS")
		print ".PP"
	paragraphs(above)
	above = pending = ""
	inside = "enum"
	next
}
/^};/ { inside = ""; next }
inside == "enum" && /^\t[A-Z]/ {
	line = $0
	text = ""
	if (line ~ /\/\*/)
		text = comment(line)
	sub(/\/\*.*/, "", line)
	sub(/,[ \t]*$/, "", line)
	item(line, text)
	next
}
inside == "struct" && /^\t\/\*/ { pending = comment($0); next }
inside == "struct" && /^\t/ {
	line = $0
	text = pending
	while (line !~ /;/) {
		if ((getline more) <= 0)
			break
		line = line " " more
	}
	if (line ~ /\/\*/)
		text = strip(text) " " comment(line)
	sub(/;.*/, ";", line)
	item(line, text)
	pending = ""
	next
}
# Flags stand below the struct that they belong to.
/^#define OD_[A-Z0-9_]+ \(1u << / {
	line = $0
	text = line ~ /\/\*/ ? comment(line) : above
	sub(/^#define /, "", line)
	sub(/[ \t]*\/\*.*/, "", line)
	item(line, text)
	above = ""
	next
}
/^#define OD_PLUGIN_(ABI|MAX_ARGSZ) / {
	heading("CONSTANTS")
	item($2 " = " $3, "")
	next
}
/^(const struct od_plugin \*)?od_plugin_entry_1/ || /^const struct od_plugin \*od_plugin_entry_1/ {
	heading("ENTRY")
	item($0, above)
	above = ""
	next
}
/^$/ { above = "" }

END {
	print ".SH FILES"
	print ".TP"
	print ".IR PREFIX /lib/oopsdiag/plugins"
	print "Plugins are looked for here"
	print "(pkg\\-config \\-\\-variable=plugindir oopsdiag\\-plugin), and where"
	print ".B \\-\\-plugin\\-path"
	print "says."
	print ".SH SEE ALSO"
	print ".BR oopsdiag (1);"
	print "doc/plugin\\-abi.md of the source has the rules at length,"
	print "doc/examples/plugin a project to start from."
}
