/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: without landlock|seccomp|listener PROGRAM [ARG]...
 * Run a program on what looks like an older kernel, or a container: test_sandbox.py.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define SKIP_UNLESS(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, n)
#define FAIL(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define OK BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static struct sock_filter landlock[] = { LOAD(nr), SKIP_UNLESS(444, 1), FAIL(ENOSYS), OK };
/* The probing calls of libraries too: nobody gets a filter. */
static struct sock_filter no_seccomp[] = {
	LOAD(nr), SKIP_UNLESS(SYS_seccomp, 1), FAIL(ENOSYS),
	SKIP_UNLESS(SYS_prctl, 3), LOAD(args[0]), SKIP_UNLESS(PR_SET_SECCOMP, 1), FAIL(EINVAL), OK,
};
static struct sock_filter no_listener[] = {
	LOAD(nr), SKIP_UNLESS(SYS_seccomp, 3), LOAD(args[1]),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, SECCOMP_FILTER_FLAG_NEW_LISTENER, 0, 1), FAIL(EBUSY), OK,
};

#define PROGRAM(list) { sizeof(list) / sizeof(*(list)), list }

int main(int argc, char *argv[])
{
	static const struct {
		const char *what;
		struct sock_fprog prog;
	} table[] = {
		{ "landlock", PROGRAM(landlock) },
		{ "seccomp", PROGRAM(no_seccomp) },
		{ "listener", PROGRAM(no_listener) },
	};

	for (unsigned i = 0; argc > 2 && i < sizeof(table) / sizeof(*table); i++) {
		if (strcmp(argv[1], table[i].what) != 0)
			continue;
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &table[i].prog) < 0) {
			perror("without");
			return 77;
		}
		execv(argv[2], argv + 2);
		perror(argv[2]);
		return 99;
	}
	return 99;
}
