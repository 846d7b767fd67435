/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernels before 6.0 do not tell where their table is. What does is its token table: names have
 * digits, digits are tokens of their own, so it holds "0", "1" ... "9" one after another; the index
 * that follows proves it. Reading (and decompressing) memory is what costs time here, so first a
 * page here and there is looked at for the table of addresses, which is big, sorted, and near.
 */
#define _GNU_SOURCE
#include "symbols/kallsyms-scan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"

enum {
	SCAN_SPAN = 64 << 20, /* bytes from _stext on; the biggest images have 60 MB up to .data */
	SCAN_BLOCK = 256 << 10, /* bytes searched at once */
	PROBE_STEP = 128 << 10, /* bytes from one to the next: addresses of 34,000 symbols */
	PROBE = 4096,		/* bytes of one */
	MAX_TABLE = 12 << 20,	/* bytes from the addresses to the tokens: of 400,000 symbols */
	MAX_STEP = 1 << 20,	/* bytes from symbol to symbol, where they are looked for */
	MAX_CANDIDATES = 256,	/* places with the digits, markers, or a num_syms, that are tried */
	MAX_NAMES_READ = 256 << 20, /* bytes of names that all of these may read */
};

static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009"; /* and a NUL */

/* "0" stands at addr: count the strings up to the 256th; the index comes after it. */
static bool find_index(struct od_kallsyms_scan *s, uint64_t addr)
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
	for (uint64_t align = od_kallsyms_alignment(s); align >= 2; align /= 2) {
		s->token_index = od_align_up(addr + pos, align);
		if (od_mem_u16(s->mem, s->token_index + 2 * '0', &first) != OD_MEM_OK)
			continue;
		s->token_table = addr - first;
		od_autoerror err =
			od_kallsyms_read_tokens(s->ks, s->mem, s->token_table, s->token_index);

		if (!err)
			return true;
	}
	return false;
}

static bool scan_block(struct od_kallsyms_scan *s, uint64_t addr, size_t len)
{
	const uint64_t page = s->mem->page_size;
	size_t got;

	for (size_t pos = 0; pos < len;
	     pos = (size_t)(od_align_up(addr + pos + got + 1, page) - addr)) {
		const char *p = s->block, *end;

		s->mem->read(s->mem, OD_VIRT, addr + pos, s->block, len - pos, &got);
		end = p + got;
		while (s->left && (p = memmem(p, (size_t)(end - p), digits, sizeof(digits)))) {
			s->left--;
			if (find_index(s, addr + pos + (uint64_t)(p - s->block)) &&
			    od_kallsyms_scan_back(s))
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

/* Blocks overlap by less than the digits: one across a border is seen from one side. */
static bool scan_up(struct od_kallsyms_scan *s, uint64_t lo, uint64_t end)
{
	while (lo < end) {
		uint64_t hi = end - lo > SCAN_BLOCK ? lo + SCAN_BLOCK : end;

		if (scan_block(s, lo, (size_t)(hi - lo) + sizeof(digits) - 1))
			return true;
		lo = hi;
	}
	return false;
}

static bool scan_down(struct od_kallsyms_scan *s, uint64_t hi, uint64_t end)
{
	while (hi > end) {
		uint64_t lo = hi - end > SCAN_BLOCK ? hi - SCAN_BLOCK : end;

		if (scan_block(s, lo, (size_t)(hi - lo) + sizeof(digits) - 1))
			return true;
		hi = lo;
	}
	return false;
}

/*
 * Whether that is from the midst of addresses, or offsets of any encoding: steps of one direction.
 */
static bool is_sorted(const struct od_memory *mem, const uint8_t *p, size_t width)
{
	int64_t last = 0;
	size_t up = 0, down = 0;

	for (size_t i = 0; i < PROBE / width; i++) {
		uint64_t v = od_mem_number(mem, p + i * width, width);
		int64_t now = width == 4 ? (int32_t)v : (int64_t)v;
		uint64_t step = (uint64_t)now - (uint64_t)last;

		if (now < last)
			step = -step;
		up += i && now > last;
		down += i && now < last;
		if (i && (step > MAX_STEP || (up && down)))
			return false;
		last = now;
	}
	return up + down > PROBE / width / 2;
}

static bool probe(struct od_kallsyms_scan *s, uint64_t addr)
{
	const size_t widest = od_kallsyms_alignment(s);
	uint8_t page[PROBE];

	if (od_mem_read(s->mem, addr, page, sizeof(page)) != OD_MEM_OK)
		return false;
	for (size_t width = 4; width <= widest; width *= 2)
		if (is_sorted(s->mem, page, width))
			return true;
	return false;
}

/* Up to 6.3 what follows the addresses up to the tokens is needed anyway: read on, once. */
static bool scan_from_addresses(struct od_kallsyms_scan *s, uint64_t lo, uint64_t end)
{
	const uint64_t len = end - lo; /* addresses may end where 64 bits do: count bytes */

	for (uint64_t pos = 0; pos < len && len - pos > PROBE; pos += PROBE_STEP) {
		const uint64_t left = len - pos, table = left < MAX_TABLE ? left : MAX_TABLE;

		if (!probe(s, lo + pos))
			continue;
		if (scan_up(s, lo + pos, lo + pos + table))
			return true;
		pos += table;
	}
	return false;
}

static bool scan(struct od_kallsyms_scan *s, uint64_t stext)
{
	const uint64_t middle = lowest_data(s->info, stext);
	const uint64_t end = stext + SCAN_SPAN < stext ? UINT64_MAX : stext + SCAN_SPAN;

	return scan_from_addresses(s, stext, middle > stext ? middle : end) ||
	       scan_down(s, middle, stext) || scan_up(s, middle, end);
}

struct od_error *od_kallsyms_scan(struct od_kallsyms *ks, struct od_memory *mem,
				  const struct od_vmcoreinfo *info)
{
	struct od_kallsyms_scan s = { .ks = ks, .mem = mem, .info = info, .left = MAX_CANDIDATES,
			  .bytes_left = MAX_NAMES_READ };
	uint64_t stext;
	bool found;

	if (!od_vmcoreinfo_symbol(info, "_stext", &stext))
		return od_error_new(
			OD_ERR_UNSUPPORTED,
			"VMCOREINFO has neither SYMBOL(kallsyms_names) nor SYMBOL(_stext)");
	s.block = od_malloc(SCAN_BLOCK + sizeof(digits));
	s.window = od_malloc(OD_KALLSYMS_WINDOW);
	found = scan(&s, stext);
	free(s.block);
	free(s.window);
	if (!found && !s.best)
		s.best = od_error_new(OD_ERR_UNSUPPORTED,
				      "VMCOREINFO does not tell where kallsyms is, "
				      "and no token table is within 64 MB of _stext at 0x%" PRIx64,
				      stext);
	if (!found)
		return s.best;
	od_error_free(s.best);
	return NULL;
}
