/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One page that needs nothing else: no script, no request, and a policy that forbids both. It is well-formed
 * XML too. Of a signature that many tickets have, the report is printed for the first of them.
 */
#include <stdio.h>
#include <string.h>

#include "front/htmlcheck.h"
#include "triage/html.h"
#include "triage/print.h"
#include "triage/when.h"

enum {
	FULL = 3,    /* tickets of one signature that are told with their report */
	LISTED = 50, /* that are named beside it */
};

/* --- tables ------------------------------------------------------------------------------------------------- */

/* A number and a text a row. */
static void small_table(struct od_store *store, int64_t run, const char *heading, const char *sql,
			struct od_buf *buf)
{
	struct od_rows *rows = od_query(store, sql, "i", run);
	bool any = false;

	od_buf_printf(buf,
		      "<div><h2>%s</h2>\n<table><thead><tr><th scope=\"col\" class=\"n\">tickets</th>"
		      "<th scope=\"col\">name</th></tr></thead>\n<tbody>\n",
		      heading);
	while (od_rows_next(rows)) {
		od_buf_printf(buf, "<tr><td class=\"n\">%lld</td><td><code>", (long long)od_rows_int(rows, 0));
		od_html_text(buf, od_rows_text(rows, 1));
		any = true;
		od_buf_addstr(buf, "</code></td></tr>\n");
	}
	od_buf_addstr(buf, any ? "" : "<tr><td class=\"n\">0</td><td>none</td></tr>\n");
	od_buf_addstr(buf, "</tbody></table></div>\n");
	od_rows_end(rows);
}

static void small_tables(struct od_store *store, int64_t run, struct od_buf *buf)
{
	od_buf_addstr(buf, "<div class=\"columns\">\n");
	small_table(store, run, "Modules",
		    "SELECT count(DISTINCT ticket), coalesce(module, '(the kernel itself)') FROM sightings"
		    " WHERE severity > 0 AND (?1 = 0 OR run = ?1) GROUP BY module ORDER BY 1 DESC, 2 LIMIT 20",
		    buf);
	small_table(store, run, "Kernels",
		    "SELECT count(DISTINCT ticket), coalesce(release, '(unknown)') FROM sightings"
		    " WHERE severity > 0 AND (?1 = 0 OR run = ?1) GROUP BY release ORDER BY 1 DESC, 2 LIMIT 20",
		    buf);
	small_table(store, run, "Known problems",
		    "SELECT count(DISTINCT s.ticket), f.id FROM sightings s JOIN findings f ON f.report = s.id"
		    " WHERE s.severity > 0 AND (?1 = 0 OR s.run = ?1) GROUP BY f.id ORDER BY 1 DESC, 2 LIMIT 20",
		    buf);
	od_buf_addstr(buf, "</div>\n");
}

static void timeline(struct od_store *store, int64_t run, struct od_buf *buf)
{
	uint32_t counts[OD_HTML_BARS] = { 0 };
	uint64_t first, last;
	struct od_rows *rows;

	first = (uint64_t)od_exec_int(store, 0,
				      "SELECT min(at) FROM sightings WHERE severity > 0 AND at > 0 AND"
				      " (?1 = 0 OR run = ?1)",
				      "i", run);
	last = (uint64_t)od_exec_int(store, 0,
				     "SELECT max(at) FROM sightings WHERE severity > 0 AND (?1 = 0 OR run = ?1)",
				     "i", run);
	if (!first || last < first)
		return;
	rows = od_query(store,
			"SELECT (at - ?2) * 48 / (?3 - ?2 + 1) AS bar, sum(count) FROM sightings"
			" WHERE severity > 0 AND at > 0 AND (?1 = 0 OR run = ?1) GROUP BY bar",
			"iii", run, (int64_t)first, (int64_t)last);
	while (od_rows_next(rows)) {
		const int64_t bar = od_rows_int(rows, 0);

		if (bar >= 0 && bar < OD_HTML_BARS)
			counts[bar] = (uint32_t)od_rows_int(rows, 1);
	}
	od_rows_end(rows);
	od_buf_addstr(buf, "<h2>When</h2>\n");
	od_html_timeline(buf, counts, first, last);
}

