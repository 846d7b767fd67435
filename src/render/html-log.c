/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of the log, and beside each what rests on it: evidence beside what it is evidence of. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "render/html-parts.h"

enum {
	MAX_SHOWN = 400,  /* lines of one report; marked ones come first */
	MAX_MARKS = 2048,
	MAX_ON_LINE = 8,  /* marks told beside one line */
	MAX_TOLD = 256 << 10, /* bytes told beside all lines: one long text may be of many lines */
};

struct od_html_mark {
	uint32_t lineno;
	uint32_t order; /* of two on one line */
	enum { MARK_CHAIN, MARK_GUILTY, MARK_EVIDENCE, MARK_NOTE } kind;
	enum od_grade grade; /* of evidence */
	const char *text;    /* NULL: the line is marked, and nothing more is said */
};

static void add_mark(struct od_html_log *log, struct od_html_mark mark)
{
	if (!mark.lineno || log->nmarks == MAX_MARKS)
		return;
	mark.order = log->nmarks;
	log->marks[log->nmarks++] = mark;
}

static int by_line(const void *va, const void *vb)
{
	const struct od_html_mark *a = va, *b = vb;

	if (a->lineno != b->lineno)
		return a->lineno < b->lineno ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static void collect_marks(struct od_html_log *log, const struct od_report *rep)
{
	const struct od_frame *guilty = od_report_guilty(rep);

	if (guilty)
		add_mark(log, (struct od_html_mark){ .lineno = guilty->lines.first,
						     .kind = MARK_GUILTY,
						     .text = rep->guilty_why });
	for (uint32_t i = 0; i < rep->nchain; i++)
		add_mark(log, (struct od_html_mark){ .lineno = rep->chain[i].lineno, .kind = MARK_CHAIN });
	for (uint32_t i = 0; i < rep->nfindings; i++) {
		const struct od_finding *f = &rep->findings[i];

		for (uint32_t k = 0; k < f->nevidence; k++)
			for (uint32_t l = 0; l < f->evidence[k].nlines; l++)
				add_mark(log, (struct od_html_mark){ .lineno = f->evidence[k].lines[l],
								     .kind = MARK_EVIDENCE,
								     .grade = f->evidence[k].grade,
								     .text = f->evidence[k].text });
	}
	for (uint32_t i = 0; i < rep->nnotes; i++)
		add_mark(log, (struct od_html_mark){ .lineno = rep->notes[i].lineno,
						     .kind = MARK_NOTE,
						     .text = rep->notes[i].text });
	qsort(log->marks, log->nmarks, sizeof(*log->marks), by_line);
}

/* The first mark of a line, or NULL. */
static const struct od_html_mark *marks_of(const struct od_html_log *log, uint32_t lineno)
{
	uint32_t low = 0, high = log->nmarks;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (log->marks[middle].lineno < lineno)
			low = middle + 1;
		else
			high = middle;
	}
	return low < log->nmarks && log->marks[low].lineno == lineno ? &log->marks[low] : NULL;
}

void od_html_log_init(struct od_html_log *log, const struct od_report *rep)
{
	uint32_t marked = 0, room;

	*log = (struct od_html_log){ .marks = od_calloc(MAX_MARKS, sizeof(*log->marks)) };
	log->records = od_calloc(rep->nrecords + 1, sizeof(*log->records));
	log->lines = od_calloc(rep->nrecords + 1, sizeof(*log->lines));
	collect_marks(log, rep);
	for (uint32_t i = 0; i < rep->nrecords; i++)
		marked += marks_of(log, rep->records[i].lineno) != NULL;
	room = marked < MAX_SHOWN ? MAX_SHOWN - marked : 0;
	for (uint32_t i = 0; i < rep->nrecords; i++) {
		const uint32_t lineno = rep->records[i].lineno;

		if (!marks_of(log, lineno)) {
			if (!room)
				continue;
			room--;
		}
		log->records[log->n++] = i;
		if (lineno && (!log->nlines || lineno > log->lines[log->nlines - 1]))
			log->lines[log->nlines++] = lineno;
	}
}

