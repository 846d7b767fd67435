/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An example of a plugin in a project of its own: is a function on the crashing stack again and
 * again? Counting is what a rule file cannot do. It is built with the installed header only.
 */
#include <stdio.h>
#include <string.h>

#include <oopsdiag-plugin.h>

enum {
	MAX_FRAMES = 256, /* looked at; the count below compares each with each */
	MANY = 8,	  /* a tree of directories or of devices is seldom that deep */
	MAX_LINES = 16,	  /* of evidence: enough to see it */
};

/* The functions of the crashing stack; what the unwinder was not sure of is left out. */
struct calls {
	const char *function[MAX_FRAMES];
	const char *module[MAX_FRAMES];
	uint32_t line[MAX_FRAMES];
	uint32_t n;
};

static void read_calls(const struct od_plugin_host *host, od_plugin_report *rep,
		       struct calls *calls)
{
	calls->n = 0;
	for (uint32_t i = 0; calls->n < MAX_FRAMES; i++) {
		struct od_plugin_frame f = OD_PLUGIN_INIT(f);

		if (host->frame(rep, 0, i, &f) != OD_PLUGIN_OK)
			return;
		if (!f.function || (f.flags & (OD_PFRAME_UNRELIABLE | OD_PFRAME_GUESSED)))
			continue;
		calls->function[calls->n] = f.function;
		calls->module[calls->n] = f.module;
		calls->line[calls->n++] = f.line;
	}
}

static int same(const struct calls *calls, uint32_t a, uint32_t b)
{
	const char *x = calls->module[a], *y = calls->module[b];

	return !strcmp(calls->function[a], calls->function[b]) &&
	       (x == y || (x && y && !strcmp(x, y)));
}

/* The frame whose function is there most often, the first of such; how often, in *ret. */
static uint32_t most_often(const struct calls *calls, uint32_t *ret)
{
	uint32_t best = 0;

	*ret = 0;
	for (uint32_t i = 0; i < calls->n; i++) {
		uint32_t count = 0;

		for (uint32_t j = i; j < calls->n; j++)
			count += (uint32_t)same(calls, i, j);
		if (count > *ret) {
			*ret = count;
			best = i;
		}
	}
	return best;
}

static int32_t prove(const struct od_plugin_host *host, od_plugin_report *rep,
		     const struct calls *calls, uint32_t which, uint32_t count)
{
	struct od_plugin_evidence e = OD_PLUGIN_INIT(e);
	uint32_t lines[MAX_LINES];
	char text[256];

	for (uint32_t i = which; i < calls->n && e.nlines < MAX_LINES; i++)
		if (calls->line[i] && same(calls, which, i))
			lines[e.nlines++] = calls->line[i];
	snprintf(text, sizeof(text), "%s is on the stack %u times", calls->function[which], count);
	e.grade = "strong";
	e.text = text;
	e.lines = lines;
	e.stack = 0;
	e.frame = -1;
	return host->evidence(rep, &e);
}

static int32_t analyze(const struct od_plugin_host *host, od_plugin_report *rep)
{
	struct od_plugin_finding f = OD_PLUGIN_INIT(f);
	struct calls calls;
	char title[256];
	uint32_t count, which;
	int32_t err;

	read_calls(host, rep, &calls);
	which = most_often(&calls, &count);
	if (count < MANY)
		return OD_PLUGIN_OK; /* nothing to say is no error */
	snprintf(title, sizeof(title), "%s calls itself without end", calls.function[which]);
	f.id = "recursion/endless";
	f.title = title;
	f.severity = "medium";
	f.score = count >= 2 * MANY ? 60 : 40;
	f.cause = "A recursion that does not end fills the stack of the task, and then whatever is "
		  "below it.";
	err = host->finding(rep, &f);
	if (!err)
		err = prove(host, rep, &calls, which, count);
	if (!err)
		err = host->advice(rep, "See what should have ended the recursion: a loop in a list "
					"or tree, a limit of the depth that is missing.");
	return err;
}

static const struct od_plugin plugin = {
	.argsz = sizeof(plugin),
	.flags = OD_PLUGIN_WANTS_KERNEL | OD_PLUGIN_WANTS_USER,
	.abi = OD_PLUGIN_ABI,
	.name = "recursion",
	.version = "1.0",
	.summary = "finds functions that call themselves without end",
	.analyze = analyze,
};

__attribute__((visibility("default")))
const struct od_plugin *od_plugin_entry_1(const struct od_plugin_host *host)
{
	(void)host; /* this plugin needs nothing that came after version 1 */
	return &plugin;
}
