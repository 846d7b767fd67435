/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite: the only file with it. */
#include "triage/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "front/options.h"
#include "front/output.h"
#include "triage/schema.h"

enum { STATEMENTS = 256, BUSY_MS = 30000 };

struct od_rows {
	struct od_store *store;
	const char *sql; /* by its address: the same words elsewhere are prepared once more */
	sqlite3_stmt *stmt;
};

struct od_store {
	sqlite3 *db;
	int lock; /* -1: not locked */
	struct od_rows cache[STATEMENTS];
};

static void fail(struct od_store *store) __attribute__((noreturn));

static void fail(struct od_store *store)
{
	const char *why = sqlite3_errmsg(store->db);

	od_message("the store", why, strlen(why));
	_exit(5);
}

/* --- statements ------------------------------------------------------------------------------------- */

static struct od_rows *prepare(struct od_store *store, const char *sql)
{
	size_t at = ((uintptr_t)sql >> 4) % STATEMENTS;

	for (size_t i = 0; i < STATEMENTS; i++, at = (at + 1) % STATEMENTS) {
		struct od_rows *rows = &store->cache[at];

		if (rows->sql == sql)
			return rows;
		if (rows->sql)
			continue;
		if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &rows->stmt, NULL) !=
		    SQLITE_OK)
			fail(store);
		rows->sql = sql;
		rows->store = store;
		return rows;
	}
	abort(); /* more statements than the program has */
}

static void bind(struct od_rows *rows, const char *types, va_list ap)
{
	for (int i = 1; *types; types++, i++) {
		const char *s;
		int ret;

		if (*types == 'i') {
			ret = sqlite3_bind_int64(rows->stmt, i, va_arg(ap, int64_t));
		} else {
			s = va_arg(ap, const char *);
			ret = s ? sqlite3_bind_text64(rows->stmt, i, s, strlen(s), SQLITE_TRANSIENT,
						      SQLITE_UTF8)
				: sqlite3_bind_null(rows->stmt, i);
		}
		if (ret != SQLITE_OK)
			fail(rows->store);
	}
}

bool od_rows_next(struct od_rows *rows)
{
	int ret = sqlite3_step(rows->stmt);

	if (ret != SQLITE_ROW && ret != SQLITE_DONE)
		fail(rows->store);
	return ret == SQLITE_ROW;
}

void od_rows_end(struct od_rows *rows)
{
	sqlite3_reset(rows->stmt);
	sqlite3_clear_bindings(rows->stmt);
}

const char *od_rows_text(struct od_rows *rows, int column)
{
	const unsigned char *text = sqlite3_column_text(rows->stmt, column);

	return text ? (const char *)text : "";
}

int64_t od_rows_int(struct od_rows *rows, int column)
{
	return sqlite3_column_int64(rows->stmt, column);
}

bool od_rows_is_null(struct od_rows *rows, int column)
{
	return sqlite3_column_type(rows->stmt, column) == SQLITE_NULL;
}

struct od_rows *od_query(struct od_store *store, const char *sql, const char *types, ...)
{
	struct od_rows *rows = prepare(store, sql);
	va_list ap;

	va_start(ap, types);
	bind(rows, types, ap);
	va_end(ap);
	return rows;
}

void od_exec(struct od_store *store, const char *sql, const char *types, ...)
{
	struct od_rows *rows = prepare(store, sql);
	va_list ap;

	va_start(ap, types);
	bind(rows, types, ap);
	va_end(ap);
	while (od_rows_next(rows))
		;
	od_rows_end(rows);
}

int64_t od_exec_int(struct od_store *store, int64_t other, const char *sql, const char *types, ...)
{
	struct od_rows *rows = prepare(store, sql);
	va_list ap;

	va_start(ap, types);
	bind(rows, types, ap);
	va_end(ap);
	if (od_rows_next(rows) && !od_rows_is_null(rows, 0))
		other = od_rows_int(rows, 0);
	od_rows_end(rows);
	return other;
}

int64_t od_store_last_id(struct od_store *store)
{
	return sqlite3_last_insert_rowid(store->db);
}

void od_store_begin(struct od_store *store)
{
	od_exec(store, "BEGIN IMMEDIATE", "");
}

void od_store_commit(struct od_store *store)
{
	od_exec(store, "COMMIT", "");
}

/* --- opening ------------------------------------------------------------------------------------------- */

