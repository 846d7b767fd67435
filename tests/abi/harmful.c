/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A plugin that harms its process or others: OD_DEED says how and when, as "loop@analyze"; load is its
 * constructor, entry its entry, unload its destructor. Without it, and after a deed that may be done, it has a finding.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "oopsdiag-plugin.h"

static const struct od_plugin_host *the_host;
static od_plugin_report *the_report;

static volatile uintptr_t nowhere = 16;

static void deed_crash(void)
{
	*(volatile int *)nowhere = 1;
}

static void deed_trap(void)
{
	__builtin_trap();
}

static void deed_abort(void)
{
	abort();
}

static void deed_loop(void)
{
	for (volatile unsigned i = 0; i < 1; i = 0)
		;
}

static void deed_sleep(void)
{
	const struct timespec second = { 1, 0 };

	for (;;)
		nanosleep(&second, NULL);
}

/* Nothing but SIGKILL gets through. */
static void deed_deaf(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	deed_loop();
}

static void deed_exit(void)
{
	exit(0);
}

static void deed_quit(void)
{
	_exit(113); /* what a trial that went well ends with */
}

static void deed_kill_parent(void)
{
	kill(getppid(), SIGKILL);
}

static void deed_kill_group(void)
{
	kill(0, SIGTERM);
}

static void deed_stop(void)
{
	kill(getppid(), SIGSTOP);
}

static void deed_fork(void)
{
	if (fork() == 0)
		deed_sleep();
}

/* As many as may be forgiven if nobody stops it. */
static void deed_fork_bomb(void)
{
	for (unsigned i = 0; i < 200; i++)
		deed_fork();
}

static void *thread(void *arg)
{
	deed_sleep();
	return arg;
}

static void deed_thread(void)
{
	pthread_t t;

	pthread_create(&t, NULL, thread, NULL);
}

static void deed_exec(void)
{
	static char *args[] = { (char *)"/bin/true", NULL };

	execv(args[0], args);
}

static void deed_close_all(void)
{
	for (int fd = 0; fd < 1024; fd++)
		close(fd);
}

static void deed_rlimit(void)
{
	const struct rlimit lim = { 0, 0 };

	setrlimit(RLIMIT_NOFILE, &lim);
}

static void deed_timer(void)
{
	alarm(0);
}

static void deed_alloc(void)
{
	for (unsigned i = 0; i < 1u << 20; i++) {
		/* Whoever takes memory like this does not look whether it came. */
		char *volatile p = malloc(1 << 20);

		memset(p, 1, 1 << 20);
	}
}

/* The compiler must not see that it never ends. */
static volatile int forever = 1;

static int deeper(volatile char *above)
{
	volatile char here[512];

	here[0] = (char)(above[0] ^ 1);
	return forever ? deeper(here) + here[0] : 0;
}

static void deed_recurse(void)
{
	volatile char top[1] = { 0 };

	deeper(top);
}

static void deed_print(void)
{
	static const char text[] = "THIS MUST NOT BE SEEN\n";
	ssize_t n;

	printf("%s", text);
	fprintf(stderr, "%s", text);
	n = write(1, text, sizeof(text) - 1);
	n += write(2, text, sizeof(text) - 1);
	if (n != 2 * (ssize_t)(sizeof(text) - 1))
		abort(); /* nor may it notice */
	/* Buffered and never flushed: it would come out at the end of the process. */
	printf("%s", text);
}

static void deed_close_output(void)
{
	close(1);
	close(2);
	fclose(stdout);
}

/* What the host hands out is a copy of the report's, for this process alone. */
static void deed_scribble(void)
{
	struct od_plugin_report_info info = OD_PLUGIN_INIT(info);
	struct od_plugin_frame f = OD_PLUGIN_INIT(f);

	if (!the_report || the_host->report(the_report, &info) != 0)
		return;
	if (info.title)
		memset((void *)(uintptr_t)info.title, 'X', strlen(info.title));
	for (uint32_t i = 0; the_host->frame(the_report, 0, i, &f) == 0; i++)
		f = (struct od_plugin_frame)OD_PLUGIN_INIT(f);
}

static void deed_break_host(void)
{
	memset((void *)(uintptr_t)the_host, 0, sizeof(*the_host));
}

static const struct {
	const char *name;
	void (*run)(void);
} deeds[] = {
	{ "abort", deed_abort },
	{ "alloc", deed_alloc },
	{ "break-host", deed_break_host },
	{ "close-all", deed_close_all },
	{ "close-output", deed_close_output },
	{ "crash", deed_crash },
	{ "deaf", deed_deaf },
	{ "exec", deed_exec },
	{ "exit", deed_exit },
	{ "fork", deed_fork },
	{ "fork-bomb", deed_fork_bomb },
	{ "kill-group", deed_kill_group },
	{ "kill-parent", deed_kill_parent },
	{ "loop", deed_loop },
	{ "print", deed_print },
	{ "quit", deed_quit },
	{ "recurse", deed_recurse },
	{ "rlimit", deed_rlimit },
	{ "scribble", deed_scribble },
	{ "sleep", deed_sleep },
	{ "stop", deed_stop },
	{ "thread", deed_thread },
	{ "timer", deed_timer },
	{ "trap", deed_trap },
};

static void act(const char *when)
{
	const char *wanted = getenv("OD_DEED"), *at = wanted ? strchr(wanted, '@') : NULL;

	if (!at || strcmp(at + 1, when) != 0)
		return;
	for (unsigned i = 0; i < sizeof(deeds) / sizeof(*deeds); i++) {
		if (strlen(deeds[i].name) == (size_t)(at - wanted) &&
		    !strncmp(deeds[i].name, wanted, (size_t)(at - wanted))) {
			deeds[i].run();
			return;
		}
	}
	abort(); /* no such deed: no test may pass by a slip of the pen */
}

__attribute__((constructor)) static void load(void)
{
	act("load");
}

__attribute__((destructor)) static void unload(void)
{
	act("unload");
}

static int32_t analyze(const struct od_plugin_host *host, od_plugin_report *rep)
{
	struct od_plugin_finding f = OD_PLUGIN_INIT(f);

	the_host = host;
	the_report = rep;
	act("analyze");
	f.id = "harmful/survived";
	f.title = "nothing happened";
	f.severity = "info";
	f.score = 1;
	return the_host->finding(rep, &f);
}

static const struct od_plugin plugin = {
	.argsz = sizeof(plugin),
	.flags = OD_PLUGIN_WANTS_KERNEL,
	.abi = OD_PLUGIN_ABI,
	.name = "harmful",
	.version = "1",
	.summary = "harms others",
	.analyze = analyze,
};

__attribute__((visibility("default"))) const struct od_plugin *
od_plugin_entry_1(const struct od_plugin_host *host)
{
	the_host = host;
	act("entry");
	return &plugin;
}
