/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plugins that break a rule each: -DBROKEN_... picks one. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oopsdiag-plugin.h"

static int32_t one_finding(const struct od_plugin_host *host, od_plugin_report *rep, const char *id)
{
	struct od_plugin_finding f = OD_PLUGIN_INIT(f);

	f.id = id;
	f.title = "before it broke";
	f.severity = "low";
	f.score = 5;
	return host->finding(rep, &f);
}

static int32_t analyze(const struct od_plugin_host *host, od_plugin_report *rep)
{
	struct od_plugin_finding f = OD_PLUGIN_INIT(f);
	struct od_plugin_evidence e = OD_PLUGIN_INIT(e);
	static char big[15000];

	(void)f, (void)e, (void)big;
#if defined(BROKEN_SEGV)
	one_finding(host, rep, NAME "/lost");
	raise(SIGSEGV);
#elif defined(BROKEN_SECOND)
	static int calls;

	one_finding(host, rep, NAME "/kept");
	static volatile uintptr_t nowhere = 16;

	if (++calls == 2)
		*(volatile int *)nowhere = 1;
#elif defined(BROKEN_LOOP)
	for (volatile int i = 0;; i++)
		;
#elif defined(BROKEN_FORK)
	one_finding(host, rep, NAME "/forked");
	if (fork() == 0)
		for (;;)
			pause();
#elif defined(BROKEN_EXIT)
	exit(0);
#elif defined(BROKEN_FLOOD)
	char id[64];

	memset(big, 'x', sizeof(big) - 1);
	for (unsigned i = 0; i < 70000; i++) {
		snprintf(id, sizeof(id), NAME "/f%u", i);
		if (one_finding(host, rep, id) == OD_PLUGIN_INVALID)
			return -100;
		e.grade = "weak";
		e.text = big;
		e.stack = e.frame = -1;
		for (unsigned j = 0; j < 10; j++)
			host->evidence(rep, &e);
	}
#elif defined(BROKEN_RAWFLOOD)
	memset(big, 'x', sizeof(big));
	for (unsigned i = 0; i < 70000; i++)
		if (write(3, big, sizeof(big)) < 0)
			break;
#elif defined(BROKEN_NONSENSE)
	if (write(3, "nonsense that is no message", 27) < 0)
		return -100;
#elif defined(BROKEN_STDOUT)
	printf("THIS MUST NOT BE SEEN\n");
	fprintf(stderr, "THIS MUST NOT BE SEEN\n");
	fflush(stdout);
	one_finding(host, rep, NAME "/talked");
#elif defined(BROKEN_FINDINGS)
	f.id = NAME "/flags";
	f.title = "t";
	f.severity = "low";
	f.flags = 1u << 31;
	if (host->finding(rep, &f) != OD_PLUGIN_INVALID)
		return -100;
	f.flags = 0;
	f.padding = 1;
	if (host->finding(rep, &f) != OD_PLUGIN_INVALID)
		return -101;
	f.padding = 0;
	f.id = "../../etc/passwd";
	if (host->finding(rep, &f) != OD_PLUGIN_INVALID)
		return -102;
	f.id = NAME "/ok";
	f.argsz = sizeof(f) - 1;
	if (host->finding(rep, &f) != OD_PLUGIN_INVALID)
		return -103;
	f.argsz = OD_PLUGIN_MAX_ARGSZ + 1;
	if (host->finding(rep, &f) != OD_PLUGIN_INVALID || host->finding(rep, NULL) == 0)
		return -104;
	f.argsz = sizeof(f);
	e.grade = "weak";
	e.text = "t";
	if (host->evidence(rep, &e) != OD_PLUGIN_INVALID) /* nothing is open */
		return -105;
	if (host->finding(rep, &f) != 0 || host->finding(rep, &f) != OD_PLUGIN_INVALID)
		return -106;
	e.stack = 0;
	e.frame = 10000;
	if (host->evidence(rep, &e) != OD_PLUGIN_INVALID)
		return -107;
#else
	one_finding(host, rep, NAME "/ran");
#endif
	return 0;
}

static const char *const literals[] = {
#if defined(BROKEN_LITERAL)
	"abc",
#elif defined(BROKEN_LITERALS)
	"one1", "two2", "three", "four", "five", "six6", "seven", "eight", "nine", "ten10", "eleven",
	"twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
#endif
	NULL,
};

/* With room behind it: what a plugin of tomorrow says to have is really there. */
static const struct {
	struct od_plugin plugin;
	char room[OD_PLUGIN_MAX_ARGSZ];
} described = { .plugin = {
	.argsz = sizeof(struct od_plugin),
	.flags = OD_PLUGIN_WANTS_KERNEL,
	.abi = OD_PLUGIN_ABI,
	.name = NAME,
	.interest = literals,
	.analyze = analyze,
#if defined(BROKEN_ARGSZ0)
	.argsz = 0,
#elif defined(BROKEN_ARGSZHUGE)
	.argsz = OD_PLUGIN_MAX_ARGSZ + 1,
#elif defined(BROKEN_ARGSZSHORT)
	.argsz = offsetof(struct od_plugin, analyze),
#elif defined(BROKEN_ARGSZMAX)
	.argsz = UINT32_MAX,
#elif defined(BROKEN_ARGSZLONG)
	/* That of a plugin of tomorrow: nothing is wrong with it. */
	.argsz = OD_PLUGIN_MAX_ARGSZ,
#elif defined(BROKEN_WANTSNONE)
	.flags = 0,
#elif defined(BROKEN_NONAME)
	.name = NULL,
#elif defined(BROKEN_LONGNAME)
	.name = "a-name-of-thirty-three-characters",
#elif defined(BROKEN_WILDLIST)
	.interest = (const char *const *)16,
#elif defined(BROKEN_WILDCODE)
	.analyze = (int32_t (*)(const struct od_plugin_host *, od_plugin_report *))16,
#elif defined(BROKEN_ABI)
	.abi = 7,
#elif defined(BROKEN_FLAGS)
	.flags = OD_PLUGIN_WANTS_KERNEL | 1u << 30,
#elif defined(BROKEN_PADDING)
	.padding = 1,
#elif defined(BROKEN_NULL)
	.analyze = NULL,
#elif defined(BROKEN_NAME)
	.name = "Not A Name",
#elif defined(BROKEN_WILD)
	.name = (const char *)16,
#endif
} };

#if defined(BROKEN_CONSTRUCTOR)
__attribute__((constructor)) static void crash(void)
{
	abort();
}
#endif

#if defined(BROKEN_MISSING)
#define od_plugin_entry_1 od_plugin_entry_2
const struct od_plugin *od_plugin_entry_1(const struct od_plugin_host *host);
#elif defined(BROKEN_DATAENTRY)
/* The name is there, but it is no function. */
extern const uint64_t data_entry[2] __asm__("od_plugin_entry_1");
const uint64_t data_entry[2] = { 1, 2 };
#define od_plugin_entry_1 static_entry
static
#endif
#if defined(BROKEN_DATAENTRY)
__attribute__((unused))
#endif
const struct od_plugin *od_plugin_entry_1(const struct od_plugin_host *host)
{
	(void)host;
#if defined(BROKEN_WILDDESCRIPTION)
	return (const struct od_plugin *)16;
#endif
#if defined(BROKEN_DECLINE)
	return NULL;
#elif defined(BROKEN_ENTRYEXIT)
	exit(0);
#endif
	return &described.plugin;
}