bool od_store_default_path(struct od_buf *buf)
{
	return od_xdg_path(buf, "XDG_STATE_HOME", ".local/state", "oopsdiag/triage.db");
}

bool od_store_is_file(struct od_store *store, const char *path, const char *end)
{
	struct od_buf mine = OD_BUF_INIT;
	struct stat a, b;
	bool same;

	od_buf_printf(&mine, "%s%s", sqlite3_db_filename(store->db, "main"), end);
	same = stat(path, &a) == 0 && stat(od_buf_str(&mine), &b) == 0 && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
	od_buf_deinit(&mine);
	return same;
}

static void run_script(struct od_store *store, const char *sql)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(store);
}

/* The directory of the default store may not be there yet. */
static void make_parent(const char *path)
{
	char *copy = od_strdup(path), *slash = copy;

	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		mkdir(copy, 0700);
		*slash = '/';
	}
	free(copy);
}

static struct od_error *lock(struct od_store *store, const char *path)
{
	/* Open for as long as we live: closing any descriptor of the file would end SQLite's own locks. */
	store->lock = open(path, O_RDONLY | O_CLOEXEC);
	if (store->lock >= 0 && flock(store->lock, LOCK_EX | LOCK_NB) < 0)
		return od_error_new(OD_ERR_USAGE, "%s: another run is using this store", path);
	return NULL;
}

static struct od_error *check_version(struct od_store *store, const char *path, bool create)
{
	const int64_t version = od_exec_int(store, 0, "PRAGMA user_version", "");

	if (version == OD_SCHEMA_VERSION)
		return NULL;
	if (version != 0 || od_exec_int(store, 0, "SELECT count(*) FROM sqlite_schema", "") != 0)
		return od_error_new(OD_ERR_USAGE, "%s: not a store of this version of oopsdiag-triage", path);
	if (!create)
		return od_error_new(OD_ERR_USAGE, "%s: an empty store", path);
	od_store_begin(store);
	/* Somebody else may have been faster. */
	if (od_exec_int(store, 0, "SELECT count(*) FROM sqlite_schema", "") == 0)
		run_script(store, od_schema);
	od_store_commit(store);
	return NULL;
}

/*
 * A store that is written. In this mode of SQLite a power cut never damages it. With NORMAL the log of changes is
 * flushed before it is moved into the database: what the last commits of a run did may be gone and is done
 * again. What a person told it (known) has FULL: flushed at every commit.
 */
#define OPEN_STORE                                                                                 \
	"PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA journal_size_limit=67108864;"      \
	"PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=4000;"

static struct od_error *set_up(struct od_store *store, const char *path, enum od_store_mode mode)
{
	struct od_error *err;

	sqlite3_busy_timeout(store->db, BUSY_MS);
	sqlite3_extended_result_codes(store->db, 1);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/* Here it shows whether it is a database at all. */
	if (sqlite3_exec(store->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) != SQLITE_OK)
		return od_error_new(OD_ERR_USAGE, "%s: %s", path, sqlite3_errmsg(store->db));
	if (mode != OD_STORE_READ)
		run_script(store, mode != OD_STORE_OWN ? OPEN_STORE "PRAGMA synchronous=FULL;" :
							   OPEN_STORE "PRAGMA synchronous=NORMAL;");
	err = mode == OD_STORE_OWN ? lock(store, path) : NULL;
	return err ? err : check_version(store, path, mode >= OD_STORE_CREATE);
}

struct od_error *od_store_open(const char *path, enum od_store_mode mode, struct od_store **ret)
{
	int flags = mode == OD_STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	struct od_store *store = od_calloc(1, sizeof(*store));
	struct od_error *err;
	/* It holds what customers sent. */
	const mode_t mask = umask(077);

	*ret = NULL;
	store->lock = -1;
	if (mode >= OD_STORE_CREATE) {
		flags |= SQLITE_OPEN_CREATE;
		make_parent(path);
	}
	if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK)
		err = od_error_new(OD_ERR_USAGE, "%s: %s", path, sqlite3_errmsg(store->db));
	else
		err = set_up(store, path, mode);
	umask(mask);
	if (err)
		od_store_close(store);
	else
		*ret = store;
	return err;
}

void od_store_close(struct od_store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(store->cache[i].stmt);
	sqlite3_close(store->db);
	if (store->lock >= 0)
		close(store->lock);
	free(store);
}
