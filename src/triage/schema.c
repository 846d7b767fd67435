/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "triage/schema.h"

/*
 * A ticket is a name; what is known of it hangs on its analysis, whose key is what the answer depends on:
 * the bytes, the analyser, its rules. So a ticket that comes twice is read once, and new rules make new
 * keys. What can be counted is not kept: signatures are a view.
 */
const char od_schema[] =
	"PRAGMA user_version=2;"
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
	"CREATE TABLE analyses("
	" id INTEGER PRIMARY KEY,"
	" key TEXT NOT NULL UNIQUE,"	  /* SHA-256 of content, analyser and rules */
	" content TEXT NOT NULL,"	  /* SHA-256 of the bytes */
	" analyser TEXT NOT NULL,"
	" state TEXT NOT NULL,"		  /* trying, done, quarantined */
	" reason TEXT,"			  /* of the last failure */
	" tries INTEGER NOT NULL DEFAULT 0,"  /* that failed */
	" kills INTEGER NOT NULL DEFAULT 0,"  /* that somebody else ended */
	" looked INTEGER NOT NULL DEFAULT 0," /* files that were looked at */
	" bytes INTEGER NOT NULL DEFAULT 0);" /* that were read, unpacked */
	"CREATE TABLE tickets("
	" id INTEGER PRIMARY KEY,"
	" name TEXT NOT NULL UNIQUE,"
	" path TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,"
	" message INTEGER NOT NULL,"
	" stamp TEXT NOT NULL DEFAULT '',"
	" time INTEGER NOT NULL DEFAULT 0,"   /* of its newest file */
	" state TEXT NOT NULL DEFAULT 'waiting'," /* waiting, analysed, unreadable, mailbox, empty */
	" reason TEXT,"
	" run INTEGER NOT NULL,"	      /* that found it last */
	" done INTEGER NOT NULL DEFAULT 0,"   /* that dealt with it last */
	" analysis INTEGER REFERENCES analyses(id));"
	"CREATE INDEX tickets_analysis ON tickets(analysis);"
	"CREATE INDEX tickets_run ON tickets(run, name);"
	"CREATE TABLE notes("
	" analysis INTEGER NOT NULL REFERENCES analyses(id) ON DELETE CASCADE,"
	" number INTEGER NOT NULL, text TEXT NOT NULL,"
	" PRIMARY KEY(analysis, number)) WITHOUT ROWID;"
	"CREATE TABLE inputs("
	" analysis INTEGER NOT NULL REFERENCES analyses(id) ON DELETE CASCADE,"
	" number INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL,"
	" error TEXT, bytes INTEGER NOT NULL, lines INTEGER NOT NULL, json TEXT NOT NULL,"
	" PRIMARY KEY(analysis, number)) WITHOUT ROWID;"
	"CREATE TABLE reports("
	" id INTEGER PRIMARY KEY AUTOINCREMENT," /* never used again: words has rows of deleted ones */
	" analysis INTEGER NOT NULL REFERENCES analyses(id) ON DELETE CASCADE,"
	" number INTEGER NOT NULL,"	      /* within the ticket; 0 is the verdict */
	" input INTEGER NOT NULL, line INTEGER NOT NULL,"
	" severity INTEGER NOT NULL, confidence INTEGER NOT NULL,"
	" consequence INTEGER NOT NULL,"      /* something else led to it */
	" count INTEGER NOT NULL,"	      /* how often it happened */
	" copies INTEGER NOT NULL,"	      /* further files that tell of it */
	" places TEXT NOT NULL,"	      /* names of these files, one a line */
	" time_us INTEGER, seen INTEGER,"     /* since boot; since 1970, as the log says; null: unknown */
	" kind TEXT NOT NULL, title TEXT NOT NULL, signature TEXT NOT NULL, stack_hash TEXT NOT NULL,"
	" function TEXT, module TEXT, release TEXT, hardware TEXT, comm TEXT,"
	" frames TEXT NOT NULL, text TEXT NOT NULL, json TEXT NOT NULL,"
	" html TEXT NOT NULL);"		      /* as the worker made it: checked when it is printed */
	"CREATE UNIQUE INDEX reports_analysis ON reports(analysis, number);"
	"CREATE INDEX reports_signature ON reports(signature);"
	"CREATE TABLE findings("
	" report INTEGER NOT NULL REFERENCES reports(id) ON DELETE CASCADE,"
	" number INTEGER NOT NULL, id TEXT NOT NULL, score INTEGER NOT NULL, severity TEXT NOT NULL,"
	" title TEXT NOT NULL,"
	" PRIMARY KEY(report, number)) WITHOUT ROWID;"
	"CREATE TABLE known("
	" signature TEXT PRIMARY KEY, kb TEXT, note TEXT) WITHOUT ROWID;"
	/* A sighting: a ticket has this report. */
	"CREATE VIEW sightings AS SELECT t.id AS ticket, t.name AS name, t.run AS run, t.time AS time, r.*,"
	" coalesce(r.seen, t.time) AS at FROM tickets t JOIN reports r ON r.analysis = t.analysis"
	" WHERE t.state = 'analysed';"
	"CREATE VIEW signatures AS SELECT signature, min(title) AS title, min(kind) AS kind,"
	" max(severity) AS severity, count(DISTINCT ticket) AS tickets, sum(count) AS count,"
	" min(at) AS first_seen, max(at) AS last_seen FROM sightings GROUP BY signature;"
	/* Words of reports, filled when somebody searches; without a copy of the text. */
	"CREATE VIRTUAL TABLE words USING fts5(title, signature, text, content='',"
	" tokenize=\"unicode61 tokenchars '_'\");";
