/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What consoles and web pages leave on single lines; the number of lines stays. */
#ifndef OD_IO_CLEAN_H
#define OD_IO_CLEAN_H

#include <stdbool.h>
#include <stddef.h>

struct od_clean {
	bool entities;	/* this text may hold HTML entities ... */
	bool escaped;	/* ... and does, as was seen */
	bool hurry;	/* nobody knows when more will come: lines are not held back */
	size_t seen;	/* bytes from here on that show nothing to be escaped */
	bool started;	/* the first bytes are behind us */
	bool inside;	/* what comes is the rest of a line that was too long to be kept */
};

/*
 * Clean the *len bytes at s in place; *len is the new length. The number of bytes that are done: all
 * but the last line if its end has not come yet and last is not set.
 */
size_t od_clean_text(struct od_clean *c, char *s, size_t *len, bool last);

#endif
