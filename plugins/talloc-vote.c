/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which talloc is it? Pointers of variables, registers and of the stack are tried with the header
 * of each version in front. One whose links lead to chunks that lead back, with the same magic, is
 * proof; the magic of most of them is that of the process.
 */
#define _GNU_SOURCE
#include <stdlib.h>

#include "talloc-heap.h"

enum { MAX_BALLOTS = 64 };

struct ballot {
	const struct layout *layout;
	uint32_t magic;
	uint32_t strong, weak, broken; /* chunks with right links, without any, with wrong ones */
};

struct vote {
	struct ballot ballots[MAX_BALLOTS];
	uint32_t n;
	uint32_t stamps64, stamps32; /* freed chunks of the newest versions */
};

/* --- the pointers --------------------------------------------------------------------------- */

/*
 * Bytes of a pointer and their order, by the names that reports have for architectures; what a name
 * leaves open is tried.
 */
struct machine {
	const char *arch, *sp;
	uint8_t width; /* 0: either */
	enum { LITTLE, BIG, EITHER } order;
};

static const struct machine machines[] = {
	{"x86_64", "rsp", 8, LITTLE}, {"i386", "esp", 4, LITTLE},     {"arm64", "sp", 8, LITTLE},
	{"aarch64", "sp", 8, LITTLE}, {"arm", "sp", 4, EITHER},	      {"riscv", "sp", 0, LITTLE},
	{"powerpc", "r1", 0, EITHER}, {"s390", "r15", 8, BIG},	      {"s390x", "r15", 8, BIG},
	{"mips", "sp", 0, EITHER},    {"loongarch", "sp", 8, LITTLE}, {"ppc64le", "r1", 8, LITTLE},
};
static const struct machine any_machine = {NULL, "rsp", 0, EITHER};

static const struct machine *machine_of(const struct heap *h)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (same(h->m->c->info.arch, machines[i].arch))
			return &machines[i];
	return &any_machine;
}

static struct object *add_object(struct heap *h, uint64_t ptr)
{
	struct object *o;

	if (h->nobjects >= MAX_OBJECTS || ptr % 8 || !heap_is_address(ptr, h->width ? h->width : 8))
		return NULL;
	o = &h->objects[h->nobjects++];
	*o = (struct object){.ptr = ptr, .var = NO_VAR, .node = NO_NODE};
	return o;
}

static void add_variables(struct heap *h)
{
	const struct model *m = h->m;

	for (uint32_t i = 0; i < m->npointers; i++) {
		const struct var *v = &m->vars[m->by_value[i]];
		struct object *o;

		/* by_value has the variables of one number in a row, the innermost first. */
		if (i && m->vars[m->by_value[i - 1]].number == v->number)
			continue;
		if (v->symbol || v->string || model_in_text(m, v->number))
			continue;
		o = add_object(h, v->number);
		if (o)
			o->var = m->by_value[i];
	}
}

static void add_register(struct heap *h, const char *name)
{
	struct od_plugin_register r;
	struct object *o = reg(h->m->c, name, &r) ? add_object(h, r.value) : NULL;

	if (o)
		snprintf(o->reg, sizeof(o->reg), "%s", name);
}

static void add_registers(struct heap *h, const struct machine *machine)
{
	static const char *const names[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp",
					    "eax", "ebx", "ecx", "edx", "esi", "edi", "ebp"};
	static const struct {
		char prefix;
		unsigned n;
	} rows[] = {{'r', 32}, {'x', 31}, {'a', 8}, {'s', 12}, {'t', 9}, {'v', 2}};
	struct od_plugin_register r;
	char name[16];

	if (reg(h->m->c, machine->sp, &r))
		h->sp = r.value;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		add_register(h, names[i]);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		for (unsigned k = 0; k < rows[i].n; k++) {
			snprintf(name, sizeof(name), "%c%u", rows[i].prefix, k);
			add_register(h, name);
		}
	}
}

/*
 * Where neither program nor library has debug information nobody says what is a pointer; each word
 * of the stack may be one. Old ones are among them, so that they prove nothing but that there is a
 * chunk.
 */
