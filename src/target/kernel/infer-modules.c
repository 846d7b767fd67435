/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * struct module without types. It has begun with its state, its place on the list and its name ever
 * since (include/linux/module.h, 2.6 to 7.x), so the list is recognized by its first entry, and the
 * rest by what must be so: its parts hold the struct itself, and its symbols' table follows the
 * pointer to it.
 */
#include <string.h>

#include "target/kernel/infer-internal.h"

enum {
	LIST = 8,
	NAME = 24,
	NAME_LEN = 56,
	HEAD = NAME + NAME_LEN,
	MAX_MODULE = 2048, /* bytes of struct module that are looked at */
	SAMPLES = 16,
	MAX_PART = 1 << 28,
	MAX_SYMBOLS = 1 << 20,
	MAX_TRIED = 500000, /* candidates for the head of the list; a kernel of 6.1 has 20000 */
};

struct sample {
	uint64_t addr;
	uint8_t bytes[MAX_MODULE];
};

struct search {
	struct od_kernel *k;
	uint64_t first, last, found;
	uint32_t tried; /* candidates */
	struct sample *sample;
	unsigned n;
};

static uint64_t word(const struct search *s, const struct sample *m, uint64_t at)
{
	return od_mem_number(s->k->mem, m->bytes + at, 8);
}

static uint32_t half(const struct search *s, const struct sample *m, uint64_t at)
{
	return (uint32_t)od_mem_number(s->k->mem, m->bytes + at, 4);
}

/* The beginning of a struct module: a state, and a name of its letters with zeros behind. */
static bool is_module(const struct od_kernel *k, const uint8_t *bytes)
{
	const char *name = (const char *)bytes + NAME;
	size_t len = strnlen(name, NAME_LEN);

	if (od_mem_number(k->mem, bytes, 4) > 3 || len < 2 || len == NAME_LEN)
		return false;
	for (size_t i = 0; i < NAME_LEN; i++)
		if (i < len ? !strchr("abcdefghijklmnopqrstuvwxyz_0123456789-"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ", name[i]) : name[i] != '\0')
			return false;
	return true;
}

/* Is the list_head at addr, whose two pointers are given, the head of the list of modules? */
static bool is_head(struct od_kernel *k, uint64_t addr, uint64_t next, uint64_t prev)
{
	uint8_t bytes[HEAD];

	if (!od_is_kernel_pointer(next) || !od_is_kernel_pointer(prev) || next == addr ||
	    od_mem_read(k->mem, next - LIST, bytes, sizeof(bytes)) != OD_MEM_OK ||
	    od_mem_number(k->mem, bytes + LIST + 8, 8) != addr || !is_module(k, bytes))
		return false;
	return od_mem_read(k->mem, prev - LIST, bytes, sizeof(bytes)) == OD_MEM_OK &&
	       od_mem_number(k->mem, bytes + LIST, 8) == addr && is_module(k, bytes);
}

static bool search_piece(void *ctx, uint64_t addr, const uint8_t *bytes, size_t len)
{
	struct search *s = ctx;

	for (size_t at = 0; at + 16 <= len && !s->found; at += 8) {
		uint64_t next = od_mem_number(s->k->mem, bytes + at, 8);
		uint64_t prev = od_mem_number(s->k->mem, bytes + at + 8, 8);

		/* Modules are not in the image. */
		if (next - s->first >= s->last - s->first &&
		    prev - s->first >= s->last - s->first && od_is_kernel_pointer(next) &&
		    od_is_kernel_pointer(prev) && s->tried++ < MAX_TRIED &&
		    is_head(s->k, addr + at, next, prev))
			s->found = addr + at;
	}
	return !s->found && s->tried < MAX_TRIED;
}

static bool take_sample(void *ctx, uint64_t addr)
{
	struct search *s = ctx;
	struct sample *m = &s->sample[s->n];
	size_t got;

	m->addr = addr;
	memset(m->bytes, 0, sizeof(m->bytes));
	s->k->mem->read(s->k->mem, OD_VIRT, addr, m->bytes, sizeof(m->bytes), &got);
	if (got < MAX_MODULE / 2 || !is_module(s->k, m->bytes))
		return false;
	return ++s->n < SAMPLES;
}

static bool is_part(uint64_t base, uint64_t size)
{
	return od_is_kernel_pointer(base) && base % 4096 == 0 && size && size % 4096 == 0 &&
	       size <= MAX_PART;
}

/* A part at this offset that the struct module itself lies in, of every sample. */
static bool holds_itself(const struct search *s, uint64_t at)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct sample *m = &s->sample[i];
		uint64_t base = word(s, m, at), size = half(s, m, at + 8);

		if (!is_part(base, size) || m->addr - base >= size)
			return false;
	}
	return s->n > 0;
}

/*
 * struct module_layout of 4.5 to 6.3: sizes of code, with constants, with what is constant after
 * init.
 */
static bool is_core_layout(const struct search *s, uint64_t at)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct sample *m = &s->sample[i];
		uint32_t size = half(s, m, at + 8), text = half(s, m, at + 12),
			 ro = half(s, m, at + 16);

		if (text % 4096 || ro % 4096 || text > ro || ro > size)
			return false;
	}
	return true;
}

