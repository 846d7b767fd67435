/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "text/pstore.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cursor.h"

enum {
	MAX_PARTS = 1024,
	MAX_BYTES = 4 << 20, /* of all parts; a real dump has a few hundred KiB */
};

struct kept {
	size_t start;
	struct od_line line;
};

struct part {
	uint64_t count, number; /* "Oops#count Part<number>" */
	uint32_t first, n;	/* into lines */
};

struct od_pstore {
	void (*out)(void *ctx, const struct od_line *line);
	void *ctx;
	struct od_buf text;
	struct kept *lines;
	uint32_t nlines, cap;
	struct part parts[MAX_PARTS];
	uint32_t nparts;
};

struct od_pstore *od_pstore_create(void (*line)(void *ctx, const struct od_line *line), void *ctx)
{
	struct od_pstore *ps = od_calloc(1, sizeof(*ps));

	ps->out = line;
	ps->ctx = ctx;
	return ps;
}

void od_pstore_destroy(struct od_pstore *ps)
{
	if (!ps)
		return;
	od_buf_deinit(&ps->text);
	free(ps->lines);
	free(ps);
}

bool od_pstore_busy(const struct od_pstore *ps)
{
	return ps->nparts > 0;
}

/* "Oops#1 Part2", "Panic#1 Part1": a line of its own. */
static bool header(const struct od_line *line, struct part *ret)
{
	static const char *const reasons[] = { "Oops#", "Panic#", "Emergency#", "Restart#",
					       "Halt#", "Poweroff#", "Shutdown#", "Unknown#" };

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		struct od_cursor c = od_cursor_init(line->text, line->len);

		if (od_cur_peek(&c) != *reasons[i] || !od_cur_lit(&c, reasons[i]))
			continue;
		if (!od_cur_dec(&c, &ret->count) || !od_cur_lit(&c, " Part") ||
		    !od_cur_dec(&c, &ret->number))
			return false;
		od_cur_char(&c, '\r');
		return od_cur_end(&c);
	}
	return false;
}

/* A higher count is a later crash; of one crash the higher part is the older text. */
static int by_age(const void *pa, const void *pb)
{
	const struct part *a = pa, *b = pb;

	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	if (a->number != b->number)
		return a->number > b->number ? -1 : 1;
	return a->first < b->first ? -1 : a->first > b->first;
}

bool od_pstore_line(struct od_pstore *ps, const struct od_line *line)
{
	struct part part = { 0 };

	if (header(line, &part)) {
		if (ps->nparts == MAX_PARTS)
			od_pstore_flush(ps);
		part.first = ps->nlines;
		ps->parts[ps->nparts++] = part;
		return true;
	}
	if (!ps->nparts)
		return false;
	if (ps->text.len > MAX_BYTES) {
		od_pstore_flush(ps);
		return false;
	}
	if (ps->nlines == ps->cap) {
		ps->cap = ps->cap ? ps->cap * 2 : 256;
		ps->lines = od_realloc(ps->lines, ps->cap * sizeof(*ps->lines));
	}
	ps->lines[ps->nlines].start = ps->text.len;
	ps->lines[ps->nlines++].line = *line;
	ps->parts[ps->nparts - 1].n++;
	od_buf_add(&ps->text, line->text, line->len);
	return true;
}

void od_pstore_flush(struct od_pstore *ps)
{
	qsort(ps->parts, ps->nparts, sizeof(*ps->parts), by_age);
	for (uint32_t i = 0; i < ps->nparts; i++) {
		for (uint32_t k = 0; k < ps->parts[i].n; k++) {
			struct kept *kept = &ps->lines[ps->parts[i].first + k];

			kept->line.text = od_buf_str(&ps->text) + kept->start;
			ps->out(ps->ctx, &kept->line);
		}
	}
	ps->nparts = ps->nlines = 0;
	od_buf_reset(&ps->text);
}
