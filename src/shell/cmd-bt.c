/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bt: traces of a report, or, of a dump, of any task. */
#include <stdlib.h>
#include <string.h>

#include "analyze/analyze.h"
#include "analyze/locate.h"
#include "base/alloc.h"
#include "base/escape.h"
#include "pipeline-vars.h"
#include "render/json.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/core.h"
#include "shell/memory-args.h"
#include "shell/session.h"
#include "shell/task-print.h"
#include "target/kernel/cpuregs.h"
#include "target/kernel/memreport.h"

static void print_report(const struct od_report *rep, bool all, const struct od_style *style, struct od_buf *out)
{
	for (uint32_t i = 0; i < rep->nstacks; i++) {
		if (i > 0 && !all)
			break;
		if (i > 0)
			od_buf_addch(out, '\n');
		od_render_stack(out, rep, i, style);
	}
	if (rep->nstacks == 0)
		od_buf_addstr(out, "The report has no stack.\n");
}

/* "PID: 282  TASK: ffff8edc62293000  CPU: 1  COMMAND: "mkdir"", as crash has it, and the state. */
static void print_head(const struct od_task *task, struct od_buf *out)
{
	od_buf_printf(out, "PID: %d  TASK: %016llx  CPU: %d  STATE: %c  COMMAND: \"", task->pid,
		      (unsigned long long)task->addr, task->cpu, task->state);
	od_escape_str(out, OD_ESCAPE_TEXT, task->comm);
	od_buf_addstr(out, "\"\n");
}

/* Source lines, and with -v variables, of a trace that is the stacks of a report. */
static void add_source(struct od_session *s, struct od_report *rep, const struct od_trace *trace, bool variables)
{
	struct od_kernel *k = s->target.kernel;
	struct od_locate *loc = od_session_locate(s);

	if (!loc)
		return;
	rep->release = s->in->release;
	rep->kernel_build_id = od_kernel_build_id(k);
	for (uint32_t i = 0; i < rep->nstacks; i++)
		od_pipeline_build_ids(k, rep, &rep->stacks[i]);
	od_locate_report(loc, s->in, rep);
	if (variables)
		od_pipeline_vars(loc, k, rep->release, rep, 0, trace);
}

/* Who asks for what only a debug file tells, and gets nothing, is told why. */
static void print_why_none(struct od_session *s, struct od_buf *out)
{
	struct od_locate *loc = od_session_locate(s);
	const struct od_wanted kernel = { .release = s->in->release,
					  .build_id = od_kernel_build_id(s->target.kernel) };
	struct od_absent absent = { NULL, NULL };
	const struct od_debug *dbg = NULL;

	if (loc)
		dbg = od_locate_file(loc, &kernel, &absent);
	if (dbg && od_debug_has_lines(dbg))
		return;
	od_buf_addstr(out, "No source lines and variables: ");
	if (dbg)
		od_buf_printf(out, "%s has none", od_debug_name(dbg));
	else
		od_escape_str(out, OD_ESCAPE_TEXT, absent.why ? absent.why : "no debug file is given (-s)");
	od_buf_addch(out, '\n');
}

/* A report of nothing but the trace: then it is named and printed as any other. */
void od_task_print_bt(struct od_session *s, const struct od_task *task, const struct od_args *args,
		      const struct od_style *style, struct od_buf *out)
{
	struct od_kernel *k = s->target.kernel;
	struct od_report *rep = od_report_create();
	struct od_trace trace;
	const char *why = od_memreport_trace(k, task, &rep->arena, &trace);

	print_head(task, out);
	if (why) {
		od_buf_printf(out, "  no trace: %s\n", why);
	} else if (od_args_has(args, 'e')) {
		od_bt_exceptions(&trace, out);
	} else if (od_args_has(args, 'f') || od_args_has(args, 'F')) {
		od_bt_words(k, task, &trace, od_args_has(args, 'F'), out);
	} else {
		rep->guilty_stack = -1;
		od_memreport_add_trace(k, rep, &trace, NULL, true);
		od_analyze_names(rep);
		add_source(s, rep, &trace, style->variables);
		for (uint32_t i = 0; i < rep->nstacks; i++)
			od_render_frames(out, rep, i, style);
		if (!trace.n && trace.user)
			od_buf_printf(out, "  in user mode at 0x%llx\n",
				      (unsigned long long)od_regs_pc(trace.user));
		if (trace.end != OD_UNWIND_USER && trace.end != OD_UNWIND_START)
			od_buf_printf(out, "  the trace ends here: %s\n", od_unwind_end_text(trace.end));
	}
	od_report_destroy(rep);
}

