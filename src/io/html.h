/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTML -> text: what a browser would show of it, as far as lines and words go. */
#ifndef OD_IO_HTML_H
#define OD_IO_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct od_out;

struct od_html {
	enum { HTML_TEXT, HTML_OPEN, HTML_TAG, HTML_ENTITY, HTML_COMMENT } state;
	char hold[64];	/* the tag or entity at hand, its first byte included */
	unsigned nhold;
	char quote;	/* in a tag: inside of this quote */
	unsigned dashes; /* in a comment: '-' in a row */
	unsigned pre;	/* open <pre> and <textarea> */
	char raw[12];	/* inside of <script>, <style>, <title>, ...: up to this end tag */
	bool blank;	/* a blank is due if more text comes on this line */
	bool c2;	/* the first byte of a no-break space was seen */
};

/* Take bytes that all stand on physical line place. h starts zeroed. */
void od_html_feed(struct od_html *h, struct od_out *out, const char *s, size_t len, uint32_t place);
void od_html_end(struct od_html *h, struct od_out *out, uint32_t place);

#endif
