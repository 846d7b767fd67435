/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was mapped: NT_FILE says which files, the first page of each (which the kernel always dumps) its build
 * id and where its segments went. Everything in that page is the program's to write, so it is as little
 * believed as the rest of the core.
 */
#include <elf.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "symbols/find-object.h"
#include "target/core/core-internal.h"

enum {
	MAX_PHDRS = 64,
	MAX_NOTES = 4096,     /* bytes of the notes of an object */
	MAX_ID = 64,	      /* bytes */
	MAX_GUESSES = 65536,  /* segments that are looked at where no note tells of files */
	MAX_VDSO = 256 << 10, /* bytes */
};

static const char *base_of(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

/* --- one object -------------------------------------------------------------------------------- */

struct phdr {
	uint32_t type;
	uint64_t offset, vaddr, filesz, memsz;
};

static struct phdr parse_phdr(const struct od_core *c, const uint8_t *p)
{
	const bool be = c->mem.big_endian;

	if (c->mem.pointer_size == 8)
		return (struct phdr){ (uint32_t)od_get(p, 4, be), od_get(p + 8, 8, be), od_get(p + 16, 8, be),
				      od_get(p + 32, 8, be), od_get(p + 40, 8, be) };
	return (struct phdr){ (uint32_t)od_get(p, 4, be), od_get(p + 4, 4, be), od_get(p + 8, 4, be),
			      od_get(p + 16, 4, be), od_get(p + 20, 4, be) };
}

/* Program headers of what was mapped at base; their number, 0: it is no ELF file, or they are not there. */
static unsigned read_phdrs(struct od_core *c, uint64_t base, struct phdr *ret)
{
	const bool is64 = c->mem.pointer_size == 8, be = c->mem.big_endian;
	const size_t width = is64 ? 56 : 32;
	uint8_t head[64], raw[MAX_PHDRS * 56];
	uint64_t at, n, type;

	if (od_mem_read(&c->mem, base, head, is64 ? 64 : 52) != OD_MEM_OK || memcmp(head, ELFMAG, SELFMAG) != 0 ||
	    head[EI_CLASS] != (is64 ? ELFCLASS64 : ELFCLASS32) || head[EI_DATA] != (be ? ELFDATA2MSB : ELFDATA2LSB))
		return 0;
	type = od_get(head + 16, 2, be);
	at = od_get(head + (is64 ? 32 : 28), is64 ? 8 : 4, be);
	n = od_get(head + (is64 ? 56 : 44), 2, be);
	if ((type != ET_EXEC && type != ET_DYN) || !n || n > MAX_PHDRS ||
	    od_get(head + (is64 ? 54 : 42), 2, be) != width ||
	    od_mem_read(&c->mem, base + at, raw, n * width) != OD_MEM_OK)
		return 0;
	for (uint64_t i = 0; i < n; i++)
		ret[i] = parse_phdr(c, raw + i * width);
	return (unsigned)n;
}

static const char *note_build_id(struct od_core *c, uint64_t addr, uint64_t size)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t notes[MAX_NOTES];
	const uint8_t *p = notes;
	size_t len = size < MAX_NOTES ? (size_t)size : MAX_NOTES;
	struct od_core_note_at n;

	if (od_mem_read(&c->mem, addr, notes, len) != OD_MEM_OK)
		return NULL;
	while (od_core_next_note(&p, &len, c->mem.big_endian, &n, NULL))
		if (n.type == NT_GNU_BUILD_ID && od_core_note_named(&n, "GNU") && n.size && n.size <= MAX_ID) {
			char *hex = od_arena_alloc(&c->arena, 2 * n.size + 1);

			for (size_t i = 0; i < n.size; i++) {
				hex[2 * i] = digits[n.body[i] >> 4];
				hex[2 * i + 1] = digits[n.body[i] & 15];
			}
			return hex;
		}
	return NULL;
}

