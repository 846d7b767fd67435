/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "analyze/plugins.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyze/plugin-internal.h"
#include "analyze/plugin-wire.h"
#include "base/alloc.h"
#include "base/escape.h"

void od_plugins_default_dir(struct od_buf *buf)
{
	char exe[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	if (len > 0) {
		exe[len] = '\0';
		slash = strrchr(exe, '/');
		if (slash)
			*slash = '\0';
		od_buf_printf(buf, "%s/config.status", exe);
		if (access(od_buf_str(buf), F_OK) == 0) {
			od_buf_reset(buf);
			od_buf_printf(buf, "%s/plugins", exe);
			return;
		}
		od_buf_reset(buf);
	}
	od_buf_addstr(buf, OD_PLUGINDIR);
}

static void collect_interest(struct od_plugins *plugins)
{
	unsigned n = 0;

	plugins->interest = od_calloc(OD_MAX_PLUGINS * OD_PLUGIN_INTEREST_MAX + 1,
				      sizeof(*plugins->interest));
	for (unsigned i = 0; i < plugins->nslots; i++)
		for (unsigned j = 0; !plugins->slots[i]->reason && plugins->slots[i]->interest[j];
		     j++)
			plugins->interest[n++] = plugins->slots[i]->interest[j];
}

/* What constructors and entries print while plugins are loaded is for nobody. */
static void silence(int saved[2])
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	fflush(NULL);
	for (int i = 0; i < 2; i++) {
		saved[i] = null < 0 ? -1 : fcntl(1 + i, F_DUPFD_CLOEXEC, 3);
		if (saved[i] >= 0)
			dup2(null, 1 + i);
	}
	if (null >= 0)
		close(null);
}

static void restore(const int saved[2])
{
	fflush(NULL);
	for (int i = 0; i < 2; i++) {
		if (saved[i] < 0)
			continue;
		dup2(saved[i], 1 + i);
		close(saved[i]);
	}
}

struct od_plugins *od_plugins_load(const struct od_plugin_options *opts, struct od_buf *messages)
{
	struct od_plugins *plugins = od_calloc(1, sizeof(*plugins));
	struct od_buf dir = OD_BUF_INIT;
	int quiet[2];

	plugins->timeout_ms = opts->timeout_ms ? opts->timeout_ms : OD_PLUGIN_TIMEOUT_MS;
	plugins->load_ms = opts->timeout_ms ? opts->timeout_ms : OD_PLUGIN_LOAD_MS;
	plugins->fork = opts->fork ? opts->fork : fork;
	plugins->confine = opts->confine;
	if (!opts->none) {
		silence(quiet);
		if (!opts->paths_only) {
			od_plugins_default_dir(&dir);
			od_plugins_load_dir(plugins, od_buf_str(&dir), false, messages);
			od_buf_deinit(&dir);
		}
		for (unsigned i = 0; opts->paths && opts->paths[i]; i++)
			od_plugins_load_dir(plugins, opts->paths[i], true, messages);
		restore(quiet);
	}
	collect_interest(plugins);
	return plugins;
}

void od_plugins_destroy(struct od_plugins *plugins)
{
	if (!plugins)
		return;
	for (unsigned i = 0; i < plugins->nslots; i++)
		od_plugin_slot_free(plugins->slots[i]);
	free(plugins->interest);
	free(plugins);
}

void od_plugins_list(const struct od_plugins *plugins, struct od_buf *buf)
{
	for (unsigned i = 0; i < plugins->nslots; i++) {
		const struct od_plugin_slot *slot = plugins->slots[i];

		if (slot->reason) {
			od_buf_addstr(buf, "refused: ");
			od_escape_str(buf, OD_ESCAPE_TEXT, slot->reason);
		} else {
			od_buf_printf(buf, "%s ", slot->name);
			od_escape_str(buf, OD_ESCAPE_TEXT, slot->version);
			od_buf_addstr(buf, ": ");
			od_escape_str(buf, OD_ESCAPE_TEXT, slot->summary);
		}
		od_buf_addstr(buf, "\n    ");
		od_escape_str(buf, OD_ESCAPE_TEXT, slot->path);
		od_buf_addch(buf, '\n');
	}
}

const char *const *od_plugins_interest(const struct od_plugins *plugins)
{
	return plugins->interest;
}