void od_html_log_deinit(struct od_html_log *log)
{
	free(log->records);
	free(log->lines);
	free(log->marks);
}

static int by_number(const void *va, const void *vb)
{
	const uint32_t a = *(const uint32_t *)va, b = *(const uint32_t *)vb;

	return a < b ? -1 : a > b;
}

void od_html_line(struct od_buf *buf, const struct od_html_log *log, uint32_t lineno)
{
	if (log->nlines && bsearch(&lineno, log->lines, log->nlines, sizeof(lineno), by_number))
		od_buf_printf(buf, "<a href=\"#l%u\">%u</a>", lineno, lineno);
	else
		od_buf_printf(buf, "%u", lineno);
}

static void tell_marks(struct od_buf *buf, const struct od_html_log *log, const struct od_html_mark *mark,
		       size_t *room)
{
	const struct od_html_mark *const end = log->marks + log->nmarks;
	const uint32_t lineno = mark ? mark->lineno : 0;
	unsigned n = 0;

	for (; mark && mark < end && mark->lineno == lineno && n < MAX_ON_LINE; mark++) {
		const size_t len = mark->text ? strlen(mark->text) : 0;

		if (!len || len > *room)
			continue;
		*room -= len;
		od_buf_addstr(buf, n++ ? "<br/>" : "");
		if (mark->kind == MARK_EVIDENCE)
			od_buf_printf(buf, "<span class=\"%s\">%s</span> ", od_grade_name(mark->grade),
				      od_grade_name(mark->grade));
		else if (mark->kind == MARK_GUILTY)
			od_buf_addstr(buf, "<span class=\"strong\">guilty</span> ");
		od_html_text(buf, mark->text);
	}
}

static void row(struct od_buf *buf, const struct od_html_log *log, const struct od_record *rec, bool has_id,
		size_t *room)
{
	const struct od_html_mark *mark = marks_of(log, rec->lineno);

	od_buf_addstr(buf, mark ? "<tr class=\"mark\"" : "<tr");
	if (has_id)
		od_buf_printf(buf, " id=\"l%u\"", rec->lineno);
	od_buf_printf(buf, "><th scope=\"row\" class=\"n\">%u</th><td class=\"t n\">", rec->lineno);
	if (rec->ts_us != OD_TS_NONE)
		od_buf_printf(buf, "%llu.%06llu", (unsigned long long)(rec->ts_us / 1000000),
			      (unsigned long long)(rec->ts_us % 1000000));
	od_buf_addstr(buf, "</td><td><code>");
	od_html_text(buf, rec->text);
	od_buf_addstr(buf, "</code></td><td class=\"shows\">");
	/* Of a line that was taken apart, beside its first part. */
	if (has_id)
		tell_marks(buf, log, mark, room);
	od_buf_addstr(buf, "</td></tr>\n");
}

void od_html_log(struct od_buf *buf, const struct od_html_log *log, const struct od_report *rep)
{
	size_t room = MAX_TOLD;
	uint32_t next = 0;

	if (!log->n)
		return;
	od_buf_addstr(buf, "<h3>The log</h3>\n<div class=\"wide\"><table class=\"log\"><caption>");
	if (log->n < rep->nrecords)
		od_buf_printf(buf, "%u of %u lines; ", log->n, rep->nrecords);
	od_buf_addstr(buf, "those that something rests on are marked</caption>\n<thead><tr>"
			   "<th scope=\"col\" class=\"n\">line</th><th scope=\"col\" class=\"n\">time</th>"
			   "<th scope=\"col\">text</th><th scope=\"col\">what it shows</th></tr></thead>\n<tbody>\n");
	for (uint32_t i = 0; i < log->n; i++) {
		const struct od_record *rec = &rep->records[log->records[i]];
		const bool has_id = next < log->nlines && rec->lineno == log->lines[next];

		next += has_id;
		row(buf, log, rec, has_id, &room);
	}
	od_buf_addstr(buf, "</tbody></table></div>\n");
}
