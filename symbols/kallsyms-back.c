/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the token table of kallsyms to the parts before it, in their order in memory:
 *
 * up to 6.3: offsets, relative_base | addresses, num_syms, names, markers, [seqs], token_table,
 *            token_index
 * from 6.4:  num_syms, names, markers, token_table, token_index, offsets, [relative_base], seqs
 *
 * Each part is aligned to 8 bytes (4 on 32 bits). A marker is the offset of each 256th name,
 * beginning with 0, as unsigned int (4.20) or unsigned long (before); num_syms likewise (5.0).
 */
#include "symbols/kallsyms-scan.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/cleanup.h"

enum {
	NEAR_WINDOW = 64 << 10,	   /* bytes before token_table: markers of 4M symbols, no seqs */
	MIN_MARKERS = 4,
	MIN_MARKER_STEP = 256 * 2, /* bytes of 256 names */
	MAX_MARKER_STEP = 256 * 1024,
};

static uint64_t window_word(const struct od_kallsyms_scan *s, uint64_t addr, size_t width)
{
	return od_mem_number(s->mem, s->window + (addr - s->window_addr), width);
}

/*
 * Read what is readable next to hi, from lo on at most, into buf; returns where that begins (hi:
 * nothing is). Up to there unreadable pages may come in between.
 */
static uint64_t read_below(struct od_kallsyms_scan *s, uint64_t lo, uint64_t hi, void *buf)
{
	while (lo < hi) {
		uint64_t next;
		size_t got;

		s->mem->read(s->mem, OD_VIRT, lo, buf, hi - lo, &got);
		if (got == hi - lo)
			return lo;
		next = od_align_up(lo + got + 1, s->mem->page_size);
		if (next <= lo) /* beyond 64 bits */
			break;
		lo = next;
	}
	return hi;
}

/* --- addresses ------------------------------------------------------------------ */

static struct od_error *find_addresses(struct od_kallsyms_scan *s, uint64_t num_syms)
{
	struct od_kallsyms_addresses c[6];
	const uint64_t align = od_kallsyms_alignment(s), n = s->ks->n;
	const uint64_t after = od_align_up(s->token_index + 512, align);
	uint64_t base, place;
	size_t count = 0;

	place = num_syms - align - od_align_up(4 * n, align);
	if (od_mem_pointer(s->mem, num_syms - align, &base) == OD_MEM_OK) {
		c[count++] = (struct od_kallsyms_addresses){ OD_KALLSYMS_ABS_PERCPU, place, base };
		c[count++] = (struct od_kallsyms_addresses){ OD_KALLSYMS_RELATIVE, place, base };
	}
	place = num_syms - od_align_up(align * n, align);
	c[count++] = (struct od_kallsyms_addresses){ OD_KALLSYMS_ABSOLUTE, place, 0 };
	if (od_mem_pointer(s->mem, after + od_align_up(4 * n, align), &base) == OD_MEM_OK) {
		c[count++] = (struct od_kallsyms_addresses){ OD_KALLSYMS_ABS_PERCPU, after, base };
		c[count++] = (struct od_kallsyms_addresses){ OD_KALLSYMS_RELATIVE, after, base };
	}
	c[count++] = (struct od_kallsyms_addresses){ OD_KALLSYMS_PLACE, after, 0 };
	return od_kallsyms_read_addresses(s->ks, s->mem, s->info, c, count);
}

/* --- names, backwards from their markers ----------------------------------------- */

struct markers {
	uint64_t addr;
	size_t width;
	uint32_t n;
	uint64_t last;
};

/* The markers at addr in the window: 0, then steps of a size that 256 names can have. */
static bool markers_at(const struct od_kallsyms_scan *s, uint64_t addr, size_t width,
		       struct markers *ret)
{
	const uint64_t end = s->window_addr + s->window_len;
	uint64_t last = 0;
	uint32_t n = 1;

	if (window_word(s, addr, width))
		return false;
	for (uint64_t p = addr + width; p + width <= end; p += width, n++) {
		uint64_t v = window_word(s, p, width);

		if (v < last + MIN_MARKER_STEP || v > last + MAX_MARKER_STEP)
			break;
		last = v;
	}
	*ret = (struct markers){ addr, width, n, last };
	return n >= MIN_MARKERS && last < OD_MAX_KALLSYMS_NAMES && n <= OD_MAX_KALLSYMS / 256;
}