bool od_plugin_wants(const struct od_plugin_slot *slot, const struct od_report *rep)
{
	bool user = od_kind_is_user(rep->kind);

	return slot->wants & (user ? OD_PLUGIN_WANTS_USER : OD_PLUGIN_WANTS_KERNEL);
}

/* One plugin at work. */
struct run {
	struct od_plugin_slot *slot;
	pid_t pid;
	int fd; /* -1: ended */
	int status;
	bool late, flooded;
	const char *question; /* NULL: it is to analyse reports */
	struct od_buf reply;
};

static bool wants_any(const struct od_plugin_slot *slot, const struct od_input *in, uint32_t first,
		      uint32_t n)
{
	for (uint32_t i = first; i < first + n; i++)
		if (od_plugin_wants(slot, in->reports[i]))
			return true;
	return false;
}

static void start(struct run *run, const struct od_plugins *plugins, struct od_input *in,
		  uint32_t first, uint32_t n)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	/* Else the child could write what stdio still holds of ours a second time. */
	fflush(NULL);
	run->pid = plugins->fork();
	if (run->pid == 0) {
		if (!od_plugin_child_setup(&fds[1], 1, in->memory, plugins->timeout_ms))
			_exit(1);
		if (!plugins->confine)
			od_plugin_manners();
		else if (!plugins->confine())
			_exit(1);
		if (run->question)
			od_plugin_answer(run->slot, in, first, run->question, OD_PLUGIN_CHILD_FD);
		else
			od_plugin_serve(run->slot, in, first, n, OD_PLUGIN_CHILD_FD);
		_exit(0);
	}
	close(fds[1]);
	if (run->pid < 0)
		close(fds[0]);
	else
		run->fd = fds[0];
}

static void finish(struct run *run)
{
	bool kill_now = run->late || run->flooded;

	close(run->fd);
	run->fd = -1;
	run->status = od_plugin_child_end(run->pid, kill_now);
}

static void receive(struct run *run)
{
	char data[16384];
	ssize_t n = read(run->fd, data, sizeof(data));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		finish(run);
		return;
	}
	if ((size_t)n > OD_MAX_PLUGIN_REPLY - run->reply.len) {
		run->flooded = true;
		finish(run);
		return;
	}
	od_buf_add(&run->reply, data, (size_t)n);
}

/* Take in what all of them say until each has ended or the time is up. */
static void attend(struct run *runs, unsigned nruns, unsigned timeout_ms)
{
	const uint64_t deadline = od_plugin_now_ms() + timeout_ms;
	struct pollfd polls[OD_MAX_PLUGINS];

	for (;;) {
		uint64_t now = od_plugin_now_ms();
		bool open = false;

		for (unsigned i = 0; i < nruns; i++) {
			polls[i] = (struct pollfd){ .fd = runs[i].fd, .events = POLLIN };
			open |= runs[i].fd >= 0;
		}
		if (!open || now >= deadline)
			break;
		if (poll(polls, nruns, (int)(deadline - now)) <= 0)
			continue;
		for (unsigned i = 0; i < nruns; i++)
			if (runs[i].fd >= 0 && polls[i].revents)
				receive(&runs[i]);
	}
	for (unsigned i = 0; i < nruns; i++) {
		if (runs[i].fd < 0)
			continue;
		runs[i].late = true;
		runs[i].slot->hung = true;
		finish(&runs[i]);
	}
}

/* What to say of a run that did not answer in full. wrong is what od_wire_apply() said. */
static void describe_failure(const struct run *run, const char *wrong, unsigned timeout_ms,
			     struct od_buf *buf)
{
	if (run->slot->hung && !run->late)
		od_buf_addstr(buf, "did not answer before and was not run again");
	else if (run->pid < 0)
		od_buf_addstr(buf, "could not be started");
	else if (run->late)
		od_buf_printf(buf, "did not answer within %g s", timeout_ms / 1000.0);
	else if (run->flooded)
		od_buf_addstr(buf, "answered more than is kept");
	else if (*wrong)
		od_buf_printf(buf, "answered nonsense (%s)", wrong);
	else if (WIFSIGNALED(run->status) && WTERMSIG(run->status) == SIGSYS)
		od_buf_addstr(buf, "was stopped: it asked the system for something that no plugin "
				   "may have");
	else if (WIFSIGNALED(run->status))
		od_buf_printf(buf, "died of signal %d", WTERMSIG(run->status));
	else if (WIFEXITED(run->status))
		od_buf_printf(buf, "ended by itself with status %d", WEXITSTATUS(run->status));
	else
		od_buf_addstr(buf, "ended");
}

