/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbols/modsyms.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/cursor.h"
#include "model/limits.h"
#include "symbols/symtab.h"

enum {
	MAX_ONE_SYMTAB = 512 << 10, /* symbols of one module */
	MAX_ONE_STRTAB = 32 << 20,  /* bytes */
	MAX_HOLES = 64,		    /* unreadable pages of one table, after which it is given up */
	MAX_SAME_NAME = 4096,	    /* symbols of one name or hash that a look-up goes through */
	MAX_DATA = 1 << 20,	    /* bytes up to the next symbol, for one that tells no size */
	HOLE = 1, /* stands for unreadable bytes: in no name, no type, no section */
};

void od_modsyms_init(struct od_modsyms *ms)
{
	memset(ms, 0, sizeof(*ms));
	ms->bytes_left = OD_MAX_MODSYM_READ;
}

void od_modsyms_deinit(struct od_modsyms *ms)
{
	for (uint32_t i = 0; i < ms->nmodules; i++)
		free(ms->modules[i].name);
	free(ms->modules);
	free(ms->syms);
	free(ms->names);
	free(ms->order);
	od_name_index_deinit(&ms->index);
	od_modsyms_init(ms);
}

/* --- reading --------------------------------------------------------------------- */

/*
 * *len bytes, unreadable ones as HOLE; *len becomes what there is up to the last readable one.
 * NULL: nothing of it, or the budget is spent.
 */
static uint8_t *read_table(struct od_modsyms *ms, struct od_memory *mem, uint64_t addr, size_t *len)
{
	const uint64_t page = mem->page_size;
	size_t pos = 0, end = 0, got;
	unsigned holes = 0;
	uint8_t *data;

	if (!*len || *len > ms->bytes_left)
		return NULL;
	data = od_malloc(*len);
	while (pos < *len && holes++ < MAX_HOLES) {
		size_t skip;

		if (mem->read(mem, OD_VIRT, addr + pos, data + pos, *len - pos, &got) == OD_MEM_OK)
			got = *len - pos;
		pos += got;
		if (got)
			end = pos;
		skip = page - (addr + pos) % page;
		if (skip > *len - pos)
			skip = *len - pos;
		memset(data + pos, HOLE, skip);
		pos += skip;
	}
	*len = end;
	ms->bytes_left -= end;
	if (end)
		return data;
	free(data);
	return NULL;
}

struct elf_symbol {
	uint64_t value, size;
	uint32_t name;
	uint16_t section;
	uint8_t info;
};

static void parse(const struct od_memory *mem, const uint8_t *p, struct elf_symbol *ret)
{
	ret->name = (uint32_t)od_mem_number(mem, p, 4);
	if (mem->pointer_size == 4) {
		ret->value = od_mem_number(mem, p + 4, 4);
		ret->size = od_mem_number(mem, p + 8, 4);
		ret->info = p[12];
		ret->section = (uint16_t)od_mem_number(mem, p + 14, 2);
	} else {
		ret->info = p[4];
		ret->section = (uint16_t)od_mem_number(mem, p + 6, 2);
		ret->value = od_mem_number(mem, p + 8, 8);
		ret->size = od_mem_number(mem, p + 16, 8);
	}
}

/*
 * nm's letter: of typetab (5.2); before, the kernel had put it into st_info, from 5.0 to 5.1 into
 * st_size. What the linker writes into st_info is no letter.
 */
static char type_of(struct elf_symbol *sym, const uint8_t *types, size_t ntypes, uint32_t i)
{
	if (types)
		return i < ntypes && od_is_alpha((char)types[i]) ? (char)types[i] : '?';
	if (od_is_alpha((char)sym->info))
		return (char)sym->info;
	if (sym->size < 128 && od_is_alpha((char)sym->size)) {
		char type = (char)sym->size;

		sym->size = 0;
		return type;
	}
	return '?';
}

/*
 * "$x", "$d.12": what an assembler puts where code and data change. The kernel passes over them
 * too.
 */
static bool is_mapping(const char *name)
{
	return name[0] == '$' && name[1] && strchr("adtx", name[1]) && (!name[2] || name[2] == '.');
}

