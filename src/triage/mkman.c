/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints doc/oopsdiag-triage.1 from the tables of options and commands, and with --completion what bash completes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "base/alloc.h"
#include "front/completion.h"
#include "front/roff.h"
#include "triage/discover.h"
#include "triage/options.h"

static void commands(void)
{
	size_t n;
	const struct od_triage_command *const *cmds = od_triage_commands(&n);

	puts(".SH COMMANDS");
	for (size_t i = 0; i < n; i++) {
		fputs(".TP\n.B ", stdout);
		od_roff_text(cmds[i]->usage, strlen(cmds[i]->usage));
		putchar('\n');
		od_roff_sentences(cmds[i]->help);
	}
}

static void options(void)
{
	size_t n;
	const struct od_triage_option *opt = od_triage_option_table(&n);

	puts(".SH OPTIONS\nIn parentheses are the commands that take an option; without, all do.");
	for (; n > 0; n--, opt++) {
		struct od_option_row row = od_triage_option_row(opt);

		od_option_row_roff(&row);
	}
}

static void layouts(void)
{
	const char *what;

	puts(".SH TICKETS\n"
	     "A file is a ticket, but for a mailbox, each message of which is one.\n"
	     "Archives are read in place: tar, cpio, zip and deb,\n"
	     "compressed by gzip, bzip2, xz, zstd or lz4, up to three within each other,\n"
	     "and so are compressed files, attachments of mails,\n"
	     "and what reports of apport hold encoded.\n"
	     "Names say nothing of what a file is; its first bytes do.\n"
	     "A directory holds a ticket in each of its files and directories, unless it is");
	for (size_t i = 0; (what = od_discover_layout(i)) != NULL; i++) {
		puts(".IP \\(bu 2");
		od_roff_text(what, strlen(what));
		puts(",");
	}
	puts(".IP \\(bu 2\na directory of pstore.\n"
	     ".PP\n"
	     "Then all of it is one ticket.\n"
	     "Links in directories, hidden files, check sums and signatures are no tickets.\n"
	     "The same crash in several files of a ticket is told once,\nwith the names of all of them.");
}

static const char head[] =
	".SH NAME\n"
	"oopsdiag\\-triage \\- say of a queue of tickets what crashed in each\n"
	".SH SYNOPSIS\n"
	".B oopsdiag\\-triage\n[\\fIOPTION\\fR]...\n\\fICOMMAND\\fR\n[\\fIARGUMENT\\fR]...\n"
	".SH DESCRIPTION\n"
	".B oopsdiag\\-triage\nhas each ticket of a queue analysed as\n.BR oopsdiag (1)\ndoes it,\n"
	"each by a confined process of its own, and keeps the results in a store.\n"
	"What was analysed before is not analysed again.\n"
	"Whatever is killed, and whenever, the same command goes on where it was.\n";

static const char tail[] =
	".SH \"EXIT STATUS\"\n"
	".TP\n.B 0\nDone.\n"
	".TP\n.B 1\n.B \\-\\-fail\\-on\nfound something.\n"
	".TP\n.B 2\nWrong usage, or a store that cannot be used.\n"
	".TP\n.B 3\nSomething was left out: a ticket is quarantined or cannot be read,\nor the run was interrupted.\n"
	".TP\n.B 5\nInternal error, the output or the store could not be written,\n"
	"or a sandbox that is required cannot be had.\n"
	".SH FILES\n"
	".TP\n.I ~/.local/state/oopsdiag/triage.db\nThe store: an SQLite file.\n"
	".SH EXAMPLES\n"
	".TP\n.B oopsdiag\\-triage run /srv/tickets\nOne line a ticket.\n"
	".TP\n.B oopsdiag\\-triage run \\-f markdown ticket.tar.xz\nWhat one pastes into a tracker.\n"
	".TP\n.B oopsdiag\\-triage known add v1/null\\-deref/\\-/f@mod \\-\\-kb=https://example.org/1\n"
	"From now on tickets with this signature say so.\n"
	".TP\n.B oopsdiag\\-triage similar /srv/tickets/4711.eml\nWhich others are the same.\n"
	".SH \"SEE ALSO\"\n"
	".BR oopsdiag (1),\n.BR crash (8),\n.BR parallel (1)\n";

static void page(void)
{
	puts(".\\\" Printed by src/triage/mkman.c: change the tables it prints, not this file.");
	printf(".TH OOPSDIAG\\-TRIAGE 1 %s \"oopsdiag %s\" \"User Commands\"\n", OD_ROFF_DATE, PACKAGE_VERSION);
	fputs(head, stdout);
	layouts();
	commands();
	options();
	fputs(tail, stdout);
}

/* The commands, and what each takes. */
static void completion_operands(struct od_completion *c)
{
	size_t n;
	const struct od_triage_command *const *cmds = od_triage_commands(&n);
	struct od_buf words = { 0 };

	od_completion_begin(c, "operand");
	for (size_t i = 0; i < n; i++)
		od_buf_printf(&words, "%s%s", i > 0 ? " " : "", cmds[i]->name);
	od_completion_case("''", od_buf_str(&words));
	for (size_t i = 0; i < n; i++) {
		od_buf_reset(&words);
		od_completion_usage(c, cmds[i]->usage, &words);
		od_completion_case(cmds[i]->name, words.len > 0 ? od_buf_str(&words) : "@text");
	}
	od_completion_case("*", "@text");
	od_completion_end();
	od_buf_deinit(&words);
}

static bool completion(void)
{
	struct od_completion c = { .prefix = "_oopsdiag_triage", .values = od_triage_option_words() };
	size_t n;
	const struct od_triage_option *opt = od_triage_option_table(&n);
	struct od_option_row *rows = od_calloc(n, sizeof(*rows));

	for (size_t i = 0; i < n; i++)
		rows[i] = od_triage_option_row(&opt[i]);
	puts("# bash completion for oopsdiag-triage(1)                       -*- shell-script -*-\n"
	     "# Made by 'make man' of the tables of src/triage, and doc/completion.bash.");
	od_completion_options(&c, rows, n);
	completion_operands(&c);
	free(rows);
	return !c.failed;
}

int main(int argc, char *argv[])
{
	bool ok = true;

	if (argc == 2 && !strcmp(argv[1], "--completion"))
		ok = completion();
	else
		page();
	return !ok || fflush(stdout) || ferror(stdout);
}
