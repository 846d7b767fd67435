/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Markdown: what one pastes into a tracker. All that came from a ticket stands in code, where nothing acts. */
#include <string.h>

#include "base/escape.h"
#include "render/markdown.h"
#include "triage/print.h"

static void code(struct od_buf *buf, const char *s)
{
	od_markdown_code(buf, s, strlen(s));
}

/* Whoever changed the store is not believed: each line is escaped once more. */
static void block(struct od_buf *buf, const char *text)
{
	struct od_buf lines = OD_BUF_INIT;

	while (*text) {
		const size_t len = strcspn(text, "\n");

		od_escape(&lines, OD_ESCAPE_TEXT, text, len);
		od_buf_addch(&lines, '\n');
		text += len + (text[len] == '\n');
	}
	od_buf_addch(buf, '\n');
	od_markdown_block(buf, od_buf_str(&lines), lines.len);
	od_buf_deinit(&lines);
}

static void known(struct od_buf *buf, const char *kb, const char *note)
{
	od_buf_addstr(buf, "- known");
	if (*kb) {
		od_buf_addstr(buf, ": ");
		code(buf, kb);
	}
	if (*note) {
		od_buf_addstr(buf, ": ");
		code(buf, note);
	}
	od_buf_addch(buf, '\n');
}

static void places(struct od_buf *buf, const char *names)
{
	const char *comma = "- in ";

	while (*names) {
		const size_t len = strcspn(names, "\n");

		od_buf_addstr(buf, comma);
		od_markdown_code(buf, names, len);
		names += len + (names[len] == '\n');
		comma = ", ";
	}
	od_buf_addch(buf, '\n');
}

static void crashes(struct od_store *store, int64_t analysis, struct od_buf *buf)
{
	struct od_rows *rows =
		od_query(store,
			 "SELECT r.severity, r.title, r.signature, r.count, r.places, r.text,"
			 " k.signature IS NOT NULL, coalesce(k.kb, ''), coalesce(k.note, '') FROM reports r"
			 " LEFT JOIN known k ON k.signature = r.signature"
			 " WHERE r.analysis = ? ORDER BY r.number",
			 "i", analysis);

	while (od_rows_next(rows)) {
		od_buf_addstr(buf, "\n## ");
		code(buf, od_rows_text(rows, 1));
		od_buf_printf(buf, "\n\n- %s", od_severity_name((enum od_severity)od_rows_int(rows, 0)));
		if (od_rows_int(rows, 3) > 1)
			od_buf_printf(buf, ", %lld times", (long long)od_rows_int(rows, 3));
		od_buf_addstr(buf, ", signature ");
		code(buf, od_rows_text(rows, 2));
		od_buf_addch(buf, '\n');
		places(buf, od_rows_text(rows, 4));
		if (od_rows_int(rows, 6))
			known(buf, od_rows_text(rows, 7), od_rows_text(rows, 8));
		block(buf, od_rows_text(rows, 5));
	}
	od_rows_end(rows);
}

static void ticket(struct od_store *store, const struct od_triage_options *opts,
		   const struct od_ticket_row *row, struct od_buf *buf)
{
	struct od_rows *rows;

	if (!opts->verbose && (!strcmp(row->verdict, "none") || !strcmp(row->verdict, "empty")))
		return;
	od_buf_addstr(buf, "# ");
	code(buf, row->name);
	od_buf_printf(buf, "\n\nVerdict: **%s**", row->verdict);
	if (*row->reason) {
		od_buf_addstr(buf, ", ");
		code(buf, row->reason);
	}
	od_buf_printf(buf, "; files looked at: %lld\n", (long long)row->looked);
	rows = od_query(store, "SELECT text FROM notes WHERE analysis = ? ORDER BY number", "i",
			row->analysis);
	while (od_rows_next(rows)) {
		od_buf_addstr(buf, "\n- note: ");
		code(buf, od_rows_text(rows, 0));
		od_buf_addch(buf, '\n');
	}
	od_rows_end(rows);
	crashes(store, row->analysis, buf);
	od_buf_addch(buf, '\n');
}

const struct od_ticket_printer od_print_markdown = { .ticket = ticket };