static void json_bt(struct od_session *s, const struct od_task *task, struct od_json *w)
{
	struct od_report *rep = od_report_create();
	struct od_trace trace;
	const char *why = od_memreport_trace(s->target.kernel, task, &rep->arena, &trace);

	if (!why) {
		rep->guilty_stack = -1;
		od_memreport_add_trace(s->target.kernel, rep, &trace, NULL, true);
		od_analyze_names(rep);
		add_source(s, rep, &trace, false);
		if (trace.end != OD_UNWIND_USER && trace.end != OD_UNWIND_START)
			why = od_unwind_end_text(trace.end);
	}
	od_json_str(w, "trace_ends", why);
	od_json_stacks(w, rep);
	od_report_destroy(rep);
}

void od_tasks_json(struct od_session *s, const struct od_task *const *tasks, uint32_t n, bool stacks,
		   struct od_buf *out)
{
	struct od_json w = { .buf = out };

	od_json_object(&w, NULL, false);
	od_json_str(&w, "incomplete", od_kernel_tasks(s->target.kernel)->why);
	od_json_array(&w, "tasks", false);
	for (uint32_t i = 0; i < n && !od_session_must_stop(s); i++) {
		od_json_object(&w, NULL, !stacks);
		od_ps_json(s->target.kernel, tasks[i], &w);
		if (stacks)
			json_bt(s, tasks[i], &w);
		od_json_end(&w);
	}
	od_json_end(&w);
	od_json_end(&w);
	od_buf_addch(out, '\n');
}

static bool wanted(const struct od_task *t, const struct od_args *args)
{
	bool bad;

	if (od_args_has(args, 'c'))
		return t->running && od_cpu_list_has(od_args_value(args, 'c'), t->cpu, &bad);
	if (od_args_has(args, 'a'))
		return t->running;
	if (od_args_has(args, 'd'))
		return t->state == 'D';
	return od_args_has(args, 'T');
}

/* -j: the tasks that the words and options choose, or the stacks of a report. */
static struct od_error *print_json(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const bool some = od_args_has(args, 'T') || od_args_has(args, 'd') || od_args_has(args, 'c') ||
			  (s->target.kernel && od_args_has(args, 'a'));
	const struct od_tasks *tasks = s->target.kernel ? od_kernel_tasks(s->target.kernel) : NULL;
	const struct od_task *one = NULL, **chosen;
	struct od_json w = { .buf = out };
	struct od_report *rep;
	struct od_error *err;
	uint32_t n = 0;

	if (tasks && args->argc > 1)
		one = od_memory_task(s->target.kernel, args->argv[1]);
	else if (tasks && s->task)
		one = od_task_by_addr(tasks, s->task);
	if (!tasks || (!some && !one)) {
		err = od_session_report(s, args, 1, &rep);
		if (err || !rep)
			return err ? err : od_error_new(OD_ERR_USAGE, "there is no report");
		od_json_object(&w, NULL, false);
		od_json_num(&w, "report", rep->id);
		od_json_stacks(&w, rep);
		od_json_end(&w);
		od_buf_addch(out, '\n');
		return NULL;
	}
	chosen = od_calloc(tasks->n + 1, sizeof(*chosen));
	for (uint32_t i = 0; i < tasks->n; i++)
		if (some ? wanted(&tasks->task[i], args) : &tasks->task[i] == one)
			chosen[n++] = &tasks->task[i];
	od_tasks_json(s, chosen, n, true, out);
	free(chosen);
	return NULL;
}

static struct od_error *print_tasks(struct od_session *s, const struct od_args *args,
				    const struct od_style *style, struct od_buf *out)
{
	struct od_error *err;
	struct od_kernel *k = od_session_kernel(s, &err);
	const struct od_tasks *tasks;
	uint32_t n = 0;

	if (!k)
		return err;
	tasks = od_kernel_tasks(k);
	for (uint32_t i = 0; i < tasks->n && !s->cancelled; i++) {
		if (!wanted(&tasks->task[i], args))
			continue;
		if (n++)
			od_buf_addch(out, '\n');
		od_task_print_bt(s, &tasks->task[i], args, style, out);
	}
	if (tasks->why)
		od_buf_printf(out, "%s\n", tasks->why);
	else if (!n)
		od_buf_addstr(out, "There is no such task.\n");
	return NULL;
}

/* What the CPU ran that crashed. */
static struct od_error *print_crash(struct od_session *s, const struct od_args *args, const struct od_style *style,
				    struct od_buf *out)
{
	struct od_kernel *k = s->target.kernel;
	const struct od_task *task;
	uint32_t cpu;

	if (!od_kernel_panic_cpu(k, &cpu))
		return od_error_new(OD_ERR_USAGE, "it is not known which CPU crashed: name a task");
	task = od_task_by_addr(od_kernel_tasks(k), od_kernel_current(k, cpu));
	if (!task)
		return od_error_new(OD_ERR_USAGE, "it is not known what CPU %u ran: name a task", cpu);
	od_task_print_bt(s, task, args, style, out);
	return NULL;
}

