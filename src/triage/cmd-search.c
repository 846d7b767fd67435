/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search: full text over all reports. Words are indexed when somebody first asks for them. */
#include <string.h>

#include "base/escape.h"
#include "front/output.h"
#include "triage/commands.h"
#include "triage/store.h"

/* Reports that came since the last search. */
static void index_new(struct od_store *store)
{
	int64_t last, newest;

	od_store_begin(store);
	last = od_exec_int(store, 0, "SELECT value FROM meta WHERE key = 'words'", "");
	newest = od_exec_int(store, 0, "SELECT max(id) FROM reports", "");
	if (newest > last) {
		od_exec(store,
			"INSERT INTO words(rowid, title, signature, text)"
			" SELECT id, title, signature, text FROM reports WHERE id > ?",
			"i", last);
		od_exec(store, "INSERT OR REPLACE INTO meta VALUES('words', ?)", "i", newest);
	}
	od_store_commit(store);
}

/* Each word as a string of FTS5's language, so that none of it acts; a star at its end stays one. */
static void phrase(struct od_buf *buf, const char *word)
{
	size_t len = strlen(word);
	const bool prefix = len > 1 && word[len - 1] == '*';

	len -= prefix;
	od_buf_addstr(buf, buf->len ? " \"" : "\"");
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '"')
			od_buf_addch(buf, '"');
		od_buf_addch(buf, word[i]);
	}
	od_buf_addstr(buf, prefix ? "\"*" : "\"");
}

static int exec(const struct od_triage_options *opts, struct od_error **err)
{
	struct od_buf query = OD_BUF_INIT, buf = OD_BUF_INIT;
	struct od_store *store;
	struct od_rows *rows;

	*err = od_triage_open(opts, OD_STORE_CHANGE, &store);
	if (*err)
		return 2;
	index_new(store);
	for (size_t i = 1; i < opts->args.n; i++)
		phrase(&query, opts->args.items[i]);
	rows = od_query(store,
			"SELECT s.name, s.title, s.signature FROM words w JOIN sightings s ON s.id = w.rowid"
			" WHERE words MATCH ? ORDER BY w.rank, s.name, s.number LIMIT ?",
			"si", od_buf_str(&query), opts->limit ? (int64_t)opts->limit : (int64_t)-1);
	while (od_rows_next(rows)) {
		for (int i = 0; i < 3; i++) {
			od_escape_cell(&buf, od_rows_text(rows, i));
			od_buf_addch(&buf, i < 2 ? '\t' : '\n');
		}
	}
	od_rows_end(rows);
	od_write_stdout(od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
	od_buf_deinit(&query);
	od_store_close(store);
	return 0;
}

const struct od_triage_command od_cmd_triage_search = {
	.name = "search",
	.usage = "search WORD...",
	.help = "Show crashes whose reports have all the words. A line is ticket, title and signature, separated "
		"by tabs; the best come first. A word may end in * and then stands for all that begin so.",
	.min = 1,
	.run = exec,
};
