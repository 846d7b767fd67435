/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Of a report what `diff` compares, as bytes: on the way from the engine of one input, through the
 * front, which does not look into it, to an engine that compares two. Works on memory alone; what is
 * read may be anything.
 */
#ifndef OD_SHELL_WIRE_H
#define OD_SHELL_WIRE_H

#include <stddef.h>

#include "base/buf.h"
#include "model/report.h"

enum {
	OD_WIRE_MAX = 4 << 20,	   /* bytes of one report: more frames and modules than that are left out */
	OD_WIRE_FRAMES = 4096,	   /* of the crashing stack */
	OD_WIRE_REGISTERS = 256,
	OD_WIRE_MODULES = 16384,
};

/* Append a report, and the name of the input that it is of. */
void od_wire_put(struct od_buf *buf, const struct od_report *rep, const char *input);
/*
 * Take one report from the beginning of data: *used bytes. NULL: that is none. The caller's, with its
 * strings; *input_ret lives as long as it does. Sections that are not compared are empty.
 */
struct od_report *od_wire_get(const char *data, size_t len, size_t *used, const char **input_ret);

#endif
