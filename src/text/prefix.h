/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The clothing of a log line: mail quoting, and what consoles, syslog, journals, dmesg and CI
 * systems put in front of the kernel's text. Every piece is kept.
 */
#ifndef OD_TEXT_PREFIX_H
#define OD_TEXT_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct od_prefix {
	uint32_t len;	   /* bytes of the line that are prefix */
	uint64_t ts_us;	   /* printk time in microseconds, OD_TS_NONE */
	uint32_t caller;   /* OD_CALLER_* */
	uint8_t level;	   /* OD_LEVEL_NONE */
	uint8_t flags;	   /* OD_REC_KERNEL, OD_REC_FOREIGN */
	const char *wall;  /* into the line, NULL if none */
	const char *host;  /* into the line, NULL if none */
	uint32_t wall_len, host_len;
};

/*
 * Take prefixes off until none is left. Blanks in front of the text itself are no prefix. Always
 * succeeds; a line without prefix has len 0. ret points into s.
 */
void od_prefix_parse(const char *s, size_t len, struct od_prefix *ret);

/* Mail quoting in front of a line: any mix of ">" and blanks between, "| " before log text. */
struct od_quote {
	uint32_t len;	/* bytes of quoting, the one blank after it included */
	uint16_t depth; /* number of '>' and '|' */
};
void od_quote_parse(const char *s, size_t len, struct od_quote *ret);

/*
 * A printk time "[  156.733477]" at s: its bytes (brackets included) or 0. ts_ret may be NULL.
 * Fractions of 3 to 9 digits are understood and scaled to microseconds.
 */
size_t od_printk_time(const char *s, size_t len, uint64_t *ts_ret);

#endif
