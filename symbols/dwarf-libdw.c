/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "symbols/debug-internal.h"

#ifdef LIBDW_SONAME
#include "symbols/dwarf-libdw.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "base/load.h"
#include "symbols/debug-reloc.h"

struct od_libdw_calls od_libdw_calls;

static const struct od_function functions[] = {
#define ROW(name) { #name, (void **)&od_libdw_calls.p_##name },
	OD_LIBDW(ROW)
};

bool od_debug_prepare(void)
{
	static enum { NOT_YET, LOADED, FAILED } state;

	if (state != NOT_YET)
		return state == LOADED;
	/* libelf comes with it. */
	state = od_load_functions(LIBDW_SONAME, functions, sizeof(functions) / sizeof(*functions)) ? LOADED : FAILED;
	return state == LOADED;
}

enum {
	MAX_COPY = 256 << 20,
	MAX_DEBUG = 512, /* debug sections: those of C++ types have one each */
};

struct od_libdw {
	Elf *elf;
	Dwarf *dwarf;
	uint8_t *copy;
};

/* What is made for libdw: the file, and behind it what was compressed in it. */
struct image {
	uint8_t *p;
	size_t len;
};

static bool is_debug(const struct od_elf_section *sec)
{
	return sec->data && (od_starts(sec->name, ".debug_") || od_starts(sec->name, ".zdebug_") ||
			     !strcmp(sec->name, ".eh_frame"));
}

static void put_word(const struct od_elf *elf, uint8_t *p, uint64_t v)
{
	const unsigned w = elf->is64 ? 8 : 4;

	for (unsigned k = 0; k < w; k++)
		p[elf->big ? w - 1 - k : k] = (uint8_t)(v >> 8 * k);
}

/* The header of a section: sh_name, sh_type, then words: flags, addr, offset, size. */
static uint8_t *header_of(const struct od_elf *elf, const struct image *im, uint32_t i)
{
	/* Of the file: in the image it may be overwritten, if sections lie in each other. */
	uint64_t off = od_elf_number(elf->big, elf->data + (elf->is64 ? 40 : 32), elf->is64 ? 8 : 4);

	return im->p + off + (uint64_t)i * (elf->is64 ? 64 : 40);
}

/* Put what is in a compressed section behind the file. Where it is; NULL: it cannot be had. */
static uint8_t *append(const struct od_elf *elf, struct image *im, uint32_t i, size_t *len)
{
	const struct od_elf_section *sec = &elf->sections[i];
	const unsigned w = elf->is64 ? 8 : 4;
	uint8_t *plain = od_elf_decompress(elf, sec, len), *head, *ret = NULL;

	if (plain && *len <= MAX_COPY - im->len) {
		im->p = od_realloc(im->p, im->len + *len);
		ret = im->p + im->len;
		memcpy(ret, plain, *len);
		head = header_of(elf, im, i) + 8;
		put_word(elf, head, sec->flags & ~(uint64_t)SHF_COMPRESSED);
		put_word(elf, head + 2 * w, im->len);
		put_word(elf, head + 3 * w, *len);
		im->len += *len;
	}
	free(plain);
	return ret;
}

/* ".zdebug_" becomes ".debug_": without its first byte, and 'z' a dot. */
static void rename_old(const struct od_elf *elf, struct image *im, uint32_t i)
{
	uint8_t *head = header_of(elf, im, i);
	size_t at = (size_t)((const uint8_t *)elf->sections[i].name - elf->data);
	uint32_t name = (uint32_t)od_elf_number(elf->big, head, 4) + 1;

	im->p[at + 1] = '.';
	for (unsigned k = 0; k < 4; k++)
		head[elf->big ? 3 - k : k] = (uint8_t)(name >> 8 * k);
}

/*
 * A file as a linker would leave it: sections at their places, debug sections plain and relocated.
 * libelf would inflate without a bound, and into an image that it may not write.
 */
static bool make_image(const struct od_elf *elf, struct image *im)
{
	const unsigned w = elf->is64 ? 8 : 4;
	unsigned left = MAX_DEBUG;

	im->p = od_malloc(elf->size);
	im->len = elf->size;
	memcpy(im->p, elf->data, elf->size);
	for (uint32_t i = 1; i < elf->nsections; i++) {
		const struct od_elf_section *sec = &elf->sections[i];
		const bool packed = od_elf_is_compressed(elf, sec);
		struct od_relocs relocs;
		uint8_t *p;
		size_t len = sec->len;

		put_word(elf, header_of(elf, im, i) + 8 + w, sec->addr);
		if (!is_debug(sec))
			continue;
		if (!left--)
			return false;
		p = packed ? append(elf, im, i, &len) : im->p + (sec->data - elf->data);
		if (!p)
			return false;
		if (packed && od_starts(sec->name, ".z"))
			rename_old(elf, im, i);
		relocs = od_relocs_find(elf, i);
		od_relocs_apply(&relocs, p, 0, len);
	}
	return true;
}

static bool needs_image(const struct od_elf *elf)
{
	if (elf->type == ET_REL)
		return true;
	for (uint32_t i = 1; i < elf->nsections; i++)
		if (is_debug(&elf->sections[i]) && od_elf_is_compressed(elf, &elf->sections[i]))
			return true;
	return false;
}

Dwarf *od_debug_libdw(struct od_debug *dbg)
{
	struct image im = { .p = (uint8_t *)(uintptr_t)dbg->map, .len = dbg->size };
	struct od_libdw *dw;

	if (dbg->libdw_tried)
		return dbg->libdw ? dbg->libdw->dwarf : NULL;
	dbg->libdw_tried = true;
	dw = od_calloc(1, sizeof(*dw));
	dbg->libdw = dw;
	if (needs_image(&dbg->elf)) {
		if (dbg->size > MAX_COPY)
			return NULL;
		if (!make_image(&dbg->elf, &im)) {
			free(im.p);
			return NULL;
		}
		dw->copy = im.p;
	}
	if (!od_debug_prepare() || elf_version(EV_CURRENT) == EV_NONE)
		return NULL;
	dw->elf = elf_memory((char *)im.p, im.len);
	if (dw->elf)
		dw->dwarf = dwarf_begin_elf(dw->elf, DWARF_C_READ, NULL);
	return dw->dwarf;
}

void od_debug_libdw_close(struct od_debug *dbg)
{
	if (!dbg->libdw)
		return;
	if (dbg->libdw->elf) {
		dwarf_end(dbg->libdw->dwarf);
		elf_end(dbg->libdw->elf);
	}
	free(dbg->libdw->copy);
	free(dbg->libdw);
}

#else
bool od_debug_prepare(void)
{
	return false;
}

void od_debug_libdw_close(struct od_debug *dbg)
{
	(void)dbg;
}
#endif

bool od_debug_has_libdw(void)
{
#ifdef LIBDW_SONAME
	return true;
#else
	return false;
#endif
}
