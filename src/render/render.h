/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A report into a buffer, in one of the output formats. Renderers only read the model; every byte
 * that comes from the input passes od_escape().
 */
#ifndef OD_RENDER_RENDER_H
#define OD_RENDER_RENDER_H

#include <stdbool.h>

#include "base/buf.h"
#include "model/input.h"

enum od_format { OD_FORMAT_TEXT, OD_FORMAT_JSON, OD_FORMAT_LINE, OD_FORMAT_JSONL, OD_FORMAT_HTML };

struct od_style {
	enum od_format format;
	unsigned width; /* columns for text, at least 40 */
	bool colour;
	bool explain;	/* text: why this kind, this guilty frame, these findings */
	bool verbose;	/* text: everything, e.g. all modules and all records */
	bool variables; /* text: all arguments and locals of each frame, on lines of their own */
};

/* False if the name is no format. */
bool od_format_by_name(const char *name, enum od_format *ret);

/*
 * One format: a row. The front joins what the engine sends: json has the document's head and tail
 * written by the front (json_document), so that a dead engine still leaves a valid document; so has html.
 */
void od_render_report(struct od_buf *buf, const struct od_input *in, const struct od_report *rep,
		      const struct od_style *style);
/* What is said of the input itself (json: its object in "inputs"; html: a section; text: of a dump, what the machine was, and what is missing; line: nothing). */
void od_render_input(struct od_buf *buf, const struct od_input *in, const struct od_style *style);

/* Parts of the text report, used by commands of their own. */
void od_render_stack(struct od_buf *buf, const struct od_report *rep, unsigned stack,
		     const struct od_style *style);
/* Its frames alone, without a heading. */
void od_render_frames(struct od_buf *buf, const struct od_report *rep, unsigned stack,
		      const struct od_style *style);
void od_render_registers(struct od_buf *buf, const struct od_report *rep,
			 const struct od_style *style);
void od_render_code(struct od_buf *buf, const struct od_report *rep, const struct od_style *style);
void od_render_modules(struct od_buf *buf, const struct od_report *rep,
		       const struct od_style *style);
void od_render_findings(struct od_buf *buf, const struct od_report *rep,
			const struct od_style *style);
void od_render_why(struct od_buf *buf, const struct od_report *rep, const struct od_style *style);
void od_render_records(struct od_buf *buf, const struct od_report *rep,
		       const struct od_style *style);

#endif
