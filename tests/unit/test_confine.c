/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
/*
 * The engine itself, taken over: a process that locked itself down as the engine does, and then
 * tries to get out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "front/confine.h"
#include "io/unpack-internal.h"
#include "model/limits.h"

enum { MEMORY_MIB = 1024, NOTHING_THERE = 77 };

static char input_name[] = "/tmp/oopsdiag-confine-XXXXXX";
/* What -s names: a directory with a file, and links that lead out of it. */
static char debug_dir[] = "/tmp/oopsdiag-symbols-XXXXXX";
static char debug_file[64], debug_link[64], debug_up[64];
static pid_t front;

/* --- what is tried: errno of the refusal, or 0 if it worked -------------------------------- */

static int result(long ret)
{
	return ret < 0 ? errno : 0;
}

static int try_open(void)
{
	return result(open("/etc/passwd", O_RDONLY));
}

static int try_open_write(void)
{
	return result(open("/tmp/oopsdiag-escaped", O_WRONLY | O_CREAT, 0600));
}

static int try_open_debug(void)
{
	char text[8];
	int fd = open(debug_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return errno;
	if (read(fd, text, sizeof(text)) != 5)
		return EIO;
	fd = open(debug_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return result(fd);
}

static int try_open_link(void)
{
	return result(open(debug_link, O_RDONLY));
}

static int try_open_up(void)
{
	return result(open(debug_up, O_RDONLY));
}

static int try_write_debug(void)
{
	return result(open(debug_file, O_RDWR));
}

static int try_path_only(void)
{
	return result(open(debug_file, O_PATH));
}

static int try_list(void)
{
	return result(open("/", O_RDONLY | O_DIRECTORY));
}

static int try_socket(void)
{
	return result(socket(AF_INET, SOCK_STREAM, 0));
}

static int try_connect(void)
{
	const struct sockaddr addr = { .sa_family = AF_UNSPEC };

	return result(connect(OD_ENGINE_SOCK, &addr, sizeof(addr)));
}

static int try_execve(void)
{
	char *const args[] = { (char *)"true", NULL };

	return result(execve("/bin/true", args, args + 1));
}

static int try_ptrace(void)
{
	return result(ptrace(PTRACE_ATTACH, front, 0, 0));
}

static int try_kill(void)
{
	return result(kill(front, SIGKILL));
}

static int try_tgkill(void)
{
	return result(syscall(SYS_tgkill, front, front, SIGKILL));
}

static int try_write_input(void)
{
	return result(write(OD_ENGINE_INPUT, "x", 1));
}

/* The kernel takes the lower half for the descriptor. */
static int try_write_wide(void)
{
	return result(syscall(SYS_write, 0x100000000ul + OD_ENGINE_INPUT, "x", 1));
}

static int try_dup_input(void)
{
	return result(dup2(OD_ENGINE_INPUT, 2));
}

static int try_dup_wide(void)
{
	return result(syscall(SYS_dup3, 0x100000000ul + OD_ENGINE_INPUT, 2, 0));
}

static int try_fcntl_dup(void)
{
	return result(fcntl(OD_ENGINE_INPUT, F_DUPFD, 10));
}

static int try_map_input(void)
{
	return mmap(NULL, 1, PROT_READ, MAP_SHARED, OD_ENGINE_INPUT, 0) == MAP_FAILED ? errno : 0;
}

static int try_truncate(void)
{
	return result(ftruncate(OD_ENGINE_INPUT, 0));
}

static int try_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int try_make_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int try_memory(void)
{
	for (unsigned i = 0; i < 10; i++)
		if (mmap(NULL, 1ul << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			 0) == MAP_FAILED)
			return errno;
	return 0;
}

static int try_raise_limit(void)
{
	const struct rlimit lim = { RLIM_INFINITY, RLIM_INFINITY };

	return result(setrlimit(RLIMIT_DATA, &lim));
}

static int try_loop(void)
{
	od_confine_cpu(1);
	for (volatile unsigned i = 0; i < 1; i = 0)
		;
	return 0;
}

static int try_unshare(void)
{
	return result(syscall(SYS_unshare, 0x10000000));
}

static int try_thread(void)
{
	return result(syscall(SYS_clone, 0x50f00, 0, 0, 0, 0));
}

static int try_io_uring(void)
{
	return result(syscall(425, 1, NULL));
}

static int try_setsid(void)
{
	return result(setsid());
}

static int try_other_memfd(void)
{
	return result(memfd_create("x", MFD_CLOEXEC));
}

/* A file in memory is written by one number alone, which the input cannot get. */
static int try_write_memfd(void)
{
	return result(write(OD_UNPACK_FD + 1, "x", 1));
}

static int try_input_as_memfd(void)
{
	return result(dup3(OD_ENGINE_INPUT, OD_UNPACK_FD, 0));
}

static const struct {
	const char *name;
	int (*run)(void);
	int signal; /* that ends it, or 0 */
	int error;  /* that it is told */
} probes[] = {
	{ "open", try_open, 0, EACCES },
	{ "open for writing", try_open_write, SIGSYS, 0 },
	{ "list /", try_list, 0, EACCES },
	{ "open a debug file", try_open_debug, 0, 0 },
	{ "open what a link in its directory names", try_open_link, 0, EACCES },
	{ "open by ..", try_open_up, 0, EACCES },
	{ "open a debug file for writing", try_write_debug, SIGSYS, 0 },
	{ "O_PATH", try_path_only, SIGSYS, 0 },
	{ "socket", try_socket, SIGSYS, 0 },
	{ "connect", try_connect, SIGSYS, 0 },
	{ "execve", try_execve, SIGSYS, 0 },
	{ "ptrace", try_ptrace, SIGSYS, 0 },
	{ "kill", try_kill, 0, EPERM },
	{ "tgkill", try_tgkill, 0, EACCES },
	{ "write the input", try_write_input, SIGSYS, 0 },
	{ "write, 64 bits", try_write_wide, SIGSYS, 0 },
	{ "copy the input", try_dup_input, SIGSYS, 0 },
	{ "copy, 64 bits", try_dup_wide, SIGSYS, 0 },
	{ "copy by fcntl", try_fcntl_dup, SIGSYS, 0 },
	{ "share the input", try_map_input, SIGSYS, 0 },
	{ "truncate the input", try_truncate, SIGSYS, 0 },
	{ "memory for code", try_code, SIGSYS, 0 },
	{ "turn memory into code", try_make_code, SIGSYS, 0 },
	{ "10 GB", try_memory, 0, ENOMEM },
	{ "raise a limit", try_raise_limit, 0, EPERM },
	{ "endless loop", try_loop, SIGXCPU, 0 },
	{ "namespace", try_unshare, SIGSYS, 0 },
	{ "thread", try_thread, SIGSYS, 0 },
	{ "io_uring", try_io_uring, SIGSYS, 0 },
	{ "session", try_setsid, SIGSYS, 0 },
	{ "file in memory without seals", try_other_memfd, SIGSYS, 0 },
	{ "write another number", try_write_memfd, SIGSYS, 0 },
	{ "the input as file in memory", try_input_as_memfd, SIGSYS, 0 },
};

/* --- an engine ------------------------------------------------------------------------- */

static void send_gate(int gate)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
			      .msg_controllen = sizeof(control.room) };

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.head), &gate, sizeof(int));
	if (sendmsg(OD_ENGINE_SOCK, &msg, 0) != 1)
		_exit(1);
	close(gate);
}

