/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a worker tells of a ticket, as bytes. The worker may have been taken over by what it read, so
 * whoever decodes believes no number of it. Works on memory alone.
 *
 * A result is a row of items; an item is u32 length, u8 kind, fields. Numbers are little endian, a
 * string is u32 length, its bytes, none of which is NUL, and a NUL.
 */
#ifndef OD_TRIAGE_WIRE_H
#define OD_TRIAGE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/report.h"

enum {
	OD_ITEM_MAX = 16 << 20,	  /* bytes of one item */
	OD_RESULT_MAX = 64 << 20, /* bytes of all that a worker says of one ticket */
	OD_FRAMES_MAX = 48,	  /* frames of the crashing stack that are compared */
};

enum od_item_kind {
	OD_ITEM_INPUT = 1, /* something to say of a file in the ticket */
	OD_ITEM_REPORT,
	OD_ITEM_NOTE,	   /* of the ticket as a whole */
	OD_ITEM_MESSAGE,   /* of a mailbox: where a message lies */
	OD_ITEM_TOTAL,	   /* the last one */
	/* between the program and its keepers, which it believes */
	OD_ITEM_JOB,	   /* look at a ticket */
	OD_ITEM_LOOKED,	   /* what it is; the keeper then waits for ... */
	OD_ITEM_GO,	   /* ... this */
	OD_ITEM_RESULT,	   /* how it went; as many bytes of items follow as it says */
};

/* Strings are never NULL when decoded; "" is unknown. They point into the result. */
struct od_item_input {
	uint32_t number; /* of the input within its ticket */
	const char *name, *kind, *status, *error;
	uint64_t bytes;
	uint32_t lines;
	const char *json; /* its object of doc/json.md */
};

struct od_item_report {
	uint32_t input;	   /* number of its input */
	uint8_t severity;  /* enum od_severity */
	uint8_t confidence; /* enum od_confidence */
	bool consequence;  /* another report of the input led to it */
	uint32_t weight;   /* how complete it is */
	uint32_t line;	   /* of the input, 1-based */
	int32_t pid;	   /* -1: unknown */
	uint64_t time_us;  /* since boot; OD_TS_NONE */
	uint64_t seen;	   /* seconds since 1970 by the log's own dates, 0: unknown */
	const char *kind, *title, *signature, *stack_hash, *function, *module, *release, *hardware,
		*comm;
	const char *frames;   /* of the crashing stack, innermost first, one a line, "function [module]" */
	const char *findings; /* one a line: id, score, severity, title, tabs between */
	const char *text;     /* for people: the text format */
	const char *json;     /* its object of doc/json.md */
	const char *html;     /* a piece of a page, "" if it were too long; whoever prints it checks it */
};

/* How the analysis of a ticket ended. */
enum od_ticket_end {
	OD_END_DONE,
	OD_END_TIMEOUT, /* the worker was too slow, or stopped itself in time */
	OD_END_DIED,	/* the worker, of what it read */
	OD_END_KILLED,	/* the worker, by somebody else: no fault of the ticket */
	OD_END_PARTIAL, /* the same of a plugin: what it would have found is missing */
	OD_END_FAILED,	/* it cannot be read at all: no such file, no permission */
	OD_END_REFUSED, /* no sandbox, no processes: nothing can be analysed now */
	OD_END_COUNT,
};

enum od_ticket_what {
	OD_TICKET_SAME,	   /* not changed since the stamp was made */
	OD_TICKET_FILE,
	OD_TICKET_DIRECTORY,
	OD_TICKET_MAILBOX, /* its messages are tickets */
	OD_TICKET_EMPTY,
	OD_TICKET_WHATS,
};

struct od_item {
	enum od_item_kind kind;
	union {
		struct od_item_input input;
		struct od_item_report report;
		const char *note;
		struct {
			uint64_t offset, length; /* bytes */
		} message;
		struct {
			uint32_t inputs, reports; /* looked at; found, all copies */
			uint64_t bytes;		  /* read, unpacked */
			bool stopped;		  /* at the deadline */
		} total;
		struct {
			uint64_t ticket;	 /* its number in the store */
			uint64_t offset, length; /* of the file, in bytes; length 0: all of it */
			const char *path, *stamp; /* stamp "": nothing is known of it */
			bool message; /* of a mailbox: not looked into for messages again */
		} job;
		struct {
			uint64_t ticket;
			uint8_t what;	     /* enum od_ticket_what */
			const char *content; /* SHA-256 in hex; "" if what is SAME or MAILBOX */
			const char *stamp;
			uint64_t time;	     /* of its newest file, seconds since 1970 */
			uint64_t bytes;
		} looked;
		struct {
			bool run; /* else: enough is known */
		} go;
		struct {
			uint64_t ticket;
			uint8_t end;	 /* enum od_ticket_end */
			const char *why; /* "" if it is DONE */
			const char *degraded; /* what of the sandbox could not be had; "" */
			uint32_t bytes;	 /* of the items that follow */
		} result;
	};
};

/* Append the item with its length. What is longer than OD_ITEM_MAX is not appended: false. */
bool od_item_encode(struct od_buf *buf, const struct od_item *item);
/* Does a whole item begin at data? Its length with its head, 0: more bytes are needed. */
size_t od_item_length(const char *data, size_t len);
/*
 * The item at *at, which moves behind it. False: there is none, or it is no item; *bad tells which.
 * Only what items need to be is checked: json and text are not.
 */
bool od_item_decode(const char *data, size_t len, size_t *at, struct od_item *ret, bool *bad);

#endif
