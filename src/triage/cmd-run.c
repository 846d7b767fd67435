/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run: find the tickets, have those analysed that are new, print all of them.
 *
 * Whatever is killed, and whenever: a result and the end of its ticket are one transaction, so nothing is
 * lost or doubled but the work of the last moments. Tickets that were not done are found again by the
 * next run, which finds those that were unchanged.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sha256.h"
#include "front/openfile.h"
#include "front/output.h"
#include "front/serve.h"
#include "triage/analyser.h"
#include "triage/commands.h"
#include "triage/discover.h"
#include "triage/pool.h"
#include "triage/print.h"
#include "triage/progress.h"
#include "triage/result.h"
#include "triage/store.h"

enum {
	MAX_TRIES = 3,	   /* failures of its own, then a ticket is quarantined */
	MAX_KILLS = 10000, /* ends by somebody else's hand */
	MAX_PARTIAL = 10,  /* the same of plugins; what is there is good, so it is then kept */
	BATCH = 256,	   /* tickets that are fetched from the store at a time */
	COMMIT_MS = 250,   /* how much work may be lost */
};

struct job {
	int64_t id;
	char *path, *stamp;
	uint64_t offset, length;
	bool message;
};

struct run {
	const struct od_triage_options *opts;
	struct od_store *store;
	struct od_pool *pool;
	struct od_progress progress;
	struct od_buf analyser;
	int64_t number; /* of this run */
	struct job batch[BATCH];
	size_t nbatch, next;
	int64_t last;	   /* ticket that was fetched */
	bool again;	   /* a ticket was put back */
	uint64_t begun_ns; /* of the transaction; 0: none is open */
	bool degraded_said, refused;
	unsigned left_out; /* tickets: unreadable, quarantined */
};

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* --- transactions --------------------------------------------------------------------------------------- */

static void change(struct run *run)
{
	if (run->begun_ns)
		return;
	od_store_begin(run->store);
	run->begun_ns = od_now_ns();
}

static void commit(struct run *run, bool now)
{
	if (!run->begun_ns || (!now && od_now_ns() - run->begun_ns < (uint64_t)COMMIT_MS * 1000000))
		return;
	od_store_commit(run->store);
	run->begun_ns = 0;
}

/* --- which tickets there are ------------------------------------------------------------------------- */

/* The part that a name belongs to: the same on every machine, whatever the directory is mounted as. */
static unsigned shard_of(const char *path, unsigned shards)
{
	uint8_t hash[OD_SHA256];
	const char *name = strrchr(path, '/');

	name = name ? name + 1 : path;
	od_sha256(name, strlen(name), hash);
	return ((unsigned)hash[0] << 24 | (unsigned)hash[1] << 16 | (unsigned)hash[2] << 8 | hash[3]) %
	       shards;
}

static void add_ticket(struct run *run, const char *name, const char *path, uint64_t offset,
		       uint64_t length, bool message)
{
	od_exec(run->store,
		"INSERT INTO tickets(name, path, offset, length, message, run) VALUES(?1,?2,?3,?4,?5,?6)"
		" ON CONFLICT(name) DO UPDATE SET path=?2, offset=?3, length=?4, message=?5, run=?6",
		"ssiiii", name, path, (int64_t)offset, (int64_t)length, (int64_t)message, run->number);
}

/* The store itself, and what SQLite keeps beside it: somebody has it among the tickets. */
static bool is_store(const struct run *run, const char *path)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	const char *store = run->opts->store ? od_basename(run->opts->store) : "triage.db";
	const char *name = od_basename(path);
	const size_t len = strlen(store);

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (!strncmp(name, store, len) && !strcmp(name + len, ends[i]))
			return od_store_is_file(run->store, path, ends[i]);
	return false;
}

static void found(void *ctx, const char *name, const char *file)
{
	struct run *run = ctx;

	if (is_store(run, file))
		return;
	if (!run->opts->shards || shard_of(name, run->opts->shards) == run->opts->shard)
		add_ticket(run, name, file, 0, 0, false);
}