static int receive_gate(int sock)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
			      .msg_controllen = sizeof(control.room) };
	int fd = -1;

	if (recvmsg(sock, &msg, 0) == 1 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return fd;
}

static const char *library; /* that the engines of a test may map as code, or NULL */

/* As od_engine_serve(): the process, and its socket in *sock. run's result is the exit status. */
static pid_t engine(int (*run)(void), int *sock)
{
	const char *const paths[] = { debug_dir, "/nowhere", NULL };
	struct od_lockdown lock = { .inputs = 1, .read_paths = paths, .debug_files = true,
				    .library = library };
	struct od_buf why = OD_BUF_INIT;
	int pair[2], fd;
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	front = getpid();
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0) {
		close(pair[1]);
		*sock = pair[0];
		return pid;
	}
	/* Open for writing, as standard input of a shell on a terminal is. */
	fd = open(input_name, O_RDWR);
	od_confine_begin(front, MEMORY_MIB);
	od_confine_fds(pair[1], 2, &fd, 1);
	od_confine_lock(&lock, &why);
	if (lock.missing)
		_exit(NOTHING_THERE);
	send_gate(lock.gate);
	_exit(run());
}

static int wait_for(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int nothing(void)
{
	return 0;
}

static void need_sandbox(void)
{
	int sock, status = wait_for(engine(nothing, &sock));

	close(sock);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOTHING_THERE)
		skip();
	assert_int_equal(status, 0);
}

