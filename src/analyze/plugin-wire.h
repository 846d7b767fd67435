/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes back from the child that runs a plugin: for each report one message, "magic, length,
 * payload"; the payload is the index of the report and items. Integers are of the machine: both
 * ends are one program. The reader believes nothing.
 */
#ifndef OD_ANALYZE_PLUGIN_WIRE_H
#define OD_ANALYZE_PLUGIN_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/input.h"

#define OD_WIRE_REPORT 0x5244504fu
#define OD_WIRE_DONE 0x4e44504fu

enum od_wire_item {
	OD_WIRE_FINDING = 1, /* id, title, severity, score, has cause, cause */
	OD_WIRE_EVIDENCE,    /* grade, text, nlines, lines, stack, frame, has address, address */
	OD_WIRE_ADVICE,	     /* text */
	OD_WIRE_REFERENCE,   /* text */
	OD_WIRE_NOTE,	     /* line, text */
	OD_WIRE_RESULT,	     /* what analyze() returned; the last item */
	OD_WIRE_LISTING,     /* text */
};

void od_wire_u32(struct od_buf *buf, uint32_t v);
void od_wire_u64(struct od_buf *buf, uint64_t v);
/* Length and bytes. s is NUL-terminated. */
void od_wire_str(struct od_buf *buf, const char *s);

/*
 * Apply the len bytes that came from the plugin `name`, which ran on the reports [first,
 * first + n). NULL if the answer is whole; "" if it ends early at the border of a message or
 * inside one (the messages before it are applied); else what is wrong with it.
 */
const char *od_wire_apply(struct od_input *in, uint32_t first, uint32_t n, const char *name,
			  const char *data, size_t len);

/*
 * The answer to a question about the report: its lines, escaped, each with a newline. NULL if it is whole, with
 * *result; else as above.
 */
const char *od_wire_answer(uint32_t report, const char *data, size_t len, struct od_buf *out,
			   int32_t *result);

/* [a-z0-9-]+/[a-z0-9-]+, at most OD_PLUGIN_ID_MAX bytes. */
bool od_wire_id_ok(const char *id, size_t len);

#endif