static void add_stack(struct heap *h)
{
	const unsigned width = h->width ? h->width : 8;
	uint8_t buf[1024];

	for (uint64_t at = h->sp / width * width; h->sp && at < h->sp + MAX_STACK_BYTES;
	     at += sizeof(buf)) {
		if (at < h->sp / width * width || !heap_read(h, at, buf, sizeof(buf)))
			break;
		for (size_t i = 0; i < sizeof(buf); i += width) {
			const uint64_t v = heap_pointer(h, at + i, width);
			struct object *o;

			if (v % (2 * width) || v - h->sp < (8u << 20) || model_in_text(h->m, v))
				continue;
			o = add_object(h, v);
			if (o)
				o->on_stack = true;
		}
	}
}

/* One pointer once: as a variable rather than in a register rather than on the stack. */
static int by_ptr(const void *a, const void *b)
{
	const struct object *x = a, *y = b;

	if (x->ptr != y->ptr)
		return x->ptr < y->ptr ? -1 : 1;
	if ((x->var == NO_VAR) != (y->var == NO_VAR))
		return x->var == NO_VAR ? 1 : -1;
	return (int)x->on_stack - (int)y->on_stack;
}

static void sort_objects(struct heap *h)
{
	uint32_t n = 0;

	qsort(h->objects, h->nobjects, sizeof(*h->objects), by_ptr);
	for (uint32_t i = 0; i < h->nobjects; i++) {
		if (n && h->objects[n - 1].ptr == h->objects[i].ptr) {
			if (!h->objects[n - 1].reg[0])
				memcpy(h->objects[n - 1].reg, h->objects[i].reg,
				       sizeof(h->objects[i].reg));
			continue;
		}
		h->objects[n++] = h->objects[i];
	}
	h->nobjects = n;
}

struct object *heap_object(struct heap *h, uint64_t ptr)
{
	uint32_t lo = 0, hi = h->nobjects;

	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;

		if (h->objects[mid].ptr < ptr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < h->nobjects && h->objects[lo].ptr == ptr ? &h->objects[lo] : NULL;
}

/* --- the vote ------------------------------------------------------------------------------- */

/* 1: the neighbour leads back and has the same magic; 0: there is none; -1: it does not. */
static int link_of(struct heap *h, const struct layout *l, const struct chunk *c, uint64_t to,
		   size_t back)
{
	struct chunk n;

	if (!to)
		return 0;
	if (!chunk_read(h, l, to, &n) || (n.flags & ~FLAG_MASK) != (c->flags & ~FLAG_MASK))
		return -1;
	return *(const uint64_t *)((const char *)&n + back) == c->at ? 1 : -1;
}

/* How many links prove the chunk; -1: none does, and one is wrong. One may be damaged. */
static int links_of(struct heap *h, const struct layout *l, const struct chunk *c)
{
	const struct {
		uint64_t to;
		size_t back;
	} links[] = {
		{c->next, offsetof(struct chunk, prev)},
		{c->prev, offsetof(struct chunk, next)},
		{c->parent, offsetof(struct chunk, child)},
		{c->child, offsetof(struct chunk, parent)},
	};
	int good = 0, wrong = 0;

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		const int link = link_of(h, l, c, links[i].to, links[i].back);

		good += link > 0;
		wrong += link < 0;
	}
	return good ? good : -wrong;
}

static struct ballot *ballot_of(struct vote *v, const struct layout *l, uint32_t magic)
{
	for (uint32_t i = 0; i < v->n; i++)
		if (v->ballots[i].layout == l && v->ballots[i].magic == magic)
			return &v->ballots[i];
	if (v->n == MAX_BALLOTS)
		return NULL;
	v->ballots[v->n] = (struct ballot){l, magic, 0, 0, 0};
	return &v->ballots[v->n++];
}

