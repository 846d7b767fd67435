/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Relocation of the debug sections of a module, of no more of them than is looked at. Only the
 * kinds that assemblers put there: absolute, pc-relative, differences; the others are left alone.
 */
#ifndef OD_SYMBOLS_DEBUG_RELOC_H
#define OD_SYMBOLS_DEBUG_RELOC_H

#include "symbols/debug-elf.h"

struct od_relocs {
	const struct od_elf *elf;
	const struct od_elf_section *table, *target, *symbols; /* table NULL: there are none */
	uint32_t n;
	bool addend, sorted;
};

/* What relocates section number `target` of a file; nothing in a linked one. */
struct od_relocs od_relocs_find(const struct od_elf *elf, uint32_t target);
/*
 * buf holds the bytes from `from` on, len of them, of the section as it is (uncompressed): make
 * them what they would be once the sections are at their places. The bytes must be fresh: some
 * kinds add to what is there.
 */
void od_relocs_apply(const struct od_relocs *r, uint8_t *buf, uint64_t from, size_t len);

#endif