/* Links to the tickets that have it: to those that have a section. */
static void tickets_of(struct od_store *store, int64_t run, const char *signature, int64_t n, struct od_buf *buf)
{
	struct od_rows *rows = od_query(store,
					"SELECT name, sum(count) FROM sightings WHERE signature = ?2"
					" AND (?1 = 0 OR run = ?1) GROUP BY name ORDER BY name LIMIT ?3",
					"isi", run, signature, (int64_t)LISTED);

	od_buf_printf(buf, "<details><summary>%lld ticket%s</summary><ul>", (long long)n, n == 1 ? "" : "s");
	while (od_rows_next(rows)) {
		od_buf_addstr(buf, "<li><a href=\"#");
		od_html_id(buf, 't', od_rows_text(rows, 0));
		od_buf_addstr(buf, "\"><code>");
		od_html_text(buf, od_rows_text(rows, 0));
		od_buf_addstr(buf, "</code></a>");
		if (od_rows_int(rows, 1) > 1)
			od_buf_printf(buf, ", %lld times", (long long)od_rows_int(rows, 1));
		od_buf_addstr(buf, "</li>");
	}
	od_rows_end(rows);
	if (n > LISTED)
		od_buf_printf(buf, "<li>and %lld more</li>", (long long)n - LISTED);
	od_buf_addstr(buf, "</ul></details>");
}

static void when_cell(struct od_buf *buf, struct od_rows *rows, int first, int last)
{
	char when[32];

	od_buf_addstr(buf, "<td class=\"t\">");
	od_when_print((uint64_t)od_rows_int(rows, first), when, sizeof(when));
	od_buf_addstr(buf, when);
	if (od_rows_int(rows, last) / 60 != od_rows_int(rows, first) / 60) {
		od_when_print((uint64_t)od_rows_int(rows, last), when, sizeof(when));
		od_buf_printf(buf, "<br/>%s", when);
	}
	od_buf_addstr(buf, "</td>");
}

static void signatures(struct od_store *store, int64_t run, struct od_buf *buf)
{
	struct od_rows *rows =
		od_query(store,
			 "SELECT s.severity, count(DISTINCT s.ticket), sum(s.count), min(s.at), max(s.at),"
			 " min(s.title), s.signature, coalesce(k.kb, ''), coalesce(k.note, '')"
			 " FROM sightings s LEFT JOIN known k ON k.signature = s.signature"
			 " WHERE s.severity > 0 AND (?1 = 0 OR s.run = ?1) GROUP BY s.signature"
			 " ORDER BY 2 DESC, 3 DESC, s.signature",
			 "i", run);

	od_buf_addstr(buf, "<h2>Signatures</h2>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">what</th>"
			   "<th scope=\"col\" class=\"n\">times</th><th scope=\"col\">first and last</th></tr>"
			   "</thead>\n<tbody>\n");
	while (od_rows_next(rows)) {
		const char *severity = od_severity_name((enum od_severity)od_rows_int(rows, 0));

		od_buf_addstr(buf, "<tr id=\"");
		od_html_id(buf, 's', od_rows_text(rows, 6));
		od_buf_printf(buf, "\"><td><span class=\"%s\">%s</span> ", severity, severity);
		od_html_text(buf, od_rows_text(rows, 5));
		od_buf_addstr(buf, "<br/><code>");
		od_html_text(buf, od_rows_text(rows, 6));
		od_buf_addstr(buf, "</code>");
		for (int i = 7; i <= 8; i++) {
			if (!*od_rows_text(rows, i))
				continue;
			od_buf_addstr(buf, "<br/><span class=\"known\">");
			od_html_link(buf, od_rows_text(rows, i));
			od_buf_addstr(buf, "</span>");
		}
		tickets_of(store, run, od_rows_text(rows, 6), od_rows_int(rows, 1), buf);
		od_buf_printf(buf, "</td><td class=\"n\">%lld</td>", (long long)od_rows_int(rows, 2));
		when_cell(buf, rows, 3, 4);
		od_buf_addstr(buf, "</tr>\n");
	}
	od_rows_end(rows);
	od_buf_addstr(buf, "</tbody></table></div>\n");
}