static void try_chunk(struct heap *h, struct vote *v, const struct layout *l, uint64_t at)
{
	const bool stack = h->sp && at - h->sp < (8u << 20);
	char name[NAME_SIZE];
	unsigned minor, release;
	struct ballot *b;
	struct chunk c;
	int links;

	if (stack || !chunk_read(h, l, at, &c) || c.size >= TALLOC_MAX_SIZE)
		return;
	if (!l->magic && stamp_version(c.flags, &minor, &release) &&
	    chunk_name(h, &c, name, sizeof(name))) {
		if (l->width == 8)
			v->stamps64++;
		else
			v->stamps32++;
		return;
	}
	if (!(c.flags & ~FLAG_MASK) || (l->magic && l->magic != (c.flags & ~FLAG_MASK)))
		return;
	if ((c.flags & FLAG_FREE) && (!l->magic || !chunk_name(h, &c, name, sizeof(name))))
		return;
	links = links_of(h, l, &c);
	/* A fixed magic where it has to be is no chance: wrong links are damage then. */
	if (links <= 0 && !l->magic &&
	    (c.flags < MIN_POINTER || (c.name != 1 && !chunk_name(h, &c, name, sizeof(name)))))
		return;
	b = ballot_of(v, l, c.flags & ~FLAG_MASK);
	if (b && (links > 0 || l->magic))
		b->strong++;
	else if (b && links < 0)
		b->broken++;
	else if (b)
		b->weak++;
}

static bool speaks(const struct model *m)
{
	for (uint32_t i = 0; i < m->nframes; i++)
		if (m->frames[i].talloc)
			return true;
	return false;
}

static void decide(struct heap *h, const struct vote *v)
{
	/* A chunk without relatives looks like much else: two must agree, or talloc be on the
	 * stack. */
	const uint32_t weak_needed = speaks(h->m) ? 1 : 2;
	const struct ballot *best = NULL;
	size_t n;

	for (uint32_t i = 0; i < v->n; i++) {
		const struct ballot *b = &v->ballots[i];

		/* Two with one magic are none by chance, even if their links are damaged. */
		if (!b->strong && b->weak < weak_needed && b->weak + b->broken < 2)
			continue;
		if (!best || b->strong > best->strong ||
		    (b->strong == best->strong && b->weak + b->broken > best->weak + best->broken))
			best = b;
	}
	if (best) {
		h->layout = best->layout;
		h->magic = best->magic;
		h->votes = best->strong + best->weak;
	} else if (v->stamps64 || v->stamps32) {
		h->layout = layouts(&n);
		while (h->layout->magic || h->layout->width != (v->stamps64 >= v->stamps32 ? 8 : 4))
			h->layout++;
	} else {
		return;
	}
	h->width = h->layout->width;
	snprintf(h->version, sizeof(h->version), "%s", h->layout->versions);
}

/* libtalloc's own variable points to the chunk, not to the object. */
static bool is_chunk_var(const struct heap *h, const struct object *o)
{
	const struct var *v = o->var == NO_VAR ? NULL : &h->m->vars[o->var];

	return v && v->number == o->ptr && h->m->frames[v->frame].talloc && same(v->name, "tc");
}

static void find_in_order(struct heap *h, const struct machine *machine)
{
	struct vote v = {.n = 0};
	size_t nrows;
	const struct layout *rows = layouts(&nrows);

	h->width = machine->width;
	h->nobjects = 0;
	add_variables(h);
	add_registers(h, machine);
	add_stack(h);
	sort_objects(h);
	for (uint32_t i = 0; i < h->nobjects; i++) {
		const struct object *o = &h->objects[i];
		const bool tc = is_chunk_var(h, o);

		for (size_t r = 0; r < nrows; r++)
			if (!h->width || h->width == rows[r].width)
				try_chunk(h, &v, &rows[r], tc ? o->ptr : o->ptr - rows[r].header);
	}
	decide(h, &v);
}

bool heap_find(struct heap *h)
{
	const struct machine *machine = machine_of(h);

	if (machine->order != BIG)
		find_in_order(h, machine);
	if (!h->layout && machine->order != LITTLE) {
		h->big_endian = true;
		find_in_order(h, machine);
	}
	for (uint32_t i = 0; h->layout && i < h->nobjects; i++)
		if (is_chunk_var(h, &h->objects[i]))
			h->objects[i].ptr += h->layout->header;
	sort_objects(h);
	for (uint32_t i = 0; h->layout && i < h->nobjects; i++) {
		struct object *o = &h->objects[i];

		if (o->ptr > h->layout->header)
			o->state = chunk_state(h, o->ptr - h->layout->header, &o->c);
	}
	return h->layout != NULL;
}