static bool settle(struct run *run, struct od_plugins *plugins, struct od_input *in,
		   uint32_t first, uint32_t n)
{
	struct od_buf why = OD_BUF_INIT;
	const char *wrong = od_wire_apply(in, first, n, run->slot->name, od_buf_str(&run->reply),
					  run->reply.len);

	od_buf_deinit(&run->reply);
	/* The answer is whole: how the child ended afterwards does not matter. */
	if (!wrong)
		return true;
	describe_failure(run, wrong, plugins->timeout_ms, &why);
	/* Its own limits end it by other signals. */
	plugins->killed |= run->pid >= 0 && !run->late && !run->flooded && WIFSIGNALED(run->status) &&
			   WTERMSIG(run->status) == SIGKILL;
	for (uint32_t i = first; i < first + n; i++)
		if (od_plugin_wants(run->slot, in->reports[i]))
			od_report_note(in->reports[i], 0,
				       "plugin %s %s: its findings may be missing",
				       run->slot->name, od_buf_str(&why));
	od_buf_deinit(&why);
	return false;
}

static bool run_batch(struct od_plugins *plugins, struct od_input *in, uint32_t first, uint32_t n)
{
	struct run runs[OD_MAX_PLUGINS];
	unsigned nruns = 0;
	bool ok = true;

	for (unsigned i = 0; i < plugins->nslots; i++) {
		struct od_plugin_slot *slot = plugins->slots[i];

		if (slot->reason || !wants_any(slot, in, first, n))
			continue;
		runs[nruns] = (struct run){ .slot = slot, .pid = -1, .fd = -1 };
		if (!slot->hung)
			start(&runs[nruns], plugins, in, first, n);
		nruns++;
	}
	attend(runs, nruns, plugins->timeout_ms);
	for (unsigned i = 0; i < nruns; i++)
		ok &= settle(&runs[i], plugins, in, first, n);
	for (uint32_t i = first; i < first + n; i++)
		od_report_sort_findings(in->reports[i]);
	return ok;
}

bool od_plugins_run(struct od_plugins *plugins, struct od_input *in, uint32_t first, uint32_t n)
{
	bool ok = true;

	if (!plugins || first > in->nreports || n > in->nreports - first)
		return true;
	while (n) {
		const uint32_t batch = n < OD_PLUGIN_BATCH ? n : OD_PLUGIN_BATCH;

		ok &= run_batch(plugins, in, first, batch);
		first += batch;
		n -= batch;
	}
	return ok;
}

bool od_plugins_killed(const struct od_plugins *plugins)
{
	return plugins && plugins->killed;
}

static struct od_plugin_slot *slot_by_name(const struct od_plugins *plugins, const char *name)
{
	for (unsigned i = 0; plugins && i < plugins->nslots; i++)
		if (!plugins->slots[i]->reason && !strcmp(plugins->slots[i]->name, name))
			return plugins->slots[i];
	return NULL;
}

bool od_plugins_takes_questions(const struct od_plugins *plugins, const char *name)
{
	const struct od_plugin_slot *slot = slot_by_name(plugins, name);

	return slot && slot->ask;
}

bool od_plugins_ask(struct od_plugins *plugins, struct od_input *in, uint32_t report,
		    const char *name, const char *question, struct od_buf *out)
{
	struct run run = { .slot = slot_by_name(plugins, name), .pid = -1, .fd = -1,
			   .question = question };
	int32_t result = 0;
	const char *wrong;

	if (!run.slot || !run.slot->ask || report >= in->nreports)
		return false;
	if (!run.slot->hung)
		start(&run, plugins, in, report, 1);
	attend(&run, 1, plugins->timeout_ms);
	wrong = od_wire_answer(report, od_buf_str(&run.reply), run.reply.len, out, &result);
	od_buf_deinit(&run.reply);
	if (wrong) {
		od_buf_reset(out);
		od_buf_printf(out, "plugin %s ", name);
		describe_failure(&run, wrong, plugins->timeout_ms, out);
	}
	return !wrong && result >= 0;
}
