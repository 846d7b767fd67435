/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
/*
 * What the engine, and a plugin's process, may ask of the kernel. Everything else ends the process;
 * what a library asks for on the way, and can do without, fails instead.
 *
 * The kernel compares 64 bits, and looks itself at the lower 32 of an int: so no rule says what an int
 * may not be, each says what it may be.
 */
#include "config.h"

#include "analyze/plugins.h"
#include "front/confine.h"
#include "io/unpack.h"

#if defined(HAVE_SECCOMP) && !defined(OD_SANITIZERS)
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_INSNS = 2048, FDS = 512 };

/* A filter as the kernel takes it. Making one takes half a millisecond, giving it to the kernel a tenth of that. */
struct program {
	struct sock_fprog prog;
	struct sock_filter insns[MAX_INSNS];
};

/* What every plugin's process adds for itself; made before, so that it costs one system call. */
static struct program plugin_filter;

/* Computing: for plugins too. */
static const int compute[] = {
	SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(_llseek), SCMP_SYS(close),
	SCMP_SYS(fstat), SCMP_SYS(fstat64), SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
	SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(futex_time64), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64), SCMP_SYS(clock_nanosleep), SCMP_SYS(clock_nanosleep_time64),
	SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
	SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(sched_yield),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigreturn),
	SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

/* The engine's work beyond that; what it may do with a process it made comes with rules below. */
static const int serve[] = {
	SCMP_SYS(readv), SCMP_SYS(preadv), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(ppoll_time64),
	SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(recvfrom), SCMP_SYS(recv), SCMP_SYS(close_range),
	SCMP_SYS(getdents64), SCMP_SYS(wait4), SCMP_SYS(waitid), SCMP_SYS(getppid),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(sigaltstack), SCMP_SYS(setitimer),
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(setrlimit), SCMP_SYS(getrlimit),
	SCMP_SYS(ugetrlimit), SCMP_SYS(sched_getaffinity),
};

/* Questions of libraries: no is an answer to them. */
static const int refuse[] = {
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(stat), SCMP_SYS(stat64), SCMP_SYS(lstat), SCMP_SYS(lstat64),
	SCMP_SYS(statx), SCMP_SYS(getcwd), SCMP_SYS(open), SCMP_SYS(openat2), SCMP_SYS(tgkill),
	/* The engine ends plugins and has them in groups, where there is no sandbox. */
	SCMP_SYS(kill), SCMP_SYS(setpgid),
};

static bool failed;

static void rule(scmp_filter_ctx ctx, uint32_t action, int nr, unsigned n,
		 const struct scmp_arg_cmp *args)
{
	/* Negative: this architecture does not have it. */
	if (nr >= 0 && seccomp_rule_add_array(ctx, action, nr, n, args) < 0)
		failed = true;
}

static void rules(scmp_filter_ctx ctx, uint32_t action, const int *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rule(ctx, action, list[i], 0, NULL);
}

#define RULES(ctx, action, list) rules(ctx, action, list, sizeof(list) / sizeof(*(list)))
#define ALLOW(ctx, nr, ...)                                                                        \
	do {                                                                                       \
		const struct scmp_arg_cmp args_[] = { __VA_ARGS__ };                               \
		rule(ctx, SCMP_ACT_ALLOW, nr, sizeof(args_) / sizeof(*args_), args_);              \
	} while (0)
#define BITS(arg, mask, value) SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, mask, value)
#define IS(arg, value) SCMP_CMP(arg, SCMP_CMP_EQ, value)
#define REFUSE(ctx, error, nr) rule(ctx, SCMP_ACT_ERRNO(error), nr, 0, NULL)

/*
 * Memory: never code, and never shared: a shared mapping of an input that is open for writing would
 * be a way to write it.
 */
static void allow_memory(scmp_filter_ctx ctx)
{
	const struct scmp_arg_cmp prot = BITS(2, PROT_EXEC, 0);
	const struct scmp_arg_cmp private = BITS(3, 0xf, MAP_PRIVATE);

	ALLOW(ctx, SCMP_SYS(mmap), prot, private);
	ALLOW(ctx, SCMP_SYS(mmap2), prot, private);
	ALLOW(ctx, SCMP_SYS(mprotect), prot);
	/* fstat() of the C library. */
	ALLOW(ctx, SCMP_SYS(newfstatat), BITS(3, AT_EMPTY_PATH, AT_EMPTY_PATH));
	/* isatty() of stdio. */
	REFUSE(ctx, ENOTTY, SCMP_SYS(ioctl));
}

/*
 * The loader maps the code of a library: the front looks which file it is (confine-gate.c). The
 * descriptor cannot become another one meanwhile: no thread and no process shares it.
 */
static void ask_for_code(scmp_filter_ctx ctx)
{
	const struct scmp_arg_cmp args[] = { IS(2, PROT_READ | PROT_EXEC),
					     BITS(3, 0xf | MAP_ANONYMOUS, MAP_PRIVATE) };

	rule(ctx, SCMP_ACT_NOTIFY, SCMP_SYS(mmap), 2, args);
}

