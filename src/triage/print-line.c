/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line a ticket, tab separated; the order of the cells is part of the interface. */
#include <string.h>

#include "base/escape.h"
#include "triage/print.h"

static void cell(struct od_buf *buf, const char *s)
{
	od_escape_cell(buf, s);
	od_buf_addch(buf, '\t');
}

/* What the store kept is escaped already, by the worker; whoever changed the store is not believed. */
static void verdict_cells(struct od_buf *buf, struct od_rows *rows)
{
	cell(buf, od_severity_name((enum od_severity)od_rows_int(rows, 0)));
	for (int i = 1; i <= 5; i++)
		cell(buf, od_rows_text(rows, i));
	od_buf_printf(buf, "%lld\t%lld\t", (long long)od_rows_int(rows, 6), (long long)od_rows_int(rows, 7));
}

static void ticket(struct od_store *store, const struct od_triage_options *opts,
		   const struct od_ticket_row *row, struct od_buf *buf)
{
	struct od_rows *rows = od_query(
		store,
		"SELECT r.severity, r.title, r.signature, coalesce(r.module, ''),"
		" coalesce((SELECT f.id FROM findings f WHERE f.report = r.id AND f.number = 0), ''),"
		" coalesce(k.kb, k.note, ''),"
		" (SELECT count(*) FROM reports c WHERE c.analysis = r.analysis AND c.severity > 0),"
		" (SELECT coalesce(sum(count), 0) FROM reports c WHERE c.analysis = r.analysis"
		"  AND c.severity > 0)"
		" FROM reports r LEFT JOIN known k ON k.signature = r.signature"
		" WHERE r.analysis = ? AND r.number = 0",
		"i", row->analysis);

	(void)opts;
	cell(buf, row->name);
	cell(buf, row->verdict);
	if (od_rows_next(rows))
		verdict_cells(buf, rows);
	else
		od_buf_addstr(buf, "-\t-\t-\t-\t-\t-\t0\t0\t");
	od_rows_end(rows);
	cell(buf, row->reason);
	buf->data[buf->len - 1] = '\n';
}

const struct od_ticket_printer od_print_line = { .ticket = ticket };
