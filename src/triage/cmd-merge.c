/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * merge: stores of parts of a queue become one. What an analysis says depends on its key alone, so each is
 * taken once, and the order of the stores does not matter.
 */
#include <string.h>

#include "triage/commands.h"
#include "triage/schema.h"
#include "triage/store.h"

/* In this order, in one transaction. part: the store that is merged. */
static const char *const steps[] = {
	"DELETE FROM temp.fresh",
	/* Analyses that are new, or that nobody has finished here. */
	"INSERT INTO temp.fresh SELECT p.id, p.key FROM part.analyses p LEFT JOIN main.analyses m ON m.key = p.key"
	" WHERE p.state <> 'trying' AND (m.key IS NULL OR m.state = 'trying')",
	"INSERT INTO main.analyses(key, content, analyser, state, reason, tries, kills, looked, bytes)"
	" SELECT p.key, p.content, p.analyser, p.state, p.reason, p.tries, p.kills, p.looked, p.bytes"
	" FROM part.analyses p JOIN temp.fresh f ON f.id = p.id ORDER BY p.key"
	" ON CONFLICT(key) DO UPDATE SET state = excluded.state, reason = excluded.reason,"
	" tries = excluded.tries, kills = excluded.kills, looked = excluded.looked, bytes = excluded.bytes",
	"INSERT INTO main.notes SELECT m.id, n.number, n.text FROM temp.fresh f"
	" JOIN main.analyses m ON m.key = f.key JOIN part.notes n ON n.analysis = f.id",
	"INSERT INTO main.inputs SELECT m.id, i.number, i.name, i.kind, i.status, i.error, i.bytes, i.lines, i.json"
	" FROM temp.fresh f JOIN main.analyses m ON m.key = f.key JOIN part.inputs i ON i.analysis = f.id",
	"INSERT INTO main.reports(analysis, number, input, line, severity, confidence, consequence, count, copies,"
	" places, time_us, seen, kind, title, signature, stack_hash, function, module, release, hardware, comm,"
	" frames, text, json, html)"
	" SELECT m.id, r.number, r.input, r.line, r.severity, r.confidence, r.consequence, r.count, r.copies,"
	" r.places, r.time_us, r.seen, r.kind, r.title, r.signature, r.stack_hash, r.function, r.module,"
	" r.release, r.hardware, r.comm, r.frames, r.text, r.json, r.html"
	" FROM temp.fresh f JOIN main.analyses m ON m.key = f.key JOIN part.reports r ON r.analysis = f.id",
	"INSERT INTO main.findings SELECT mr.id, x.number, x.id, x.score, x.severity, x.title FROM temp.fresh f"
	" JOIN main.analyses m ON m.key = f.key JOIN part.reports r ON r.analysis = f.id"
	" JOIN main.reports mr ON mr.analysis = m.id AND mr.number = r.number"
	" JOIN part.findings x ON x.report = r.id",
	/*
	 * A ticket of the same name with other bytes is the same ticket at another time: the newer one is it.
	 * Stamps are those of another machine.
	 */
	"INSERT INTO main.tickets(name, path, offset, length, message, stamp, time, state, reason, run, done, analysis)"
	" SELECT t.name, t.path, t.offset, t.length, t.message, '', t.time, t.state, t.reason, 0, 0, m.id"
	" FROM part.tickets t LEFT JOIN part.analyses p ON p.id = t.analysis"
	" LEFT JOIN main.analyses m ON m.key = p.key WHERE t.state <> 'waiting' ORDER BY t.name"
	" ON CONFLICT(name) DO UPDATE SET path = excluded.path, offset = excluded.offset,"
	" length = excluded.length, message = excluded.message, stamp = '', time = excluded.time,"
	" state = excluded.state, reason = excluded.reason, analysis = excluded.analysis"
	" WHERE tickets.state = 'waiting' OR excluded.time > tickets.time OR (excluded.time = tickets.time AND"
	" coalesce((SELECT key FROM main.analyses WHERE id = excluded.analysis), '') >"
	" coalesce((SELECT key FROM main.analyses WHERE id = tickets.analysis), ''))",
	"INSERT INTO main.known SELECT signature, kb, note FROM part.known WHERE true"
	" ON CONFLICT(signature) DO UPDATE SET"
	" kb = CASE WHEN kb IS NULL OR excluded.kb > kb THEN coalesce(excluded.kb, kb) ELSE kb END,"
	" note = CASE WHEN note IS NULL OR excluded.note > note THEN coalesce(excluded.note, note) ELSE note END",
	"DELETE FROM main.analyses WHERE NOT EXISTS"
	" (SELECT 1 FROM main.tickets t WHERE t.analysis = analyses.id)",
};

static struct od_error *merge(struct od_store *store, const char *path)
{
	struct od_store *part;
	/* Its own check of what it is: attaching takes any database, and makes one. */
	struct od_error *err = od_store_open(path, OD_STORE_READ, &part);

	if (err)
		return err;
	od_store_close(part);
	od_exec(store, "ATTACH ? AS part", "s", path);
	od_store_begin(store);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		od_exec(store, steps[i], "");
	od_store_commit(store);
	od_exec(store, "DETACH part", "");
	return NULL;
}

static int exec(const struct od_triage_options *opts, struct od_error **err)
{
	struct od_store *store;

	*err = od_triage_open(opts, OD_STORE_OWN, &store);
	if (*err)
		return 2;
	od_exec(store, "CREATE TEMP TABLE fresh(id INTEGER PRIMARY KEY, key TEXT)", "");
	for (size_t i = 1; i < opts->args.n && !*err; i++)
		*err = merge(store, opts->args.items[i]);
	od_store_close(store);
	return 0;
}

const struct od_triage_command od_cmd_triage_merge = {
	.name = "merge",
	.usage = "merge STORE...",
	.help = "Join other stores into the one of --store. Parts of a queue that were analysed with --shard, on other "
		"machines or at the same time, become what one run would have made. Of a ticket that is in several "
		"of them with other bytes the newest stays. It can be done again.",
	.min = 1,
	.run = exec,
};