/* How many of which verdict, as od_print() tells it. */
static void verdicts(struct od_store *store, int64_t run, struct od_buf *buf)
{
	struct od_rows *rows =
		od_query(store,
			 "SELECT count(*), CASE"
			 " WHEN t.state = 'analysed' AND a.state = 'quarantined' THEN 'quarantined'"
			 " WHEN t.state = 'analysed' AND EXISTS (SELECT 1 FROM reports r WHERE r.analysis = a.id"
			 "  AND r.severity > 0) THEN 'with a crash'"
			 " WHEN t.state = 'analysed' AND (a.looked = 0 OR EXISTS (SELECT 1 FROM inputs i"
			 "  WHERE i.analysis = a.id AND i.status = 'unreadable')) THEN 'unreadable'"
			 " WHEN t.state = 'analysed' THEN 'without one' ELSE t.state END AS verdict"
			 " FROM tickets t LEFT JOIN analyses a ON a.id = t.analysis"
			 " WHERE (?1 = 0 OR t.run = ?1) AND t.state <> 'mailbox' GROUP BY verdict ORDER BY 1 DESC, 2",
			 "i", run);
	const char *comma = "<p>";

	for (; od_rows_next(rows); comma = ", ")
		od_buf_printf(buf, "%s%lld %s", comma, (long long)od_rows_int(rows, 0), od_rows_text(rows, 1));
	od_rows_end(rows);
	od_buf_printf(buf, "%s</p>\n", *comma == '<' ? "<p>none" : "");
}

/* Of each signature the reports of the first tickets that have it; and how many have it, if there is a table of them. */
static void choose_reports(struct od_store *store, int64_t run)
{
	od_exec(store, "CREATE TEMP TABLE told(id INTEGER PRIMARY KEY)", "");
	od_exec(store,
		"INSERT OR IGNORE INTO temp.told SELECT id FROM (SELECT id,"
		" dense_rank() OVER (PARTITION BY signature ORDER BY name) AS nth FROM sightings"
		" WHERE ?1 <= 0 OR run = ?1) WHERE nth <= ?2 OR ?1 < 0",
		"ii", run, (int64_t)FULL);
	od_exec(store, "CREATE TEMP TABLE shared(signature TEXT PRIMARY KEY, tickets INTEGER) WITHOUT ROWID", "");
	od_exec(store,
		"INSERT INTO temp.shared SELECT signature, count(DISTINCT ticket) FROM sightings"
		" WHERE severity > 0 AND (?1 = 0 OR run = ?1) AND ?1 >= 0 GROUP BY signature",
		"i", run);
}

static void begin(struct od_store *store, int64_t run, struct od_buf *buf)
{
	choose_reports(store, run);
	od_html_page_begin(buf, "Tickets");
	od_buf_addstr(buf, "<main>\n");
	if (run < 0) {
		od_buf_addstr(buf, "<h1>Tickets</h1>\n");
		return;
	}
	od_buf_printf(buf, "<h1>%lld tickets</h1>\n",
		      (long long)od_exec_int(store, 0,
					     "SELECT count(*) FROM tickets WHERE (?1 = 0 OR run = ?1)"
					     " AND state <> 'mailbox'",
					     "i", run));
	verdicts(store, run, buf);
	timeline(store, run, buf);
	signatures(store, run, buf);
	small_tables(store, run, buf);
	od_buf_addstr(buf, "<h2>Tickets</h2>\n");
}

/* --- one ticket ------------------------------------------------------------------------------------------- */

static void places(struct od_buf *buf, const char *names)
{
	od_buf_addstr(buf, "<p>In ");
	while (*names) {
		const size_t len = strcspn(names, "\n");
		struct od_buf one = OD_BUF_INIT;

		od_buf_add(&one, names, len);
		od_buf_addstr(buf, "<code>");
		od_html_text(buf, od_buf_str(&one));
		od_buf_addstr(buf, names[len] ? "</code>, " : "</code>");
		od_buf_deinit(&one);
		names += len + (names[len] == '\n');
	}
	od_buf_addstr(buf, "</p>\n");
}

