/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text path: lines -> records -> reports -> analysis -> every renderer. */
#include <string.h>

#include "analyze/analyze.h"
#include "model/line.h"
#include "front/htmlcheck.h"
#include "render/render.h"
#include "tests/fuzz/fuzz.h"
#include "text/text.h"

struct state {
	uint32_t lines; /* in the input */
	uint32_t reports;
	struct od_input *in;
	bool damaged;		/* a record was put together, is out of order, or another CPU's */
	uint32_t caller;	/* of the first record */
	uint32_t lineno;	/* of the last record */
	struct od_lines span;	/* of the first report */
	bool sure;		/* nothing of it is lost */
	char signature[512];	/* of the first report */
	const char *wanted;	/* second run: a report must have this signature */
	bool found;
};

static void on_record(void *ctx, const struct od_record *rec, bool part)
{
	struct state *st = ctx;

	(void)part;
	st->damaged |= (rec->flags & (OD_REC_REPAIRED | OD_REC_CUT)) || rec->lineno <= st->lineno ||
		       rec->quote_depth || (st->lineno && rec->caller != st->caller);
	if (!st->lineno)
		st->caller = rec->caller;
	st->lineno = rec->lineno_last;
	FUZZ_CHECK(rec->lineno >= 1 && rec->lineno <= rec->lineno_last);
	FUZZ_CHECK(rec->lineno_last <= st->lines);
	FUZZ_CHECK(rec->len <= OD_MAX_REPAIR_BYTES);
}

static void check_lines(const struct state *st, struct od_lines l)
{
	FUZZ_CHECK(l.first <= l.last && l.last <= st->lines);
}

static void check_report(const struct state *st, const struct od_report *rep)
{
	check_lines(st, rep->lines);
	FUZZ_CHECK(rep->lines.first >= 1);
	FUZZ_CHECK(rep->title && *rep->title && rep->signature && rep->guilty_why);
	FUZZ_CHECK(!strncmp(rep->signature, "v1/", 3));
	FUZZ_CHECK(!strpbrk(rep->signature, " \t\n"));
	FUZZ_CHECK(rep->guilty_stack < (int32_t)rep->nstacks);
	FUZZ_CHECK(rep->code_trap < (int32_t)rep->ncode);
	for (uint32_t s = 0; s < rep->nstacks; s++) {
		FUZZ_CHECK(rep->stacks[s].nframes > 0);
		check_lines(st, rep->stacks[s].lines);
		for (uint32_t i = 0; i < rep->stacks[s].nframes; i++) {
			const struct od_frame *f = &rep->stacks[s].frames[i];

			check_lines(st, f->lines);
			FUZZ_CHECK(f->symbol || f->addr || f->flags);
			FUZZ_CHECK(!(f->flags & OD_FRAME_PC) || i == 0);
		}
	}
	for (uint32_t i = 0; i < rep->nregisters; i++)
		FUZZ_CHECK(rep->registers[i].lineno >= 1 && rep->registers[i].lineno <= st->lines);
}

static void render(const struct state *st, const struct od_report *rep)
{
	static const enum od_format formats[] = { OD_FORMAT_TEXT, OD_FORMAT_JSON, OD_FORMAT_LINE,
						  OD_FORMAT_JSONL, OD_FORMAT_HTML };

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		struct od_style style = { .format = formats[i], .width = 100, .explain = true };
		struct od_buf buf = OD_BUF_INIT, page = OD_BUF_INIT;

		od_render_report(&buf, st->in, rep, &style);
		FUZZ_CHECK(buf.len > 0);
		/* Nothing from the input may own a terminal or break a document. */
		for (size_t k = 0; k < buf.len; k++)
			FUZZ_CHECK((unsigned char)buf.data[k] >= ' ' || buf.data[k] == '\n' ||
				   buf.data[k] == '\t');
		if (formats[i] == OD_FORMAT_HTML)
			FUZZ_CHECK(od_html_admit(&page, buf.data, buf.len, "p0-"));
		od_buf_deinit(&page);
		od_buf_deinit(&buf);
	}
}

static void on_report(void *ctx, struct od_report *rep)
{
	struct state *st = ctx;

	od_analyze_report(rep, NULL);
	check_report(st, rep);
	if (!st->reports) {
		st->span = rep->lines;
		/*
		 * What gdb says before a backtrace counts too, and stands ahead of it; so does the name
		 * of a selftest.
		 */
		st->sure = rep->confidence == OD_CONF_HIGH && !od_kind_is_user(rep->kind);
		snprintf(st->signature, sizeof(st->signature), "%s", rep->signature);
	}
	/* Without the lines that follow it may look cut: then it is said, and less is blamed. */
	if (st->wanted && rep->truncated)
		st->damaged = true;
	if (st->wanted)
		st->found |= !strncmp(rep->signature, st->wanted, sizeof(st->signature) - 1);
	else if (st->reports < 4)
		render(st, rep);
	st->reports++;
	FUZZ_CHECK(od_analyze_weight(rep) < UINT32_MAX / 2);
	od_report_destroy(rep);
}

static void on_note(void *ctx, uint32_t lineno, const char *text)
{
	struct state *st = ctx;

	FUZZ_CHECK(lineno <= st->lines && *text);
}

/* Feed the lines first to last of the input, numbered from 1. */
static void feed(struct state *st, const char *s, size_t size, uint32_t first, uint32_t last)
{
	const struct od_text_ops ops = { on_record, on_report, on_note, st };
	struct od_text *text = od_text_create(&ops);
	uint32_t lineno = 0;

	for (size_t pos = 0; pos < size;) {
		const char *nl = memchr(s + pos, '\n', size - pos);
		size_t len = nl ? (size_t)(nl - (s + pos)) : size - pos;

		if (++lineno >= first && lineno <= last) {
			struct od_line line = { s + pos,
						(uint32_t)(len > OD_MAX_LINE ? OD_MAX_LINE : len),
						lineno - first + 1, len > OD_MAX_LINE };

			od_text_line(text, &line);
		}
		pos += len + 1;
	}
	od_text_finish(text);
	FUZZ_CHECK(!od_text_busy(text));
	od_text_destroy(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct state st = { .in = od_input_create("-") };
	const char *s = (const char *)data;

	for (size_t i = 0; i < size; i++)
		st.lines += s[i] == '\n';
	st.lines += size && s[size - 1] != '\n';
	feed(&st, s, size, 1, UINT32_MAX);
	/* A whole report that stands alone is the same when its lines are all there is. */
	if (st.reports == 1 && st.sure && !st.damaged) {
		struct state alone = { .lines = st.lines, .in = st.in, .wanted = st.signature };

		feed(&alone, s, size, st.span.first, st.span.last);
		FUZZ_CHECK(alone.found || alone.damaged);
	}
	od_input_destroy(st.in);
	return 0;
}
