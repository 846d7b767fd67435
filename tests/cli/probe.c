/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plugin that was taken over: tries what OD_PROBE names. Only for test_sandbox.py. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugins/oopsdiag-plugin.h"

/* Each is 0 if it got what it wanted; else it is stopped on the way, or told that it cannot. */
static int try_open(void)
{
	return open("/etc/passwd", O_RDONLY) < 0;
}

static int try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

static int try_connect(void)
{
	const struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = "/run/x" };

	return connect(3, (const struct sockaddr *)&addr, sizeof(addr)) < 0;
}

static int try_execve(void)
{
	char *const args[] = { (char *)"true", NULL };

	return execve("/bin/true", args, args + 1) < 0;
}

static int try_fork(void)
{
	for (unsigned n = 0; n < 100000; n++)
		if (fork() < 0)
			return 1;
	return 0;
}

static int try_ptrace(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), 0, 0) < 0;
}

/* The parent is the engine. Its parent is named by the test. */
static int try_kill(void)
{
	const char *front = getenv("OD_PROBE_PID");

	return kill(front ? atoi(front) : getppid(), SIGKILL) < 0;
}

static int try_write(void)
{
	return write(4, "x", 1) < 0;
}

static int try_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) == MAP_FAILED;
}

static int try_memory(void)
{
	for (unsigned i = 0; i < 10240; i++) {
		/* Whoever takes memory like this does not look whether it came. */
		char *volatile p = malloc(1 << 20);

		memset(p, 1, 1 << 20);
	}
	return 0;
}

static int try_loop(void)
{
	for (volatile unsigned i = 0; i < 1; i = 0)
		;
	return 0;
}

static int try_output(void)
{
	static char big[1 << 20];

	for (unsigned i = 0; i < 1024; i++)
		if (write(3, big, sizeof(big)) < 0)
			return 1;
	return 0;
}

static const struct {
	const char *name;
	int (*run)(void);
} probes[] = {
	{ "open", try_open },	  { "socket", try_socket }, { "connect", try_connect },
	{ "execve", try_execve }, { "fork", try_fork },	    { "ptrace", try_ptrace },
	{ "kill", try_kill },	  { "write", try_write },   { "code", try_code },
	{ "memory", try_memory }, { "loop", try_loop },	    { "output", try_output },
};

/* The engine itself, taken over: valid messages without end to its socket, which is descriptor 3. */
static void flood(int sig)
{
	static char message[8 + 65528] = { 0xf8, 0xff, 0, 0, 16 /* OD_MSG_OUTPUT */, 1 /* more follows */ };

	(void)sig;
	memset(message + 8, '.', sizeof(message) - 8);
	for (;;)
		if (write(3, message, sizeof(message)) != sizeof(message))
			_exit(1);
}

/* While it waits for its input, long after the sandbox closed. */
static void flood_later(void)
{
	const struct itimerval soon = { .it_value.tv_usec = 300000 };

	signal(SIGALRM, flood);
	setitimer(ITIMER_REAL, &soon, NULL);
}

static int32_t analyze(const struct od_plugin_host *host, od_plugin_report *rep)
{
	const char *wanted = getenv("OD_PROBE");
	struct od_plugin_finding f = OD_PLUGIN_INIT(f);

	for (unsigned i = 0; wanted && i < sizeof(probes) / sizeof(*probes); i++)
		if (!strcmp(wanted, probes[i].name) && probes[i].run() != 0)
			return -1000;
	f.id = "probe/escaped";
	f.title = "the probe got what it wanted";
	f.severity = "low";
	f.score = 1;
	host->finding(rep, &f);
	return OD_PLUGIN_OK;
}

static const struct od_plugin plugin = {
	.argsz = sizeof(plugin),
	.flags = OD_PLUGIN_WANTS_KERNEL,
	.abi = OD_PLUGIN_ABI,
	.name = "probe",
	.analyze = analyze,
};

__attribute__((visibility("default"))) const struct od_plugin *
od_plugin_entry_1(const struct od_plugin_host *host)
{
	const char *wanted = getenv("OD_PROBE");

	(void)host;
	/* In the engine, which leads its session, and not in the trial, where that would be the end. */
	if (wanted && !strcmp(wanted, "flood") && getsid(0) == getpid())
		flood_later();
	return &plugin;
}
