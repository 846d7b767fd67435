/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A physical line of the input: what the input stage hands to the text stage. */
#ifndef OD_MODEL_LINE_H
#define OD_MODEL_LINE_H

#include <stdbool.h>
#include <stdint.h>

struct od_line {
	const char *text; /* without newline; a carriage return before it is kept; any byte */
	uint32_t len;	  /* at most OD_MAX_LINE */
	uint32_t lineno;  /* 1-based */
	bool cut;	  /* the line was longer */
};

#endif
