/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "triage/print.h"

#include <string.h>

#include "front/output.h"

enum { CHUNK = 64 * 1024 };

static const struct od_ticket_printer *const printers[] = {
	[OD_TRIAGE_LINE] = &od_print_line,
	[OD_TRIAGE_JSONL] = &od_print_jsonl,
	[OD_TRIAGE_MARKDOWN] = &od_print_markdown,
	[OD_TRIAGE_HTML] = &od_print_html,
};

/* id, name, state, why the ticket, analysis, its state, why it, content, time, looked, bytes, worst, unreadable */
#define COLUMNS                                                                                    \
	"SELECT t.id, t.name, t.state, coalesce(t.reason, a.reason,"				      \
	" (SELECT text FROM notes n WHERE n.analysis = a.id AND n.number = 0),"			      \
	" (SELECT min(error) FROM inputs i WHERE i.analysis = a.id),"				      \
	/* a dump of which nothing could be had says why */					      \
	" (SELECT min(json_extract(json, '$.notes[0].text')) FROM inputs i WHERE i.analysis = a.id"   \
	"  AND i.status = 'cut' AND NOT EXISTS (SELECT 1 FROM reports r WHERE r.analysis = a.id)),"   \
	" ''), coalesce(t.analysis, 0),"							      \
	" coalesce(a.state, ''), coalesce(a.content, ''), t.time, coalesce(a.looked, 0),"	      \
	" coalesce(a.bytes, 0),"								      \
	" coalesce((SELECT max(severity) FROM reports r WHERE r.analysis = a.id), 0),"		      \
	/* nothing of it could be read: the one file that it is, or the archive */		      \
	" a.looked = 0 OR EXISTS (SELECT 1 FROM inputs i WHERE i.analysis = a.id"		      \
	"  AND i.status = 'unreadable')"							      \
	" FROM tickets t LEFT JOIN analyses a ON a.id = t.analysis"

static const char *verdict(struct od_rows *rows)
{
	const char *state = od_rows_text(rows, 2);

	if (strcmp(state, "analysed") != 0)
		return !strcmp(state, "empty")	     ? "empty" :
		       !strcmp(state, "unreadable") ? "unreadable" :
						       "waiting";
	if (!strcmp(od_rows_text(rows, 5), "quarantined"))
		return "quarantined";
	if (od_rows_int(rows, 10) > 0)
		return "crash";
	return od_rows_int(rows, 11) ? "unreadable" : "none";
}

static void print_row(struct od_store *store, const struct od_triage_options *opts, struct od_rows *rows,
		      struct od_buf *buf)
{
	const struct od_ticket_row row = { .id = od_rows_int(rows, 0),
					   .name = od_rows_text(rows, 1),
					   .verdict = verdict(rows),
					   .reason = od_rows_text(rows, 3),
					   .analysis = od_rows_int(rows, 4),
					   .content = od_rows_text(rows, 6),
					   .time = od_rows_int(rows, 7),
					   .looked = od_rows_int(rows, 8),
					   .bytes = od_rows_int(rows, 9) };

	printers[opts->format]->ticket(store, opts, &row, buf);
}

static void flush(struct od_buf *buf)
{
	od_write_stdout(od_buf_str(buf), buf->len);
	od_buf_reset(buf);
}

void od_print(struct od_store *store, const struct od_triage_options *opts, int64_t run)
{
	const struct od_ticket_printer *printer = printers[opts->format];
	struct od_buf buf = OD_BUF_INIT;
	struct od_rows *rows =
		od_query(store, COLUMNS " WHERE (?1 = 0 OR t.run = ?1) AND t.state <> 'mailbox' ORDER BY t.name",
			 "i", run);

	if (printer->begin)
		printer->begin(store, run, &buf);
	while (od_rows_next(rows)) {
		print_row(store, opts, rows, &buf);
		if (buf.len > CHUNK)
			flush(&buf);
	}
	od_rows_end(rows);
	if (printer->end)
		printer->end(store, run, &buf);
	flush(&buf);
	od_buf_deinit(&buf);
}

struct od_error *od_print_named(struct od_store *store, const struct od_triage_options *opts,
				const char *const *names, size_t n)
{
	const struct od_ticket_printer *printer = printers[opts->format];
	struct od_buf buf = OD_BUF_INIT;
	struct od_error *err = NULL;

	if (printer->begin)
		printer->begin(store, -1, &buf);
	for (size_t i = 0; i < n && !err; i++) {
		struct od_rows *rows = od_query(store, COLUMNS " WHERE t.name = ?", "s", names[i]);

		if (od_rows_next(rows))
			print_row(store, opts, rows, &buf);
		else
			err = od_error_new(OD_ERR_USAGE, "the store has no ticket '%s'", names[i]);
		od_rows_end(rows);
		flush(&buf);
	}
	/* Lines tell of a queue what a few of its tickets do not. */
	if (printer->begin && printer->end)
		printer->end(store, -1, &buf);
	flush(&buf);
	od_buf_deinit(&buf);
	return err;
}