/* Copies of the descriptors from first up to but not with last, in blocks whose size is a power of 2. */
static void allow_dup_of(scmp_filter_ctx ctx, int nr, unsigned first, unsigned last)
{
	while (first < last) {
		unsigned size = first & -first;

		while (first + size > last)
			size /= 2;
		ALLOW(ctx, nr, BITS(0, ~(uint64_t)(size - 1), first));
		first += size;
	}
}

/* Copies of descriptors that cannot be written: all but the socket and the inputs. */
static void allow_dup(scmp_filter_ctx ctx, int nr, unsigned inputs)
{
	ALLOW(ctx, nr, IS(0, 0));
	allow_dup_of(ctx, nr, OD_ENGINE_SOCK + 1, OD_ENGINE_INPUT);
	allow_dup_of(ctx, nr, OD_ENGINE_INPUT + inputs, FDS);
}

static void allow_files(scmp_filter_ctx ctx, const struct od_lockdown *lock, bool may_open)
{
	/* Landlock lets everybody have O_PATH, and so know what is there. */
	const uint64_t more = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | O_PATH;

	/* Errors, and in a plugin's process its answer, which then has the number of the socket. */
	ALLOW(ctx, SCMP_SYS(write), BITS(0, ~(uint64_t)1, 2));
	ALLOW(ctx, SCMP_SYS(writev), IS(0, 2));
	/* /dev/null, for plugins that print. No input and no socket can get the number, see allow_dup(). */
	ALLOW(ctx, SCMP_SYS(write), IS(0, 1));
	ALLOW(ctx, SCMP_SYS(writev), IS(0, 1));
	ALLOW(ctx, SCMP_SYS(sendto), IS(0, OD_ENGINE_SOCK), IS(4, 0));
	ALLOW(ctx, SCMP_SYS(send), IS(0, OD_ENGINE_SOCK));
	ALLOW(ctx, SCMP_SYS(sendmsg), IS(0, OD_ENGINE_SOCK));
	ALLOW(ctx, SCMP_SYS(fcntl), IS(1, F_GETFD));
	ALLOW(ctx, SCMP_SYS(fcntl), IS(1, F_SETFD));
	ALLOW(ctx, SCMP_SYS(fcntl), IS(1, F_GETFL));
	/* Files in memory have the number that may be written only while they are made. */
	ALLOW(ctx, SCMP_SYS(write), IS(0, OD_UNPACK_FD));
	ALLOW(ctx, SCMP_SYS(fcntl), IS(1, F_ADD_SEALS));
	allow_dup(ctx, SCMP_SYS(dup2), lock->inputs);
	allow_dup(ctx, SCMP_SYS(dup3), lock->inputs);
	if (may_open)
		ALLOW(ctx, SCMP_SYS(openat), BITS(2, more, 0));
	else
		REFUSE(ctx, EACCES, SCMP_SYS(openat));
}

/*
 * Processes for plugins, and what these do before they have a filter of their own; files in memory. What
 * they may take is counted in the front, if that is asked (clone_action).
 */
static void allow_counted(scmp_filter_ctx ctx, uint32_t clone_action)
{
	const uint64_t harmless = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
	/* fork(), and nothing else that clone() can: no threads, no namespaces. */
#if defined(__s390__) || defined(__s390x__)
	const struct scmp_arg_cmp fork_only[] = { BITS(1, ~harmless, SIGCHLD) };
#else
	const struct scmp_arg_cmp fork_only[] = { BITS(0, ~harmless, SIGCHLD) };
#endif
	const struct scmp_arg_cmp sealable[] = { IS(1, MFD_CLOEXEC | MFD_ALLOW_SEALING) };

	rule(ctx, clone_action, SCMP_SYS(clone), 1, fork_only);
	/* Memory that no limit counts: the front makes it, and sees how much it becomes. */
	rule(ctx, clone_action, SCMP_SYS(memfd_create), 1, sealable);
	/* Its flags are in memory, where no filter can see them. The C library then takes clone(). */
	REFUSE(ctx, ENOSYS, SCMP_SYS(clone3));
	ALLOW(ctx, SCMP_SYS(prctl), IS(0, PR_SET_PDEATHSIG));
	/* While a library is loaded the front looks at our descriptors, which it may only then (disasm-capstone.c). */
	ALLOW(ctx, SCMP_SYS(prctl), IS(0, PR_GET_DUMPABLE));
	ALLOW(ctx, SCMP_SYS(prctl), IS(0, PR_SET_DUMPABLE));
	ALLOW(ctx, SCMP_SYS(prlimit64), IS(0, 0));
	ALLOW(ctx, SCMP_SYS(seccomp), IS(0, SECCOMP_SET_MODE_FILTER), IS(1, 0));
}

/* Turn it into what the kernel takes; it is released. */
static bool assemble(scmp_filter_ctx ctx, struct program *ret)
{
	int fds[2];
	ssize_t len = -1;

	ret->prog = (struct sock_fprog){ 0, ret->insns };
	if (!failed && pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0) {
		if (seccomp_export_bpf(ctx, fds[1]) == 0)
			len = read(fds[0], ret->insns, sizeof(ret->insns));
		close(fds[0]);
		close(fds[1]);
	}
	seccomp_release(ctx);
	if (len <= 0 || (size_t)len >= sizeof(ret->insns))
		return false;
	ret->prog.len = (unsigned short)((size_t)len / sizeof(*ret->insns));
	return true;
}

