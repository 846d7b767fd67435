/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes -> physical lines, of a stream of any size through bounded memory. Where nobody waits for
 * lines and the prefilter finds nothing, bytes are only counted.
 */
#ifndef OD_INPUT_LINES_H
#define OD_INPUT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/line.h"

struct od_prefilter;

enum { OD_IDLE_MS = 600 };

struct od_lines_ops {
	/* Called with each line of the interesting parts, in order. Valid during the call. */
	void (*line)(void *ctx, const struct od_line *line);
	/* Lines were left out between the last call of line() and the next. */
	void (*gap)(void *ctx);
	/* True: every line is wanted now, whatever the prefilter says. */
	bool (*busy)(void *ctx);
	/*
	 * Nothing of interest has come for OD_IDLE_MS, and nothing waits to be read: what is
	 * complete may be told. NULL: nobody wants to know.
	 */
	void (*idle)(void *ctx);
	/* Was there anything of interest in the lines since the last call? NULL: in all of them. */
	bool (*active)(void *ctx);
	void *ctx;
};

enum od_lines_end {
	OD_LINES_EOF,
	OD_LINES_DEADLINE,
	OD_LINES_READ_ERROR, /* errno says why */
	OD_LINES_MAGIC,	     /* not text: what says which */
};

struct od_lines_result {
	enum od_lines_end end;
	const char *what;   /* with OD_LINES_MAGIC */
	uint64_t bytes;	    /* read */
	uint32_t lines;	    /* read, the last unfinished one included */
	bool binary;	    /* the first OD_PROBE_BYTES are no text */
};

/*
 * Read fd to its end. pf NULL: every line is interesting. *deadline_ns: CLOCK_MONOTONIC, 0 none;
 * read anew before each block, so a signal handler may set it to 1 to stop at once. fd stays open.
 */
void od_lines_read(int fd, const struct od_prefilter *pf, const volatile uint64_t *deadline_ns,
		   const struct od_lines_ops *ops, struct od_lines_result *ret);

#endif