/* mem[MOD_TEXT] is one struct module_memory ahead of mem[MOD_DATA]: how many bytes? 0: not found.
 */
static uint64_t stride_of(const struct search *s, uint64_t data)
{
	for (uint64_t stride = 16; stride <= 128 && stride + HEAD <= data; stride += 8) {
		unsigned i;

		for (i = 0; i < s->n; i++)
			if (!is_part(word(s, &s->sample[i], data - stride),
				     half(s, &s->sample[i], data - stride + 8)))
				break;
		if (i == s->n)
			return stride;
	}
	return 0;
}

static bool find_layout(struct search *s)
{
	static const char type[] = "struct module", memory[] = "struct module_memory";
	uint64_t at, stride;

	for (at = HEAD; at + 32 < MAX_MODULE && !holds_itself(s, at);)
		at += 8;
	if (at + 32 >= MAX_MODULE)
		return false;
	if (is_core_layout(s, at)) {
		od_infer_add(s->k, type, "core_layout.base", at, 8);
		od_infer_add(s->k, type, "core_layout.size", at + 8, 4);
		od_infer_add(s->k, type, "core_layout.text_size", at + 12, 4);
		od_infer_add(s->k, type, "core_layout.ro_size", at + 16, 4);
		return true;
	}
	stride = stride_of(s, at);
	if (!stride)
		return false;
	od_infer_add(s->k, type, "mem", at - stride, 7 * stride);
	od_infer_add(s->k, memory, "", 0, stride);
	od_infer_add(s->k, memory, "base", 0, 8);
	od_infer_add(s->k, memory, "size", 8, 4);
	return true;
}

/* kallsyms points to core_kallsyms, which comes next: symtab, num_symtab, strtab, typetab. */
static bool is_kallsyms(const struct search *s, uint64_t at)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct sample *m = &s->sample[i];

		if (word(s, m, at) != m->addr + at + 8 ||
		    !od_is_kernel_pointer(word(s, m, at + 8)) ||
		    half(s, m, at + 16) > MAX_SYMBOLS || word(s, m, at + 24) >> 56 != 0xff)
			return false;
	}
	return s->n > 0;
}

/*
 * Ahead of kallsyms are, since 2.6.20 and with CONFIG_GENERIC_BUG: taints, num_bugs, bug_list,
 * bug_table. It is so if bug_list is a list.
 */
static bool has_bugs(const struct search *s, uint64_t kallsyms)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct sample *m = &s->sample[i];
		uint64_t list = m->addr + kallsyms - 24, next = word(s, m, kallsyms - 24), back;

		if (!od_is_kernel_pointer(next) ||
		    od_mem_pointer(s->k->mem, next + 8, &back) != OD_MEM_OK || back != list ||
		    word(s, m, kallsyms - 40) >> 32)
			return false;
	}
	return true;
}

static void find_symbols(struct search *s)
{
	static const char type[] = "struct mod_kallsyms";

	for (uint64_t at = HEAD + 40; at + 48 < MAX_MODULE; at += 8) {
		if (!is_kallsyms(s, at))
			continue;
		od_infer_add(s->k, "struct module", "kallsyms", at, 8);
		od_infer_add(s->k, type, "symtab", 0, 8);
		od_infer_add(s->k, type, "num_symtab", 8, 4);
		od_infer_add(s->k, type, "strtab", 16, 8);
		od_infer_add(s->k, type, "typetab", 24, 8);
		if (has_bugs(s, at))
			od_infer_add(s->k, "struct module", "taints", at - 40, 8);
		return;
	}
}

static bool find_modules(struct od_kernel *k)
{
	struct sample *samples = od_arena_alloc(&k->arena, SAMPLES * sizeof(*samples));
	struct search s = { .k = k, .sample = samples };
	uint64_t next, prev;

	s.found = od_kernel_symbol(k, "modules");
	if (!s.found)
		od_infer_scan(k, search_piece, &s, &s.first, &s.last);
	if (!s.found || od_mem_u64(k->mem, s.found, &next) != OD_MEM_OK ||
	    od_mem_u64(k->mem, s.found + 8, &prev) != OD_MEM_OK || !is_head(k, s.found, next, prev))
		return false;
	od_kernel_list(k, s.found, LIST, SAMPLES, take_sample, &s);
	if (!find_layout(&s))
		return false;
	od_kernel_add_symbol(k, "modules", s.found);
	od_infer_add(k, "struct module", "list", LIST, 16);
	od_infer_add(k, "struct module", "name", NAME, NAME_LEN);
	od_infer_add(k, "struct module", "state", 0, 4);
	find_symbols(&s);
	return true;
}

bool od_infer_modules(struct od_kernel *k)
{
	struct od_inferred *state = od_infer_state(k);

	if (!state->modules_tried && !od_kernel_types(k) && k->mem->pointer_size == 8) {
		state->modules_tried = true;
		state->modules_found = find_modules(k);
	}
	return state->modules_found;
}
