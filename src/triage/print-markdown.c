/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Markdown: what one pastes into a tracker. All that came from a ticket stands in code, where nothing acts. */
#include <string.h>

#include "base/escape.h"
#include "triage/print.h"

/* Inline code: a run of backticks longer than any in it. */
static void code(struct od_buf *buf, const char *s)
{
	struct od_buf text = OD_BUF_INIT;
	size_t run = 0, longest = 0;

	od_escape_str(&text, OD_ESCAPE_CELL, s);
	for (size_t i = 0; i < text.len; i++) {
		run = text.data[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	od_buf_fill(buf, '`', longest + 1);
	od_buf_addstr(buf, longest ? " " : "");
	od_buf_addstr(buf, *od_buf_str(&text) ? od_buf_str(&text) : " ");
	od_buf_addstr(buf, longest ? " " : "");
	od_buf_fill(buf, '`', longest + 1);
	od_buf_deinit(&text);
}

/* Each line of a text as code: by four blanks, which no line can end. */
static void block(struct od_buf *buf, const char *text)
{
	od_buf_addch(buf, '\n');
	while (*text) {
		const size_t len = strcspn(text, "\n");

		if (len) {
			od_buf_addstr(buf, "    ");
			od_escape(buf, OD_ESCAPE_TEXT, text, len);
		}
		od_buf_addch(buf, '\n');
		text += len + (text[len] == '\n');
	}
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
		char name[1024];
		const size_t len = strcspn(names, "\n");

		od_buf_addstr(buf, comma);
		if (len < sizeof(name)) {
			memcpy(name, names, len);
			name[len] = '\0';
			code(buf, name);
		}
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