/* What cannot be read is said, and the others are taken. */
static void discover(struct run *run, const char *path)
{
	od_autoerror err = od_discover(path, found, run);

	if (!err)
		return;
	od_message_error(NULL, err);
	run->left_out++;
}

static struct od_error *discover_from(struct run *run, const char *name)
{
	FILE *file = strcmp(name, "-") != 0 ? fopen(name, "re") : stdin;
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	if (!file)
		return od_error_new(OD_ERR_USAGE, "--files-from: %s: %s", name, strerror(errno));
	while (!interrupted && (len = getdelim(&line, &cap, run->opts->zero ? '\0' : '\n', file)) > 0) {
		if (line[len - 1] == (run->opts->zero ? '\0' : '\n'))
			line[len - 1] = '\0';
		if (*line)
			discover(run, line);
	}
	free(line);
	if (file != stdin)
		fclose(file);
	return NULL;
}

static struct od_error *discover_all(struct run *run)
{
	struct od_error *err = NULL;

	change(run);
	run->number = od_exec_int(run->store, 0, "SELECT value FROM meta WHERE key='run'", "") + 1;
	od_exec(run->store, "INSERT OR REPLACE INTO meta VALUES('run', ?)", "i", run->number);
	od_exec(run->store, "INSERT OR REPLACE INTO meta VALUES('analyser', ?)", "s",
		od_buf_str(&run->analyser));
	if (run->opts->retry)
		od_exec(run->store,
			"UPDATE analyses SET state='trying', tries=0, kills=0 WHERE state='quarantined'", "");
	for (size_t i = 1; i < run->opts->args.n && !interrupted; i++)
		discover(run, run->opts->args.items[i]);
	if (run->opts->files_from)
		err = discover_from(run, run->opts->files_from);
	commit(run, true);
	run->progress.total =
		(uint64_t)od_exec_int(run->store, 0, "SELECT count(*) FROM tickets WHERE run=?", "i",
				      run->number);
	return err;
}

/* --- handing out ------------------------------------------------------------------------------------------ */

static void free_batch(struct run *run)
{
	for (size_t i = 0; i < run->nbatch; i++) {
		free(run->batch[i].path);
		free(run->batch[i].stamp);
	}
	run->nbatch = run->next = 0;
}

/*
 * The next tickets that this run has not dealt with. What is known of one by another analyser, or not
 * for good, has no stamp: it is looked at.
 */
static void fetch(struct run *run)
{
	struct od_rows *rows;

	free_batch(run);
	rows = od_query(run->store,
			"SELECT t.id, t.path, CASE WHEN t.state = 'analysed' AND a.analyser = ?3 AND"
			" a.state <> 'trying' OR t.state = 'empty' THEN t.stamp ELSE '' END,"
			" t.offset, t.length, t.message FROM tickets t LEFT JOIN analyses a ON a.id = t.analysis"
			" WHERE t.run = ?1 AND t.done <> ?1 AND t.id > ?2 ORDER BY t.id LIMIT 256",
			"iis", run->number, run->last, od_buf_str(&run->analyser));
	while (od_rows_next(rows))
		run->batch[run->nbatch++] = (struct job){ .id = od_rows_int(rows, 0),
							  .path = od_strdup(od_rows_text(rows, 1)),
							  .stamp = od_strdup(od_rows_text(rows, 2)),
							  .offset = (uint64_t)od_rows_int(rows, 3),
							  .length = (uint64_t)od_rows_int(rows, 4),
							  .message = od_rows_int(rows, 5) };
	od_rows_end(rows);
	if (run->nbatch)
		run->last = run->batch[run->nbatch - 1].id;
}

/* False: there is none, now. */
static bool give_next(struct run *run)
{
	const struct job *job;

	if (run->next == run->nbatch)
		fetch(run);
	/* From the beginning, for those that were put back; messages of mailboxes come behind. */
	if (run->next == run->nbatch && run->again && !od_pool_busy(run->pool)) {
		run->again = false;
		run->last = 0;
		fetch(run);
	}
	if (run->next == run->nbatch)
		return false;
	job = &run->batch[run->next++];
	od_pool_give(run->pool, &(struct od_item){ .kind = OD_ITEM_JOB,
						   .job = { .ticket = (uint64_t)job->id,
							    .offset = job->offset,
							    .length = job->length,
							    .path = job->path,
							    .stamp = job->stamp,
							    .message = job->message } });
	return true;
}

