/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernels before 6.0 do not tell where their table is. What does is its token table: names have digits,
 * digits are tokens of their own, so it holds "0", "1" ... "9" one after another; the index that
 * follows proves it. From there the parts before it are found backwards:
 *
 * up to 6.3	offsets, relative_base | addresses, num_syms, names, markers, [seqs], token_table, token_index
 * from 6.4	num_syms, names, markers, token_table, token_index, offsets, [relative_base], seqs
 *
 * Each part is aligned to 8 bytes (4 on 32 bits). A marker is the offset of each 256th name, beginning
 * with 0, as unsigned int (4.20) or unsigned long (before); num_syms likewise (5.0).
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "symbols/kallsyms.h"

enum {
	SCAN_SPAN = 64 << 20,	   /* bytes from _stext on; the biggest images have 60 MB up to .data */
	SCAN_BLOCK = 2 << 20,	   /* bytes searched at once */
	MAX_CANDIDATES = 256,	   /* places with the digits, markers, or a num_syms, that are tried */
	MAX_NAMES_READ = 256 << 20, /* bytes of names that all of these may read */
	NEAR_WINDOW = 64 << 10,	   /* bytes before token_table: the markers of 4M symbols, but no seqs */
	FAR_WINDOW = 4 << 20,	   /* with seqs */
	MIN_MARKERS = 4,
	MIN_MARKER_STEP = 256 * 2, /* bytes of 256 names */
	MAX_MARKER_STEP = 256 * 1024,
};

static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009"; /* and a NUL */

struct scan {
	struct od_kallsyms *ks;
	struct od_memory *mem;
	const struct od_vmcoreinfo *info;
	uint64_t token_table, token_index;
	unsigned left;	       /* candidates */
	uint64_t bytes_left;   /* of MAX_NAMES_READ */
	struct od_error *best; /* why the best one was none; NULL: there was none */
	unsigned best_stage;
	char *block;
	char *window;	     /* memory before token_table */
	uint64_t window_addr; /* of its first byte */
	size_t window_len;
};

static uint64_t align_up(uint64_t v, uint64_t to)
{
	return (v + to - 1) & ~(to - 1);
}

static uint64_t alignment(const struct scan *s)
{
	return s->mem->pointer_size == 4 ? 4 : 8;
}

static uint64_t window_word(const struct scan *s, uint64_t addr, size_t width)
{
	return od_mem_number(s->mem, s->window + (addr - s->window_addr), width);
}

/*
 * Read what is readable next to hi, from lo on at most, into buf; returns where that begins (hi: nothing
 * is). Up to there unreadable pages may come in between.
 */
static uint64_t read_below(struct scan *s, uint64_t lo, uint64_t hi, void *buf)
{
	while (lo < hi) {
		size_t got;

		s->mem->read(s->mem, OD_VIRT, lo, buf, hi - lo, &got);
		if (got == hi - lo)
			return lo;
		lo = align_up(lo + got + 1, s->mem->page_size);
	}
	return hi;
}

/* --- addresses ------------------------------------------------------------------ */

static struct od_error *find_addresses(struct scan *s, uint64_t num_syms)
{
	struct od_kallsyms_addresses c[6];
	const uint64_t align = alignment(s), n = s->ks->n;
	const uint64_t after = align_up(s->token_index + 512, align);
	uint64_t base, place;
	size_t count = 0;

