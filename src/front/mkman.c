/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints doc/oopsdiag.1 from the tables of options and commands, and with --completion what bash completes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "base/alloc.h"
#include "front/completion.h"
#include "front/options.h"
#include "front/roff.h"
#include "shell/commands.h"
#include "shell/decode.h"

static void options(void)
{
	size_t n;
	const struct od_option *opt = od_option_table(&n);

	puts(".SH OPTIONS");
	for (; n > 0; n--, opt++) {
		struct od_option_row row = od_option_row(opt);

		if (opt->cli)
			od_option_row_roff(&row);
	}
}

static void examples(const struct od_command *cmd)
{
	const char *next = cmd->examples;
	struct od_example e;

	while (od_example_next(&next, &e)) {
		fputs(".br\n\\fB", stdout);
		od_roff_text(e.line, e.line_len);
		fputs("\\fR: ", stdout);
		od_roff_text(e.text, e.text_len);
		putchar('\n');
	}
}

static void commands(void)
{
	size_t n, nd;
	const struct od_command *const *cmds = od_commands(&n);
	const struct od_decoder *d = od_decoders(&nd);

	puts(".SH COMMANDS\n"
	     "Commands are typed into the REPL, or given by\n.B \\-\\-command\nand\n"
	     ".BR \\-\\-execute .\n"
	     "The beginning of a name will do if no other name begins so.\n"
	     "Words are separated by blanks; quotes hold them together.\n"
	     "A line that starts with # is a comment.\n"
	     ".PP\n"
	     "Typed on a terminal,\n.IR \"COMMAND \" | \" SHELL-COMMAND\" ,\n.IR \"COMMAND \" > \" FILE\"\nand\n"
	     ".IR \"COMMAND \" >> \" FILE\"\nput the answer elsewhere;\n"
	     "what is longer than the screen goes to a pager.\n"
	     "A log that is pasted becomes an input.\n"
	     "Lines that start with a blank are not kept in the history.\n"
	     "With\n.B \\-i\nand no\n.I FILE\nstandard input is the log and what is typed comes from the terminal, if the\n"
	     "output goes to one; with a\n.I FILE\nstandard input has the commands.");
	for (size_t i = 0; i < n; i++) {
		fputs(".TP\n.B ", stdout);
		od_roff_text(cmds[i]->usage, strlen(cmds[i]->usage));
		putchar('\n');
		od_roff_sentences(cmds[i]->help);
		if (cmds[i]->details)
			od_roff_sentences(cmds[i]->details);
		examples(cmds[i]);
	}
	puts(".PP\nWhat\n.B decode\nknows:");
	for (; nd > 0; nd--, d++) {
		fputs(".TP\n.B decode ", stdout);
		od_roff_text(d->name, strlen(d->name));
		putchar(' ');
		od_roff_text(d->usage, strlen(d->usage));
		putchar('\n');
		od_roff_sentences(d->help);
	}
}

static void settings(void)
{
	size_t n;
	const struct od_option *opt = od_option_table(&n);
	const char *comma = "";

	puts("Lines\n.IR \"key \" = \" value\" ,\n"
	     "comments starting with #.\nThe keys are long option names:");
	for (; n > 0; n--, opt++) {
		if (!opt->setting)
			continue;
		printf("%s\\fB", comma);
		od_roff_text(opt->name, strlen(opt->name));
		fputs("\\fR", stdout);
		comma = ",\n";
	}
	puts(".\nThe user's file is read after the system's, the command line after both.");
}

static const char head[] =
	".SH NAME\n"
	"oopsdiag \\- diagnose kernel crash logs and backtraces\n"
	".SH SYNOPSIS\n"
	".B oopsdiag\n[\\fIOPTION\\fR]...\n[\\fIFILE\\fR]...\n"
	".SH DESCRIPTION\n"
	".B oopsdiag\nreads kernel logs, however a mailer mangled them, and gdb backtraces.\n"
	"It says what crashed, whose fault it is, whether the problem is known,\n"
	"on which lines of the input that rests, and what to do.\n"
	".PP\n"
	"Without\n.I FILE\nstandard input is read.\nIf that is a terminal, the REPL starts.\n"
	"With\n.I FILE\nit starts too, with the files loaded, if standard input and output are a\n"
	"terminal and no format, command or\n.B \\-\\-explain\nis given.\n"
	"The\n.I FILE\n.B \\-\nis standard input.\n"
	".PP\n"
	"What a\n.I FILE\nis shows in its first bytes, not in its name:\n"
	"a log with any prefix that consoles, syslog, journals and CI systems put in\nfront of lines;\n"
	"a raw mail or a mailbox (MIME is decoded, attached logs are read);\na web page in HTML;\n"
	"what\n.BR \"journalctl \\-o json\" ,\n.B journalctl \\-o export\nand\n.B dmesg \\-J\nprint;\n"
	"text of a tracker with fences, quoting or HTML entities;\n"
	"the output of a serial console, escape sequences and all.\n"
	"Numbers of lines are always those of the\n.I FILE\nas it is.\n"
	".PP\n"
	"The analysis runs in a process of its own, with limits on time and memory.\n"
	"If it dies of a bad input, what it had found by then is printed.\n";

