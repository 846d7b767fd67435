/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Symbols of a debug file. The table stays in the file and is read where it lies: the first
 * questions pass over it (0.3 ms for a kernel's 118,000), and only who asks more gets a hash and an
 * order, which take ten times that.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "symbols/debug-internal.h"

enum {
	PASSES = 6,		/* questions that are answered by a pass */
	MAX_SYMBOLS = 16 << 20,
	MAX_NAME = 4096,	/* bytes; names of C++ may be long */
	HASHED = 256,		/* bytes of a name: they may lie in each other */
	MAX_SAME_NAME = 4096,	/* symbols of one name or hash that a look-up goes through */
	MAX_SAME_ADDR = 256,	/* symbols of one address that are compared */
};

static const struct od_elf_section *table_of(const struct od_elf *elf, uint32_t type)
{
	for (uint32_t i = 1; i < elf->nsections; i++)
		if (elf->sections[i].type == type && elf->sections[i].data &&
		    elf->sections[i].link < elf->nsections &&
		    elf->sections[elf->sections[i].link].data)
			return &elf->sections[i];
	return NULL;
}

void od_debug_symbols_init(struct od_debug *dbg)
{
	struct od_debug_symbols *syms = &dbg->syms;
	const struct od_elf *elf = &dbg->elf;
	size_t n;

	syms->table = table_of(elf, SHT_SYMTAB);
	if (!syms->table)
		syms->table = table_of(elf, SHT_DYNSYM);
	if (!syms->table)
		return;
	syms->strings = &elf->sections[syms->table->link];
	n = syms->table->len / od_elf_symbol_size(elf);
	syms->n = (uint32_t)(n < MAX_SYMBOLS ? n : MAX_SYMBOLS);
}

void od_debug_symbols_deinit(struct od_debug *dbg)
{
	od_name_index_deinit(&dbg->syms.index);
	free(dbg->syms.addr);
	free(dbg->syms.order);
}

bool od_debug_has_symbols(const struct od_debug *dbg)
{
	return dbg->syms.n > 1;
}

/* --- one entry ------------------------------------------------------------------- */

static void entry(const struct od_debug *dbg, uint32_t i, struct od_elf_symbol *ret)
{
	od_elf_symbol(&dbg->elf, dbg->syms.table->data + i * od_elf_symbol_size(&dbg->elf), ret);
}

/* The section that a symbol lies in; NULL: in none that gets an address. */
static const struct od_elf_section *section_of(const struct od_debug *dbg,
					       const struct od_elf_symbol *sym)
{
	const struct od_elf_section *sec;
	const unsigned type = ELF64_ST_TYPE(sym->info);

	if (!sym->section || sym->section >= dbg->elf.nsections || type == STT_SECTION ||
	    type == STT_FILE || type == STT_TLS)
		return NULL;
	sec = &dbg->elf.sections[sym->section];
	return sec->flags & SHF_ALLOC ? sec : NULL;
}

static uint64_t address(const struct od_debug *dbg, const struct od_elf_section *sec,
			const struct od_elf_symbol *sym)
{
	return dbg->elf.type == ET_REL ? sec->addr + sym->value : sym->value;
}

/*
 * Its name; NULL: none that ends, or one that kallsyms passes over too (scripts/kallsyms.c): ".L1",
 * "L0\1", and "$x" that marks where code and data change.
 */
static const char *name_of(const struct od_debug *dbg, const struct od_elf_symbol *sym)
{
	const struct od_elf_section *str = dbg->syms.strings;
	const char *name;
	size_t left;

	if (!sym->name || sym->name >= str->len)
		return NULL;
	name = (const char *)str->data + sym->name;
	left = str->len - sym->name;
	if (!*name || (name[0] == '.' && name[1] == 'L') || name[0] == '$' ||
	    (name[0] == 'L' && name[1] == '0' && name[2] == '\1'))
		return NULL;
	return memchr(name, '\0', left < MAX_NAME ? left : MAX_NAME) ? name : NULL;
}

/* --- order of addresses ---------------------------------------------------------- */

static void sort(struct od_debug *dbg)
{
	struct od_debug_symbols *syms = &dbg->syms;
	uint64_t *raw, *sorted;
	uint32_t *number, *order, n = 0;

	if (syms->addr)
		return;
	raw = od_malloc(syms->n * sizeof(*raw));
	number = od_malloc(syms->n * sizeof(*number));
	for (uint32_t i = 1; i < syms->n; i++) {
		struct od_elf_symbol sym;
		const struct od_elf_section *sec;

		entry(dbg, i, &sym);
		sec = section_of(dbg, &sym);
		if (!sec || !name_of(dbg, &sym))
			continue;
		raw[n] = address(dbg, sec, &sym);
		number[n++] = i;
	}
	order = od_malloc(n * sizeof(*order));
	sorted = od_malloc(n * sizeof(*sorted));
	od_sort_addresses(raw, order, n);
	for (uint32_t i = 0; i < n; i++) {
		sorted[i] = raw[order[i]];
		order[i] = number[order[i]];
	}
	free(raw);
	free(number);
	syms->addr = sorted;
	syms->order = order;
	syms->naddr = n;
}

/* How many of the sorted addresses are at or below addr. */
static uint32_t up_to(const struct od_debug_symbols *syms, uint64_t addr)
{
	uint32_t lo = 0, hi = syms->naddr;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (syms->addr[mid] <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct around {
	uint64_t at, next; /* UINT64_MAX: nothing is above */
	bool found;
};

/* The greatest address of a symbol at or below addr, and the least above it. */
static struct around look_around(struct od_debug *dbg, uint64_t addr)
{
	struct od_debug_symbols *syms = &dbg->syms;
	struct around ret = { .next = UINT64_MAX };

	if (!syms->addr && syms->asked++ >= PASSES)
		sort(dbg);
	if (syms->addr) {
		uint32_t pos = up_to(syms, addr);

		if (pos)
			ret = (struct around){ syms->addr[pos - 1], UINT64_MAX, true };
		if (pos < syms->naddr)
			ret.next = syms->addr[pos];
		return ret;
	}
	for (uint32_t i = 1; i < syms->n; i++) {
		struct od_elf_symbol sym;
		const struct od_elf_section *sec;
		uint64_t at;

		entry(dbg, i, &sym);
		sec = section_of(dbg, &sym);
		if (!sec)
			continue;
		at = address(dbg, sec, &sym);
		if ((at <= addr && ret.found && at <= ret.at) || (at > addr && at >= ret.next) ||
		    !name_of(dbg, &sym))
			continue;
		if (at > addr) {
			ret.next = at;
		} else {
			ret.at = at;
			ret.found = true;
		}
	}
	return ret;
}

static bool fill(const struct od_debug *dbg, uint32_t i, struct od_debug_symbol *ret)
{
	struct od_elf_symbol sym;
	const struct od_elf_section *sec;

	entry(dbg, i, &sym);
	sec = section_of(dbg, &sym);
	if (!sec)
		return false;
	*ret = (struct od_debug_symbol){ .name = name_of(dbg, &sym), .size = sym.size,
					 .addr = address(dbg, sec, &sym),
					 .function = ELF64_ST_TYPE(sym.info) == STT_FUNC,
					 .global = ELF64_ST_BIND(sym.info) != STB_LOCAL };
	return ret->name;
}

/* Up to the next symbol, but not beyond the section. */
static void set_extent(struct od_debug *dbg, uint32_t i, uint64_t next, struct od_debug_symbol *ret)
{
	struct od_elf_symbol sym;
	const struct od_elf_section *sec;
	uint64_t end;

	entry(dbg, i, &sym);
	sec = section_of(dbg, &sym);
	end = sec->addr + sec->size;
	if (next < end)
		end = next;
	ret->extent = end > ret->addr ? end - ret->addr : 0;
	if (!ret->size)
		ret->size = ret->extent;
}

/* --- by address ------------------------------------------------------------------ */

/*
 * Of symbols with the same address kallsyms has the first by these rules: weak ones last, then
 * fewer underscores in front (compare_symbols() in scripts/kallsyms.c).
 */
static unsigned rank(const char *name, uint8_t info)
{
	const unsigned type = ELF64_ST_TYPE(info);
	unsigned underscores = (unsigned)strspn(name, "_");

	return (ELF64_ST_BIND(info) == STB_WEAK ? 512 : 0) + (type == STT_NOTYPE ? 256 : 0) +
	       (underscores < 255 ? underscores : 255);
}

struct best {
	uint32_t i;
	unsigned rank;
	bool found;
};

static void consider(const struct od_debug *dbg, uint32_t i, uint64_t at, struct best *best)
{
	struct od_elf_symbol sym;
	const struct od_elf_section *sec;
	const char *name;
	unsigned r;

	entry(dbg, i, &sym);
	sec = section_of(dbg, &sym);
	if (!sec || address(dbg, sec, &sym) != at)
		return;
	name = name_of(dbg, &sym);
	if (!name)
		return;
	r = rank(name, sym.info);
	if (!best->found || r < best->rank)
		*best = (struct best){ i, r, true };
}

bool od_debug_at(struct od_debug *dbg, uint64_t addr, struct od_debug_symbol *ret)
{
	const struct od_debug_symbols *syms = &dbg->syms;
	struct around near = look_around(dbg, addr);
	struct best best = { 0 };

	if (!near.found)
		return false;
	if (syms->addr) {
		uint32_t pos = up_to(syms, addr);

		for (uint32_t k = 0; k < pos && k < MAX_SAME_ADDR; k++) {
			if (syms->addr[pos - 1 - k] != near.at)
				break;
			consider(dbg, syms->order[pos - 1 - k], near.at, &best);
		}
	} else {
		for (uint32_t i = 1; i < syms->n; i++)
			consider(dbg, i, near.at, &best);
	}
	if (!best.found || !fill(dbg, best.i, ret))
		return false;
	set_extent(dbg, best.i, near.next, ret);
	return addr - ret->addr < (ret->extent > ret->size ? ret->extent : ret->size);
}

/* --- by name --------------------------------------------------------------------- */

static void hash_names(struct od_debug *dbg)
{
	struct od_debug_symbols *syms = &dbg->syms;

	if (syms->index.hash)
		return;
	syms->index.hash = od_calloc(syms->n, sizeof(*syms->index.hash));
	for (uint32_t i = 1; i < syms->n; i++) {
		struct od_elf_symbol sym;
		const char *name;

		entry(dbg, i, &sym);
		name = section_of(dbg, &sym) ? name_of(dbg, &sym) : NULL;
		if (name)
			syms->index.hash[i] = od_hash_name(name, strnlen(name, HASHED));
	}
	od_name_index_build(&syms->index, syms->n);
}

struct found {
	uint32_t i;
	uint64_t addr;
};

static bool is_named(const struct od_debug *dbg, uint32_t i, const char *name, size_t len,
		     struct found *ret)
{
	const struct od_elf_section *str = dbg->syms.strings, *sec;
	struct od_elf_symbol sym;

	entry(dbg, i, &sym);
	if (sym.name >= str->len || str->len - sym.name <= len ||
	    (char)str->data[sym.name] != *name ||
	    memcmp(str->data + sym.name, name, len + 1) != 0)
		return false;
	sec = section_of(dbg, &sym);
	if (!sec || !name_of(dbg, &sym))
		return false;
	*ret = (struct found){ i, address(dbg, sec, &sym) };
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

/* All of that name, at most MAX_SAME_NAME; the caller frees them. */
static struct found *collect(struct od_debug *dbg, const char *name, size_t *ret)
{
	struct od_debug_symbols *syms = &dbg->syms;
	const size_t len = strlen(name);
	struct found *list = NULL, one;
	size_t n = 0, cap = 0;
	uint32_t i = 1, left = MAX_SAME_NAME;
	bool hashed;

	if (!syms->index.hash && syms->asked++ >= PASSES)
		hash_names(dbg);
	hashed = syms->index.hash;
	if (hashed)
		i = od_name_index_first(&syms->index, od_hash_name(name, len < HASHED ? len : HASHED));
	while (i != OD_INDEX_END && i < syms->n && left) {
		if (is_named(dbg, i, name, len, &one)) {
			if (n == cap) {
				cap = cap ? cap * 2 : 8;
				list = od_realloc(list, cap * sizeof(*list));
			}
			list[n++] = one;
		}
		left -= hashed || (n && list[n - 1].i == i);
		i = hashed ? od_name_index_next(&syms->index, i) : i + 1;
	}
	if (n > 1)
		qsort(list, n, sizeof(*list), by_address);
	*ret = n;
	return list;
}

size_t od_debug_find(struct od_debug *dbg, const char *name, struct od_debug_symbol *ret,
		     size_t max)
{
	struct found *list;
	size_t n;

	if (!*name || !dbg->syms.n)
		return 0;
	list = collect(dbg, name, &n);
	for (size_t k = 0; k < n && k < max; k++) {
		fill(dbg, list[k].i, &ret[k]);
		set_extent(dbg, list[k].i, look_around(dbg, list[k].addr).next, &ret[k]);
	}
	free(list);
	return n;
}

/* --- by number ------------------------------------------------------------------- */

const char *od_debug_symbol_name(const struct od_debug *dbg, uint32_t i)
{
	struct od_elf_symbol sym;

	entry(dbg, i, &sym);
	return section_of(dbg, &sym) ? name_of(dbg, &sym) : NULL;
}

bool od_debug_symbol_nth(struct od_debug *dbg, uint32_t i, struct od_debug_symbol *ret)
{
	if (!fill(dbg, i, ret))
		return false;
	set_extent(dbg, i, look_around(dbg, ret->addr).next, ret);
	return true;
}
