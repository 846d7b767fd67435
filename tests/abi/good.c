/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A plugin that keeps the rules, built with the frozen header and with the future one. What the
 * host does not know it does without: the same source works in all four meetings.
 */
#include <stdio.h>

#include "oopsdiag-plugin.h"

static int32_t say(const struct od_plugin_host *host, od_plugin_report *rep, const char *text)
{
	struct od_plugin_evidence e = OD_PLUGIN_INIT(e);
	static const uint32_t lines[] = { 1, 2 };

	e.grade = "medium";
	e.text = text;
	e.lines = lines;
	e.nlines = 2;
	e.stack = 0;
	e.frame = 0;
	return host->evidence(rep, &e);
}

static int32_t analyze(const struct od_plugin_host *host, od_plugin_report *rep)
{
	struct od_plugin_report_info info = OD_PLUGIN_INIT(info);
	struct od_plugin_frame frame = OD_PLUGIN_INIT(frame);
	struct od_plugin_finding f = OD_PLUGIN_INIT(f);
	char text[256];
	int32_t err;

	err = host->report(rep, &info);
	if (!err)
		err = host->frame(rep, 0, 0, &frame);
	if (err)
		return err;
	/* argsz is ours: the host must have left it alone. */
	if (info.argsz != sizeof(info) || frame.argsz != sizeof(frame))
		return -100;
	f.id = NAME "/seen";
	f.title = "seen";
	f.severity = "info";
	f.score = 10;
#ifdef OD_PLUGIN_FUTURE
	if (host->flags & OD_HOST_CATEGORIES) {
		f.flags |= OD_FINDING_CATEGORY;
		f.category = "test";
	}
#endif
	err = host->finding(rep, &f);
	if (err)
		return err;
	snprintf(text, sizeof(text), "%s %s line %u", info.kind, frame.function, info.last_line);
	err = say(host, rep, text);
#ifdef OD_PLUGIN_FUTURE
	if (!err && OD_HOST_HAS(host, tag))
		err = host->tag(rep, "tagged");
	if (!err && (info.flags & OD_REPORT_BOOT_TIME) && info.boot_time_us == 42)
		err = say(host, rep, "boot time 42");
#endif
	return err;
}

#ifdef OD_PLUGIN_FUTURE
static int32_t finish(const struct od_plugin_host *host)
{
	(void)host;
	return 0;
}
#endif

static struct od_plugin plugin = {
	.argsz = sizeof(plugin),
	.flags = OD_PLUGIN_WANTS_KERNEL,
	.abi = OD_PLUGIN_ABI,
	.name = NAME,
	.version = "1",
	.summary = "keeps the rules",
	.analyze = analyze,
#ifdef OD_PLUGIN_FUTURE
	.finish = finish,
#endif
};

const struct od_plugin *od_plugin_entry_1(const struct od_plugin_host *host)
{
#ifdef OD_PLUGIN_FUTURE
	/* A host that knows the new function knows the new flag as well. */
	if (OD_HOST_HAS(host, tag))
		plugin.flags |= OD_PLUGIN_WANTS_FINISH;
#else
	(void)host;
#endif
	return &plugin;
}