/* --- taking in ----------------------------------------------------------------------------------------------- */

/* The run is done with the ticket. */
static void finish(struct run *run, int64_t ticket, const char *state, const char *reason)
{
	od_exec(run->store, "UPDATE tickets SET state=?, reason=?, done=? WHERE id=?", "ssii", state, reason,
		run->number, ticket);
	run->progress.done++;
}

static void make_key(const struct run *run, const char *content, char ret[65])
{
	uint8_t hash[OD_SHA256];
	struct od_sha256 sha;

	od_sha256_begin(&sha);
	od_sha256_add(&sha, content, strlen(content) + 1);
	od_sha256_add(&sha, od_buf_str(&run->analyser), run->analyser.len);
	od_sha256_end(&sha, hash);
	for (unsigned i = 0; i < sizeof(hash); i++)
		snprintf(ret + 2 * i, 3, "%02x", hash[i]);
}

/* The analysis of that content, made if it is not there. */
static int64_t analysis_of(struct run *run, const char *content)
{
	char key[65];

	make_key(run, content, key);
	od_exec(run->store,
		"INSERT INTO analyses(key, content, analyser, state) VALUES(?,?,?,'trying')"
		" ON CONFLICT(key) DO NOTHING",
		"sss", key, content, od_buf_str(&run->analyser));
	return od_exec_int(run->store, 0, "SELECT id FROM analyses WHERE key=?", "s", key);
}

static bool looked(void *ctx, const struct od_item *item)
{
	struct run *run = ctx;
	const int64_t ticket = (int64_t)item->looked.ticket;
	int64_t analysis;

	change(run);
	if (item->looked.what == OD_TICKET_SAME) {
		od_exec(run->store, "UPDATE tickets SET done=? WHERE id=?", "ii", run->number, ticket);
		run->progress.done++;
		return false;
	}
	od_exec(run->store, "UPDATE tickets SET stamp=?, time=?, analysis=NULL WHERE id=?", "sii",
		item->looked.stamp, (int64_t)item->looked.time, ticket);
	if (item->looked.what == OD_TICKET_MAILBOX)
		return true;
	if (item->looked.what == OD_TICKET_EMPTY) {
		finish(run, ticket, "empty", NULL);
		return false;
	}
	analysis = analysis_of(run, item->looked.content);
	od_exec(run->store, "UPDATE tickets SET analysis=? WHERE id=?", "ii", analysis, ticket);
	if (od_exec_int(run->store, 0, "SELECT state <> 'trying' FROM analyses WHERE id=?", "i", analysis)) {
		finish(run, ticket, "analysed", NULL);
		return false;
	}
	return true;
}

/* Its messages are tickets. */
static bool add_messages(struct run *run, int64_t mailbox, const char *items, size_t len)
{
	struct od_rows *rows = od_query(run->store, "SELECT name, path FROM tickets WHERE id=?", "i", mailbox);
	const char *base = od_rows_next(rows) ? od_rows_text(rows, 0) : "";
	const char *path = od_rows_text(rows, 1);
	struct od_item item;
	uint64_t end = 0;
	size_t at = 0, n = 0;
	bool bad;

	while (od_item_decode(items, len, &at, &item, &bad)) {
		struct od_buf name = OD_BUF_INIT;

		if (item.kind != OD_ITEM_MESSAGE || item.message.offset < end || !item.message.length ||
		    item.message.length > INT64_MAX - item.message.offset)
			break;
		end = item.message.offset + item.message.length;
		od_buf_printf(&name, "%s#%zu", base, ++n);
		add_ticket(run, od_buf_str(&name), path, item.message.offset, item.message.length, true);
		od_buf_deinit(&name);
	}
	od_rows_end(rows);
	run->progress.total += n;
	return at == len;
}

