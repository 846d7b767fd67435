/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
/* The process that a plugin runs in: what it may still touch, and how it ends. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analyze/plugin-internal.h"
#include "model/memory.h"

uint64_t od_plugin_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void limit(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit now, want = { soft, hard };

	/* Never above what was given: a higher hard limit would be refused as a whole. */
	if (getrlimit(resource, &now) == 0) {
		if (now.rlim_max < want.rlim_max)
			want.rlim_max = now.rlim_max;
		if (want.rlim_cur > want.rlim_max)
			want.rlim_cur = want.rlim_max;
	}
	setrlimit(resource, &want);
}

static void reset_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_fds(unsigned first, unsigned last)
{
	long max;

	if (close_range(first, last, 0) == 0)
		return;
	max = sysconf(_SC_OPEN_MAX);
	if (max < 0 || max > 65536)
		max = 65536;
	for (unsigned fd = first; fd <= last && fd < (unsigned long)max; fd++)
		close((int)fd);
}

/* That of standard input, if it can be written: the engine's can, which can open nothing any more. */
static int open_null(void)
{
	struct stat st;

	if (fstat(0, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3) &&
	    (fcntl(0, F_GETFL) & O_ACCMODE) == O_RDWR)
		return 0;
	return open("/dev/null", O_RDWR);
}

bool od_plugin_child_setup(const int *keep, unsigned nkeep, bool memory, unsigned timeout_ms)
{
	const rlim_t seconds = timeout_ms / 1000 + 1;
	/* A little later than the parent's patience: where that may signal nobody, this is the end. */
	const unsigned end_ms = timeout_ms + 100;
	const struct itimerval timer = { .it_value = { end_ms / 1000, end_ms % 1000 * 1000 } };
	int null, fds[2];

	if (nkeep > 2)
		return false;
	reset_signals();
	/* Alone in its group, so that what it may start ends with it; nor does it outlive us. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setitimer(ITIMER_REAL, &timer, NULL);
	limit(RLIMIT_CPU, seconds, seconds + 1);
	limit(RLIMIT_FSIZE, 0, 0);
	limit(RLIMIT_CORE, 0, 0);
	/* A stack without a limit is one that a recursion fills all memory with: it counts as no data. */
	limit(RLIMIT_STACK, OD_PLUGIN_STACK, OD_PLUGIN_STACK);

	/* Whatever was open belongs to others; a plugin's chatter must reach neither. */
	for (unsigned i = 0; i < nkeep; i++) {
		fds[i] = keep[i];
		if (fds[i] >= OD_PLUGIN_CHILD_FD + (int)nkeep)
			continue;
		fds[i] = fcntl(keep[i], F_DUPFD, OD_PLUGIN_CHILD_FD + (int)nkeep);
		if (fds[i] < 0)
			return false;
	}
	null = open_null();
	if (null < 0)
		return false;
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(null, fd) != fd)
			return false;
	for (unsigned i = 0; i < nkeep; i++)
		if (dup2(fds[i], OD_PLUGIN_CHILD_FD + (int)i) < 0)
			return false;
	close_fds(OD_PLUGIN_CHILD_FD + nkeep, OD_MEM_FD - 1);
	close_fds(memory ? OD_MEM_FD + OD_MEM_FDS : OD_MEM_FD, ~0U);
	return true;
}

/* True once the child is a zombie; its id, and so that of its group, is still its own then. */
static bool ended(pid_t pid, int options)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | options) == 0 &&
	       info.si_pid == pid;
}

int od_plugin_child_end(pid_t pid, bool kill_now)
{
	const struct timespec ms = { 0, 1000000 };
	int status;
	pid_t got;

	/* It has closed its end of the pipe: give it a moment to say how it ended. */
	for (unsigned i = 0; !kill_now && i < 500 && !ended(pid, WNOHANG); i++)
		nanosleep(&ms, NULL);
	if (!ended(pid, WNOHANG))
		kill(pid, SIGKILL);
	ended(pid, 0);
	kill(-pid, SIGKILL);
	do {
		got = waitpid(pid, &status, 0);
	} while (got < 0 && errno == EINTR);
	return got == pid ? status : -1;
}
