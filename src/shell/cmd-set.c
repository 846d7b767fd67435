/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/memory-args.h"
#include "shell/session.h"
#include "shell/settings.h"
#include "shell/task-print.h"

static const struct od_setting settings[] = {
	{ "report", OD_SET_REPORT, false, false, 0, UINT32_MAX - 1,
	  "number of the report that commands speak of" },
	{ "task", OD_SET_TASK, false, false, 0, 0,
	  "what bt, task and others speak of unless told otherwise; of a dump" },
	{ "radix", OD_SET_RADIX, true, false, 10, 16, "10 or 16: in which struct, p, list, tree and task print numbers" },
	{ "input", OD_SET_INPUT, true, false, 0, UINT32_MAX - 1, "number of the current input" },
	{ "width", OD_SET_WIDTH, true, false, 40, 1000, "columns of the text" },
	{ "pager", OD_SET_PAGER, true, true, 0, 1,
	  "what is longer than the screen goes to $PAGER, or less; only the REPL on a terminal" },
	{ "scroll", OD_SET_PAGER, true, true, 0, 1, "as pager, by the name that crash has for it" },
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
	if (set->id == OD_SET_RADIX && value != set->min && value != set->max)
		return od_error_new(OD_ERR_USAGE, "'%s' is neither 10 nor 16", text);
	*ret = (uint32_t)value;
	return NULL;
}

void od_setting_print(const char *name, const char *value, struct od_buf *out)
{
	const struct od_setting *set = od_setting_find(name);

	od_buf_printf(out, "%-8s %-6s %s\n", set->name, value, set->help);
}

static void show_task(const struct od_session *s, struct od_buf *out)
{
	const struct od_task *t = s->task && s->target.kernel ?
				  od_task_by_addr(od_kernel_tasks(s->target.kernel), s->task) : NULL;

	if (t)
		od_buf_printf(out, "%d", t->pid);
	else
		od_buf_addch(out, '-');
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
	case OD_SET_TASK:
		show_task(s, out);
		break;
	case OD_SET_RADIX:
		od_buf_printf(out, "%d", s->hex ? 16 : 10);
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

/* --- what crash calls the context ---------------------------------------------------- */

static struct od_error *set_task(struct od_session *s, const char *word, struct od_buf *out)
{
	struct od_error *err;
	struct od_kernel *k = od_session_kernel(s, &err);
	const struct od_task *task;

	if (!k)
		return err;
	task = od_memory_task(k, word);
	if (!task)
		return od_error_new(OD_ERR_USAGE, "there is no task '%s'", word);
	s->task = task->addr;
	od_task_print_head(task, out);
	return NULL;
}

/* What runs on a CPU. */
static struct od_error *set_cpu(struct od_session *s, const char *word, struct od_buf *out)
{
	struct od_error *err;
	struct od_kernel *k = od_session_kernel(s, &err);
	const struct od_tasks *tasks;
	uint64_t cpu;

	if (!k)
		return err;
	if (!od_parse_number(word, &cpu))
		return od_error_new(OD_ERR_USAGE, "'%s' is not the number of a CPU", word);
	tasks = od_kernel_tasks(k);
	for (uint32_t i = 0; i < tasks->n; i++)
		if (tasks->task[i].running && (uint64_t)tasks->task[i].cpu == cpu) {
			s->task = tasks->task[i].addr;
			od_task_print_head(&tasks->task[i], out);
			return NULL;
		}
	return od_error_new(OD_ERR_USAGE, "it is not known what CPU %s runs", word);
}

static struct od_error *set_report(struct od_session *s, const struct od_args *args)
{
	struct od_report *rep;
	struct od_error *err = od_session_load(s);

	if (!err)
		err = od_session_report(s, args, 2, &rep);
	if (!err)
		s->current = rep->id - s->id_base;
	return err;
}

bool od_setting_changes(const struct od_args *args, enum od_setting_id *id_ret)
{
	const struct od_setting *set = args->argc > 1 ? od_setting_find(args->argv[1]) : NULL;

	*id_ret = set ? set->id : OD_SET_TASK;
	/* "set 4711", "set -p", "set -c 1": a task. */
	return set ? args->argc == 3 && !set->front : args->argc > 1;
}

/* Only settings of the engine: those of the front never come here. */
static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const struct od_setting *set = args->argc > 1 ? od_setting_find(args->argv[1]) : NULL;
	uint64_t number;

	if (od_args_has(args, 'p')) {
		s->task = 0;
		return NULL;
	}
	if (od_args_has(args, 'c'))
		return set_cpu(s, od_args_value(args, 'c'), out);
	if (args->argc == 1) {
		list(s, out);
		return NULL;
	}
	if (!set && args->argc == 2 && od_parse_address(args->argv[1], &number))
		return set_task(s, args->argv[1], out);
	if (!set)
		return od_error_new(OD_ERR_USAGE, "there is no '%s'; 'set' lists all",
				    args->argv[1]);
	if (args->argc == 2) {
		show_value(s, set, out);
		od_buf_addch(out, '\n');
		return NULL;
	}
	if (set->id == OD_SET_TASK)
		return set_task(s, args->argv[2], out);
	if (set->id == OD_SET_REPORT)
		return set_report(s, args);
	return od_error_new(OD_ERR_USAGE, "%s cannot be set here", set->name);
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
	} else if (set && set->id == OD_SET_RADIX) {
		od_words_add(words, word, "10");
		od_words_add(words, word, "16");
	} else if ((set && set->id == OD_SET_TASK) || (n == 2 && *word)) {
		od_complete_tasks(s, args, words);
	}
}

const struct od_command od_cmd_set = {
	.name = "set",
	.options = "c:p",
	.usage = "set [NAME [VALUE]] | set PID|TASK | set -c CPU | set -p",
	.help = "List the settings, or change one",
	.details = "report N: the report that commands speak of. task PID, or PID alone, or the address of a task, or -c "
		   "and a CPU: the task of a dump that bt and task speak of; -p: again the one that crashed. radix 10|16. "
		   "input N: the current input. "
		   "width N: columns of the text, instead of those of the terminal. color on|off. pager on|off, also "
		   "called scroll: what is longer than the screen goes to $PAGER, less by default.",
	.max_args = 2,
	.complete = complete,
	.exec = exec,
	.examples = "set report 1\tcommands now speak of report 1\n"
		    "set 4711\tbt and task now speak of that task of a dump\n"
		    "set pager off\tlong answers are not paged\n",
};
