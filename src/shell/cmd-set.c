/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "shell/commands.h"
#include "shell/session.h"
#include "shell/settings.h"

static const struct od_setting settings[] = {
	{ "report", OD_SET_REPORT, false, false, 0, UINT32_MAX - 1,
	  "number of the report that commands speak of" },
	{ "input", OD_SET_INPUT, true, false, 0, UINT32_MAX - 1, "number of the current input" },
	{ "width", OD_SET_WIDTH, true, false, 40, 1000, "columns of the text" },
	{ "pager", OD_SET_PAGER, true, true, 0, 1,
	  "what is longer than the screen goes to $PAGER, or less; only the REPL on a terminal" },
	{ "color", OD_SET_COLOUR, true, true, 0, 1, "colour in the text" },
};

const struct od_setting *od_setting_find(const char *name)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (!strcmp(settings[i].name, name))
			return &settings[i];
	return NULL;
}

struct od_error *od_setting_value(const struct od_setting *set, const char *text, uint32_t *ret)
{
	uint64_t value;

	if (set->on_off) {
		*ret = !strcmp(text, "on");
		return *ret || !strcmp(text, "off")
			       ? NULL
			       : od_error_new(OD_ERR_USAGE, "'%s' is not on or off", text);
	}
	if (!od_parse_number(text, &value) || value < set->min || value > set->max)
		return od_error_new(OD_ERR_USAGE, "'%s' is not a number from %u to %u", text,
				    set->min, set->max);
	*ret = (uint32_t)value;
	return NULL;
}

void od_setting_print(const char *name, const char *value, struct od_buf *out)
{
	const struct od_setting *set = od_setting_find(name);

	od_buf_printf(out, "%-8s %-6s %s\n", set->name, value, set->help);
}

static void show_value(const struct od_session *s, const struct od_setting *set,
		       struct od_buf *out)
{
	const struct od_report *rep = od_session_current(s);

	switch (set->id) {
	case OD_SET_REPORT:
		if (rep)
			od_buf_printf(out, "%u", rep->id);
		else
			od_buf_addch(out, '-');
		break;
	case OD_SET_INPUT:
		if (s->ninputs > 0)
			od_buf_printf(out, "%u", s->index);
		else
			od_buf_addch(out, '-');
		break;
	case OD_SET_PAGER: /* the front's secret: it answers itself */
		break;
	case OD_SET_WIDTH:
		od_buf_printf(out, "%u", s->style.width);
		break;
	case OD_SET_COLOUR:
		od_buf_addstr(out, s->style.colour ? "on" : "off");
		break;
	}
}

static void list(const struct od_session *s, struct od_buf *out)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct od_buf value = OD_BUF_INIT;

		if (settings[i].id == OD_SET_PAGER)
			continue;
		show_value(s, &settings[i], &value);
		od_setting_print(settings[i].name, od_buf_str(&value), out);
		od_buf_deinit(&value);
	}
}

/* Only settings of the engine: those of the front never come here. */
static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const struct od_setting *set;
	struct od_report *rep;
	struct od_error *err;

	if (args->argc == 1) {
		list(s, out);
		return NULL;
	}
	set = od_setting_find(args->argv[1]);
	if (!set)
		return od_error_new(OD_ERR_USAGE, "there is no '%s'; 'set' lists all",
				    args->argv[1]);
	if (args->argc == 2) {
		show_value(s, set, out);
		od_buf_addch(out, '\n');
		return NULL;
	}
	if (set->front)
		return od_error_new(OD_ERR_USAGE, "%s cannot be set here", set->name);
	err = od_session_load(s);
	if (!err)
		err = od_session_report(s, args, 2, &rep);
	if (!err)
		s->current = rep->id - s->id_base;
	return err;
}

static void complete(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	const char *word = od_args_word(args);
	int n = args->argc + !args->open;
	const struct od_setting *set = n == 3 ? od_setting_find(args->argv[1]) : NULL;

	for (size_t i = 0; n == 2 && i < sizeof(settings) / sizeof(settings[0]); i++)
		od_words_add(words, word, settings[i].name);
	if (set && set->on_off) {
		od_words_add(words, word, "on");
		od_words_add(words, word, "off");
	} else if (set && set->id == OD_SET_REPORT) {
		od_session_complete_ids(s, args, words);
	}
}

const struct od_command od_cmd_set = {
	.name = "set",
	.options = "",
	.usage = "set [NAME [VALUE]]",
	.help = "List the settings, or change one",
	.details = "report N: the report that commands speak of. input N: the current input. "
		   "width N: columns of the text, instead of those of the terminal. color on|off. pager on|off: "
		   "what is longer than the screen goes to $PAGER, less by default.",
	.max_args = 2,
	.complete = complete,
	.exec = exec,
	.examples = "set report 1\tcommands now speak of report 1\n"
		    "set pager off\tlong answers are not paged\n",
};
