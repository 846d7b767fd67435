/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help: from the rows themselves. */
#include <string.h>

#include "render/page.h"
#include "shell/commands.h"
#include "shell/decode.h"
#include "shell/session.h"

enum { NAME = 11, EXAMPLE = 36, WIDE = 80 }; /* columns */

static void list(const struct od_style *style, struct od_buf *out)
{
	size_t n;
	const struct od_command *const *cmds = od_commands(&n);

	for (size_t i = 0; i < n; i++) {
		od_buf_printf(out, "%-10s ", cmds[i]->name);
		od_page_wrap(out, style, NAME, NAME, cmds[i]->help);
	}
	od_buf_addch(out, '\n');
	od_page_wrap(out, style, 0, 0,
		     "Unique beginnings of names will do; 'help COMMAND' says more, 'alias' lists names of crash that "
		     "stand for others. Of a dump, a type or a variable alone is printed: 'task_struct.comm ADDRESS'. "
		     "On a terminal: '| COMMAND' and '> FILE' behind a line, '!COMMAND' for the shell, '< FILE' for a "
		     "file of lines.");
}

static void examples(const struct od_command *cmd, const struct od_style *style, struct od_buf *out)
{
	const char *next = cmd->examples;
	struct od_example e;

	if (next)
		od_buf_addstr(out, "\nExamples:\n");
	while (od_example_next(&next, &e))
		od_buf_printf(out, "  %-*.*s%s %.*s\n", style->width < WIDE ? 0 : EXAMPLE, (int)e.line_len, e.line,
			      style->width < WIDE ? "\n     " : "", (int)e.text_len, e.text);
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const struct od_command *cmd;
	struct od_buf line = OD_BUF_INIT;
	struct od_error *err;

	if (args->argc == 1) {
		list(&s->style, out);
		return NULL;
	}
	err = od_command_find(args->argv[1], &cmd);
	if (err)
		return err;
	od_buf_printf(out, "%s\n", cmd->usage);
	od_buf_printf(&line, "%s.", cmd->help);
	od_page_wrap(out, &s->style, 0, 0, od_buf_str(&line));
	od_buf_deinit(&line);
	if (cmd->alias)
		od_buf_printf(out, "Short form: %s.\n", cmd->alias);
	if (cmd->details) {
		od_buf_addch(out, '\n');
		od_page_wrap(out, &s->style, 0, 0, cmd->details);
	}
	examples(cmd, &s->style, out);
	if (cmd == &od_cmd_decode)
		od_decode_help(out);
	return NULL;
}

static void complete(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	size_t n;
	const struct od_command *const *cmds = od_commands(&n);

	(void)s;
	for (size_t i = 0; i < n; i++)
		od_words_add(words, od_args_word(args), cmds[i]->name);
}

const struct od_command od_cmd_help = {
	.name = "help",
	.alias = "?",
	.options = "",
	.usage = "help [COMMAND]",
	.help = "List the commands, or say what one does",
	.max_args = 1,
	.complete = complete,
	.exec = exec,
	.examples = "help\tlist the commands\n"
		    "help bt\twhat bt does\n",
};
