/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What front and engine say to each other over their socket. Both sides trust nobody: a message
 * has a length that is checked before anything is read, and every field of it is checked again.
 * Works on memory alone, so that it can be fuzzed.
 *
 * On the wire: u32 length of the payload, u8 type, u8 flags, u16 zero, payload; little endian.
 */
#ifndef OD_FRONT_PROTOCOL_H
#define OD_FRONT_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	OD_MSG_HEADER = 8,	    /* bytes */
	OD_MSG_MAX = 64 * 1024,	    /* bytes of one payload; longer texts go in parts */
	OD_MSG_LINE_MAX = 16 * 1024, /* bytes of a command line */
	OD_ANSWER_MAX = 256 << 20,   /* bytes of text that one command may answer with, ... */
	OD_ANSWER_TIMES = 16,	     /* ... and so many times the input if it prints the input */
};

enum od_msg_type {
	/* front to engine */
	OD_MSG_RUN = 1,
	OD_MSG_COMPLETE,
	OD_MSG_CANCEL, /* stop what is being done; no payload */
	/* engine to front */
	OD_MSG_OUTPUT = 16, /* text for standard output */
	OD_MSG_REPORT,	    /* a report in the format of the run */
	OD_MSG_INPUT,	    /* the object of the input, json */
	OD_MSG_SAY,	    /* text for standard error */
	OD_MSG_WORDS,	    /* answer to COMPLETE */
	OD_MSG_DONE,	    /* the run is over */
	OD_MSG_HELLO,	    /* the first message: the sandbox stands, or what of it */
	OD_MSG_MISSING,	    /* with --debuginfod: the build id, in hex, of a debug file that would help */
	OD_MSG_WANTED,	    /* of an engine that holds: "NTH QUESTION", see od_find_hold() */
	OD_MSG_UNPACKED,    /* of one that unpacks: "NTH INODE NAME", see od_find_unpack() */
	OD_MSG_TICKET,	    /* of oopsdiag-triage: see src/triage/wire.h */
};

/* In flags: the text goes on in the next message of this type. */
enum { OD_MSG_MORE = 1 };

struct od_msg {
	enum od_msg_type type;
	uint8_t flags;
	const char *payload;
	size_t len;
};

enum od_decode { OD_DECODE_OK, OD_DECODE_MORE, OD_DECODE_BAD };

/* Append one message; len is at most OD_MSG_MAX. */
void od_msg_encode(struct od_buf *buf, enum od_msg_type type, uint8_t flags, const void *payload,
		   size_t len);
/*
 * The first message of data: OK (msg points into data, used is how many bytes it took), MORE
 * (not whole yet) or BAD (the other side is broken; nothing more can be read from it).
 */
enum od_decode od_msg_decode(const char *data, size_t len, struct od_msg *msg, size_t *used);

/* Read this line as the REPL would. */
struct od_run {
	uint8_t format; /* enum od_format */
	bool colour, explain, verbose, stream;
	bool hex;  /* set radix 16 */
	bool wire; /* reports as shell/wire.h has them; diff: of an input of such */
	uint16_t width;
	uint32_t id_base;    /* the id of this input's first report */
	uint32_t index;	     /* of the input, from 0 */
	uint32_t ninputs;
	uint32_t timeout_ms; /* 0: none */
	const char *line;    /* decoded: points into the payload, not terminated */
	size_t line_len;
};

void od_run_encode(struct od_buf *buf, const struct od_run *run);
bool od_run_decode(const struct od_msg *msg, struct od_run *ret);

struct od_completion {
	uint32_t seq;	/* comes back with the answer */
	uint32_t point; /* the cursor, a byte offset in line */
	const char *line;
	size_t line_len;
};

void od_completion_encode(struct od_buf *buf, const struct od_completion *comp);
bool od_completion_decode(const struct od_msg *msg, struct od_completion *ret);

/* words: newline-separated candidates. */
void od_words_encode(struct od_buf *buf, uint32_t seq, const char *words, size_t len);
bool od_words_decode(const struct od_msg *msg, uint32_t *seq, const char **words, size_t *len);

enum od_say_level {
	OD_SAY_NOTE,	/* left out with --quiet */
	OD_SAY_WARNING,
	OD_SAY_ERROR,
	OD_SAY_INPUT, /* what is wrong with the input; the front names it */
};

void od_say_encode(struct od_buf *buf, enum od_say_level level, const char *text);
bool od_say_decode(const struct od_msg *msg, enum od_say_level *level, const char **text,
		   size_t *len);

/* missing: enum od_sandbox_part; why: for people, empty if nothing is missing. */
void od_hello_encode(struct od_buf *buf, unsigned missing, const char *why, size_t len);
bool od_hello_decode(const struct od_msg *msg, unsigned *missing, const char **why, size_t *len);

enum od_done_flags {
	OD_DONE_LOADED = 1 << 0,   /* the input was read, now or before */
	OD_DONE_NO_CRASH = 1 << 1, /* reports were asked for and there is none */
};

struct od_done {
	uint8_t status; /* exit status, 0..5 */
	uint8_t flags;	/* enum od_done_flags */
	uint32_t nreports;
	uint32_t lines; /* of the input */
};

void od_done_encode(struct od_buf *buf, const struct od_done *done);
bool od_done_decode(const struct od_msg *msg, struct od_done *ret);

#endif