static bool make_engine_filter(const struct od_lockdown *lock, bool may_open, uint32_t clone_action,
			       struct program *ret)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);

	failed = !ctx;
	if (failed)
		return false;
	RULES(ctx, SCMP_ACT_ALLOW, compute);
	RULES(ctx, SCMP_ACT_ALLOW, serve);
	for (size_t i = 0; i < sizeof(refuse) / sizeof(*refuse); i++)
		REFUSE(ctx, refuse[i] == SCMP_SYS(kill) ? EPERM : EACCES, refuse[i]);
	allow_memory(ctx);
	if (lock->library && may_open && clone_action == SCMP_ACT_NOTIFY)
		ask_for_code(ctx);
	allow_files(ctx, lock, may_open);
	allow_counted(ctx, clone_action);
	return assemble(ctx, ret);
}

/* A plugin computes and answers. Whatever else it tries is worth being told about, so it is its end. */
static bool make_plugin_filter(void)
{
	scmp_filter_ctx ctx;

	if (plugin_filter.prog.len)
		return true;
	ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	failed = !ctx;
	if (failed)
		return false;
	RULES(ctx, SCMP_ACT_ALLOW, compute);
	allow_memory(ctx);
	ALLOW(ctx, SCMP_SYS(write), BITS(0, ~(uint64_t)3, 0));
	ALLOW(ctx, SCMP_SYS(writev), BITS(0, ~(uint64_t)3, 0));
	/* abort() then ends it in another way; its timer (see plugin-child.c) cannot be dodged. */
	REFUSE(ctx, EPERM, SCMP_SYS(tgkill));
	REFUSE(ctx, EPERM, SCMP_SYS(rt_sigaction));
	REFUSE(ctx, EPERM, SCMP_SYS(rt_sigprocmask));
	return assemble(ctx, &plugin_filter);
}

/* The one that was made last, and of what: a process that starts many engines has it made once. */
static struct {
	unsigned inputs;
	bool library, may_open;
	uint32_t clone_action;
	struct program program;
} made;

static const struct sock_fprog *engine_filter(const struct od_lockdown *lock, bool may_open,
					      uint32_t clone_action)
{
	if (made.program.prog.len && made.inputs == lock->inputs && made.library == (lock->library != NULL) &&
	    made.may_open == may_open && made.clone_action == clone_action)
		return &made.program.prog;
	made.inputs = lock->inputs;
	made.library = lock->library != NULL;
	made.may_open = may_open;
	made.clone_action = clone_action;
	if (!make_engine_filter(lock, may_open, clone_action, &made.program))
		made.program.prog.len = 0;
	return made.program.prog.len ? &made.program.prog : NULL;
}

/* gate: gets a descriptor of what waits for an answer; NULL: nothing does. */
static bool load(const struct od_lockdown *lock, bool may_open, uint32_t clone_action, int *gate)
{
	const struct sock_fprog *prog = engine_filter(lock, may_open, clone_action);
	long ret = -1;

	if (prog)
		ret = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			      gate ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0, prog);
	if (ret >= 0 && gate)
		*gate = (int)ret;
	return ret >= 0;
}

void od_seccomp_prepare(const struct od_lockdown *lock)
{
	(void)make_plugin_filter();
	(void)engine_filter(lock, true, SCMP_ACT_NOTIFY);
}

const char *od_seccomp_lock(struct od_lockdown *lock, bool may_open, const char **why_gate)
{
	*why_gate = NULL;
	if (!make_plugin_filter()) {
		plugin_filter.prog.len = 0;
		return "no system call filters in this kernel or container";
	}
	if (load(lock, may_open, SCMP_ACT_NOTIFY, &lock->gate) && lock->gate >= 0)
		return NULL;
	/* A kernel before 5.5, or a container whose manager listens to what its processes ask. */
	lock->gate = -1;
	*why_gate = "nobody counts the engine's processes";
	if (lock->load)
		lock->load();
	if (load(lock, may_open, SCMP_ACT_ALLOW, NULL))
		return NULL;
	plugin_filter.prog.len = 0;
	return "no system call filters in this kernel or container";
}

bool od_confine_plugin(void)
{
	if (plugin_filter.prog.len == 0) {
		od_plugin_manners();
		return true;
	}
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &plugin_filter.prog) == 0;
}

bool od_confine_has_seccomp(void)
{
	return true;
}
#else
void od_seccomp_prepare(const struct od_lockdown *lock)
{
	(void)lock;
}

const char *od_seccomp_lock(struct od_lockdown *lock, bool may_open, const char **why_gate)
{
	(void)lock, (void)may_open;
	*why_gate = NULL;
	return "built without libseccomp";
}

bool od_confine_plugin(void)
{
	od_plugin_manners();
	return true;
}

bool od_confine_has_seccomp(void)
{
	return false;
}
#endif