/* Keep the name at p, at most left bytes. False: it is none that can be shown, or unreadable. */
static bool keep_name(struct od_modsyms *ms, const char *p, size_t left, uint32_t *ret)
{
	static const char mark[] = "...";
	size_t max = left < OD_SYMBOL_NAME ? left : OD_SYMBOL_NAME;
	size_t len = strnlen(p, max);
	bool cut = len == OD_SYMBOL_NAME;
	char *copy;

	if (!len || (len == max && !cut) || is_mapping(p))
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)p[i] <= ' ' || p[i] == 0x7f)
			return false;
	if (cut)
		len--;
	if (ms->names_len + len + 1 > ms->names_cap) {
		if (ms->names_len + len + 1 > OD_MAX_MODSYM_NAMES)
			return false;
		ms->names_cap = (uint32_t)(ms->names_len + len + 1) * 2;
		ms->names = od_realloc(ms->names, ms->names_cap);
	}
	*ret = ms->names_len;
	copy = ms->names + ms->names_len;
	memcpy(copy, p, len);
	copy[len] = '\0';
	if (cut)
		memcpy(copy + len - sizeof(mark) + 1, mark, sizeof(mark) - 1);
	ms->names_len += (uint32_t)len + 1;
	return true;
}

static struct od_modsym *new_symbol(struct od_modsyms *ms)
{
	if (ms->n == ms->cap) {
		ms->cap = ms->cap ? ms->cap * 2 : 4096;
		ms->syms = od_realloc(ms->syms, ms->cap * sizeof(*ms->syms));
	}
	return &ms->syms[ms->n++];
}

static uint16_t new_module(struct od_modsyms *ms, const char *name, uint64_t text, uint64_t size)
{
	if (ms->nmodules == ms->modules_cap) {
		ms->modules_cap = ms->modules_cap ? ms->modules_cap * 2 : 64;
		ms->modules = od_realloc(ms->modules, ms->modules_cap * sizeof(*ms->modules));
	}
	ms->modules[ms->nmodules] = (struct od_module_text){ od_strdup(name), text, size };
	return (uint16_t)ms->nmodules++;
}

/* Bytes of names: as told, or up to the table after them, at most as far as any name may go. */
static size_t strtab_len(const struct od_memory *mem, const uint8_t *data, uint32_t count,
			 size_t width, uint64_t strtab, uint64_t size, uint64_t typetab)
{
	uint64_t need = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct elf_symbol sym;

		parse(mem, data + i * width, &sym);
		if (sym.section && sym.name > need && sym.name < MAX_ONE_STRTAB)
			need = sym.name;
	}
	need += OD_SYMBOL_NAME;
	if (!size && typetab > strtab)
		size = typetab - strtab;
	return (size_t)(size && size < need ? size : need);
}

uint32_t od_modsyms_add(struct od_modsyms *ms, struct od_memory *mem, const char *name,
			uint64_t symtab, uint64_t count, uint64_t strtab, uint64_t strtab_size,
			uint64_t typetab, uint64_t text, uint64_t size)
{
	const size_t width = mem->pointer_size == 4 ? 16 : 24;
	const uint32_t before = ms->n;
	size_t len = (size_t)(count < MAX_ONE_SYMTAB ? count : MAX_ONE_SYMTAB) * width, ntypes;
	od_autofree uint8_t *data = NULL, *types = NULL;
	od_autofree char *strings = NULL;
	uint16_t module;
	uint32_t n;

	if (ms->nmodules >= OD_MAX_MODULES)
		return 0;
	module = new_module(ms, name, text, size);
	data = read_table(ms, mem, symtab, &len);
	if (!data)
		return 0;
	n = (uint32_t)(len / width);
	len = strtab_len(mem, data, n, width, strtab, strtab_size, typetab);
	strings = (char *)read_table(ms, mem, strtab, &len);
	ntypes = n;
	types = typetab ? read_table(ms, mem, typetab, &ntypes) : NULL;
	for (uint32_t i = 0; strings && i < n && ms->n < OD_MAX_MODSYMS; i++) {
		struct elf_symbol sym;
		struct od_modsym *s;
		uint32_t pos;

		parse(mem, data + i * width, &sym);
		if (!sym.section || sym.section == 0x0101 * HOLE || sym.name >= len ||
		    !keep_name(ms, strings + sym.name, len - sym.name, &pos))
			continue;
		s = new_symbol(ms);
		*s = (struct od_modsym){ .addr = sym.value, .name = pos, .module = module,
					 .type = type_of(&sym, types, ntypes, i) };
		s->size = sym.size;
		s->number = text >> 63 && !(sym.value >> 63);
	}
	ms->ready = false;
	return ms->n - before;
}

