/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "tests/unit/fixture-talloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyze.h"
#include "analyze/plugins.h"
#include "text/gdb.h"

static struct od_plugins *plugins;

int fixture_talloc_setup(void **state)
{
	const char *dir = getenv("OD_TEST_PLUGINS");
	const char *paths[] = {dir ? dir : "plugins", NULL};
	const struct od_plugin_options opts = {.paths = paths, .paths_only = true};
	struct od_buf messages = OD_BUF_INIT;

	(void)state;
	plugins = od_plugins_load(&opts, &messages);
	od_buf_deinit(&messages);
	return 0;
}

int fixture_talloc_teardown(void **state)
{
	(void)state;
	od_plugins_destroy(plugins);
	return 0;
}

static void add_report(struct od_input *in, struct od_report *rep)
{
	if (!rep)
		return;
	od_analyze_report(rep, NULL);
	assert_true(od_input_add_report(in, rep));
}

static void feed_line(struct od_input *in, struct od_gdb *gdb, const struct od_record *rec)
{
	const char *const *lit = od_plugins_interest(plugins);

	for (; lit && *lit; lit++) {
		if (memmem(rec->text, rec->len, *lit, strlen(*lit))) {
			od_input_add_context(in, rec);
			break;
		}
	}
	if (!od_gdb_feed(gdb, rec))
		add_report(in, od_gdb_done(gdb, false));
}

static struct od_input *run(const char *text, size_t len, struct od_memory *memory)
{
	struct od_input *in = od_input_create("-");
	struct od_gdb *gdb = od_gdb_create();
	uint32_t lineno = 0;

	for (const char *end = text + len, *nl; text < end; text = nl + 1) {
		struct od_record rec = {.text = text, .ts_us = OD_TS_NONE};

		nl = memchr(text, '\n', (size_t)(end - text));
		if (!nl)
			nl = end;
		rec.len = (uint32_t)(nl - text);
		rec.lineno = rec.lineno_last = ++lineno;
		feed_line(in, gdb, &rec);
	}
	add_report(in, od_gdb_done(gdb, true));
	od_gdb_destroy(gdb);
	in->memory = memory;
	if (in->nreports)
		assert_true(od_plugins_run(plugins, in, 0, in->nreports));
	return in;
}

struct od_input *fixture_run(const char *text, size_t len)
{
	return run(text, len, NULL);
}

struct od_input *fixture_run_text(const char *text)
{
	return run(text, strlen(text), NULL);
}

struct od_input *fixture_run_memory(const char *text, struct od_memory *memory)
{
	return run(text, strlen(text), memory);
}

const struct od_finding *fixture_find(const struct od_input *in, const char *id)
{
	assert_int_equal(in->nreports, 1);
	for (uint32_t i = 0; i < in->reports[0]->nfindings; i++)
		if (!strcmp(in->reports[0]->findings[i].id, id))
			return &in->reports[0]->findings[i];
	return NULL;
}

const struct od_evidence *fixture_proof(const struct od_finding *f, const char *text)
{
	for (uint32_t i = 0; i < f->nevidence; i++)
		if (strstr(f->evidence[i].text, text))
			return &f->evidence[i];
	for (uint32_t i = 0; i < f->nevidence; i++)
		print_message("evidence: %s\n", f->evidence[i].text);
	fail_msg("no evidence with: %s", text);
	return NULL;
}