static bool names_fit(const struct od_kallsyms *ks, const struct od_kallsyms_scan *s,
		      const struct markers *m)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (ks->off[256 * i] != window_word(s, m->addr + i * m->width, m->width))
			return false;
	return true;
}

/* Of many reasons the one that came furthest is told. */
static void keep_reason(struct od_kallsyms_scan *s, unsigned stage, struct od_error *err)
{
	if (stage < s->best_stage) {
		od_error_free(err);
		return;
	}
	od_error_free(s->best);
	s->best = err;
	s->best_stage = stage;
}

static bool try_names(struct od_kallsyms_scan *s, const struct markers *m, uint64_t num_syms,
		      uint64_t names, uint32_t n)
{
	const uint64_t len = m->addr - names;

	for (int uleb = 1; uleb >= 0; uleb--) {
		unsigned stage = 1;
		struct od_error *err;

		if (s->bytes_left < len) {
			s->left = 0;
			return false;
		}
		s->bytes_left -= len;
		err = od_kallsyms_read_names(s->ks, s->mem, names, n, len, uleb);
		if (!err && ++stage && !names_fit(s->ks, s, m))
			err = od_error_new(OD_ERR_UNSUPPORTED,
					   "names and markers of kallsyms do not fit each other");
		if (!err && ++stage)
			err = find_addresses(s, num_syms);
		if (!err)
			return true;
		keep_reason(s, stage, err);
		if (!s->ks->has_long)
			break;
	}
	return false;
}

/* num_syms stands before the names, and is a number that so many markers allow. */
static uint32_t num_syms_at(const struct od_kallsyms_scan *s, const uint8_t *p, uint32_t nmarkers)
{
	uint64_t n = od_mem_number(s->mem, p, 4);

	/* 32 bits and padding, or an unsigned long */
	if (od_kallsyms_alignment(s) == 8 && od_mem_number(s->mem, p, 8) >> 32 == 0)
		n = od_mem_number(s->mem, p, 8);
	else if (od_kallsyms_alignment(s) == 8 && od_mem_number(s->mem, p + 4, 4))
		return 0;
	return n && (n + 255) / 256 == nmarkers ? (uint32_t)n : 0;
}

static bool try_markers(struct od_kallsyms_scan *s, const struct markers *m)
{
	const uint64_t align = od_kallsyms_alignment(s);
	const uint64_t hi = m->addr - m->last; /* names begin here at the latest */
	od_autofree uint8_t *before = NULL;
	uint64_t lo;

	if (m->addr < m->last + MAX_MARKER_STEP + align)
		return false;
	s->left--;
	before = od_malloc(MAX_MARKER_STEP + align);
	lo = od_align_up(read_below(s, (hi - MAX_MARKER_STEP) & ~(align - 1), hi, before), align);
	for (uint64_t names = hi & ~(align - 1); names >= lo + align && s->left; names -= align) {
		uint32_t n = num_syms_at(s, before + (names - align - lo), m->n);

		if (!n)
			continue;
		s->left--;
		if (try_names(s, m, names - align, names, n))
			return true;
	}
	return false;
}

static bool try_window(struct od_kallsyms_scan *s, uint64_t len)
{
	const uint64_t align = od_kallsyms_alignment(s), end = s->token_table;
	uint64_t lo = read_below(s, end > len ? end - len : 0, end, s->window);

	s->window_addr = lo;
	s->window_len = end - lo;
	for (uint64_t p = end & ~(align - 1); p >= lo + align && s->left; p -= align) {
		struct markers m;

		for (size_t width = 4; width <= align; width *= 2)
			if (p - align + width <= end && markers_at(s, p - align, width, &m) &&
			    try_markers(s, &m))
				return true;
	}
	return false;
}

bool od_kallsyms_scan_back(struct od_kallsyms_scan *s)
{
	if (try_window(s, NEAR_WINDOW) || try_window(s, OD_KALLSYMS_WINDOW))
		return true;
	keep_reason(s, 0,
		    od_error_new(OD_ERR_UNSUPPORTED,
				 "the tokens of kallsyms are at 0x%" PRIx64
				 ", but its names are not found before them",
				 s->token_table));
	return false;
}
