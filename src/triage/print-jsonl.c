/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON lines: an object a ticket, a summary as the last line. Inputs and reports are those of doc/json.md. */
#include <string.h>

#include "base/escape.h"
#include "config.h"
#include "triage/print.h"

static void string(struct od_buf *buf, const char *s)
{
	od_buf_addch(buf, '"');
	od_escape_str(buf, OD_ESCAPE_JSON, s);
	od_buf_addch(buf, '"');
}

static void string_or_null(struct od_buf *buf, const char *s)
{
	if (*s)
		string(buf, s);
	else
		od_buf_addstr(buf, "null");
}

/* On one line: a newline in valid json is always between tokens. */
static void flat(struct od_buf *buf, const char *json)
{
	const char *nl;

	for (; (nl = strchr(json, '\n')); json = nl + 1)
		od_buf_add(buf, json, (size_t)(nl - json));
	od_buf_addstr(buf, json);
}

static void lines(struct od_buf *buf, const char *text)
{
	const char *comma = "";

	od_buf_addch(buf, '[');
	while (*text) {
		const size_t len = strcspn(text, "\n");

		od_buf_printf(buf, "%s\"", comma);
		od_escape(buf, OD_ESCAPE_JSON, text, len);
		od_buf_addch(buf, '"');
		text += len + (text[len] == '\n');
		comma = ",";
	}
	od_buf_addch(buf, ']');
}

static void inputs(struct od_store *store, int64_t analysis, struct od_buf *buf)
{
	struct od_rows *rows = od_query(store, "SELECT json FROM inputs WHERE analysis = ? ORDER BY number",
					"i", analysis);
	const char *comma = "";

	for (; od_rows_next(rows); comma = ",") {
		od_buf_addstr(buf, comma);
		flat(buf, od_rows_text(rows, 0));
	}
	od_rows_end(rows);
}

static void notes(struct od_store *store, int64_t analysis, struct od_buf *buf)
{
	struct od_rows *rows = od_query(store, "SELECT text FROM notes WHERE analysis = ? ORDER BY number", "i",
					analysis);
	const char *comma = "";

	for (; od_rows_next(rows); comma = ",") {
		od_buf_addstr(buf, comma);
		string(buf, od_rows_text(rows, 0));
	}
	od_rows_end(rows);
}

static void crashes(struct od_store *store, int64_t analysis, struct od_buf *buf)
{
	struct od_rows *rows =
		od_query(store,
			 "SELECT r.signature, r.count, r.copies, r.places, k.signature IS NOT NULL,"
			 " coalesce(k.kb, ''), coalesce(k.note, ''), r.json FROM reports r"
			 " LEFT JOIN known k ON k.signature = r.signature WHERE r.analysis = ? ORDER BY r.number",
			 "i", analysis);
	const char *comma = "";

	for (; od_rows_next(rows); comma = ",") {
		od_buf_printf(buf, "%s{\"signature\":", comma);
		string(buf, od_rows_text(rows, 0));
		od_buf_printf(buf, ",\"count\":%lld,\"copies\":%lld,\"places\":",
			      (long long)od_rows_int(rows, 1), (long long)od_rows_int(rows, 2));
		lines(buf, od_rows_text(rows, 3));
		od_buf_addstr(buf, ",\"known\":");
		if (od_rows_int(rows, 4)) {
			od_buf_addstr(buf, "{\"kb\":");
			string_or_null(buf, od_rows_text(rows, 5));
			od_buf_addstr(buf, ",\"note\":");
			string_or_null(buf, od_rows_text(rows, 6));
			od_buf_addch(buf, '}');
		} else {
			od_buf_addstr(buf, "null");
		}
		od_buf_addstr(buf, ",\"report\":");
		flat(buf, od_rows_text(rows, 7));
		od_buf_addch(buf, '}');
	}
	od_rows_end(rows);
}

static void ticket(struct od_store *store, const struct od_triage_options *opts,
		   const struct od_ticket_row *row, struct od_buf *buf)
{
	(void)opts;
	od_buf_addstr(buf, "{\"type\":\"ticket\",\"ticket\":");
	string(buf, row->name);
	od_buf_printf(buf, ",\"verdict\":\"%s\",\"reason\":", row->verdict);
	string_or_null(buf, row->reason);
	od_buf_addstr(buf, ",\"content\":");
	string_or_null(buf, row->content);
	od_buf_printf(buf, ",\"time\":%lld,\"files\":%lld,\"bytes\":%lld,\"notes\":[", (long long)row->time,
		      (long long)row->looked, (long long)row->bytes);
	notes(store, row->analysis, buf);
	od_buf_addstr(buf, "],\"inputs\":[");
	inputs(store, row->analysis, buf);
	od_buf_addstr(buf, "],\"crashes\":[");
	crashes(store, row->analysis, buf);
	od_buf_addstr(buf, "]}\n");
}

static void end(struct od_store *store, int64_t run, struct od_buf *buf)
{
	const int64_t n = od_exec_int(store, 0,
				      "SELECT count(*) FROM tickets WHERE (?1 = 0 OR run = ?1)"
				      " AND state <> 'mailbox'",
				      "i", run);

	od_buf_printf(buf,
		      "{\"type\":\"summary\",\"schema\":1,\"tool\":\"oopsdiag-triage %s\",\"tickets\":%lld}\n",
		      PACKAGE_VERSION, (long long)n);
}

const struct od_ticket_printer od_print_jsonl = { .ticket = ticket, .end = end };
