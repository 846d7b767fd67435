/* SPDX-License-Identifier: GPL-3.0-or-later */
/* known: what people found out about a signature, for the next ticket that has it. */
#include <string.h>

#include "base/escape.h"
#include "front/output.h"
#include "triage/commands.h"
#include "triage/store.h"

enum { MAX_TEXT = 16 * 1024 };

/* A signature as it is, or that of the verdict of a ticket. */
static struct od_error *signature_of(struct od_store *store, const char *word, struct od_buf *ret)
{
	struct od_rows *rows;

	if (!strncmp(word, "v1/", 3)) {
		od_buf_addstr(ret, word);
		return NULL;
	}
	rows = od_query(store, "SELECT signature FROM sightings WHERE name = ? AND number = 0", "s", word);
	if (od_rows_next(rows))
		od_buf_addstr(ret, od_rows_text(rows, 0));
	od_rows_end(rows);
	if (!ret->len)
		return od_error_new(OD_ERR_USAGE, "'%s' is no signature and no ticket with a crash", word);
	return NULL;
}

static struct od_error *add(const struct od_triage_options *opts, struct od_store *store, const char *sig)
{
	if (!opts->kb && !opts->note)
		return od_error_new(OD_ERR_USAGE, "known add needs --kb, --note or both");
	if ((opts->kb && strlen(opts->kb) > MAX_TEXT) || (opts->note && strlen(opts->note) > MAX_TEXT))
		return od_error_new(OD_ERR_USAGE, "--kb and --note have at most %d bytes", MAX_TEXT);
	od_exec(store,
		"INSERT INTO known VALUES(?1, ?2, ?3) ON CONFLICT(signature)"
		" DO UPDATE SET kb = coalesce(?2, kb), note = coalesce(?3, note)",
		"sss", sig, opts->kb, opts->note);
	return NULL;
}

static struct od_error *remove_one(struct od_store *store, const char *sig)
{
	if (!od_exec_int(store, 0, "SELECT 1 FROM known WHERE signature = ?", "s", sig))
		return od_error_new(OD_ERR_USAGE, "nothing is known of '%s'", sig);
	od_exec(store, "DELETE FROM known WHERE signature = ?", "s", sig);
	return NULL;
}

static void list(struct od_store *store)
{
	struct od_buf buf = OD_BUF_INIT;
	struct od_rows *rows = od_query(store,
					"SELECT signature, coalesce(kb, '-'), coalesce(note, '-') FROM known"
					" ORDER BY signature",
					"");

	while (od_rows_next(rows)) {
		for (int i = 0; i < 3; i++) {
			od_escape_cell(&buf, od_rows_text(rows, i));
			od_buf_addch(&buf, i < 2 ? '\t' : '\n');
		}
	}
	od_rows_end(rows);
	od_write_stdout(od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
}

static int exec(const struct od_triage_options *opts, struct od_error **err)
{
	const char *what = opts->args.items[1];
	const bool listing = !strcmp(what, "list");
	struct od_buf sig = OD_BUF_INIT;
	struct od_store *store;

	if ((!listing && strcmp(what, "add") != 0 && strcmp(what, "remove") != 0) ||
	    opts->args.n != (listing ? 2 : 3)) {
		*err = od_error_new(OD_ERR_USAGE, "usage: known add SIGNATURE|TICKET, known remove SIGNATURE|TICKET "
						  "or known list");
		return 2;
	}
	*err = od_triage_open(opts, listing ? OD_STORE_READ : OD_STORE_CREATE, &store);
	if (*err)
		return 2;
	if (!listing)
		*err = signature_of(store, opts->args.items[2], &sig);
	if (listing)
		list(store);
	else if (!*err && *what == 'a')
		*err = add(opts, store, od_buf_str(&sig));
	else if (!*err)
		*err = remove_one(store, od_buf_str(&sig));
	od_buf_deinit(&sig);
	od_store_close(store);
	return 0;
}

const struct od_triage_command od_cmd_triage_known = {
	.name = "known",
	.usage = "known add|remove|list [SIGNATURE|TICKET]",
	.help = "Keep what people found out about a signature. add takes --kb and --note; the next ticket with that "
		"signature says it. A ticket stands for the signature of its first crash.",
	.min = 1,
	.max = 2,
	.run = exec,
};
