/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sections of DWARF: decompressed and relocated, where they must be, and when they are needed. */
#include <stdlib.h>

#include "base/alloc.h"
#include "symbols/dwarf-internal.h"

enum { MAX_STRING = 64 << 10 };

static const char *const names[OD_DW_SECTIONS] = {
	[OD_DW_INFO] = "info",		     [OD_DW_ABBREV] = "abbrev",
	[OD_DW_LINE] = "line",		     [OD_DW_STR] = "str",
	[OD_DW_LINE_STR] = "line_str",	     [OD_DW_RANGES] = "ranges",
	[OD_DW_RNGLISTS] = "rnglists",	     [OD_DW_ADDR] = "addr",
	[OD_DW_STR_OFFSETS] = "str_offsets", [OD_DW_ARANGES] = "aranges",
	[OD_DW_CU_INDEX] = "cu_index",
};

/* Is s that name, in files of split DWARF with ".dwo" behind it? */
static bool is_called(const char *s, const char *name, bool dwo)
{
	size_t len = strlen(name);

	return !strncmp(s, name, len) && !strcmp(s + len, dwo ? ".dwo" : "");
}

/* A section .debug_NAME, or .zdebug_NAME, that has bytes; 0: none. */
static uint32_t find(const struct od_elf *elf, const char *name, bool dwo)
{
	for (uint32_t i = 1; i < elf->nsections; i++) {
		const struct od_elf_section *sec = &elf->sections[i];
		const char *s = sec->name;

		if (!sec->len || *s++ != '.')
			continue;
		s += *s == 'z';
		if (!strncmp(s, "debug_", 6) && is_called(s + 6, name, dwo))
			return i;
	}
	return 0;
}

static uint8_t *copy(const struct od_dw_section *s, uint64_t off, size_t len)
{
	uint8_t *ret = od_malloc(len);

	memcpy(ret, s->p + off, len);
	od_relocs_apply(&s->relocs, ret, off, len);
	return ret;
}

static void relocate_whole(struct od_dw_section *s)
{
	if (!s->whole && s->len) {
		uint8_t *own = copy(s, 0, s->len);

		free(s->own);
		s->p = s->own = own;
	}
	s->whole = true;
}

static struct od_dw_section *open_section(struct od_dwarf *dw, enum od_dw_id id)
{
	struct od_dw_section *s = &dw->sections[id];
	const struct od_elf_section *sec;
	uint32_t i;

	if (s->opened)
		return s;
	s->opened = true;
	i = find(dw->elf, names[id], dw->dwo && id != OD_DW_CU_INDEX);
	if (!i)
		return s;
	sec = &dw->elf->sections[i];
	s->relocs = od_relocs_find(dw->elf, i);
	s->p = sec->data;
	s->len = sec->len;
	if (od_elf_is_compressed(dw->elf, sec))
		s->p = s->own = od_elf_decompress(dw->elf, sec, &s->len);
	if (!s->p)
		s->len = 0;
	s->whole = !s->relocs.table;
	/* Pieces of it would each cost a pass over all relocations. */
	if (!s->whole && !s->relocs.sorted)
		relocate_whole(s);
	return s;
}

struct od_dw od_dw_section(struct od_dwarf *dw, enum od_dw_id id)
{
	struct od_dw_section *s = open_section(dw, id);

	relocate_whole(s);
	return od_dw_init(s->p, s->len, dw->elf->big);
}

size_t od_dw_section_len(struct od_dwarf *dw, enum od_dw_id id)
{
	return open_section(dw, id)->len;
}

struct od_dw od_dw_piece(struct od_dwarf *dw, enum od_dw_id id, uint64_t off, uint64_t len,
			 uint8_t **own)
{
	struct od_dw_section *s = open_section(dw, id);

	*own = NULL;
	if (off >= s->len)
		return od_dw_init(NULL, 0, dw->elf->big);
	if (len > s->len - off)
		len = s->len - off;
	if (s->whole)
		return od_dw_init(s->p + off, (size_t)len, dw->elf->big);
	*own = copy(s, off, (size_t)len);
	return od_dw_init(*own, (size_t)len, dw->elf->big);
}

const char *od_dw_string_at(struct od_dwarf *dw, enum od_dw_id id, uint64_t off)
{
	struct od_dw r = od_dw_section(dw, id);
	const char *s;

	if (!od_dw_skip(&r, off) || !od_dw_left(&r))
		return NULL;
	if (od_dw_left(&r) > MAX_STRING)
		r.end = r.p + MAX_STRING;
	s = od_dw_string(&r);
	return od_dw_spend(dw, 1 + (s ? strlen(s) : MAX_STRING) / 64) ? s : NULL;
}

void od_dw_sections_close(struct od_dwarf *dw)
{
	for (unsigned i = 0; i < OD_DW_SECTIONS; i++)
		free(dw->sections[i].own);
}
