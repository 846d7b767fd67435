/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/confine.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "config.h"
#include "io/unpack.h"

enum { MAX_FILES = 256 };

static void limit(int what, rlim_t value)
{
	struct rlimit lim;

	/* Never above what we were given. */
	if (getrlimit(what, &lim) < 0)
		return;
	if (lim.rlim_max == RLIM_INFINITY || value < lim.rlim_max)
		lim.rlim_max = value;
	lim.rlim_cur = lim.rlim_max;
	setrlimit(what, &lim);
}

/*
 * Files cannot be written; pipes and sockets are not affected. Only src/io/unpack-file.c lifts that, for
 * as long as it fills a file in memory.
 */
static void limit_files(void)
{
	struct rlimit lim;

	limit(RLIMIT_FSIZE, OD_UNPACK_BYTES);
	if (getrlimit(RLIMIT_FSIZE, &lim) < 0)
		return;
	lim.rlim_cur = 0;
	setrlimit(RLIMIT_FSIZE, &lim);
}

static void reset_signals(void)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void od_confine_begin(long front, unsigned max_memory_mib)
{
	reset_signals();
	/* A session of its own: no controlling terminal to talk to, and Ctrl-C is the front's. */
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != (pid_t)front)
		_exit(0);
	limit(RLIMIT_CORE, 0);
	limit_files();
	limit(RLIMIT_NOFILE, MAX_FILES);
#ifdef OD_SANITIZERS
	(void)max_memory_mib;
#else
	/* DATA rather than AS: mapped files are no burden, memory made from input is. */
	if (max_memory_mib > 0)
		limit(RLIMIT_DATA, (rlim_t)max_memory_mib << 20);
#endif
}

static void close_fds(unsigned first, unsigned last)
{
	if (syscall(SYS_close_range, first, last, 0) == 0)
		return;
	for (unsigned fd = first; fd <= last && fd < 4096; fd++)
		close((int)fd);
}

int od_confine_fds(int sock, int errfd, int *inputs, unsigned n)
{
	enum { SOCK = OD_ENGINE_SOCK, INPUT = OD_ENGINE_INPUT };
	const int above = INPUT + (int)n;
	int null;

	/* First out of the way of the numbers they will get. */
	sock = fcntl(sock, F_DUPFD, above);
	errfd = fcntl(errfd, F_DUPFD, above);
	for (unsigned i = 0; i < n; i++)
		inputs[i] = fcntl(inputs[i], F_DUPFD, above);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || sock < 0 || errfd < 0)
		_exit(5);
	dup2(null, 0);
	dup2(null, 1);
	dup2(errfd, 2);
	dup2(sock, SOCK);
	for (unsigned i = 0; i < n; i++)
		inputs[i] = dup2(inputs[i], INPUT + (int)i);
	close_fds(SOCK + 1, INPUT - 1);
	close_fds((unsigned)above, ~0U);
	/* In use, so that no file that is opened ever has the number that may be written. */
	dup2(0, OD_UNPACK_FD);
	fcntl(SOCK, F_SETFD, FD_CLOEXEC);
	return SOCK;
}

void od_confine_cpu(unsigned seconds)
{
	struct rusage ru;
	struct rlimit lim;

	if (getrlimit(RLIMIT_CPU, &lim) < 0 || getrusage(RUSAGE_SELF, &ru) < 0)
		return;
	lim.rlim_cur = lim.rlim_max;
	if (seconds > 0 && (lim.rlim_max == RLIM_INFINITY ||
			    (rlim_t)ru.ru_utime.tv_sec + seconds < lim.rlim_max))
		lim.rlim_cur = (rlim_t)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) + seconds + 1;
	setrlimit(RLIMIT_CPU, &lim);
}

/*
 * Of root: the right to raise the limits again, to write anywhere, and so on. The user stays, and with
 * it the files that root may read.
 */
static void drop_capabilities(bool keep_reading)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		return;
	for (unsigned i = 0; i < 2; i++) {
		/* -s may name files in a directory of another user: Landlock bounds what is read. */
		__u32 keep = i == 0 && keep_reading ? 1u << CAP_DAC_READ_SEARCH : 0;

		data[i].permitted &= keep;
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	syscall(SYS_capset, &head, data);
}

static void say(struct od_buf *why, const char *text)
{
	if (!text)
		return;
	od_buf_addstr(why, why->len > 0 ? "; " : "");
	od_buf_addstr(why, text);
}

/* The runtime of sanitizers maps terabytes, and opens and runs what it needs to print a stack. */
static bool has_sanitizers(void)
{
#ifdef OD_SANITIZERS
	return true;
#else
	return false;
#endif
}

void od_confine_lock(struct od_lockdown *lock, struct od_buf *why)
{
	const char *files, *calls, *gate = NULL;

	lock->gate = -1;
	lock->missing = OD_SANDBOX_ALL;
	if (has_sanitizers()) {
		say(why, "built with sanitizers");
		return;
	}
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	files = od_landlock_lock(lock);
	/* Without Landlock nothing can be opened. */
	if (files && lock->load)
		lock->load();
	drop_capabilities(lock->read_paths && lock->read_paths[0]);
	calls = od_seccomp_lock(lock, !files || lock->must_open, &gate);
	if (!files)
		lock->missing &= ~(unsigned)OD_SANDBOX_FILES;
	if (!calls)
		lock->missing &= ~(unsigned)OD_SANDBOX_SYSCALLS;
	if (lock->gate >= 0)
		lock->missing &= ~(unsigned)OD_SANDBOX_FORKS;
	say(why, files);
	if (files && !calls && lock->must_open)
		say(why, "any file may be read, since there are debug files to look for");
	say(why, calls);
	say(why, gate);
}