/* The ticket's analysis failed. True: not for the last time. */
static bool try_again(struct run *run, int64_t analysis, enum od_ticket_end end, const char *why)
{
	const bool own = end != OD_END_KILLED && end != OD_END_PARTIAL;
	const int64_t kills = end == OD_END_PARTIAL ? MAX_PARTIAL : MAX_KILLS;

	od_exec(run->store, "UPDATE analyses SET tries = tries + ?, kills = kills + ?, reason = ? WHERE id = ?",
		"iisi", (int64_t)own, (int64_t)!own, why, analysis);
	return !od_exec_int(run->store, 0, "SELECT tries >= ? OR kills >= ? FROM analyses WHERE id=?", "iii",
			    (int64_t)MAX_TRIES, kills, analysis);
}

/* What its workers told, or so much of it as is right. */
static void keep(struct run *run, int64_t ticket, int64_t analysis, enum od_ticket_end end,
		 const char *why, const char *items, size_t len)
{
	const bool whole = end == OD_END_DONE, good = whole || end == OD_END_PARTIAL;

	if (!od_exec_int(run->store, 0, "SELECT state = 'trying' FROM analyses WHERE id=?", "i", analysis)) {
		finish(run, ticket, "analysed", NULL);
		return;
	}
	if (!whole && try_again(run, analysis, end, why)) {
		run->again = true;
		return;
	}
	if (!od_result_keep(run->store, analysis, items, len) && good) {
		keep(run, ticket, analysis, OD_END_DIED, "the analysis answered nonsense", "", 0);
		return;
	}
	od_exec(run->store, "UPDATE analyses SET state = ?, reason = ? WHERE id = ?", "ssi",
		good ? "done" : "quarantined", good ? NULL : why, analysis);
	finish(run, ticket, "analysed", NULL);
}

static void say_degraded(struct run *run, const char *what)
{
	if (!*what || run->degraded_said)
		return;
	run->degraded_said = true;
	if (!run->opts->quiet)
		od_message("sandbox degraded", what, strlen(what));
}

static void result(void *ctx, const struct od_item *item, const char *items, size_t len)
{
	struct run *run = ctx;
	const int64_t ticket = (int64_t)item->result.ticket;
	const enum od_ticket_end end = (enum od_ticket_end)item->result.end;
	int64_t analysis;

	change(run);
	say_degraded(run, item->result.degraded);
	analysis = od_exec_int(run->store, 0, "SELECT analysis FROM tickets WHERE id=?", "i", ticket);
	if (end == OD_END_REFUSED) {
		od_message("nothing can be analysed", item->result.why, strlen(item->result.why));
		run->refused = true;
	} else if (end == OD_END_FAILED) {
		od_exec(run->store, "UPDATE tickets SET stamp='', analysis=NULL WHERE id=?", "i", ticket);
		finish(run, ticket, "unreadable", item->result.why);
	} else if (analysis) {
		keep(run, ticket, analysis, end, item->result.why, items, len);
	} else if (end == OD_END_DONE && add_messages(run, ticket, items, len)) {
		od_exec(run->store, "UPDATE tickets SET stamp='' WHERE id=?", "i", ticket);
		finish(run, ticket, "mailbox", NULL);
	} else if (end == OD_END_KILLED) {
		run->again = true;
	} else {
		finish(run, ticket, "unreadable", *item->result.why ? item->result.why : "a damaged mailbox");
	}
	commit(run, false);
}

/* As if its worker had been killed: whoever kills keepers kills them too. */
static void lost(void *ctx, uint64_t ticket)
{
	struct run *run = ctx;
	const int64_t analysis =
		od_exec_int(run->store, 0, "SELECT analysis FROM tickets WHERE id=? AND done<>?", "ii",
			    (int64_t)ticket, run->number);

	change(run);
	if (analysis)
		keep(run, (int64_t)ticket, analysis, OD_END_KILLED, "the keeper of the analysis died", "", 0);
	else
		run->again = true;
}