/* --- looking up ------------------------------------------------------------------ */

static void prepare(struct od_modsyms *ms)
{
	uint64_t *addr;

	if (ms->ready)
		return;
	addr = od_malloc(ms->n * sizeof(*addr));
	ms->order = od_realloc(ms->order, ms->n * sizeof(*ms->order));
	ms->index.hash = od_realloc(ms->index.hash, ms->n * sizeof(*ms->index.hash));
	for (uint32_t i = 0; i < ms->n; i++) {
		const char *name = ms->names + ms->syms[i].name;

		addr[i] = ms->syms[i].addr;
		ms->index.hash[i] = od_hash_name(name, strlen(name));
	}
	od_sort_addresses(addr, ms->order, ms->n);
	free(addr);
	od_name_index_build(&ms->index, ms->n);
	ms->ready = true;
}

/* How many symbols by address are below limit. */
static uint32_t below(const struct od_modsyms *ms, uint64_t limit)
{
	uint32_t lo = 0, hi = ms->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (ms->syms[ms->order[mid]].addr < limit)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

uint64_t od_modsyms_size(struct od_modsyms *ms, uint32_t i)
{
	const struct od_modsym *s = &ms->syms[i], *next = NULL;
	const struct od_module_text *m = &ms->modules[s->module];
	uint64_t to_next = 0;
	uint32_t pos;

	prepare(ms);
	pos = s->addr == UINT64_MAX ? ms->n : below(ms, s->addr + 1);
	if (pos < ms->n)
		next = &ms->syms[ms->order[pos]];
	if (next && next->module == s->module)
		to_next = next->addr - s->addr;
	if (s->addr >= m->start && s->addr - m->start < m->size) {
		uint64_t to_end = m->size - (s->addr - m->start);

		return to_next && to_next < to_end ? to_next : to_end;
	}
	if (s->size)
		return s->size;
	return to_next < MAX_DATA ? to_next : 0;
}

uint32_t od_modsyms_at(struct od_modsyms *ms, uint64_t addr, uint64_t *size)
{
	const struct od_modsym *s;
	uint32_t pos, i;

	prepare(ms);
	pos = addr == UINT64_MAX ? ms->n : below(ms, addr + 1);
	if (!pos)
		return OD_INDEX_END;
	i = ms->order[below(ms, ms->syms[ms->order[pos - 1]].addr)];
	s = &ms->syms[i];
	*size = od_modsyms_size(ms, i);
	if (s->number || addr - s->addr >= (*size ? *size : 1))
		return OD_INDEX_END;
	return i;
}

uint32_t od_modsyms_find(struct od_modsyms *ms, const char *name, const char *module)
{
	uint32_t i, first = OD_INDEX_END, left = MAX_SAME_NAME;

	prepare(ms);
	i = od_name_index_first(&ms->index, od_hash_name(name, strlen(name)));
	for (; i != OD_INDEX_END && left; i = od_name_index_next(&ms->index, i), left--) {
		const struct od_modsym *s = &ms->syms[i];

		if (strcmp(ms->names + s->name, name) != 0 ||
		    (module && strcmp(ms->modules[s->module].name, module) != 0))
			continue;
		if (s->type >= 'A' && s->type <= 'Z')
			return i;
		if (first == OD_INDEX_END)
			first = i;
	}
	return first;
}
