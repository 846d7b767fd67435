/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of crash about tasks: states, lists of CPUs. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "shell/task-print.h"

static const struct {
	char letter;
	const char *word;
} states[] = {
	{ 'R', "RU" }, { 'S', "IN" }, { 'D', "UN" }, { 'T', "ST" }, { 't', "TR" },
	{ 'Z', "ZO" }, { 'X', "DE" }, { 'P', "PA" }, { 'I', "ID" },
};

const char *od_task_state_word(char state)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (states[i].letter == state)
			return states[i].word;
	return "??";
}

char od_task_state_letter(const char *word)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (!strcmp(states[i].word, word) || (word[0] == states[i].letter && !word[1]))
			return states[i].letter;
	return '\0';
}

bool od_cpu_list_has(const char *list, int32_t cpu, bool *bad)
{
	bool found = !strcmp(list, "a") || !strcmp(list, "all");
	char *end;

	*bad = false;
	for (const char *p = found ? "" : list; *p && !*bad;) {
		unsigned long first = strtoul(p, &end, 10), last = first;

		*bad = end == p || *p < '0' || *p > '9';
		if (*end == '-') {
			p = end + 1;
			last = strtoul(p, &end, 10);
			*bad |= end == p;
		}
		*bad |= *end && *end != ',';
		found |= cpu >= 0 && (unsigned long)cpu >= first && (unsigned long)cpu <= last;
		p = end + (*end == ',');
	}
	*bad |= !*list;
	return found && !*bad;
}

void od_task_print_head(const struct od_task *task, struct od_buf *out)
{
	od_buf_printf(out, "PID: %-7d  TASK: %016" PRIx64 "  CPU: %-3d  COMMAND: \"", task->pid, task->addr, task->cpu);
	od_escape_str(out, OD_ESCAPE_TEXT, task->comm);
	od_buf_addstr(out, "\"\n");
}