static void work(struct run *run)
{
	const struct od_pool_ops ops = { looked, result, lost, run };

	run->pool = od_pool_create(&run->opts->engine, run->opts->jobs, &ops);
	while (!interrupted && !run->refused) {
		while (od_pool_has_idle(run->pool) && give_next(run))
			;
		if (!od_pool_busy(run->pool))
			break;
		od_pool_wait(run->pool, COMMIT_MS);
		commit(run, false);
		od_progress_show(&run->progress, false);
	}
	od_pool_destroy(run->pool);
	commit(run, true);
	od_progress_show(&run->progress, true);
	free_batch(run);
}

/* Analyses that no ticket has any more: of another analyser, or of bytes that changed. */
static void tidy(struct run *run)
{
	change(run);
	od_exec(run->store,
		"DELETE FROM analyses WHERE NOT EXISTS"
		" (SELECT 1 FROM tickets t WHERE t.analysis = analyses.id)",
		"");
	commit(run, true);
}

/* --- the end ---------------------------------------------------------------------------------------------------- */

static bool fails(const struct run *run)
{
	const char *what = run->opts->fail_on;
	enum od_severity severity;

	if (!what)
		return false;
	if (od_severity_by_name(what, &severity))
		return od_exec_int(run->store, 0,
				   "SELECT 1 FROM sightings s JOIN tickets t ON t.id = s.ticket"
				   " WHERE t.run = ? AND s.severity >= ? LIMIT 1",
				   "ii", run->number, (int64_t)severity);
	if (!strcmp(what, "unknown"))
		return od_exec_int(run->store, 0,
				   "SELECT 1 FROM sightings s JOIN tickets t ON t.id = s.ticket"
				   " WHERE t.run = ? AND s.severity > 0 AND NOT s.consequence"
				   " AND NOT EXISTS (SELECT 1 FROM findings f WHERE f.report = s.id)"
				   " AND NOT EXISTS (SELECT 1 FROM known k WHERE k.signature = s.signature)"
				   " LIMIT 1",
				   "i", run->number);
	return od_exec_int(run->store, 0,
			   "SELECT 1 FROM sightings s JOIN tickets t ON t.id = s.ticket"
			   " WHERE t.run = ? AND s.signature = ? LIMIT 1",
			   "is", run->number, what);
}

static bool is_incomplete(const struct run *run)
{
	return run->left_out || interrupted ||
	       od_exec_int(run->store, 0,
			   "SELECT 1 FROM tickets t LEFT JOIN analyses a ON a.id = t.analysis"
			   " WHERE t.run = ? AND (t.state IN ('unreadable', 'waiting') OR a.state <> 'done')"
			   " LIMIT 1",
			   "i", run->number);
}

static int exec(const struct od_triage_options *opts, struct od_error **err)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct run run = { .opts = opts };
	int status = 0;

	if (opts->args.n < 2 && !opts->files_from) {
		*err = od_error_new(OD_ERR_USAGE, "run needs a path, or --files-from");
		return 2;
	}
	*err = od_triage_open(opts, OD_STORE_OWN, &run.store);
	if (*err)
		return 2;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	od_analyser(&run.analyser, &opts->engine);
	od_progress_init(&run.progress, opts->quiet);
	*err = discover_all(&run);
	if (!*err) {
		work(&run);
		/* All is kept. Whoever interrupts what is printed does not want it. */
		sa.sa_handler = SIG_DFL;
		sigaction(SIGINT, &sa, NULL);
		sigaction(SIGTERM, &sa, NULL);
		if (!interrupted && !run.refused)
			tidy(&run);
		od_print(run.store, opts, run.number);
		status = run.refused	     ? 5 :
			 fails(&run)	     ? 1 :
			 is_incomplete(&run) ? 3 :
					       0;
	}
	od_buf_deinit(&run.analyser);
	od_store_close(run.store);
	return status;
}

const struct od_triage_command od_cmd_triage_run = {
	.name = "run",
	.usage = "run PATH...",
	.help = "Analyse tickets and print what is in them. A PATH is a ticket (a log, a mail, an archive, a dump), "
		"a mailbox, or a directory of tickets. What was analysed before is not analysed again: a ticket is "
		"known by its bytes, the analyser and its rules. However it is interrupted, the same command goes "
		"on where it was. A ticket whose analysis dies or takes too long three times is "
		"quarantined, with the reason.",
	.run = exec,
};
