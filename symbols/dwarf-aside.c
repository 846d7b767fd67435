/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files beside a debug file, which it refers to: those of split DWARF, and the one that dwz made of what
 * several files have in common. Who looks for them is the finder; here is seen to it that they are the
 * right ones. What is done with them counts for the file that refers to them.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "symbols/debug-internal.h"
#include "symbols/dwarf-internal.h"

enum {
	MAX_ASIDES = 4096,	  /* that are open: a kernel has as many units */
	MAX_TRIES = 64 << 10,	  /* files that are looked for, for one debug file */
	MAX_CANDIDATES = 512,	  /* for one of them */
	STEPS_PER_BYTE = 2,
	SUP_VERSION = 5,
};

int od_aside_next(struct od_dwarf *main, enum od_aside kind, const char *name, const char *build_id,
		  unsigned *nth)
{
	struct od_debug *dbg = main->dbg;

	while (dbg->aside && *nth < MAX_CANDIDATES && main->aside_tries < MAX_TRIES) {
		int fd;

		main->aside_tries++;
		fd = dbg->aside(dbg->aside_ctx, kind, name, build_id, (*nth)++);
		if (fd >= 0)
			return fd;
		if (fd == OD_ASIDE_END)
			break;
	}
	return -1;
}

struct od_dwarf *od_aside_open(struct od_dwarf *main, int fd, const char *name, bool dwo)
{
	const char *base = strrchr(name, '/');
	struct od_error *err;
	struct od_debug *dbg;
	struct od_dwarf *dw;

	err = od_debug_open(fd, base ? base + 1 : name, &dbg);
	od_error_free(err);
	if (err)
		return NULL;
	if (main->nasides >= MAX_ASIDES) {
		od_debug_close(dbg);
		return NULL;
	}
	dw = od_calloc(1, sizeof(*dw));
	dw->dbg = dbg;
	dw->elf = &dbg->elf;
	dw->strings = main->strings;
	dw->main = main;
	dw->dwo = dwo;
	if (main->nasides == main->asides_cap) {
		main->asides_cap = main->asides_cap ? main->asides_cap * 2 : 8;
		main->asides = od_realloc(main->asides, main->asides_cap * sizeof(struct od_dwarf *));
	}
	main->asides[main->nasides++] = dw;
	return dw;
}

static void close_aside(struct od_dwarf *dw)
{
	od_units_close(dw);
	od_dw_sections_close(dw);
	od_debug_close(dw->dbg);
	free(dw);
}

void od_aside_drop(struct od_dwarf *main)
{
	close_aside(main->asides[--main->nasides]);
}

void od_asides_close(struct od_dwarf *main)
{
	for (uint32_t i = 0; i < main->nasides; i++)
		close_aside(main->asides[i]);
	free(main->asides);
}

void od_aside_accept(struct od_dwarf *dw)
{
	dw->main->budget += (uint64_t)dw->dbg->size * STEPS_PER_BYTE;
}

/* --- dwz ------------------------------------------------------------------------- */

/* What a file says of the one that it shares, or (supplementary) of itself. */
struct link {
	const char *name;
	char id[2 * OD_MAX_BUILD_ID + 1];
};

static bool set_id(struct link *ret, const uint8_t *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	if (len < 8 || len > OD_MAX_BUILD_ID)
		return false;
	for (size_t i = 0; i < len; i++) {
		ret->id[2 * i] = digits[p[i] >> 4];
		ret->id[2 * i + 1] = digits[p[i] & 15];
	}
	ret->id[2 * len] = '\0';
	return true;
}

/* .gnu_debugaltlink: a name that ends, and a build id; .debug_sup (DWARF 5, 7.3.6). */
static bool read_link(const struct od_elf *elf, bool supplementary, struct link *ret)
{
	const struct od_elf_section *sec = od_elf_find(elf, ".gnu_debugaltlink");
	struct od_dw r;
	uint64_t len;

	if (!supplementary && sec && sec->data) {
		r = od_dw_init(sec->data, sec->len, elf->big);
		ret->name = od_dw_string(&r);
		return ret->name && set_id(ret, r.p, od_dw_left(&r));
	}
	sec = od_elf_find(elf, ".debug_sup");
	if (!sec || !sec->data)
		return false;
	r = od_dw_init(sec->data, sec->len, elf->big);
	if (od_dw_u16(&r) != SUP_VERSION || od_dw_u8(&r) != supplementary)
		return false;
	ret->name = od_dw_string(&r);
	len = od_dw_uleb(&r);
	return !r.bad && len <= od_dw_left(&r) && set_id(ret, r.p, (size_t)len);
}

static bool is_the_one(const struct od_dwarf *dw, const struct link *wanted)
{
	const char *id = od_debug_build_id(dw->dbg);
	struct link own;

	return (id && !strcmp(id, wanted->id)) ||
	       (read_link(dw->elf, true, &own) && !strcmp(own.id, wanted->id));
}

struct od_dwarf *od_dwarf_alt(struct od_dwarf *dw)
{
	struct link link;
	unsigned nth = 0;
	int fd;

	if (dw->main != dw)
		return NULL;
	if (dw->alt_tried)
		return dw->alt;
	dw->alt_tried = true;
	if (!read_link(dw->elf, false, &link))
		return NULL;
	while (!dw->alt && (fd = od_aside_next(dw, OD_ASIDE_ALT, link.name, link.id, &nth)) >= 0) {
		struct od_dwarf *file = od_aside_open(dw, fd, link.name, false);

		if (file && is_the_one(file, &link)) {
			od_aside_accept(file);
			dw->alt = file;
		} else if (file) {
			od_aside_drop(dw);
		}
	}
	if (!dw->alt && !dw->dbg->lacks)
		dw->dbg->lacks = od_arena_printf(dw->strings,
						 "%s shares names in %.256s (build id %s), which was not found",
						 od_debug_name(dw->dbg), link.name, link.id);
	return dw->alt;
}
