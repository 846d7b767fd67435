#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# mailbox.sh OUT MAILBOX...: find crashes in mails, and prepare an answer to each.
#
# A MAILBOX is a Maildir or an mbox file. For each message with a crash that was not seen before there are then
# OUT/KEY.eml, the message, which is a ticket of the store OUT/triage.db (similar, search and stats know it), and
# OUT/KEY.md, a draft: To, Subject and In-Reply-To of an answer, and what oopsdiag says, in Markdown. Nothing is
# sent: read it, then "mutt -H OUT/KEY.md". Says a line a draft. Mailboxes are only read, so it may run as often as
# you like, from cron or from a .forward or procmail rule that has delivered before.
# Exit status: 0, also if there was nothing new; 3 if a message could not be analysed (it is tried again).
# Needs sh, awk and coreutils. OOPSDIAG_TRIAGE names the program. Installed anywhere.
set -u
if [ $# -lt 2 ]; then
	echo "usage: mailbox.sh OUT MAILBOX..." >&2
	exit 2
fi
out=$1
shift
umask 077
mkdir -p -- "$out" || exit 2
case $out in
/*) ;;
*) out=$PWD/$out ;;
esac
: >>"$out/seen" || exit 2
work=$(mktemp -d) || exit 5
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
failed=0
seen=$(cat "$out/seen")

triage() {
	"${OOPSDIAG_TRIAGE:-oopsdiag-triage}" --store="$out/triage.db" --quiet "$@" </dev/null
}

# The header of an answer to the message on standard input. It was written by a stranger: a field is one line here,
# whatever was in it, and the id is taken only if it looks like one.
header() {
	awk '
	function value(s) {
		sub(/^[^:]*:[ \t]*/, "", s)
		gsub(/[[:cntrl:]]/, " ", s)
		return substr(s, 1, 900)
	}
	function field(s) {
		name = tolower(s)
		sub(/[ \t]*:.*/, "", name)
		if (!(name in fields))
			fields[name] = value(s)
	}
	{ sub(/\r$/, "") }
	/^$/ || NR > 1000 { exit }
	/^[ \t]/ { last = substr(last " " $0, 1, 8192); next }
	{ field(last); last = $0 }
	END {
		field(last)
		to = fields["reply-to"] != "" ? fields["reply-to"] : fields["from"]
		subject = fields["subject"]
		if (tolower(substr(subject, 1, 3)) != "re:")
			subject = "Re: " subject
		print "To: " to
		print "Subject: " subject
		if (fields["message-id"] ~ /^<[!-;=?-~]+@[!-;=?-~]+>[ \t]*$/) {
			print "In-Reply-To: " fields["message-id"]
			print "References: " fields["message-id"]
		}
		print "MIME-Version: 1.0"
		print "Content-Type: text/markdown; charset=UTF-8"
		print "Content-Transfer-Encoding: 8bit"
		print ""
	}'
}

# One message, a file: a ticket to be, unless it was seen before.
message() {
	key=$(sha256sum <"$1") || return
	key=${key%% *}
	case $seen in *"$key"*) return ;; esac
	seen="$seen $key"
	# With the line that begins a message of an mbox it would be a mailbox of one.
	sed '1{/^From /d;}' "$1" >"$out/$key.eml" || return
	printf '%s\0' "$out/$key.eml" >>"$work/tickets"
}

# What is said of a ticket.
answer() {
	ticket=$out/$1.eml
	case $2 in
	crash)
		{
			header <"$ticket"
			# Without the first heading, which is the name of the file.
			triage export --format=markdown -- "$ticket" | sed 1,2d
		} >"$work/draft" && mv "$work/draft" "$out/$1.md" && echo "$out/$1.md"
		;;
	none)
		rm -f -- "$ticket"
		;;
	*)
		echo "mailbox.sh: not analysed: a message, kept as $ticket: $2" >&2
		failed=3
		return
		;;
	esac
	echo "$1" >>"$out/seen"
}

for mailbox do
	# A name is never an option.
	case $mailbox in /*) ;; *) mailbox=./$mailbox ;; esac
	if [ -d "$mailbox/cur" ] || [ -d "$mailbox/new" ]; then
		set -- "$mailbox"/new/* "$mailbox"/cur/*
	elif [ -f "$mailbox" ]; then
		# A message begins at "From " behind an empty line; such lines in its text have a > in front.
		rm -rf "$work/mbox" && mkdir "$work/mbox"
		awk -v folder="$work/mbox" '
		BEGIN { empty = 1 }
		empty && /^From / {
			if (file != "")
				close(file)
			file = sprintf("%s/%08d", folder, ++n)
		}
		{ empty = $0 == "" || $0 == "\r" }
		file != "" { print >file }' "$mailbox"
		set -- "$work/mbox"/*
	else
		echo "mailbox.sh: neither a Maildir nor an mbox: $mailbox" >&2
		failed=3
		continue
	fi
	for mail do
		if [ -f "$mail" ] && [ ! -h "$mail" ]; then
			message "$mail"
		fi
	done
done

# All at once, each by a process of its own; their names are keys, whatever OUT is called.
if [ -s "$work/tickets" ]; then
	triage run --format=line --null --files-from="$work/tickets" >"$work/lines"
	[ $? -le 3 ] || failed=3
	cut -f 1,2 "$work/lines" | sed -n 's/^.*\([0-9a-f]\{64\}\)\.eml\t\([a-z]*\)$/\1 \2/p' >"$work/verdicts"
	while read -r key verdict; do
		answer "$key" "$verdict"
	done <"$work/verdicts"
fi
exit $failed
