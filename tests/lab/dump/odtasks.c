// SPDX-License-Identifier: GPL-3.0-or-later
// odtasks: leaves tasks of many kinds behind in the guest: threads, a zombie, a stopped one, one that
// runs in user space, a sleeper in a pipe, comms with a space, a parenthesis, an escape and 15 letters.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void *thread(void *name)
{
	prctl(PR_SET_NAME, name);
	for (;;)
		pause();
	return NULL;
}

static void child(const char *name)
{
	prctl(PR_SET_NAME, name);
}

int main(void)
{
	static char *names[] = { "worker/0", "worker/1", "a thread) (" };
	int pipes[2];
	pthread_t t;

	if (fork())
		_exit(0);
	setsid();
	child("od tasks");
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		pthread_create(&t, NULL, thread, names[i]);
	if (!fork()) {
		child("od-zombie");
		_exit(3);
	}
	if (!fork()) {
		child("od-stopped");
		raise(SIGSTOP);
		_exit(0);
	}
	if (!fork()) {
		child("od-user-loop-15"); /* exactly TASK_COMM_LEN - 1 */
		for (volatile unsigned long n = 0;; n++)
			;
	}
	if (pipe(pipes) == 0 && !fork()) {
		char c;

		child("\033[31mod\tpipe");
		_exit((int)read(pipes[0], &c, 1));
	}
	for (;;)
		pause();
}