/* All threads of the process that a task is one of. */
static struct od_error *print_group(struct od_session *s, const struct od_task *leader, const struct od_args *args,
				    const struct od_style *style, struct od_buf *out)
{
	const struct od_tasks *tasks = od_kernel_tasks(s->target.kernel);

	for (uint32_t i = 0; i < tasks->n && !s->cancelled; i++)
		if (tasks->task[i].tgid == leader->tgid && !tasks->task[i].idle)
			od_task_print_bt(s, &tasks->task[i], args, style, out);
	return NULL;
}

/* The traces themselves; of a dump with -v those of memory, since the log has no variables. */
static struct od_error *print(struct od_session *s, const struct od_args *args, const struct od_style *style,
			      struct od_buf *out)
{
	const struct od_task *task;
	struct od_report *rep;
	struct od_error *err;
	const bool of_tasks = od_args_has(args, 'T') || od_args_has(args, 'd') || od_args_has(args, 'c');
	const bool words = od_args_has(args, 'e') || od_args_has(args, 'f') || od_args_has(args, 'F') ||
			   od_args_has(args, 'g') || od_args_has(args, 'p');
	bool bad = false;

	if (od_args_has(args, 'c'))
		od_cpu_list_has(od_args_value(args, 'c'), 0, &bad);
	if (bad)
		return od_error_new(OD_ERR_USAGE, "'%s' is no list of CPUs, as 0,2-3", od_args_value(args, 'c'));
	if (words && !s->target.kernel)
		return od_error_new(OD_ERR_USAGE, "-e, -f, -F, -g and -p need memory: only a vmcore has it");

	/* Of a log -a means all stacks of a report; the others need memory, and say so. */
	if (of_tasks || (s->target.kernel && od_args_has(args, 'a')))
		return print_tasks(s, args, style, out);
	if (s->target.kernel && (args->argc > 1 || (s->task && !od_args_has(args, 'p')))) {
		task = args->argc > 1 ? od_memory_task(s->target.kernel, args->argv[1]) :
					od_task_by_addr(od_kernel_tasks(s->target.kernel), s->task);
		if (!task)
			return od_error_new(OD_ERR_USAGE, "there is no task '%s'", args->argc > 1 ? args->argv[1] : "set");
		if (od_args_has(args, 'g'))
			return print_group(s, task, args, style, out);
		od_task_print_bt(s, task, args, style, out);
		return NULL;
	}
	if (s->target.kernel && (style->variables || words))
		return print_crash(s, args, style, out);
	if (!s->in->nreports) {
		s->no_crash = true;
		return NULL;
	}
	err = od_session_report(s, args, 1, &rep);
	if (!err)
		print_report(rep, od_args_has(args, 'a'), style, out);
	return err;
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_style style = od_session_text_style(s);
	struct od_error *err = od_session_load(s);

	if (err)
		return err;
	style.variables = od_args_has(args, 'v');
	if (od_session_has_core(s))
		return od_core_bt(s, args, &style, out);
	if (od_args_has(args, 'j'))
		return print_json(s, args, out);
	err = print(s, args, &style, out);
	if (!err && s->target.kernel && (style.variables || od_args_has(args, 'l')))
		print_why_none(s, out);
	return err;
}

const struct od_command od_cmd_bt = {
	.name = "bt",
	.options = "ac:defFgjlpsTv",
	.usage = "bt [-jlv] [-e|-f|-F] [-a|-T|-d|-p|-c CPUS] [-g] [N|PID|TASK|THREAD]",
	.help = "Print the crashing stack of a report, or the stack of a task",
	.details = "Of a log: -a prints all stacks of report N, without it of the current one. Of a dump: PID, "
		   "or the address of a task or of something on its stack, names a task (without one: that of 'set PID'); -a means those that run "
		   "on a CPU, -c those that run on some (0,2-3), -d those that wait and cannot be interrupted, -T all, "
		   "-p the one that crashed, -g the threads of its process too. -f shows the words of each frame, -F with "
		   "symbols and caches of slab objects, -e registers where it was interrupted; -s is always so. Of the core of a process: the thread that "
		   "crashed, or THREAD by its number or id; -a and -T all. With a debug file (-s) frames have "
		   "their source lines (of a core they are looked for in the system too), -v adds their arguments and locals, and -l says why there are none. -j prints JSON.",
	.max_args = 1,
	.complete = od_complete_ids_and_tasks,
	.exec = exec,
	.examples = "bt -a\tthe stacks of all CPUs or threads\n"
		    "bt 4711\tof a dump: the stack of that task\n"
		    "bt -F 4711\tand what lies on it\n",
};
