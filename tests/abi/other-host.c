/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * other-host PLUGIN.so...: a host of another time, with the real rules of argsz (plugin-check.c is built with the same
 * header): built with that of version 1 the first that there was, with the future one what a later release might be.
 * Prints what the plugin answers.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/plugin-internal.h"

#ifdef OD_PLUGIN_FUTURE
#define FINDING_FLAGS OD_FINDING_CATEGORY
#else
#define FINDING_FLAGS 0u
#endif

static int32_t host_report(od_plugin_report *rep, struct od_plugin_report_info *ret)
{
	struct od_plugin_report_info v = { .kind = "other-bug", .last_line = 99, .stacks = 1, .records = 1,
					   .guilty_stack = -1, .guilty_frame = -1, .cpu = -1, .pid = -1 };

	(void)rep;
#ifdef OD_PLUGIN_FUTURE
	v.flags |= OD_REPORT_BOOT_TIME;
	v.boot_time_us = 42;
#endif
	return od_plugin_fill(ret, &v, sizeof(v), OD_V1_REPORT_INFO) ? 0 : OD_PLUGIN_INVALID;
}

static int32_t host_frame(od_plugin_report *rep, uint32_t stack, uint32_t index,
			  struct od_plugin_frame *ret)
{
	struct od_plugin_frame v = { .function = "other_fn" };

	(void)rep;
#ifdef OD_PLUGIN_FUTURE
	v.build_id = "abc";
#endif
	if (stack || index)
		return OD_PLUGIN_END;
	return od_plugin_fill(ret, &v, sizeof(v), OD_V1_FRAME) ? 0 : OD_PLUGIN_INVALID;
}

static int32_t host_finding(od_plugin_report *rep, const struct od_plugin_finding *finding)
{
	struct od_plugin_finding f;

	(void)rep;
	if (!od_plugin_take(&f, sizeof(f), finding, OD_V1_FINDING) ||
	    (f.flags & ~FINDING_FLAGS) || f.padding)
		return OD_PLUGIN_INVALID;
#ifdef OD_PLUGIN_FUTURE
	printf("finding %s category %s\n", f.id, f.category ? f.category : "none");
#else
	printf("finding %s\n", f.id);
#endif
	return 0;
}

static int32_t host_evidence(od_plugin_report *rep, const struct od_plugin_evidence *evidence)
{
	struct od_plugin_evidence e;

	(void)rep;
	if (!od_plugin_take(&e, sizeof(e), evidence, OD_V1_EVIDENCE))
		return OD_PLUGIN_INVALID;
#ifdef OD_PLUGIN_FUTURE
	if (e.length)
		return OD_PLUGIN_INVALID;
#endif
	printf("evidence %s\n", e.text);
	return 0;
}

static int32_t host_text(od_plugin_report *rep, const char *text)
{
	(void)rep;
	printf("text %s\n", text);
	return 0;
}

/* The rest of version 1: every function is there, and knows of nothing. */
static int32_t host_stack(od_plugin_report *rep, uint32_t index, struct od_plugin_stack *ret)
{
	const struct od_plugin_stack v = { .name = "task", .frames = 1 };

	(void)rep;
	if (index)
		return OD_PLUGIN_END;
	return od_plugin_fill(ret, &v, sizeof(v), OD_V1_STACK) ? 0 : OD_PLUGIN_INVALID;
}

static int32_t host_variable(od_plugin_report *rep, uint32_t stack, uint32_t frame, uint32_t index,
			     struct od_plugin_variable *ret)
{
	(void)rep, (void)stack, (void)frame, (void)index, (void)ret;
	return OD_PLUGIN_END;
}

static int32_t host_reg(od_plugin_report *rep, const char *name, struct od_plugin_register *ret)
{
	(void)rep, (void)name, (void)ret;
	return OD_PLUGIN_END;
}

static int32_t host_module(od_plugin_report *rep, uint32_t index, struct od_plugin_module *ret)
{
	(void)rep, (void)index, (void)ret;
	return OD_PLUGIN_END;
}

static int32_t host_record(od_plugin_report *rep, uint32_t index, struct od_plugin_record *ret)
{
	const struct od_plugin_record v = { .text = "other: a line", .time_us = UINT64_MAX, .line = 1 };

	(void)rep;
	if (index)
		return OD_PLUGIN_END;
	return od_plugin_fill(ret, &v, sizeof(v), OD_V1_RECORD) ? 0 : OD_PLUGIN_INVALID;
}

static int32_t host_pointer(od_plugin_report *rep, uint64_t value, struct od_plugin_pointer *ret)
{
	const struct od_plugin_pointer v = { .text = "a number" };

	(void)rep, (void)value;
	return od_plugin_fill(ret, &v, sizeof(v), OD_V1_POINTER) ? 0 : OD_PLUGIN_INVALID;
}

static int32_t host_page(od_plugin_report *rep, uint64_t flags, struct od_plugin_page *ret)
{
	const struct od_plugin_page v = { .text = "" };

	(void)rep, (void)flags;
	return od_plugin_fill(ret, &v, sizeof(v), OD_V1_PAGE) ? 0 : OD_PLUGIN_INVALID;
}

static int32_t host_read(od_plugin_report *rep, uint64_t address, void *buf, uint32_t len)
{
	(void)rep, (void)address, (void)buf, (void)len;
	return OD_PLUGIN_NO_MEMORY;
}

static int32_t host_read_string(od_plugin_report *rep, uint64_t address, char *buf, uint32_t len)
{
	return host_read(rep, address, buf, len);
}

static int32_t host_note(od_plugin_report *rep, uint32_t line, const char *text)
{
	(void)rep;
	printf("note %u %s\n", line, text);
	return 0;
}

static const struct od_plugin_host host = {
	.argsz = sizeof(host),
	.abi = OD_PLUGIN_ABI,
	.report = host_report,
	.stack = host_stack,
	.frame = host_frame,
	.variable = host_variable,
	.reg = host_reg,
	.module = host_module,
	.record = host_record,
	.context = host_record,
	.describe_pointer = host_pointer,
	.page_flags = host_page,
	.read = host_read,
	.read_string = host_read_string,
	.finding = host_finding,
	.evidence = host_evidence,
	.advice = host_text,
	.reference = host_text,
	.note = host_note,
#ifdef OD_PLUGIN_FUTURE
	.flags = OD_HOST_CATEGORIES,
	.tag = host_text,
#endif
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
#ifdef OD_PLUGIN_FUTURE
			printf("%s finish %s\n", slot->name,
			       slot->wants & OD_PLUGIN_WANTS_FINISH ? "wanted" : "not wanted");
#endif
			printf("%s result %d\n", slot->name, slot->analyze(&host, NULL));
		}
		for (unsigned k = 0; slot->interest[k]; k++)
			free(slot->interest[k]);
		free(slot);
		dlclose(handle);
	}
	return 0;
}
