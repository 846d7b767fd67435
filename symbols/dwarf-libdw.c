/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "symbols/debug-internal.h"

#ifdef LIBDW_SONAME
#include "symbols/dwarf-libdw.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "symbols/debug-reloc.h"

struct od_libdw_calls od_libdw_calls;

static const struct {
	const char *name;
	void **to;
} functions[] = {
#define ROW(name) { #name, (void **)&od_libdw_calls.p_##name },
	OD_LIBDW(ROW)
};

bool od_debug_prepare(void)
{
	static enum { NOT_YET, LOADED, FAILED } state;
	void *handle;

	if (state != NOT_YET)
		return state == LOADED;
	state = FAILED;
	handle = dlopen(LIBDW_SONAME, RTLD_NOW | RTLD_LOCAL); /* libelf comes with it */
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (!handle || !(*functions[i].to = dlsym(handle, functions[i].name)))
			return false;
	state = LOADED;
	return true;
}

enum { MAX_COPY = 256 << 20 };

struct od_libdw {
	Elf *elf;
	Dwarf *dwarf;
	uint8_t *copy;
};

/* Where the header of a section says its address: e_shoff, then sh_addr in it. */
static void put_address(const struct od_elf *elf, uint8_t *copy, uint32_t i)
{
	const unsigned w = elf->is64 ? 8 : 4;
	/* Of the file as it is: relocations may have been written over the copy's own header. */
	uint64_t off = od_elf_number(elf->big, elf->data + (elf->is64 ? 40 : 32), w);
	uint8_t *p = copy + off + (uint64_t)i * (elf->is64 ? 64 : 40) + 8 + w;

	for (unsigned k = 0; k < w; k++)
		p[elf->big ? w - 1 - k : k] = (uint8_t)(elf->sections[i].addr >> 8 * k);
}

static bool is_debug(const struct od_elf_section *sec)
{
	return od_starts(sec->name, ".debug_") || !strcmp(sec->name, ".eh_frame");
}

/* A module as a linker would leave it: sections at their places, debug sections relocated. */
static uint8_t *relocated(const struct od_elf *elf)
{
	uint8_t *copy;

	if (elf->size > MAX_COPY)
		return NULL;
	copy = od_malloc(elf->size);
	memcpy(copy, elf->data, elf->size);
	for (uint32_t i = 1; i < elf->nsections; i++) {
		const struct od_elf_section *sec = &elf->sections[i];
		struct od_relocs relocs;

		put_address(elf, copy, i);
		if (!is_debug(sec) || !sec->data || sec->flags & SHF_COMPRESSED)
			continue;
		relocs = od_relocs_find(elf, i);
		od_relocs_apply(&relocs, copy + (sec->data - elf->data), 0, sec->len);
	}
	return copy;
}

Dwarf *od_debug_libdw(struct od_debug *dbg)
{
	struct od_libdw *dw;
	const uint8_t *image = dbg->map;

	if (dbg->libdw_tried)
		return dbg->libdw ? dbg->libdw->dwarf : NULL;
	dbg->libdw_tried = true;
	dw = od_calloc(1, sizeof(*dw));
	dbg->libdw = dw;
	if (dbg->elf.type == ET_REL)
		image = dw->copy = relocated(&dbg->elf);
	if (!image || !od_debug_prepare() || elf_version(EV_CURRENT) == EV_NONE)
		return NULL;
	dw->elf = elf_memory((char *)(uintptr_t)image, dbg->size);
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
