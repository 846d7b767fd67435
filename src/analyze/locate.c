/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions and their answers: which file, which symbol, and the places, each asked only once. */
#include "analyze/locate.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum {
	MAX_FILES = 4096,      /* kernels and modules that are told apart; names come from the input */
	MAX_ANSWERS = 1 << 16, /* that are remembered */
	MAX_CANDIDATES = 8,    /* symbols of one name and size */
};

/* Entries of a table begin with their hash. */
struct entry {
	uint64_t hash;
};

struct table {
	struct entry **slots;
	size_t n, cap; /* cap: a power of two, at least twice n */
};

/* A kernel or module, as the input names it, and what there is of it. */
struct file {
	struct entry entry;
	struct od_wanted wanted;
	struct od_debug *dbg; /* NULL: none */
	struct od_absent absent;
	const char *refused;  /* why it is not used, NULL: it is */
	bool certain;	      /* both have a build id, and it is the same */
};

struct answer {
	struct entry entry;
	const struct file *file;
	const char *symbol;
	uint64_t addr, offset, size;
	bool is_return;
	enum od_spot_end end;
	const struct od_place *places;
	uint32_t nplaces;
	uint64_t found;
};

struct od_locate {
	struct od_find *find;
	const char *const *sources;
	struct od_arena arena;	 /* of files */
	struct od_arena answers; /* of answers */
	struct table files, known;
	struct file none;	 /* where there are too many */
	uint64_t seed;
};

