/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stats: how many of what. */
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "front/output.h"
#include "triage/commands.h"
#include "triage/store.h"
#include "triage/when.h"

/* A list with a heading: SQL whose first columns are numbers and the last one a text. */
struct list {
	const char *heading, *sql;
	bool times; /* columns: tickets, count, first seen, last seen, text */
};

static const struct list lists[] = {
	{ "Tickets",
	  "SELECT count(*), CASE WHEN t.state <> 'analysed' THEN t.state WHEN a.state <> 'done' THEN a.state"
	  " WHEN EXISTS (SELECT 1 FROM reports r WHERE r.analysis = a.id AND r.severity > 0) THEN 'with a crash'"
	  " ELSE 'without a crash' END AS what FROM tickets t LEFT JOIN analyses a ON a.id = t.analysis"
	  " GROUP BY what ORDER BY 1 DESC, 2 LIMIT ?",
	  false },
	{ "Signatures: tickets, how often, first and last seen",
	  "SELECT tickets, count, first_seen, last_seen, signature FROM signatures WHERE severity > 0"
	  " ORDER BY tickets DESC, count DESC, signature LIMIT ?",
	  true },
	{ "Known problems",
	  "SELECT count(DISTINCT s.ticket), f.id FROM sightings s JOIN findings f ON f.report = s.id"
	  " GROUP BY f.id ORDER BY 1 DESC, 2 LIMIT ?",
	  false },
	{ "Modules",
	  "SELECT count(DISTINCT ticket), coalesce(module, '(the kernel itself)') FROM sightings"
	  " WHERE severity > 0 GROUP BY module ORDER BY 1 DESC, 2 LIMIT ?",
	  false },
	{ "Kernels",
	  "SELECT count(DISTINCT ticket), coalesce(release, '(unknown)') FROM sightings"
	  " WHERE severity > 0 GROUP BY release ORDER BY 1 DESC, 2 LIMIT ?",
	  false },
	{ "Kinds",
	  "SELECT count(DISTINCT ticket), kind FROM sightings GROUP BY kind ORDER BY 1 DESC, 2 LIMIT ?",
	  false },
	{ "Quarantined",
	  "SELECT count(*), reason FROM analyses WHERE state = 'quarantined' GROUP BY reason"
	  " ORDER BY 1 DESC, 2 LIMIT ?",
	  false },
};

static void print_list(struct od_store *store, const struct list *list, int64_t limit, struct od_buf *buf)
{
	struct od_rows *rows = od_query(store, list->sql, "i", limit);
	bool any = false;
	char first[32], last[32];

	for (; od_rows_next(rows); any = true) {
		if (!any)
			od_buf_printf(buf, "%s%s\n", buf->len ? "\n" : "", list->heading);
		od_buf_printf(buf, "%8lld  ", (long long)od_rows_int(rows, 0));
		if (list->times) {
			od_when_print((uint64_t)od_rows_int(rows, 2), first, sizeof(first));
			od_when_print((uint64_t)od_rows_int(rows, 3), last, sizeof(last));
			od_buf_printf(buf, "%8lld  %s  %s  ", (long long)od_rows_int(rows, 1), first, last);
		}
		od_escape_str(buf, OD_ESCAPE_TEXT, od_rows_text(rows, list->times ? 4 : 1));
		od_buf_addch(buf, '\n');
	}
	od_rows_end(rows);
}

static int exec(const struct od_triage_options *opts, struct od_error **err)
{
	const int64_t limit = opts->limit ? (int64_t)opts->limit : (int64_t)-1;
	struct od_buf buf = OD_BUF_INIT;
	struct od_store *store;

	*err = od_triage_open(opts, OD_STORE_READ, &store);
	if (*err)
		return 2;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		print_list(store, &lists[i], limit, &buf);
	od_write_stdout(od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
	od_store_close(store);
	return 0;
}

const struct od_triage_command od_cmd_triage_stats = {
	.name = "stats",
	.usage = "stats",
	.help = "Count tickets, signatures, known problems, modules, kernels and kinds. First and last seen are by the "
		"dates in the logs where these have a year, else by the time of the ticket's newest file.",
	.run = exec,
};