static void test_probes(void **state)
{
	(void)state;
	need_sandbox();
	for (unsigned i = 0; i < sizeof(probes) / sizeof(*probes); i++) {
		int sock, status = wait_for(engine(probes[i].run, &sock));
		int expected = probes[i].signal ? probes[i].signal : probes[i].error << 8;

		close(sock);
		if ((status & ~0x80) != expected)
			fail_msg("%s: wait status %#x, not %#x", probes[i].name, status, expected);
	}
	assert_int_not_equal(access("/tmp/oopsdiag-escaped", F_OK), 0);
}

/* --- processes ------------------------------------------------------------------------- */

/* The number of processes it got; 255 if one of them could have one too. */
static int try_bomb(void)
{
	int n = 0;

	for (unsigned i = 0; i < 1000; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (fork() >= 0)
				_exit(0);
			for (;;)
				nanosleep(&(struct timespec){ 60, 0 }, NULL);
		}
		n += pid > 0;
	}
	nanosleep(&(struct timespec){ 0, 200000000 }, NULL);
	return waitpid(-1, NULL, WNOHANG) == 0 ? n : 255;
}

static struct od_gate gate;

/* What the front does while an engine runs. */
static int attend(pid_t pid, int sock)
{
	int status;

	gate = (struct od_gate){ .fd = receive_gate(sock), .engine = pid, .library = library,
				 .forks_left = 1000000 };
	assert_true(gate.fd >= 0);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		struct pollfd pfd = { .fd = gate.fd, .events = POLLIN };

		if (poll(&pfd, 1, 20) > 0)
			od_gate_answer(&gate);
	}
	od_gate_close(&gate);
	return status;
}

static void test_bomb(void **state)
{
	int sock, status;
	pid_t pid;

	(void)state;
	need_sandbox();
	pid = engine(try_bomb, &sock);
	status = attend(pid, sock);
	/* Its children are still in its group, where the front finds them. */
	assert_int_equal(kill(-pid, SIGKILL), 0);
	close(sock);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), OD_MAX_PLUGINS);
}

static void *map_code(int fd)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
}

/* The library that was named, and nothing else: not the input, not memory. */
static int map_library(void)
{
	int fd = open(library, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || map_code(fd) == MAP_FAILED)
		return 1;
	return map_code(OD_ENGINE_INPUT) == MAP_FAILED ? 0 : 2;
}

static int map_input(void)
{
	map_code(OD_ENGINE_INPUT);
	return 0;
}

static int map_anonymous(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return 0;
}

static void test_library(void **state)
{
	static const struct {
		int (*run)(void);
		bool named, killed;
	} rows[] = { { map_library, true, false },
		     { map_anonymous, true, true },
		     { map_input, false, true } };

	(void)state;
	need_sandbox();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int sock, status;
		pid_t pid;

		library = rows[i].named ? "/proc/self/exe" : NULL;
		if (library) {
			static char exe[4096];
			ssize_t n = readlink(library, exe, sizeof(exe) - 1);

			assert_true(n > 0);
			exe[n] = '\0';
			library = exe;
		}
		pid = engine(rows[i].run, &sock);
		status = attend(pid, sock);
		close(sock);
		library = NULL;
		assert_int_equal(WIFSIGNALED(status), rows[i].killed);
		if (!rows[i].killed)
			assert_int_equal(WEXITSTATUS(status), 0);
	}
}

/* One after the other they may be as many as it takes. */
static int many(void)
{
	for (unsigned i = 0; i < 200; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(od_confine_plugin() ? 0 : 1);
		if (pid < 0 || wait4(pid, NULL, 0, NULL) != pid)
			return 1;
	}
	return 0;
}

static void test_many(void **state)
{
	int sock;
	pid_t pid;

	(void)state;
	need_sandbox();
	pid = engine(many, &sock);
	assert_int_equal(attend(pid, sock), 0);
	close(sock);
}

