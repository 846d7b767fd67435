/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text that says format=flowed (RFC 3676): lines that end in a blank go on on the next. */
#ifndef OD_IO_FLOWED_H
#define OD_IO_FLOWED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct od_out;

struct od_flowed {
	bool delsp;	    /* the blank at the end is the fold's own */
	struct od_buf line; /* the one that is coming in */
	struct od_buf text; /* joined so far */
	bool open, soft;    /* text holds something; it goes on */
	unsigned depth;	    /* of quoting of text */
	uint32_t line_place, text_place;
};

/* f starts zeroed but for delsp. */
void od_flowed_feed(struct od_flowed *f, struct od_out *out, const char *s, size_t len,
		    uint32_t place);
void od_flowed_end(struct od_flowed *f, struct od_out *out);

#endif