/* Where its segments are, and its build id. False: nothing of it can be read. */
static bool look(struct od_core *c, struct od_core_object *o)
{
	struct phdr ph[MAX_PHDRS];
	unsigned n = read_phdrs(c, o->start, ph);
	uint64_t end = 0;

	for (unsigned i = 0; i < n && !o->has_bias; i++)
		if (ph[i].type == PT_LOAD) {
			/* The first page of the file is at start; a segment begins in that page or behind it. */
			o->bias = o->start - (ph[i].vaddr - ph[i].offset);
			o->has_bias = true;
		}
	if (!o->has_bias)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (ph[i].type == PT_LOAD && ph[i].memsz) {
			uint64_t to = o->bias + ph[i].vaddr + ph[i].memsz;

			if (c->mem.pointer_size == 4)
				to &= UINT32_MAX;
			if (to > end)
				end = to;
		}
	if (c->mem.pointer_size == 4)
		o->bias &= UINT32_MAX;
	if (end > o->end)
		o->end = end;
	for (unsigned i = 0; i < n && !o->build_id; i++)
		if (ph[i].type == PT_NOTE && ph[i].filesz)
			o->build_id = note_build_id(c, o->bias + ph[i].vaddr, ph[i].filesz);
	return true;
}

static struct od_core_object *add(struct od_core *c, uint64_t start, uint64_t end, const char *path)
{
	struct od_core_object *o;

	if (c->nobjects == OD_CORE_OBJECTS) {
		od_core_say(c, "more mapped objects than are looked at");
		return NULL;
	}
	o = od_arena_alloc(&c->arena, sizeof(*o));
	*o = (struct od_core_object){ .start = start, .end = end, .path = path, .name = base_of(path) };
	if (!o->name)
		o->name = "";
	*od_push(&c->arena, c->objects, c->nobjects, c->objects_cap) = o;
	return o;
}

/* --- all of them -------------------------------------------------------------------------------- */