static const char exit_status[] =
	".SH \"EXIT STATUS\"\n"
	".TP\n.B 0\nA crash was found.\n"
	".TP\n.B 1\nThe input was read to its end and holds no crash.\n"
	".TP\n.B 2\nWrong usage or configuration.\n"
	".TP\n.B 3\nStopped early: a limit, or a part of the program that died.\n"
	"The output is valid and says so.\n"
	".TP\n.B 4\nAn input is unreadable or of no kind that is known.\n"
	".TP\n.B 5\nInternal error, the output could not be written, or a sandbox that is\nrequired cannot be had.\n"
	".PP\n"
	"With several inputs it is the first of 5, 2, 4, 3, 0, 1 that occurred.\n"
	"Commands given by\n.B \\-\\-command\nor\n.B \\-\\-execute\nnever give 1.\n";

static const char environment[] =
	".SH ENVIRONMENT\n"
	".TP\n.B NO_COLOR\nIf set and not empty, there is no colour unless it is asked for.\n"
	".TP\n.B PAGER\nWhat shows long answers in the REPL, with its options;\n.B less\nby default.\n"
	"No shell reads it; LESSSECURE is set for it.\n"
	".TP\n.B TERM\nThere is no colour on a terminal of type\n.BR dumb .\n"
	".TP\n.BR XDG_CONFIG_HOME ,\\  XDG_STATE_HOME\n"
	"Where the files above are, if absolute paths.\n";

static const char tail[] =
	".SH EXAMPLES\n"
	".TP\n.B dmesg | oopsdiag\nSay what happened on this machine.\n"
	".TP\n.B oopsdiag \\-f json ticket.eml\nThe same of a mail, for a program.\n"
	".TP\n.B oopsdiag \\-c \\(aqbt \\-a\\(aq \\-c regs vmcore\\-dmesg.txt\n"
	"All stacks and the registers.\n"
	".TP\n.B oopsdiag \\-\\-repaired ticket.eml > oops.txt\n"
	"The log in the mail as the kernel wrote it.\n"
	".TP\n.B oopsdiag \\-c \\(aqdecode taint GOE\\(aq\nWhat the letters mean.\n"
	".SH \"SEE ALSO\"\n"
	".BR oopsdiag\\-rules (5),\n.BR crash (8),\n.BR dmesg (1),\n.BR gdb (1)\n";

static void page(void)
{
	puts(".\\\" Printed by src/front/mkman.c: change the tables it prints, not this file.");
	printf(".TH OOPSDIAG 1 %s \"oopsdiag %s\" \"User Commands\"\n", OD_ROFF_DATE, PACKAGE_VERSION);
	fputs(head, stdout);
	options();
	commands();
	fputs(exit_status, stdout);
	puts(".SH FILES\n.TP\n.I /etc/oopsdiag/config\n.TQ\n.I ~/.config/oopsdiag/config");
	settings();
	puts(".TP\n.I ~/.local/state/oopsdiag/history\nThe lines typed into the REPL.");
	puts(".TP\n.I ~/.cache/oopsdiag/debug\nWhat was unpacked, with \\fB\\-\\-cache\\fR. It may be removed at any time.");
	fputs(environment, stdout);
	fputs(tail, stdout);
}

static void command_names(struct od_buf *words)
{
	size_t n;
	const struct od_command *const *cmds = od_commands(&n);

	od_buf_reset(words);
	for (size_t i = 0; i < n; i++)
		od_buf_printf(words, "%s%s", i > 0 ? " " : "", cmds[i]->name);
}

static void decoder_names(struct od_buf *words)
{
	size_t n;
	const struct od_decoder *d = od_decoders(&n);

	for (; n > 0; n--, d++)
		od_buf_printf(words, "%s%s", words->len > 0 ? " " : "", d->name);
}

/* What may stand in a command behind its name: its options, and what decode and help list. */
static void after(const struct od_command *cmd, struct od_buf *words)
{
	od_buf_reset(words);
	for (const char *s = cmd->options; *s; s++)
		if (*s != ':')
			od_buf_printf(words, "%s-%c", words->len > 0 ? " " : "", *s);
	if (cmd == &od_cmd_decode)
		decoder_names(words);
	else if (cmd == &od_cmd_help)
		command_names(words);
}

static void completion_commands(const struct od_completion *c)
{
	size_t n;
	const struct od_command *const *cmds = od_commands(&n);
	struct od_buf words = { 0 };

	od_completion_begin(c, "command");
	command_names(&words);
	od_completion_case("''", od_buf_str(&words));
	for (size_t i = 0; i < n; i++) {
		after(cmds[i], &words);
		if (words.len > 0)
			od_completion_case(cmds[i]->name, od_buf_str(&words));
	}
	od_completion_case("*", "");
	od_completion_end();
	od_buf_deinit(&words);
}

static bool completion(void)
{
	struct od_completion c = { .prefix = "_oopsdiag", .values = od_option_words() };
	size_t n, ncli = 0;
	const struct od_option *opt = od_option_table(&n);
	struct od_option_row *rows = od_calloc(n, sizeof(*rows));

	for (; n > 0; n--, opt++)
		if (opt->cli)
			rows[ncli++] = od_option_row(opt);
	puts("# bash completion for oopsdiag(1)                              -*- shell-script -*-\n"
	     "# Made by 'make man' of the tables of src/front and src/shell, and doc/completion.bash.");
	od_completion_options(&c, rows, ncli);
	od_completion_begin(&c, "operand");
	od_completion_case("*", "@file");
	od_completion_end();
	completion_commands(&c);
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
