/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sys: the machine of a dump, in the style of crash. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/escape.h"
#include "render/json-writer.h"
#include "shell/commands.h"
#include "shell/debug-list.h"
#include "shell/session.h"
#include "symbols/find.h"
#include "target/kernel/modules.h"
#include "target/kernel/system.h"
#include "target/kernel/tasks.h"

enum { NS_PER_S = 1000000000 };

static void row(struct od_buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	od_buf_printf(out, "%12s: ", name);
	od_escape_str(out, OD_ESCAPE_TEXT, value);
	od_buf_addch(out, '\n');
}

static void print_times(const struct od_system *sys, struct od_buf *out)
{
	uint64_t up = sys->uptime_ns / NS_PER_S;
	time_t seconds = (time_t)sys->time;
	char text[128];
	struct tm tm;
	int n;

	if (sys->has_time && gmtime_r(&seconds, &tm) &&
	    strftime(text, sizeof(text), "%a %b %e %H:%M:%S UTC %Y", &tm))
		row(out, "DATE", text);
	if (sys->has_uptime) {
		n = up < 86400 ? 0 : snprintf(text, sizeof(text), "%" PRIu64 " days, ", up / 86400);
		snprintf(text + n, sizeof(text) - (size_t)n, "%02u:%02u:%02u%s",
			 (unsigned)(up / 3600 % 24), (unsigned)(up / 60 % 60), (unsigned)(up % 60),
			 sys->uptime_from_log ? " (the last line of the log)" : "");
		row(out, "UPTIME", text);
	}
	if (sys->has_load) {
		snprintf(text, sizeof(text), "%" PRIu64 ".%02u, %" PRIu64 ".%02u, %" PRIu64 ".%02u",
			 sys->load[0] / 100, (unsigned)(sys->load[0] % 100), sys->load[1] / 100,
			 (unsigned)(sys->load[1] % 100), sys->load[2] / 100,
			 (unsigned)(sys->load[2] % 100));
		row(out, "LOAD AVERAGE", text);
	}
}

static void print_panic(struct od_session *s, struct od_kernel *k, const struct od_system *sys,
			struct od_buf *out)
{
	const struct od_report *rep = od_session_current(s);
	struct od_task task;

	if (rep)
		row(out, "PANIC", rep->title);
	if (sys->panic_cpu < 0)
		return;
	od_buf_printf(out, "%12s: %d\n", "PANIC CPU", sys->panic_cpu);
	if (!od_kernel_task(k, od_kernel_current(k, (unsigned)sys->panic_cpu), &task))
		return;
	od_buf_printf(out, "%12s: %d\n", "PID", task.pid);
	row(out, "COMMAND", task.comm);
	od_buf_printf(out, "%12s: %016" PRIx64 "\n", "TASK", task.addr);
}

/* crash's word for the file that the kernel's names and lines come from. */
static void print_kernel(const struct od_session *s, struct od_buf *out)
{
	struct od_find_file file;

	for (size_t i = 0; od_find_nth(s->find, i, &file); i++)
		if (file.used && file.of && !strcmp(file.of, "vmlinux"))
			row(out, "KERNEL", file.name);
}

static void print_text(struct od_session *s, struct od_kernel *k, const struct od_system *sys,
		       struct od_buf *out)
{
	const struct od_tasks *tasks = od_kernel_tasks(k);
	char taints[65];

	print_kernel(s, out);
	row(out, "DUMP", s->in->format);
	if (sys->cpus_possible)
		od_buf_printf(out, "%12s: %u online of %u\n", "CPUS", sys->cpus_online,
			      sys->cpus_possible);
	print_times(sys, out);
	if (tasks->n)
		od_buf_printf(out, "%12s: %u%s\n", "TASKS", tasks->n,
			      tasks->why ? " and more" : "");
	row(out, "NODENAME", sys->nodename);
	row(out, "RELEASE", sys->release);
	row(out, "VERSION", sys->version);
	row(out, "MACHINE", sys->machine);
	if (sys->pages)
		od_buf_printf(out, "%12s: %" PRIu64 " MiB\n", "MEMORY",
			      sys->pages * sys->page_size >> 20);
	if (sys->has_taint) {
		od_taint_letters(sys->taint, taints);
		row(out, "TAINTED", sys->taint ? taints : "no");
	}
	row(out, "CMDLINE", sys->cmdline);
	print_panic(s, k, sys, out);
	if (k->why_no_symbols)
		od_buf_printf(out, "There are no symbols: %s.\n", k->why_no_symbols);
	else if (k->why_no_types)
		od_buf_printf(
			out,
			"There are no types: %s. Tasks and modules are found by what must be true "
			"of all kernels.\n",
			k->why_no_types);
}

static void print_json(struct od_session *s, const struct od_system *sys, struct od_buf *out)
{
	struct od_json w = { .buf = out };

	od_json_object(&w, NULL, false);
	od_json_str(&w, "dump", s->in->format);
	od_json_str(&w, "nodename", sys->nodename);
	od_json_str(&w, "release", sys->release);
	od_json_str(&w, "version", sys->version);
	od_json_str(&w, "machine", sys->machine);
	od_json_str(&w, "cmdline", sys->cmdline);
	od_json_int(&w, "time", sys->has_time ? sys->time : -1);
	od_json_int(&w, "uptime_s", sys->has_uptime ? (int64_t)(sys->uptime_ns / NS_PER_S) : -1);
	od_json_array(&w, "load_hundredths", true);
	for (unsigned i = 0; sys->has_load && i < 3; i++)
		od_json_num(&w, NULL, sys->load[i]);
	od_json_end(&w);
	od_json_int(&w, "taint", sys->has_taint ? (int64_t)sys->taint : -1);
	od_json_int(&w, "cpus_online", sys->cpus_online ? (int64_t)sys->cpus_online : -1);
	od_json_int(&w, "cpus_possible", sys->cpus_possible ? (int64_t)sys->cpus_possible : -1);
	od_json_int(&w, "panic_cpu", sys->panic_cpu);
	od_json_int(&w, "memory_bytes", sys->pages ? (int64_t)(sys->pages * sys->page_size) : -1);
	od_json_end(&w);
	od_buf_addch(out, '\n');
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_error *err;
	struct od_kernel *k;
	struct od_system sys;

	if (od_args_has(args, 'd')) {
		err = od_session_load(s);
		if (!err)
			od_debug_list(s, od_args_has(args, 'j'), out);
		return err;
	}
	k = od_session_kernel(s, &err);
	if (!k)
		return err;
	od_kernel_system(k, &sys);
	if (od_args_has(args, 'j'))
		print_json(s, &sys, out);
	else
		print_text(s, k, &sys, out);
	return NULL;
}

const struct od_command od_cmd_sys = {
	.name = "sys",
	.options = "dj",
	.usage = "sys [-d] [-j]",
	.help = "Say what machine a dump is of, how long it ran, and how it went down",
	.details = "-d lists the debug files instead, of any input: those in use, those that are not the right "
		   "ones and why, and those of --symbols that nothing needed yet. -j prints JSON.",
	.needs = OD_NEED_INPUT,
	.exec = exec,
	.examples = "sys\tmachine, kernel, panic of a dump\n",
};
