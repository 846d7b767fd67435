/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines -> records, with the damage of mailers mended: records folded over lines, several records
 * on one line, times torn after '[', long names cut hard with the rest one quote level up, module
 * tags alone on a line. Undamaged text passes through untouched: a region of lines is only ever
 * put together where its own shape proves that it was taken apart.
 */
#ifndef OD_TEXT_REPAIR_H
#define OD_TEXT_REPAIR_H

#include <stdbool.h>

#include "model/record.h"

struct od_line;
struct od_repair;

struct od_repair_ops {
	void (*record)(void *ctx, const struct od_record *rec); /* valid during the call */
	/* A remark on the input; text without newline. */
	void (*note)(void *ctx, uint32_t lineno, const char *text);
	void *ctx;
};

/* The caller owns the result; ops is copied. */
struct od_repair *od_repair_create(const struct od_repair_ops *ops);
void od_repair_destroy(struct od_repair *r);
/* Take one physical line; records come out once their region is known to be whole. */
void od_repair_line(struct od_repair *r, const struct od_line *line);
/* Let out what is complete: all but a last region that more lines may belong to. */
void od_repair_drain(struct od_repair *r);
/* Let out everything. */
void od_repair_flush(struct od_repair *r);
/* Lines that are kept since it is not known yet what they belong to. */
uint32_t od_repair_waiting(const struct od_repair *r);
/* Lines seen so far that are quoted as in mail. */
uint32_t od_repair_quoted(const struct od_repair *r);

#endif
