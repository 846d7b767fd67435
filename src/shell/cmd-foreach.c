/* SPDX-License-Identifier: GPL-3.0-or-later */
/* foreach: bt, task or ps of the tasks that some words choose, as crash has it. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/memory-args.h"
#include "shell/session.h"
#include "shell/task-print.h"

enum { MAX_WORDS = OD_MAX_ARGS };

enum what { WHAT_BT, WHAT_TASK, WHAT_PS, WHATS };
static const char *const whats[] = { "bt", "task", "ps" };

enum group { GROUP_KERNEL, GROUP_USER, GROUP_LEADER, GROUP_ACTIVE, GROUPS };
static const char *const groups[] = { "kernel", "user", "gleader", "active" };

/* A task is chosen by one of these words, if there are any, and by one group, and by one state. */
struct choice {
	const char *names[MAX_WORDS];
	uint64_t numbers[MAX_WORDS]; /* a pid, or the address of a task */
	bool is_pid[MAX_WORDS], is_addr[MAX_WORDS];
	uint64_t addrs[MAX_WORDS];
	unsigned n, groups;
	char states[16];
	unsigned nstates;
	bool whats[WHATS];
};

static int index_of(const char *const *names, int n, const char *word)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], word))
			return i;
	return -1;
}

/* Kernel threads and leaders of processes as crash understands them: an idle task is of the kernel. */
static bool in_group(const struct od_task *t, unsigned set)
{
	const bool kernel = t->kthread || t->idle;

	return !set || (set >> GROUP_KERNEL & 1 && kernel) || (set >> GROUP_USER & 1 && !kernel) ||
	       (set >> GROUP_LEADER & 1 && !kernel && t->pid == t->tgid) || (set >> GROUP_ACTIVE & 1 && t->running);
}

static bool chosen(const struct od_task *t, const struct choice *c)
{
	if (!in_group(t, c->groups) || (c->nstates && !memchr(c->states, t->state, c->nstates)))
		return false;
	for (unsigned i = 0; i < c->n; i++)
		if (!strcmp(c->names[i], t->comm) || (c->is_pid[i] && (uint64_t)t->pid == c->numbers[i]) ||
		    (c->is_addr[i] && t->addr == c->addrs[i]))
			return true;
	return !c->n;
}

/* A word ahead of the command. A backslash is ahead of names that are such a word themselves. */
static struct od_error *choose(struct choice *c, const char *word)
{
	const char state = od_task_state_letter(word);
	const int group = index_of(groups, GROUPS, word);

	if (group >= 0) {
		c->groups |= 1u << group;
		return NULL;
	}
	/* A single letter may be a name. */
	if (state && word[1]) {
		if (c->nstates < sizeof(c->states))
			c->states[c->nstates++] = state;
		return NULL;
	}
	if (c->n == MAX_WORDS)
		return od_error_new(OD_ERR_USAGE, "too many words");
	c->names[c->n] = *word == '\\' ? word + 1 : word;
	c->is_pid[c->n] = od_parse_number(word, &c->numbers[c->n]);
	c->is_addr[c->n] = od_parse_address(word, &c->addrs[c->n]);
	c->n++;
	return NULL;
}

static struct od_error *parse(struct choice *c, const struct od_args *args)
{
	struct od_error *err = NULL;
	bool any = false;

	*c = (struct choice){ .n = 0 };
	for (int i = 1; i < args->argc && !err; i++) {
		int what = index_of(whats, WHATS, args->argv[i]);

		if (what >= 0)
			c->whats[what] = any = true;
		else if (any)
			err = od_error_new(OD_ERR_USAGE, "'%s' is no command for tasks: bt, task or ps", args->argv[i]);
		else
			err = choose(c, args->argv[i]);
	}
	if (!err && !any)
		err = od_error_new(OD_ERR_USAGE, "which command: bt, task or ps?");
	return err;
}

static void print(struct od_session *s, const struct choice *c, const struct od_args *args,
		  const struct od_task *const *tasks, uint32_t n, struct od_buf *out)
{
	struct od_style style = od_session_text_style(s);

	style.variables = od_args_has(args, 'v');
	if (c->whats[WHAT_PS])
		od_ps_print(s, args, tasks, n, out);
	for (uint32_t i = 0; i < n && !od_session_must_stop(s); i++) {
		if (c->whats[WHAT_TASK])
			od_task_print(s->target.kernel, tasks[i], args, out);
		if (c->whats[WHAT_BT])
			od_task_print_bt(s, tasks[i], args, &style, out);
		if (c->whats[WHAT_TASK] || c->whats[WHAT_BT])
			od_buf_addch(out, '\n');
	}
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_error *err;
	struct od_kernel *k = od_session_kernel(s, &err);
	const struct od_tasks *all;
	const struct od_task **tasks;
	struct choice c;
	uint32_t n = 0;

	if (!k)
		return err;
	err = parse(&c, args);
	if (!err && c.whats[WHAT_TASK])
		err = od_task_check(k, args);
	if (!err && c.whats[WHAT_PS])
		err = od_ps_check(args);
	if (err)
		return err;
	all = od_kernel_tasks(k);
	tasks = od_calloc(all->n + 1, sizeof(*tasks));
	for (uint32_t i = 0; i < all->n; i++)
		if (chosen(&all->task[i], &c))
			tasks[n++] = &all->task[i];
	if (od_args_has(args, 'j'))
		od_tasks_json(s, tasks, n, c.whats[WHAT_BT], out);
	else
		print(s, &c, args, tasks, n, out);
	free(tasks);
	if (od_args_has(args, 'j'))
		return NULL;
	if (all->why && !c.whats[WHAT_PS])
		od_buf_printf(out, "Not all tasks: %s.\n", all->why);
	else if (!n && !c.whats[WHAT_PS])
		od_buf_addstr(out, "There is no such task.\n");
	return NULL;
}

static void complete(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	static const char *const states[] = { "RU", "IN", "UN", "ST", "TR", "ZO", "DE", "PA", "ID" };
	const char *word = od_args_word(args);

	if (od_complete_behind(args, "R")) {
		od_complete_task_members(s, args, words);
		return;
	}
	for (size_t i = 0; i < WHATS; i++)
		od_words_add(words, word, whats[i]);
	for (size_t i = 0; i < GROUPS; i++)
		od_words_add(words, word, groups[i]);
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		od_words_add(words, word, states[i]);
	od_complete_tasks(s, args, words);
}

const struct od_command od_cmd_foreach = {
	.name = "foreach",
	.options = "ceFfHjlmpR:Stvx",
	.usage = "foreach [PID|TASK|NAME|STATE|kernel|user|gleader|active]... bt|task|ps... [OPTION]...",
	.help = "Run a command for tasks of a dump that are chosen",
	.details = "Without words all tasks; of pids, addresses and names any will do, and the group and the state (RU, IN, "
		   "UN, ST, TR, ZO, DE, PA, ID) must fit too. OPTION is one of the command's: e, f, F and v of bt, R and x of "
		   "task, c, H, l, m, p, S and t of ps. -j prints JSON: what ps -j has of each task, and with bt its stack. A backslash is ahead of a name that is one of these words.",
	.needs = OD_NEED_INPUT | OD_TAKES_RADIX,
	.min_args = 1,
	.max_args = OD_MAX_ARGS - 2,
	.complete = complete,
	.exec = exec,
	.examples = "foreach UN bt\tstacks of all tasks that wait and cannot be interrupted\n"
		    "foreach kernel task -R comm,prio\tmembers of every kernel thread\n",
};