/* A worker made it. What is no piece of a page, a taken-over one made: then the text, which can do nothing. */
static void whole_report(struct od_buf *buf, const char *html, int64_t id, const char *text)
{
	char prefix[32];

	snprintf(prefix, sizeof(prefix), "r%lld-", (long long)id);
	if (*html && od_html_admit(buf, html, strlen(html), prefix))
		return;
	od_buf_addstr(buf, "<pre>");
	od_html_lines(buf, text);
	od_buf_addstr(buf, "</pre>");
}

/* Which others have it is said once, with the signature. */
static void others(struct od_buf *buf, const char *signature, int64_t n)
{
	od_buf_addstr(buf, "<p><a href=\"#");
	od_html_id(buf, 's', signature);
	od_buf_printf(buf, "\">%lld more ticket%s</a> with this signature</p>\n", (long long)n,
		      n == 1 ? "" : "s");
}

static void crashes(struct od_store *store, const struct od_ticket_row *row, struct od_buf *buf)
{
	struct od_rows *rows =
		od_query(store,
			 "SELECT r.severity, r.title, r.count, r.places, r.html, r.signature, f.id IS NOT NULL, r.id,"
			 " CASE WHEN f.id IS NULL THEN '' ELSE r.text END, coalesce(s.tickets, 0)"
			 " FROM reports r LEFT JOIN temp.told f ON f.id = r.id"
			 " LEFT JOIN temp.shared s ON s.signature = r.signature WHERE r.analysis = ? ORDER BY r.number",
			 "i", row->analysis);

	while (od_rows_next(rows)) {
		od_buf_printf(buf, "<details><summary><span class=\"%s\">",
			      od_severity_name((enum od_severity)od_rows_int(rows, 0)));
		od_html_text(buf, od_rows_text(rows, 1));
		od_buf_addstr(buf, "</span>");
		if (od_rows_int(rows, 2) > 1)
			od_buf_printf(buf, ", %lld times", (long long)od_rows_int(rows, 2));
		od_buf_addstr(buf, "</summary>\n");
		places(buf, od_rows_text(rows, 3));
		if (od_rows_int(rows, 9) > 1)
			others(buf, od_rows_text(rows, 5), od_rows_int(rows, 9) - 1);
		if (od_rows_int(rows, 6)) {
			whole_report(buf, od_rows_text(rows, 4), od_rows_int(rows, 7), od_rows_text(rows, 8));
		} else {
			od_buf_addstr(buf, "<p>The report stands with the first tickets that have it.</p>");
		}
		od_buf_addstr(buf, "</details>\n");
	}
	od_rows_end(rows);
}

static void ticket(struct od_store *store, const struct od_triage_options *opts,
		   const struct od_ticket_row *row, struct od_buf *buf)
{
	struct od_rows *rows;

	if (!opts->verbose && (!strcmp(row->verdict, "none") || !strcmp(row->verdict, "empty")))
		return;
	od_buf_addstr(buf, "<section id=\"");
	od_html_id(buf, 't', row->name);
	od_buf_addstr(buf, "\"><h2><code>");
	od_html_text(buf, row->name);
	od_buf_printf(buf, "</code>: %s</h2>\n", row->verdict);
	if (*row->reason) {
		od_buf_addstr(buf, "<p>");
		od_html_text(buf, row->reason);
		od_buf_addstr(buf, "</p>\n");
	}
	rows = od_query(store, "SELECT text FROM notes WHERE analysis = ? ORDER BY number", "i", row->analysis);
	while (od_rows_next(rows)) {
		if (!strcmp(od_rows_text(rows, 0), row->reason))
			continue;
		od_buf_addstr(buf, "<p>");
		od_html_text(buf, od_rows_text(rows, 0));
		od_buf_addstr(buf, "</p>\n");
	}
	od_rows_end(rows);
	crashes(store, row, buf);
	od_buf_addstr(buf, "</section>\n");
}

static void end(struct od_store *store, int64_t run, struct od_buf *buf)
{
	(void)store, (void)run;
	od_buf_addstr(buf, "</main>\n");
	od_html_page_end(buf);
}

const struct od_ticket_printer od_print_html = { .begin = begin, .ticket = ticket, .end = end };
