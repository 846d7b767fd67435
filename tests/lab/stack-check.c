/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stack-check DUMP... -- TASKS: the stack of each task that runs on no CPU against /proc/PID/stack
 * of the same boot, as truth/tasks of the lab has it. That file is older than the crash: a task
 * that only slept may be elsewhere by now, one that is blocked for ever may not. Above what /proc
 * shows only functions of the scheduler and of locks may stand. Fails if a blocked task differs, if
 * a trace does not get to its proper end, or if a frame had to be guessed. Says how long all traces
 * took.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "target/kernel/backtrace.h"
#include "target/kernel/modules.h"
#include "target/kernel/tasks.h"

enum { MAX_FRAMES = 64, MAX_DUMPS = 16 };

struct truth {
	int pid;
	char state;
	unsigned n;
	struct {
		char name[OD_SYMBOL_NAME];
		unsigned offset;
	} frame[MAX_FRAMES];
};

static struct od_kernel *k;
static const struct od_tasks *tasks;
static unsigned equal, moved, wrong, guessed, unfinished;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool same(const struct truth *t, const struct od_trace *trace)
{
	for (unsigned i = 0; i < t->n; i++) {
		const struct od_unwound *f = &trace->frames[trace->n - t->n + i];
		struct od_symbol sym;

		if (!od_symtab_at(k->symtab, f->pc - !!(f->flags & OD_UW_RETURN), &sym) ||
		    strcmp(sym.name, t->frame[i].name) != 0 ||
		    f->pc - sym.addr != t->frame[i].offset)
			return false;
	}
	return true;
}

static void show(const struct od_trace *trace)
{
	for (uint32_t i = 0; i < trace->n; i++) {
		const struct od_unwound *f = &trace->frames[i];
		struct od_symbol sym = { .name = "?" };

		od_symtab_at(k->symtab, f->pc - !!(f->flags & OD_UW_RETURN), &sym);
		printf("  %s%s+0x%llx\n", f->flags & OD_UW_GUESSED ? "? " : "", sym.name,
		       (unsigned long long)(f->pc - sym.addr));
	}
	printf("  %s\n", od_unwind_end_text(trace->end));
}

static void check(const struct truth *t)
{
	const struct od_task *task = od_task_by_pid(tasks, t->pid);
	struct od_arena arena;
	struct od_trace trace;

	if (!task || task->running || !task->stack || !t->n)
		return;
	od_arena_init(&arena);
	if (!od_backtrace_blocked(k, task->stack, task->sp, task->fp, task->pc, &arena, &trace)) {
		wrong++;
	} else {
		bool ok = trace.n >= t->n && same(t, &trace);

		unfinished += trace.end != OD_UNWIND_USER && trace.end != OD_UNWIND_START;
		for (uint32_t i = 0; i < trace.n; i++)
			guessed += !!(trace.frames[i].flags & OD_UW_GUESSED);
		equal += ok;
		moved += !ok && t->state != 'D';
		wrong += !ok && t->state == 'D';
		if (!ok) {
			printf("%s: task %d, state %c, then %c:\n",
			       t->state == 'D' ? "differs" : "moved", t->pid, t->state,
			       task->state);
			show(&trace);
		}
	}
	od_arena_deinit(&arena);
}

static void read_truth(FILE *f)
{
	static struct truth t;
	char line[4096];
	int pid;

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%d %*d %*d %c", &pid, line) == 2 && line[0] != '\t') {
			check(&t);
			t = (struct truth){ .pid = pid, .state = line[0] };
		} else if (t.n < MAX_FRAMES &&
			   sscanf(line, " [<%*[^>]>] %1023[^+]+0x%x", t.frame[t.n].name,
				  &t.frame[t.n].offset) == 2) {
			t.n++;
		}
	}
	check(&t);
}

static void time_all(void)
{
	double begin = now();
	unsigned n = 0, frames = 0;

	for (uint32_t i = 0; i < tasks->n; i++) {
		const struct od_task *t = &tasks->task[i];
		struct od_arena arena;
		struct od_trace trace;

		od_arena_init(&arena);
		if (!t->running && t->stack &&
		    od_backtrace_blocked(k, t->stack, t->sp, t->fp, t->pc, &arena, &trace)) {
			n++;
			frames += trace.n;
		}
		od_arena_deinit(&arena);
	}
	printf("%u traces, %u frames: %.2f ms\n", n, frames, now() - begin);
}

int main(int argc, char **argv)
{
	int fds[MAX_DUMPS], n = 0;
	struct od_dump *dump;
	struct od_error *err;
	FILE *f;

	for (; n < MAX_DUMPS && n + 1 < argc && strcmp(argv[n + 1], "--") != 0; n++)
		fds[n] = open(argv[n + 1], O_RDONLY | O_CLOEXEC);
	f = n + 3 == argc ? fopen(argv[argc - 1], "r") : NULL;
	if (!n || !f) {
		fprintf(stderr, "usage: stack-check DUMP... -- TASKS\n");
		return 2;
	}
	err = od_dump_open(fds, (unsigned)n, &dump);
	if (err) {
		fprintf(stderr, "%s\n", err->message);
		return 1;
	}
	k = od_kernel_create(dump);
	od_kernel_modules(k);
	tasks = od_kernel_tasks(k);
	time_all();
	read_truth(f);
	fclose(f);
	printf("%u equal, %u moved, %u wrong, %u guessed frames, %u without a proper end\n", equal,
	       moved, wrong, guessed, unfinished);
	od_kernel_destroy(k);
	od_dump_destroy(dump);
	return !equal || wrong || guessed || unfinished;
}
