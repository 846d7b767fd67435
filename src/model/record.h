/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record: one log line with its clothing taken off, and every piece of the clothing kept. */
#ifndef OD_MODEL_RECORD_H
#define OD_MODEL_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#define OD_TS_NONE UINT64_MAX

enum { OD_LEVEL_NONE = 0xff };

/* printk caller id, tagged: T0 and C0 are real callers. */
enum {
	OD_CALLER_NONE = 0,
	OD_CALLER_THREAD = 1u << 31,
	OD_CALLER_CPU = 1u << 30,
	OD_CALLER_NUMBER = (1u << 30) - 1,
};

enum od_record_flags {
	OD_REC_REPAIRED = 1 << 0, /* put together from, or cut out of, damaged lines */
	OD_REC_KERNEL = 1 << 1,	  /* a prefix says that the kernel wrote it (printk time, kernel:) */
	OD_REC_FOREIGN = 1 << 2,  /* a prefix says that another program wrote it */
	OD_REC_UNKNOWN = 1 << 4,  /* inside of an incident, and no rule understood it */
	OD_REC_CUT = 1 << 3,	  /* longer than OD_MAX_LINE */
};

struct od_record {
	const char *text; /* prefix removed, leading blanks kept; may hold any byte */
	uint32_t len;
	uint32_t raw_len;
	const char *raw;      /* as text, prefix included; NULL in a record that was copied */
	uint32_t lineno;      /* 1-based physical line of the input */
	uint32_t lineno_last; /* last physical line it stands on; lineno if not folded */
	uint32_t caller;      /* OD_CALLER_* | number */
	uint64_t ts_us;	      /* microseconds since boot, OD_TS_NONE if absent */
	const char *wall;     /* wall time as printed, NULL if absent */
	const char *host;     /* NULL if absent */
	uint16_t quote_depth; /* of mail quoting, at the first physical line */
	uint8_t level;	      /* 0..7, OD_LEVEL_NONE */
	uint8_t flags;	      /* enum od_record_flags */
};

#endif
