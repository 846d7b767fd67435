/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which of several symbols of one name the kernel meant. It prints the distance to the next symbol
 * of kallsyms (kernel/kallsyms.c, get_symbol_pos(); kernel/module/kallsyms.c,
 * find_kallsyms_symbol()), which is st_size and the padding behind it.
 */
#include <stdlib.h>

#include "analyze/locate.h"
#include "base/alloc.h"
#include "base/cursor.h"

enum {
	MAX_NAMESAKES = 1024, /* symbols of one name that are looked at */
	MAX_PADDING = 64,     /* bytes between functions: alignment, room to patch */
	MAX_TAIL = 65536,     /* bytes behind the last function of a section, to the next section */
};

/* Symbols that scripts/mksysmap leaves out: what stands ahead of functions. */
static bool is_left_out(const char *name)
{
	return od_starts(name, "__pfx_") || od_starts(name, "__cfi_") || od_starts(name, "__kcfi_") ||
	       od_starts(name, "__pi_");
}

/*
 * Does nothing but padding follow in its section? What the kernel has behind that we do not know: templates
 * of C++ have a section each, and the loader puts them where it likes.
 */
static bool is_last(struct od_debug *dbg, const struct od_debug_symbol *sym)
{
	struct od_debug_symbol last;
	uint64_t start, len;

	if (!od_debug_section_at(dbg, sym->addr, &start, &len) || !len)
		return false;
	return !od_debug_at(dbg, start + len - 1, &last) || last.addr <= sym->addr;
}

/* Is nothing between the end of the symbol and the printed end of it, where another one starts? */
static bool reaches(struct od_debug *dbg, const struct od_debug_symbol *sym, uint64_t size)
{
	struct od_debug_symbol next, before;

	if (!od_debug_at(dbg, sym->addr + size, &next) || next.addr != sym->addr + size)
		return false;
	if (!od_debug_at(dbg, sym->addr + size - 1, &before))
		return true;
	return before.addr <= sym->addr || is_left_out(before.name);
}

static bool fits(struct od_debug *dbg, const struct od_debug_symbol *sym, uint64_t size)
{
	if (!size || !sym->size || size == sym->size || size == sym->extent)
		return true;
	if (size < sym->size || sym->addr > UINT64_MAX - size)
		return false;
	if (size - sym->size < MAX_PADDING && size == ((sym->size + 15) & ~(uint64_t)15))
		return true;
	if (size - sym->size <= MAX_TAIL && is_last(dbg, sym))
		return true;
	return reaches(dbg, sym, size);
}

size_t od_locate_symbols(struct od_debug *dbg, const char *name, uint64_t size,
			 struct od_debug_symbol *ret, size_t max, size_t *all)
{
	struct od_debug_symbol few[16];
	size_t n = od_debug_find(dbg, name, few, sizeof(few) / sizeof(*few)), fit = 0;
	struct od_debug_symbol *syms = few;

	if (!n)
		n = od_debug_find_demangled(dbg, name, few, sizeof(few) / sizeof(*few));
	if (all)
		*all = n;
	if (n > sizeof(few) / sizeof(*few)) {
		if (n > MAX_NAMESAKES)
			n = MAX_NAMESAKES;
		syms = od_malloc(n * sizeof(*syms));
		n = od_debug_find(dbg, name, syms, n);
		if (n > MAX_NAMESAKES)
			n = MAX_NAMESAKES;
	}
	for (size_t i = 0; i < n; i++) {
		/* The same place under the same name twice is one symbol. */
		if (i && syms[i].addr == syms[i - 1].addr)
			continue;
		if (!fits(dbg, &syms[i], size))
			continue;
		if (fit < max)
			ret[fit] = syms[i];
		fit++;
	}
	if (syms != few)
		free(syms);
	return fit;
}
