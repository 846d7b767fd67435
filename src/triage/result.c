/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "triage/result.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "front/filter.h"
#include "front/jsoncheck.h"
#include "triage/crash.h"

struct result {
	struct od_item_input *inputs;
	struct od_item_report *reports;
	const char **notes;
	size_t ninputs, nreports, nnotes;
	uint32_t looked;
	uint64_t bytes;
};

static void count_items(const char *items, size_t len, size_t n[], size_t kinds, bool *bad)
{
	struct od_item item;
	size_t at = 0;

	memset(n, 0, kinds * sizeof(*n));
	while (od_item_decode(items, len, &at, &item, bad))
		n[item.kind]++;
}

/* Numbers of inputs count from 0 in the order in which they are told. */
static bool check(const struct result *r)
{
	for (size_t i = 0; i < r->ninputs; i++)
		if (r->inputs[i].number != i || !od_json_check(r->inputs[i].json, strlen(r->inputs[i].json)))
			return false;
	for (size_t i = 0; i < r->nreports; i++)
		if (r->reports[i].input >= r->ninputs || !*r->reports[i].signature ||
		    !od_json_check(r->reports[i].json, strlen(r->reports[i].json)))
			return false;
	return true;
}

static bool decode(const char *items, size_t len, struct result *r)
{
	size_t n[OD_ITEM_RESULT + 1], at = 0;
	struct od_item item;
	bool bad;

	*r = (struct result){ 0 };
	count_items(items, len, n, OD_ITEM_RESULT + 1, &bad);
	if (bad)
		return false;
	r->inputs = od_calloc(n[OD_ITEM_INPUT] + 1, sizeof(*r->inputs));
	r->reports = od_calloc(n[OD_ITEM_REPORT] + 1, sizeof(*r->reports));
	r->notes = od_calloc(n[OD_ITEM_NOTE] + 1, sizeof(*r->notes));
	while (od_item_decode(items, len, &at, &item, &bad)) {
		switch (item.kind) {
		case OD_ITEM_INPUT:
			r->inputs[r->ninputs++] = item.input;
			break;
		case OD_ITEM_REPORT:
			r->reports[r->nreports++] = item.report;
			break;
		case OD_ITEM_NOTE:
			r->notes[r->nnotes++] = item.note;
			break;
		case OD_ITEM_TOTAL:
			r->looked += item.total.inputs;
			r->bytes += item.total.bytes;
			break;
		default:
			return false;
		}
	}
	return check(r);
}

static void release(struct result *r)
{
	free(r->inputs);
	free(r->reports);
	free(r->notes);
}

/* --- rows ------------------------------------------------------------------------------------------------ */

static const char *or_null(const char *s)
{
	return *s ? s : NULL;
}

/* The worker has escaped it; this holds even if it was taken over. */
static void filtered(struct od_buf *buf, const char *text)
{
	struct od_filter filter = { .colour = false };

	od_filter_add(&filter, buf, text, strlen(text));
	od_filter_end(&filter, buf);
}

static void keep_input(struct od_store *store, int64_t analysis, const struct od_item_input *in)
{
	od_exec(store, "INSERT INTO inputs VALUES(?,?,?,?,?,?,?,?,?)", "iissssiis", analysis,
		(int64_t)in->number, in->name, in->kind, in->status, or_null(in->error),
		(int64_t)in->bytes, (int64_t)in->lines, in->json);
}

/* "id \t score \t severity \t title", one a line. */
static void keep_findings(struct od_store *store, int64_t report, const char *lines)
{
	char *copy = od_strdup(lines), *save = NULL;
	char *line = strtok_r(copy, "\n", &save);

	for (int64_t i = 0; line && i < OD_MAX_FINDINGS; line = strtok_r(NULL, "\n", &save), i++) {
		char *score = strchr(line, '\t');
		char *severity = score ? strchr(score + 1, '\t') : NULL;
		char *title = severity ? strchr(severity + 1, '\t') : NULL;

		if (!title)
			continue;
		*score++ = *severity++ = *title++ = '\0';
		od_exec(store, "INSERT INTO findings VALUES(?,?,?,?,?,?)", "iisiss", report, i, line,
			(int64_t)strtoul(score, NULL, 10), severity, title);
	}
	free(copy);
}

static void add_places(struct od_buf *buf, const struct result *r, const struct od_crash *crash)
{
	for (uint32_t i = 0; i < crash->ninputs; i++) {
		od_buf_addstr(buf, i ? "\n" : "");
		od_escape_str(buf, OD_ESCAPE_CELL, r->inputs[crash->inputs[i]].name);
	}
}

static void keep_crash(struct od_store *store, int64_t analysis, int64_t number, const struct result *r,
		       const struct od_crash *crash)
{
	const struct od_item_report *rep = crash->report;
	struct od_buf places = OD_BUF_INIT, text = OD_BUF_INIT;

	add_places(&places, r, crash);
	filtered(&text, rep->text);
	od_exec(store,
		"INSERT INTO reports(analysis, number, input, line, severity, confidence, consequence, count,"
		" copies, places, time_us, seen, kind, title, signature, stack_hash, function, module,"
		" release, hardware, comm, frames, text, json, html)"
		" VALUES(?,?,?,?,?,?,?,?,?,?,nullif(?,-1),nullif(?,0),?,?,?,?,?,?,?,?,?,?,?,?,?)",
		"iiiiiiiiisiisssssssssssss", analysis, number, (int64_t)rep->input, (int64_t)rep->line,
		(int64_t)rep->severity, (int64_t)rep->confidence, (int64_t)rep->consequence,
		(int64_t)crash->count, (int64_t)crash->copies, od_buf_str(&places),
		rep->time_us == OD_TS_NONE ? (int64_t)-1 : (int64_t)(rep->time_us & INT64_MAX),
		(int64_t)rep->seen, rep->kind, rep->title, rep->signature, rep->stack_hash,
		or_null(rep->function), or_null(rep->module), or_null(rep->release),
		or_null(rep->hardware), or_null(rep->comm), rep->frames, od_buf_str(&text), rep->json, rep->html);
	keep_findings(store, od_store_last_id(store), rep->findings);
	od_buf_deinit(&places);
	od_buf_deinit(&text);
}

bool od_result_keep(struct od_store *store, int64_t analysis, const char *items, size_t len)
{
	struct od_crash *crashes;
	struct result r;
	size_t n;

	if (!decode(items, len, &r)) {
		release(&r);
		return false;
	}
	for (size_t i = 0; i < r.ninputs; i++)
		keep_input(store, analysis, &r.inputs[i]);
	for (size_t i = 0; i < r.nnotes; i++)
		od_exec(store, "INSERT INTO notes VALUES(?,?,?)", "iis", analysis, (int64_t)i, r.notes[i]);
	n = od_crashes_find(r.reports, r.nreports, &crashes);
	for (size_t i = 0; i < n; i++)
		keep_crash(store, analysis, (int64_t)i, &r, &crashes[i]);
	od_crashes_free(crashes, n);
	od_exec(store, "UPDATE analyses SET looked = ?, bytes = ? WHERE id = ?", "iii", (int64_t)r.looked,
		(int64_t)r.bytes, analysis);
	release(&r);
	return true;
}