/* --- tables --------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15;
	return h ^ h >> 29;
}

/* NULL and "" differ. */
static uint64_t mix_str(uint64_t h, const char *s)
{
	if (!s)
		return mix(h, 1);
	for (; *s; s++)
		h = mix(h, (unsigned char)*s + 256u);
	return mix(h, 2);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Where an entry of that hash is, or may be put: looks at the next one with each call. */
static struct entry **probe(const struct table *t, uint64_t hash, size_t *i)
{
	struct entry **slot;

	do {
		slot = &t->slots[*i & (t->cap - 1)];
		++*i;
	} while (*slot && (*slot)->hash != hash);
	return slot;
}

static void make_room(struct table *t)
{
	struct table bigger = { NULL, t->n, t->cap ? t->cap * 2 : 64 };

	if (t->cap && t->n * 2 < t->cap)
		return;
	bigger.slots = od_calloc(bigger.cap, sizeof(*bigger.slots));
	for (size_t k = 0; k < t->cap; k++) {
		size_t i;

		if (!t->slots[k])
			continue;
		i = (size_t)t->slots[k]->hash;
		while (bigger.slots[i & (bigger.cap - 1)])
			i++;
		bigger.slots[i & (bigger.cap - 1)] = t->slots[k];
	}
	free(t->slots);
	*t = bigger;
}

static void forget(struct table *t)
{
	free(t->slots);
	*t = (struct table){ 0 };
}

/* --- files ---------------------------------------------------------------------------------- */

const char *const *od_locate_sources(const struct od_locate *loc)
{
	return loc->sources;
}

struct od_locate *od_locate_create(struct od_find *find, const char *const *sources)
{
	struct od_locate *loc = od_calloc(1, sizeof(*loc));

	loc->find = find;
	loc->sources = sources;
	loc->seed = mix((uint64_t)(uintptr_t)loc, 0);
	loc->none.absent.why = "too many modules";
	od_arena_init(&loc->arena);
	od_arena_init(&loc->answers);
	return loc;
}

void od_locate_destroy(struct od_locate *loc)
{
	if (!loc)
		return;
	forget(&loc->files);
	forget(&loc->known);
	od_arena_deinit(&loc->arena);
	od_arena_deinit(&loc->answers);
	free(loc);
}

/* Old kernels print but a part of it. */
static bool same_id(const char *a, const char *b)
{
	size_t n = a && b ? (strlen(a) < strlen(b) ? strlen(a) : strlen(b)) : 0;

	return n >= 16 && !strncmp(a, b, n);
}

static struct file *open_file(struct od_locate *loc, uint64_t hash, const struct od_wanted *wanted)
{
	struct file *f = od_arena_alloc(&loc->arena, sizeof(*f));

	f->entry.hash = hash;
	f->wanted = *wanted;
	f->wanted.release = od_arena_strdup(&loc->arena, wanted->release);
	f->wanted.module = od_arena_strdup(&loc->arena, wanted->module);
	f->wanted.build_id = od_arena_strdup(&loc->arena, wanted->build_id);
	f->dbg = od_find_get(loc->find, &f->wanted, &f->absent);
	if (f->dbg)
		f->certain = same_id(f->wanted.build_id, od_debug_build_id(f->dbg));
	else if (!f->absent.why)
		f->absent.why = "no debug file was found";
	return f;
}

static struct file *get_file(struct od_locate *loc, const struct od_wanted *wanted)
{
	uint64_t hash = mix_str(mix_str(loc->seed, wanted->release), wanted->module);
	struct entry **slot;
	size_t i;

	hash = mix_str(mix(hash, wanted->out_of_tree), wanted->build_id);
	i = (size_t)hash;
	make_room(&loc->files);
	while (*(slot = probe(&loc->files, hash, &i))) {
		struct file *f = (struct file *)*slot;

		if (same(f->wanted.release, wanted->release) && same(f->wanted.module, wanted->module) &&
		    same(f->wanted.build_id, wanted->build_id) &&
		    f->wanted.out_of_tree == wanted->out_of_tree)
			return f;
	}
	if (loc->files.n >= MAX_FILES)
		return &loc->none;
	*slot = &open_file(loc, hash, wanted)->entry;
	loc->files.n++;
	return (struct file *)*slot;
}

struct od_debug *od_locate_file(struct od_locate *loc, const struct od_wanted *wanted,
				struct od_absent *why_ret)
{
	const struct file *f = get_file(loc, wanted);

	if (why_ret)
		*why_ret = f->refused ? (struct od_absent){ f->refused, NULL } : f->absent;
	return f->refused ? NULL : f->dbg;
}

/* --- questions ------------------------------------------------------------------------------ */

/* Something to look up, for an answer. */
struct job {
	struct od_debug *dbg;
	uint64_t addr;
	struct answer *answer;
};

struct batch {
	struct od_locate *loc;
	struct job *jobs;
	size_t n, cap;
};

static void add_job(struct batch *b, struct answer *a, uint64_t addr)
{
	if (b->n == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 64;
		b->jobs = od_realloc(b->jobs, b->cap * sizeof(*b->jobs));
	}
	b->jobs[b->n++] = (struct job){ a->file->dbg, addr, a };
}

/* The symbol is in the file, but with another size than the kernel printed. */
static void wrong_size(struct od_locate *loc, struct answer *a, struct file *f)
{
	a->end = OD_SPOT_SIZE;
	if (!f->certain && !f->refused)
		f->refused = od_arena_printf(&loc->arena, "the size of %s differs: %s is not of this %s",
					     a->symbol, od_debug_name(f->dbg),
					     f->wanted.module ? "module" : "kernel");
}

/* Is anything of the symbol at that offset? Assembly may go on behind what it calls the size. */
static bool holds(const struct od_debug_symbol *sym, uint64_t offset)
{
	return !sym->size || offset < sym->size || offset < sym->extent;
}

static void find_symbol(struct batch *b, struct answer *a, struct file *f)
{
	struct od_debug_symbol syms[MAX_CANDIDATES];
	size_t all, n = od_locate_symbols(f->dbg, a->symbol, a->size, syms, MAX_CANDIDATES, &all);
	const uint64_t back = a->is_return && a->offset;
	bool held = false;

	a->end = OD_SPOT_NO_SYMBOL;
	if (!all || (a->size && a->offset > a->size))
		return;
	if (n > MAX_CANDIDATES) {
		a->end = OD_SPOT_AMBIGUOUS;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (!holds(&syms[i], a->offset - back))
			continue;
		add_job(b, a, syms[i].addr + a->offset - back);
		held = true;
	}
	/* Code runs there, so there must be some. */
	if (!held && a->size)
		wrong_size(b->loc, a, f);
}

static struct answer *get_answer(struct batch *b, const struct od_spot *q)
{
	struct od_locate *loc = b->loc;
	struct file *f = get_file(loc, &q->of);
	uint64_t hash = mix_str(mix(mix(loc->seed, (uintptr_t)f), q->is_return), q->symbol);
	struct entry **slot;
	struct answer *a;
	size_t i;

	hash = mix(mix(mix(hash, q->symbol ? 0 : q->addr), q->offset), q->size);
	i = (size_t)hash;
	make_room(&loc->known);
	while (*(slot = probe(&loc->known, hash, &i))) {
		a = (struct answer *)*slot;
		if (a->file == f && same(a->symbol, q->symbol) && a->offset == q->offset &&
		    a->size == q->size && a->is_return == q->is_return &&
		    (q->symbol || a->addr == q->addr))
			return a;
	}
	a = od_arena_alloc(&loc->answers, sizeof(*a));
	*a = (struct answer){ { hash }, f, od_arena_strdup(&loc->answers, q->symbol), q->addr,
			      q->offset, q->size, q->is_return, OD_SPOT_NO_FILE, NULL, 0, 0 };
	*slot = &a->entry;
	loc->known.n++;
	if (!f->dbg || f->refused)
		return a;
	if (a->symbol)
		find_symbol(b, a, f);
	else
		add_job(b, a, a->addr - (a->is_return && a->addr));
	return a;
}

static int by_address(const void *x, const void *y)
{
	const struct job *a = x, *b = y;

	if (a->dbg != b->dbg)
		return (uintptr_t)a->dbg < (uintptr_t)b->dbg ? -1 : 1;
	return a->addr < b->addr ? -1 : a->addr > b->addr;
}

static bool agree(const struct answer *a, const struct od_place *places, size_t n)
{
	if (a->nplaces != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (a->places[i].line != places[i].line || !same(a->places[i].file, places[i].file))
			return false;
	return true;
}

static void look_up(struct od_locate *loc, const struct job *job)
{
	struct od_place places[OD_MAX_PLACES], *copy;
	struct answer *a = job->answer;
	size_t n;

	if (a->file->refused || a->end == OD_SPOT_AMBIGUOUS)
		return;
	n = od_debug_places(job->dbg, job->addr, places, OD_MAX_PLACES);
	if (a->found && !agree(a, places, n)) {
		a->end = OD_SPOT_AMBIGUOUS;
		a->nplaces = 0;
		return;
	}
	if (a->found)
		return;
	a->found = job->addr;
	a->end = n && places[n - 1].line ? OD_SPOT_FOUND : OD_SPOT_NO_LINES;
	copy = od_arena_alloc(&loc->answers, (n ? n : 1) * sizeof(*copy));
	memcpy(copy, places, n * sizeof(*copy));
	a->places = copy;
	a->nplaces = (uint32_t)n;
}

void od_locate_spots(struct od_locate *loc, struct od_spot *spots, size_t n)
{
	struct answer **answers = od_calloc(n ? n : 1, sizeof(struct answer *));
	struct batch b = { loc, NULL, 0, 0 };

	if (loc->known.n > MAX_ANSWERS) {
		forget(&loc->known);
		od_arena_deinit(&loc->answers);
		od_arena_init(&loc->answers);
	}
	for (size_t i = 0; i < n; i++)
		od_find_expect(loc->find, spots[i].of.module);
	for (size_t i = 0; i < n; i++)
		answers[i] = get_answer(&b, &spots[i]);
	if (b.n)
		qsort(b.jobs, b.n, sizeof(*b.jobs), by_address);
	for (size_t i = 0; i < b.n; i++)
		look_up(loc, &b.jobs[i]);
	for (size_t i = 0; i < n; i++) {
		const struct answer *a = answers[i];

		spots[i].end = a->file->refused ? OD_SPOT_REFUSED : a->end;
		spots[i].places = a->places;
		spots[i].nplaces = spots[i].end == OD_SPOT_FOUND ? a->nplaces : 0;
		spots[i].found = a->found;
	}
	free(b.jobs);
	free(answers);
}
