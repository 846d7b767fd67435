/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * future-host PLUGIN.so...: a host as a later release might have it, with the real rules of argsz
 * (plugin-check.c is built with the future header as well). Prints what the plugin answers.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/plugin-internal.h"

static int32_t host_report(od_plugin_report *rep, struct od_plugin_report_info *ret)
{
	struct od_plugin_report_info v = { .flags = OD_REPORT_BOOT_TIME, .kind = "future-bug",
					   .last_line = 99, .boot_time_us = 42 };

	(void)rep;
	return od_plugin_fill(ret, &v, sizeof(v), OD_V1_REPORT_INFO) ? 0 : OD_PLUGIN_INVALID;
}

static int32_t host_frame(od_plugin_report *rep, uint32_t stack, uint32_t index,
			  struct od_plugin_frame *ret)
{
	struct od_plugin_frame v = { .function = "future_fn", .build_id = "abc" };

	(void)rep;
	if (stack || index)
		return OD_PLUGIN_END;
	return od_plugin_fill(ret, &v, sizeof(v), OD_V1_FRAME) ? 0 : OD_PLUGIN_INVALID;
}

static int32_t host_finding(od_plugin_report *rep, const struct od_plugin_finding *finding)
{
	struct od_plugin_finding f;

	(void)rep;
	if (!od_plugin_take(&f, sizeof(f), finding, OD_V1_FINDING) ||
	    (f.flags & ~OD_FINDING_CATEGORY) || f.padding)
		return OD_PLUGIN_INVALID;
	printf("finding %s category %s\n", f.id, f.category ? f.category : "none");
	return 0;
}

static int32_t host_evidence(od_plugin_report *rep, const struct od_plugin_evidence *evidence)
{
	struct od_plugin_evidence e;

	(void)rep;
	if (!od_plugin_take(&e, sizeof(e), evidence, OD_V1_EVIDENCE) || e.length)
		return OD_PLUGIN_INVALID;
	printf("evidence %s\n", e.text);
	return 0;
}

static int32_t host_tag(od_plugin_report *rep, const char *text)
{
	(void)rep;
	printf("tag %s\n", text);
	return 0;
}

static const struct od_plugin_host host = {
	.argsz = sizeof(host),
	.flags = OD_HOST_CATEGORIES,
	.abi = OD_PLUGIN_ABI,
	.report = host_report,
	.frame = host_frame,
	.finding = host_finding,
	.evidence = host_evidence,
	.tag = host_tag,
};

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct od_plugin_slot *slot = calloc(1, sizeof(*slot));
		void *handle = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
		od_plugin_entry_fn *entry;
		const char *reason;

		if (!handle || !slot)
			return 1;
		*(void **)&entry = dlsym(handle, "od_plugin_entry_1");
		reason = od_plugin_check(entry(&host), slot);
		if (reason) {
			printf("refused: %s\n", reason);
		} else {
			printf("%s finish %s\n", slot->name,
			       slot->wants & OD_PLUGIN_WANTS_FINISH ? "wanted" : "not wanted");
			printf("result %d\n", slot->analyze(&host, NULL));
		}
		free(slot);
		dlclose(handle);
	}
	return 0;
}