/* What it is for: reading, memory, answers. */
static int work(void)
{
	char byte, *p = malloc(64 << 20);

	if (!p || pread(OD_ENGINE_INPUT, &byte, 1, 0) != 1 || byte != 'i')
		return 1;
	memset(p, 1, 64 << 20);
	p = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, OD_ENGINE_INPUT, 0);
	if (p == MAP_FAILED || *p != 'i')
		return 2;
	if (send(OD_ENGINE_SOCK, "x", 1, MSG_NOSIGNAL) != 1)
		return 3;
	/* Debug files may be looked for. */
	if (open("/lib/modules", O_RDONLY | O_DIRECTORY) < 0 && errno != ENOENT)
		return 4;
	if (open("/usr/lib/debug", O_RDONLY | O_DIRECTORY) < 0 && errno != ENOENT)
		return 5;
	return 0;
}

static void test_work(void **state)
{
	int sock;

	(void)state;
	need_sandbox();
	assert_int_equal(wait_for(engine(work, &sock)), 0);
	close(sock);
}

/* Files in memory: as long as the number of none is taken for another file, and sealed. */
static int unpack(void)
{
	struct od_scratch s;
	char back[6];
	int fd;

	for (int i = 0; i < 100; i++) {
		if (od_scratch_begin(&s) || od_scratch_add(&s, "packed", 6) || od_scratch_end(&s, &fd))
			return 1;
		if (pread(fd, back, 6, 0) != 6 || memcmp(back, "packed", 6) != 0)
			return 2;
		if (od_scratch_begin(&s) || !(dup2(fd, OD_UNPACK_FD) == OD_UNPACK_FD) ||
		    !(write(OD_UNPACK_FD, "x", 1) < 0) || errno != EPERM)
			return 3;
		od_scratch_drop(&s);
	}
	return 0;
}

static void test_unpack(void **state)
{
	int sock;
	pid_t pid;

	(void)state;
	need_sandbox();
	pid = engine(unpack, &sock);
	assert_int_equal(attend(pid, sock), 0);
	close(sock);
	assert_int_equal(gate.nfiles, 200);
	od_gate_deinit(&gate);
}

/* As many files and as much memory as it can get: what the front sees of it. */
static int hoard(void)
{
	struct od_scratch s;
	char mib[1024] = { 1 };
	int fd, n = 0;

	while (!od_scratch_begin(&s)) {
		for (int i = 0; i < 64; i++)
			if (od_scratch_add(&s, mib, sizeof(mib)))
				return 0;
		if (od_scratch_end(&s, &fd))
			return 0;
		if (n % 2)
			close(fd);
		n++;
	}
	/* Its own limit of descriptors comes first if it keeps them. */
	return n == OD_UNPACK_FILES ? 1 : 2;
}

static void test_hoard(void **state)
{
	int sock, status;
	pid_t pid;

	(void)state;
	need_sandbox();
	pid = engine(hoard, &sock);
	status = attend(pid, sock);
	close(sock);
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_int_equal(gate.nfiles, OD_UNPACK_FILES);
	assert_int_equal(od_gate_memory(&gate), (uint64_t)OD_UNPACK_FILES * 64 * 1024);
	od_gate_deinit(&gate);
}

static int make_input(void **state)
{
	int fd = mkstemp(input_name);

	(void)state;
	if (fd < 0 || write(fd, "input", 5) != 5 || close(fd) < 0 || !mkdtemp(debug_dir))
		return -1;
	snprintf(debug_file, sizeof(debug_file), "%s/file", debug_dir);
	snprintf(debug_link, sizeof(debug_link), "%s/link", debug_dir);
	snprintf(debug_up, sizeof(debug_up), "%s/..%s", debug_dir, strrchr(input_name, '/'));
	fd = open(debug_file, O_WRONLY | O_CREAT, 0600);
	if (fd < 0 || write(fd, "debug", 5) != 5 || symlink(input_name, debug_link) < 0)
		return -1;
	return close(fd);
}

static int remove_input(void **state)
{
	(void)state;
	unlink(debug_file);
	unlink(debug_link);
	rmdir(debug_dir);
	return unlink(input_name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_probes),
		cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_library),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_work),
		cmocka_unit_test(test_unpack),
		cmocka_unit_test(test_hoard),
	};

	return cmocka_run_group_tests(tests, make_input, remove_input);
}
