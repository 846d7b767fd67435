/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The store: one SQLite file. Whatever goes wrong with it (disk full, damaged, somebody else's) ends the
 * program with a message and status 5: transactions keep what was done before.
 */
#ifndef OD_TRIAGE_STORE_H
#define OD_TRIAGE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct od_store;
struct od_rows;

enum od_store_mode {
	OD_STORE_READ,	 /* it must be there */
	OD_STORE_CHANGE, /* the same; may be written */
	OD_STORE_CREATE, /* made if it is not there */
	OD_STORE_OWN,	 /* as CREATE, and nobody else runs on it meanwhile */
};

/* OD_ERR_USAGE: no such store, no store, of another version, or in use. NULL: it is open. */
struct od_error *od_store_open(const char *path, enum od_store_mode mode, struct od_store **ret);
/* NULL is accepted. */
void od_store_close(struct od_store *store);
/* Is path the file of the store with this at the end of its name? */
bool od_store_is_file(struct od_store *store, const char *path, const char *end);
/* $XDG_STATE_HOME/oopsdiag/triage.db. False: there is no home. */
struct od_buf;
bool od_store_default_path(struct od_buf *buf);

/*
 * SQL with its values: types has a letter for each, 's' const char * (NULL: null), 'i' int64_t. The text
 * of sql must live as long as the store: it is prepared once.
 */
void od_exec(struct od_store *store, const char *sql, const char *types, ...);
/* As od_exec(); the first column of the first row, or other if there is none. */
int64_t od_exec_int(struct od_store *store, int64_t other, const char *sql, const char *types, ...);
/* The row of the last insert. */
int64_t od_store_last_id(struct od_store *store);

/*
 * Rows, one by one. A query of the same sql must not be open twice. od_rows_end() must be called, also after
 * the last row.
 */
struct od_rows *od_query(struct od_store *store, const char *sql, const char *types, ...);
bool od_rows_next(struct od_rows *rows);
void od_rows_end(struct od_rows *rows);
/* Of the row at hand. Text is never NULL, and valid until the next row. */
const char *od_rows_text(struct od_rows *rows, int column);
int64_t od_rows_int(struct od_rows *rows, int column);
bool od_rows_is_null(struct od_rows *rows, int column);

/* Transactions do not nest. What is between both is in the store as a whole or not at all. */
void od_store_begin(struct od_store *store);
void od_store_commit(struct od_store *store);

#endif
