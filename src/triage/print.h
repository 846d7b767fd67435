/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tickets out of the store, in the order of their names. No clock is in what is printed, so the same store
 * gives the same bytes.
 */
#ifndef OD_TRIAGE_PRINT_H
#define OD_TRIAGE_PRINT_H

#include "triage/options.h"
#include "triage/store.h"

struct od_ticket_row {
	int64_t id, analysis; /* analysis 0: there is none */
	const char *name, *verdict; /* crash, none, empty, unreadable, quarantined, waiting */
	const char *reason; /* of the latter three; "" */
	const char *content;
	int64_t time, looked, bytes;
};

/* One format: a row. */
struct od_ticket_printer {
	/* Before the first ticket and after the last; NULL: nothing. run as of od_print(); -1: some that are named. */
	void (*begin)(struct od_store *store, int64_t run, struct od_buf *buf);
	void (*ticket)(struct od_store *store, const struct od_triage_options *opts,
		       const struct od_ticket_row *row, struct od_buf *buf);
	void (*end)(struct od_store *store, int64_t run, struct od_buf *buf);
};

extern const struct od_ticket_printer od_print_line, od_print_jsonl, od_print_markdown, od_print_html;

/* To standard output. run: those that this run found; 0: all. */
void od_print(struct od_store *store, const struct od_triage_options *opts, int64_t run);
/* To standard output, those of these names. OD_ERR_USAGE: there is none of that name. */
struct od_error *od_print_named(struct od_store *store, const struct od_triage_options *opts,
				const char *const *names, size_t n);

#endif