static int by_start(const void *a, const void *b)
{
	const struct od_core_mapping *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static int by_object(const void *a, const void *b)
{
	const struct od_core_object *const *x = a, *const *y = b;

	return (*x)->start < (*y)->start ? -1 : (*x)->start > (*y)->start;
}

/* A file that was mapped as a loader does it: from its first byte on, and code of it can be run. */
static void take_mappings(struct od_core *c)
{
	for (uint32_t i = 0; i < c->nmappings;) {
		const struct od_core_mapping *first = &c->mappings[i];
		struct od_core_object *o;
		uint32_t n = i;
		unsigned access = 0;

		for (; n < c->nmappings && !strcmp(c->mappings[n].path, first->path) &&
		       (n == i || c->mappings[n].offset);
		     n++)
			access |= od_core_access(c, c->mappings[n].start);
		if (!first->offset && access & PF_X && (o = add(c, first->start, c->mappings[n - 1].end, first->path)))
			look(c, o);
		i = n;
	}
}

/* Without that note: whatever begins as an ELF file does. */
static void guess_objects(struct od_core *c)
{
	for (uint32_t i = 0; i < c->nsegments && i < MAX_GUESSES; i++) {
		uint8_t magic[SELFMAG];
		struct od_core_object *o;

		if (od_mem_read(&c->mem, c->segments[i].start, magic, sizeof(magic)) != OD_MEM_OK ||
		    memcmp(magic, ELFMAG, SELFMAG) != 0 || c->segments[i].start == c->vdso)
			continue;
		o = add(c, c->segments[i].start, c->segments[i].end, NULL);
		if (!o || !look(c, o))
			c->nobjects -= o != NULL;
	}
}

/* It is no file: its image is in memory as it would be in one. */
static void add_vdso(struct od_core *c)
{
	uint64_t size;
	struct od_core_object *o;
	od_autoerror err = NULL;
	uint8_t *image;

	if (!c->vdso || !(o = add(c, c->vdso, c->vdso + 1, "[vdso]")))
		return;
	o->vdso = true;
	if (!look(c, o) || o->end - o->start > MAX_VDSO) {
		o->why = "it is not in the core";
		return;
	}
	for (uint32_t i = 0; i < c->nsegments; i++)
		if (c->segments[i].start <= o->start && c->segments[i].end > o->end)
			o->end = c->segments[i].end;
	size = o->end - o->start < MAX_VDSO ? o->end - o->start : MAX_VDSO;
	image = od_arena_alloc(&c->arena, size);
	if (od_mem_read(&c->mem, o->start, image, size) == OD_MEM_OK)
		err = od_debug_open_bytes(image, size, "[vdso]", &o->code);
	else
		o->why = "it is not in the core";
	o->debug = o->code;
	if (err)
		o->why = od_arena_strdup(&c->arena, err->message);
}

static const char *mapped_path(struct od_core *c, const struct od_core_object *o)
{
	char path[1024];

	if (o->path || !o->program || !c->execfn ||
	    od_mem_string(&c->mem, c->execfn, path, sizeof(path)) != OD_MEM_OK)
		return o->path;
	return od_arena_strdup(&c->arena, path);
}

static bool sorted(const struct od_core *c)
{
	for (uint32_t i = 1; i < c->nmappings; i++)
		if (c->mappings[i - 1].start > c->mappings[i].start)
			return false;
	return true;
}

void od_core_find_objects(struct od_core *c)
{
	if (!sorted(c))
		qsort(c->mappings, c->nmappings, sizeof(*c->mappings), by_start);
	take_mappings(c);
	if (!c->nmappings)
		guess_objects(c);
	add_vdso(c);
	if (c->nobjects)
		qsort(c->objects, c->nobjects, sizeof(struct od_core_object *), by_object);
	for (uint32_t i = 0; i < c->nobjects; i++) {
		struct od_core_object *o = c->objects[i];

		/* None reaches into the next one, whatever its headers say. */
		if (i + 1 < c->nobjects && o->end > c->objects[i + 1]->start)
			o->end = c->objects[i + 1]->start;
		o->program = c->entry && c->entry >= o->start && c->entry < o->end;
		o->path = mapped_path(c, o);
		if (!*o->name && o->path)
			o->name = base_of(o->path);
	}
}

struct od_core_object *od_core_object_at(const struct od_core *c, uint64_t addr)
{
	uint32_t lo = 0, hi = c->nobjects;

	while (lo < hi) { /* the first that begins beyond addr */
		uint32_t mid = lo + (hi - lo) / 2;

		if (c->objects[mid]->start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && addr < c->objects[lo - 1]->end ? c->objects[lo - 1] : NULL;
}

/* --- files ------------------------------------------------------------------------------------------ */

size_t od_core_read_file(struct od_core *c, uint64_t addr, void *buf, size_t len)
{
	uint32_t lo = 0, hi = c->nmappings;
	const struct od_core_object *o;
	const struct od_core_mapping *m;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (c->mappings[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	m = lo ? &c->mappings[lo - 1] : NULL;
	if (!m || addr >= m->end)
		return 0;
	o = od_core_object_at(c, addr);
	if (!o || !o->code || o->vdso || !o->path || strcmp(o->path, m->path) != 0)
		return 0;
	if (len > m->end - addr)
		len = (size_t)(m->end - addr);
	return od_debug_file_bytes(o->code, m->offset + (addr - m->start), buf, len);
}

/* Frames touch few of the objects, so each is looked for when it is asked for. */
void od_core_files(struct od_core_object *o, struct od_find *find)
{
	const struct od_object_wanted wanted = { .build_id = o->build_id, .path = o->path };
	struct od_object_files files;
	const char *soname;

	if (o->looked)
		return;
	o->looked = true;
	if (o->vdso || !find)
		return;
	od_find_object(find, &wanted, &files);
	o->code = files.code;
	o->debug = files.debug;
	o->why = files.why;
	/* What it was loaded by, as debuggers name it: libstdc++.so.6, not libstdc++.so.6.0.30. */
	soname = !o->program && o->code ? od_debug_soname(o->code) : NULL;
	if (soname && *soname && !strchr(soname, '/'))
		o->name = soname;
	/* Its first page is not in the core, and nothing proves that this is the file. */
	if (!o->has_bias) {
		o->code = o->debug = NULL;
		o->why = "its first page is not in the core, so nothing tells its build id";
	}
}
