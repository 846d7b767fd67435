/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/out.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { PARTING_LINES = 5 }; /* more than a mailer leaves inside of a record */

void od_out_deinit(struct od_out *out)
{
	od_buf_deinit(&out->text);
	free(out->runs);
	out->runs = NULL;
}

static void begin_line(struct od_out *out, uint32_t place)
{
	uint32_t line = ++out->lines;
	struct od_run *run = out->nruns ? &out->runs[out->nruns - 1] : NULL;

	out->inside = true;
	if (run && line == run->line + 1)
		run->step = place - run->place;
	if (run && place == run->place + (line - run->line) * run->step)
		return;
	if (out->nruns == out->runs_cap) {
		out->runs_cap = out->runs_cap ? out->runs_cap * 2 : 64;
		out->runs = od_realloc(out->runs, out->runs_cap * sizeof(*out->runs));
	}
	out->runs[out->nruns++] = (struct od_run){ line, place, 0 };
}

void od_out_add(struct od_out *out, const char *s, size_t len, uint32_t place)
{
	const char *end = s + len;

	od_buf_add(&out->text, s, len);
	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));

		if (!out->inside)
			begin_line(out, place);
		if (!nl)
			break;
		out->inside = false;
		s = nl + 1;
	}
}

void od_out_end_line(struct od_out *out, uint32_t place)
{
	if (out->inside)
		od_out_add(out, "\n", 1, place);
}

void od_out_part(struct od_out *out, uint32_t place)
{
	od_out_end_line(out, place);
	for (unsigned i = 0; i < PARTING_LINES; i++)
		od_out_add(out, "\n", 1, place);
}

void od_out_note(struct od_out *out, uint32_t place, const char *text)
{
	if (out->note)
		out->note(out->note_ctx, place, text);
}

uint32_t od_out_place(const struct od_out *out, uint32_t line)
{
	size_t lo = 0, hi = out->nruns;

	if (line > out->lines)
		line = out->lines;
	while (hi - lo > 1) {
		size_t mid = (lo + hi) / 2;

		if (out->runs[mid].line <= line)
			lo = mid;
		else
			hi = mid;
	}
	if (!out->nruns || line < out->runs[lo].line)
		return out->nruns ? out->runs[lo].place : 1;
	return out->runs[lo].place + (line - out->runs[lo].line) * out->runs[lo].step;
}

void od_out_forget(struct od_out *out, uint32_t line)
{
	size_t n = 0;

	while (n + 1 < out->nruns && out->runs[n + 1].line <= line)
		n++;
	/* Moving is worth it when half of them go. */
	if (n < 1024 || n * 2 < out->nruns)
		return;
	memmove(out->runs, out->runs + n, (out->nruns - n) * sizeof(*out->runs));
	out->nruns -= n;
}