	place = num_syms - align - align_up(4 * n, align);
	if (od_mem_pointer(s->mem, num_syms - align, &base) == OD_MEM_OK) {
		c[count++] = (struct od_kallsyms_addresses){ OD_KALLSYMS_ABS_PERCPU, place, base };
		c[count++] = (struct od_kallsyms_addresses){ OD_KALLSYMS_RELATIVE, place, base };
	}
	place = num_syms - align_up(align * n, align);
	c[count++] = (struct od_kallsyms_addresses){ OD_KALLSYMS_ABSOLUTE, place, 0 };
	if (od_mem_pointer(s->mem, after + align_up(4 * n, align), &base) == OD_MEM_OK) {
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
static bool markers_at(const struct scan *s, uint64_t addr, size_t width, struct markers *ret)
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

static bool names_fit(const struct od_kallsyms *ks, const struct scan *s, const struct markers *m)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (ks->off[256 * i] != window_word(s, m->addr + i * m->width, m->width))
			return false;
	return true;
}

/* Of many reasons the one that came furthest is told. */
static void keep_reason(struct scan *s, unsigned stage, struct od_error *err)
{
	if (stage < s->best_stage) {
		od_error_free(err);
		return;
	}
	od_error_free(s->best);
	s->best = err;
	s->best_stage = stage;
}

static bool try_names(struct scan *s, const struct markers *m, uint64_t num_syms, uint64_t names,
		      uint32_t n)
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
static uint32_t num_syms_at(const struct scan *s, const uint8_t *p, uint32_t nmarkers)
{
	uint64_t n = od_mem_number(s->mem, p, 4);

	/* 32 bits and padding, or an unsigned long */
	if (alignment(s) == 8 && od_mem_number(s->mem, p, 8) >> 32 == 0)
		n = od_mem_number(s->mem, p, 8);
	else if (alignment(s) == 8 && od_mem_number(s->mem, p + 4, 4))
		return 0;
	return n && (n + 255) / 256 == nmarkers ? (uint32_t)n : 0;
}

static bool try_markers(struct scan *s, const struct markers *m)
{
	const uint64_t align = alignment(s), hi = m->addr - m->last; /* names begin here at the latest */
	od_autofree uint8_t *before = NULL;
	uint64_t lo;

	if (m->addr < m->last + MAX_MARKER_STEP + align)
		return false;
	s->left--;
	before = od_malloc(MAX_MARKER_STEP + align);
	lo = align_up(read_below(s, (hi - MAX_MARKER_STEP) & ~(align - 1), hi, before), align);
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

static bool try_window(struct scan *s, uint64_t len)
{
	const uint64_t align = alignment(s), end = s->token_table;
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

/* --- the token table -------------------------------------------------------------- */

/* "0" stands at addr: count the strings up to the 256th; the index comes after it. */
static bool find_index(struct scan *s, uint64_t addr)
{
	enum { ROOM = 66 << 10 };
	od_autofree char *text = od_malloc(ROOM);
	size_t got, pos = 0;
	uint16_t first;

	s->mem->read(s->mem, OD_VIRT, addr, text, ROOM, &got);
	for (unsigned i = '0'; i < 256; i++) {
		const char *nul = memchr(text + pos, '\0', got - pos);

		if (!nul)
			return false;
		pos = (size_t)(nul - text) + 1;
	}
	for (uint64_t align = alignment(s); align >= 2; align /= 2) {
		s->token_index = align_up(addr + pos, align);
		if (od_mem_u16(s->mem, s->token_index + 2 * '0', &first) != OD_MEM_OK)
			continue;
		s->token_table = addr - first;
		od_autoerror err = od_kallsyms_read_tokens(s->ks, s->mem, s->token_table, s->token_index);

		if (!err)
			return true;
	}
	return false;
}

/* A token table was found: all that is before it. */
static bool try_table(struct scan *s)
{
	if (try_window(s, NEAR_WINDOW) || try_window(s, FAR_WINDOW))
		return true;
	keep_reason(s, 0, od_error_new(OD_ERR_UNSUPPORTED,
				       "the tokens of kallsyms are at 0x%" PRIx64
				       ", but its names are not found before them", s->token_table));
	return false;
}

static bool scan_block(struct scan *s, uint64_t addr, size_t len)
{
	const uint64_t page = s->mem->page_size;
	size_t got;

	for (size_t pos = 0; pos < len; pos = (size_t)(align_up(addr + pos + got + 1, page) - addr)) {
		const char *p = s->block, *end;

		s->mem->read(s->mem, OD_VIRT, addr + pos, s->block, len - pos, &got);
		end = p + got;
		while (s->left && (p = memmem(p, (size_t)(end - p), digits, sizeof(digits)))) {
			s->left--;
			if (find_index(s, addr + pos + (uint64_t)(p - s->block)) && try_table(s))
				return true;
			p++;
		}
	}
	return false;
}

/*
 * Read-only data ends where data begins, and the table is at its end: with a symbol of data from
 * VMCOREINFO the search goes backwards from there, and is over after some MB.
 */
static uint64_t lowest_data(const struct od_vmcoreinfo *info, uint64_t stext)
{
	char name[OD_VMCOREINFO_NAME];
	uint64_t lowest = stext, addr;
	size_t line = 0;

	while (od_vmcoreinfo_each_symbol(info, &line, name, &addr))
		if (addr > stext && addr - stext < SCAN_SPAN && (lowest == stext || addr < lowest))
			lowest = addr;
	return lowest;
}

static bool scan(struct scan *s, uint64_t stext)
{
	const uint64_t middle = lowest_data(s->info, stext);
	const uint64_t end = stext + SCAN_SPAN < stext ? UINT64_MAX : stext + SCAN_SPAN;

	/* Blocks overlap by less than the digits: one across a border is seen from one side. */
	for (uint64_t hi = middle; hi > stext;) {
		uint64_t lo = hi - stext > SCAN_BLOCK ? hi - SCAN_BLOCK : stext;

		if (scan_block(s, lo, (size_t)(hi - lo) + sizeof(digits) - 1))
			return true;
		hi = lo;
	}
	for (uint64_t lo = middle; lo < end;) {
		uint64_t hi = end - lo > SCAN_BLOCK ? lo + SCAN_BLOCK : end;

		if (scan_block(s, lo, (size_t)(hi - lo) + sizeof(digits) - 1))
			return true;
		lo = hi;
	}
	return false;
}

struct od_error *od_kallsyms_scan(struct od_kallsyms *ks, struct od_memory *mem,
				  const struct od_vmcoreinfo *info)
{
	struct scan s = { .ks = ks, .mem = mem, .info = info, .left = MAX_CANDIDATES,
			  .bytes_left = MAX_NAMES_READ };
	uint64_t stext;
	bool found;

	if (!od_vmcoreinfo_symbol(info, "_stext", &stext))
		return od_error_new(OD_ERR_UNSUPPORTED,
				    "VMCOREINFO has neither SYMBOL(kallsyms_names) nor SYMBOL(_stext)");
	s.block = od_malloc(SCAN_BLOCK + sizeof(digits));
	s.window = od_malloc(FAR_WINDOW);
	found = scan(&s, stext);
	free(s.block);
	free(s.window);
	if (!found && !s.best)
		s.best = od_error_new(OD_ERR_UNSUPPORTED, "VMCOREINFO does not tell where kallsyms is, "
				      "and no token table is within 64 MB of _stext at 0x%" PRIx64, stext);
	if (!found)
		return s.best;
	od_error_free(s.best);
	return NULL;
}
