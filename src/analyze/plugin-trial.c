/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
/*
 * Loading a plugin runs code of it: constructors and the entry. So it is tried in a process of its own
 * first, with as much taken from it as loading can do without.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyze/plugin-internal.h"
#include "analyze/plugins.h"
#include "base/cleanup.h"

enum {
	/* Exit statuses that a plugin does not end with by chance. */
	TRIAL_OK = 113,
	TRIAL_CLOSED = 114,
	TRIES = 5, /* where it is killed from outside */
	/* The pipe, the object, and some that are there to see whether a plugin closes what is not its own. */
	TRIAL_OBJECT = OD_PLUGIN_CHILD_FD + 1,
	TRIAL_DECOYS = OD_PLUGIN_CHILD_FD + 2,
	TRIAL_FDS = TRIAL_DECOYS + 6,
};

static bool same_file(int fd, const struct stat *was)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == was->st_dev && st.st_ino == was->st_ino;
}

static void child(struct od_plugin_slot *slot, int fd, unsigned timeout_ms)
{
	const int keep[] = { fd, slot->fd };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	const char *reason = "no descriptors left";
	struct stat null, pipe;

	if (!od_plugin_child_setup(keep, 2, false, timeout_ms) || fstat(0, &null) < 0 ||
	    fstat(OD_PLUGIN_CHILD_FD, &pipe) < 0)
		goto out;
	/* The parent may still signal us now: a timer would only let a plugin's own go unseen. */
	setitimer(ITIMER_REAL, &never, NULL);
	for (int i = TRIAL_DECOYS; i < TRIAL_FDS; i++)
		dup2(0, i);
	od_plugin_manners();
	slot->fd = TRIAL_OBJECT;
	/* Another spelling: the parent may have loaded one by this very number. */
	reason = od_plugin_open_object(slot, "thread-self");
	for (int i = 0; i < TRIAL_FDS; i++)
		if (i != OD_PLUGIN_CHILD_FD && i != TRIAL_OBJECT && !same_file(i, &null))
			_exit(TRIAL_CLOSED);
	if (!same_file(OD_PLUGIN_CHILD_FD, &pipe))
		_exit(TRIAL_CLOSED);
out:
	if (reason && write(OD_PLUGIN_CHILD_FD, reason, strlen(reason)) < 0)
		_exit(1);
	_exit(reason ? 1 : TRIAL_OK);
}

/* Read what the child has to say until it closes the pipe. False if that takes too long. */
static bool read_reason(int fd, char *reason, size_t size, unsigned timeout_ms)
{
	const uint64_t deadline = od_plugin_now_ms() + timeout_ms;
	size_t len = 0;

	reason[0] = '\0';
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		const uint64_t now = od_plugin_now_ms();
		char rest[256];
		ssize_t got;

		if (now >= deadline)
			return false;
		if (poll(&p, 1, (int)(deadline - now)) <= 0)
			continue;
		got = read(fd, rest, sizeof(rest));
		if (got <= 0)
			return true;
		if ((size_t)got > size - 1 - len)
			got = (ssize_t)(size - 1 - len);
		memcpy(reason + len, rest, (size_t)got);
		len += (size_t)got;
		reason[len] = '\0';
	}
}

/* What the end of the trial means, in reason unless it is there already. False: all is well. */
static bool judge(int status, char *reason, size_t size)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == TRIAL_OK)
		return false;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		snprintf(reason, size, "loading it asks the system for something that no plugin may have");
	else if (WIFSIGNALED(status))
		snprintf(reason, size, "loading it ends with signal %d", WTERMSIG(status));
	else if (WIFEXITED(status) && WEXITSTATUS(status) == TRIAL_CLOSED)
		snprintf(reason, size, "loading it closes descriptors that are not its own");
	else if (!*reason)
		snprintf(reason, size, "loading it ends the process");
	return true;
}

/* killed: by somebody else; neither a plugin nor its limits can end it that way. */
static const char *try_once(struct od_plugin_slot *slot, unsigned timeout_ms, char *reason, size_t size,
			    bool *killed)
{
	od_autoclose int rd = -1;
	int fds[2], status;
	bool in_time;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return "no pipe for a trial run";
	rd = fds[0];
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		child(slot, fds[1], timeout_ms);
	close(fds[1]);
	if (pid < 0)
		return "no process for a trial run";
	in_time = read_reason(rd, reason, size, timeout_ms);
	status = od_plugin_child_end(pid, !in_time);
	*killed = in_time && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	if (!in_time) {
		snprintf(reason, size, "loading it took more than %g s", timeout_ms / 1000.0);
		return reason;
	}
	return judge(status, reason, size) ? reason : NULL;
}

const char *od_plugin_trial(struct od_plugin_slot *slot, unsigned timeout_ms, char *reason,
			    size_t size)
{
	const char *why = NULL;
	bool killed = true;

	for (int i = 0; i < TRIES && killed; i++) {
		killed = false;
		why = try_once(slot, timeout_ms, reason, size, &killed);
	}
	return why;
}
