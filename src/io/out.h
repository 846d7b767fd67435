/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text that a decoder makes, and where in the input each of its lines stands. */
#ifndef OD_IO_OUT_H
#define OD_IO_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "io/io.h"

/* Runs of lines whose places in the input go up by the same step. */
struct od_run {
	uint32_t line;	/* of the text, the first of the run */
	uint32_t place; /* physical line of the input */
	uint32_t step;
};

struct od_out {
	struct od_buf text;   /* not yet handed out */
	struct od_run *runs;
	size_t nruns, runs_cap;
	uint32_t lines;	      /* begun so far */
	bool inside;	      /* the last of them goes on */
	od_io_note_fn note;
	void *note_ctx;
};

void od_out_deinit(struct od_out *out);
/* Append bytes that all stand on physical line place; places never go back. */
void od_out_add(struct od_out *out, const char *s, size_t len, uint32_t place);
/* End the line if one was begun. */
void od_out_end_line(struct od_out *out, uint32_t place);
/* Between two texts that have nothing to do with each other: enough blank lines to part them. */
void od_out_part(struct od_out *out, uint32_t place);
void od_out_note(struct od_out *out, uint32_t place, const char *text);
/* The place of a line, 1-based. */
uint32_t od_out_place(const struct od_out *out, uint32_t line);
/* Places of lines before this one will not be asked for again. */
void od_out_forget(struct od_out *out, uint32_t line);

#endif
