/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between repair.c (keeping and joining lines) and repair-judge.c (what is damaged, and how). */
#ifndef OD_TEXT_REPAIR_INTERNAL_H
#define OD_TEXT_REPAIR_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum damage { DAMAGE_NONE, DAMAGE_WRAPPED, DAMAGE_TORN };

/* What stands between a line and the one before it. */
enum glue { GLUE_RECORD, GLUE_BLANK, GLUE_NONE };

struct rline {
	size_t start;	 /* of the payload in the text buffer */
	uint32_t len;	 /* payload: quoting removed */
	uint32_t full;	 /* as len, before anything was taken off */
	uint32_t trim;	 /* len without trailing blanks; 0: a blank line */
	uint32_t lineno;
	uint32_t mid;	 /* offset of a printk time inside the line, 0: none */
	bool opener;	 /* no time, and a record of a crash starts the line */
	bool inner;	 /* no time, and a record of a crash starts inside the line */
	uint16_t depth;	 /* of quoting */
	bool cut;
	bool classified;
	bool stamped;	 /* starts with a printk time */
	bool prefixed;	 /* starts with some log prefix */
	bool foreign;	 /* written by another program */
	bool torn_end;	 /* ends with the '[' of a time */
	bool torn_start; /* starts with the rest of a time: "156.733477] " */
	uint8_t glue;	 /* enum glue, set by od_repair_judge() */
};

void od_repair_classify(const char *text, struct rline *lines, uint32_t n);
bool od_repair_opens(const struct rline *l);
/* End (exclusive) of the region that starts at i; closed: no later line can belong to it. */
uint32_t od_repair_region_end(const char *text, const struct rline *lines, uint32_t i, uint32_t n,
			      bool *closed);
/* Up to where an unfinished region holds only whole stamped lines. */
uint32_t od_repair_safe_prefix(const struct rline *lines, uint32_t i, uint32_t end);
/* Judge a region and set the glue of its lines. */
enum damage od_repair_judge(const char *text, struct rline *lines, uint32_t n);
/* Position of the next printk time at or after from, len if there is none. */
size_t od_repair_next_time(const char *s, size_t len, size_t from);

/*
 * The same for text without times: the next word that starts a record. in_trace: inside a call
 * trace, where each frame is one; kept by the caller from call to call, false at first.
 */
size_t od_repair_next_opener(const char *s, size_t len, size_t from, bool *in_trace);

#endif
