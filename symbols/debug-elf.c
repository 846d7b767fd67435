/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* memrchr */
#include "symbols/debug-elf.h"

#include <stdlib.h>

#include "base/alloc.h"

enum {
	MAX_SECTIONS = 256 << 10, /* -ffunction-sections makes one a function */
	MAX_PHDRS = 4096,
	FIRST_PLACE = 0x10000, /* of a section of ET_REL: no address is 0 */
	MAX_ALIGN = 2 << 20,
};

/* Sections of ET_REL end before here; what would go beyond has no place. */
#define LAST_PLACE (UINT64_C(1) << 46)

static uint64_t word(const struct od_elf *elf, const uint8_t *p)
{
	return od_elf_number(elf->big, p, elf->is64 ? 8 : 4);
}

static uint64_t number(const struct od_elf *elf, const uint8_t *p, unsigned len)
{
	return od_elf_number(elf->big, p, len);
}

/* Entries of a table in the file that begins at off: at most as many as there are. */
static uint32_t fitting(const struct od_elf *elf, uint64_t off, uint64_t n, size_t width,
			uint32_t max)
{
	uint64_t room;

	if (!off || off >= elf->size)
		return 0;
	room = (elf->size - off) / width;
	n = n < room ? n : room;
	return (uint32_t)(n < max ? n : max);
}

struct raw_section {
	uint64_t name, offset, align;
};

static void parse_section(const struct od_elf *elf, const uint8_t *p, struct od_elf_section *ret,
			  struct raw_section *raw)
{
	const unsigned w = elf->is64 ? 8 : 4;

	raw->name = number(elf, p, 4);
	ret->type = (uint32_t)number(elf, p + 4, 4);
	ret->flags = word(elf, p + 8);
	ret->addr = word(elf, p + 8 + w);
	raw->offset = word(elf, p + 8 + 2 * w);
	ret->size = word(elf, p + 8 + 3 * w);
	ret->link = (uint32_t)number(elf, p + 8 + 4 * w, 4);
	ret->info = (uint32_t)number(elf, p + 12 + 4 * w, 4);
	raw->align = word(elf, p + 16 + 4 * w);
	ret->name = "";
	if (ret->type == SHT_NOBITS || ret->type == SHT_NULL || raw->offset >= elf->size)
		return;
	ret->data = elf->data + raw->offset;
	ret->len = elf->size - raw->offset;
	if (ret->len > ret->size)
		ret->len = (size_t)ret->size;
}

/* Each allocated section of an unlinked file behind the one before it. */
static void place_section(struct od_elf_section *sec, uint64_t align, uint64_t *next)
{
	uint64_t at = *next;

	sec->addr = 0;
	if (!(sec->flags & SHF_ALLOC))
		return;
	if (align > 1 && align <= MAX_ALIGN && !(align & (align - 1)))
		at = (at + align - 1) & ~(align - 1);
	if (sec->size >= LAST_PLACE || at + sec->size >= LAST_PLACE) {
		sec->size = sec->len = 0;
		return;
	}
	sec->addr = at;
	*next = at + sec->size + 16; /* an address behind the last byte is nobody's */
}

static void name_sections(struct od_elf *elf, const uint64_t *names, uint64_t strtab)
{
	const struct od_elf_section *str;
	const uint8_t *last; /* a name ends if it begins no later than here */

	if (strtab >= elf->nsections)
		return;
	str = &elf->sections[strtab];
	last = str->data ? memrchr(str->data, '\0', str->len) : NULL;
	for (uint32_t i = 0; last && i < elf->nsections; i++)
		if (names[i] <= (uint64_t)(last - str->data))
			elf->sections[i].name = (const char *)str->data + names[i];
}

static void read_sections(struct od_elf *elf)
{
	const uint8_t *head = elf->data;
	const unsigned tail = elf->is64 ? 52 : 40; /* e_ehsize */
	const size_t width = elf->is64 ? 64 : 40;
	uint64_t off = word(elf, head + (elf->is64 ? 40 : 32)), next = FIRST_PLACE;
	uint64_t n = number(elf, head + tail + 8, 2), strtab = number(elf, head + tail + 10, 2);
	struct od_elf_section first = { 0 };
	struct raw_section raw;
	uint64_t *names;

	if (number(elf, head + tail + 6, 2) != width || !fitting(elf, off, 1, width, 1))
		return;
	parse_section(elf, elf->data + off, &first, &raw);
	if (!n) /* too many for the header: they are told in the first entry */
		n = first.size;
	if (strtab == SHN_XINDEX)
		strtab = first.link;
	elf->nsections = fitting(elf, off, n, width, MAX_SECTIONS);
	elf->sections = od_calloc(elf->nsections, sizeof(*elf->sections));
	names = od_calloc(elf->nsections, sizeof(*names));
	for (uint32_t i = 0; i < elf->nsections; i++) {
		parse_section(elf, elf->data + off + i * width, &elf->sections[i], &raw);
		names[i] = raw.name;
		if (elf->type == ET_REL)
			place_section(&elf->sections[i], raw.align, &next);
	}
	name_sections(elf, names, strtab);
	free(names);
}

bool od_elf_open(struct od_elf *elf, const uint8_t *data, size_t size)
{
	*elf = (struct od_elf){ .data = data, .size = size };
	if (size < 64 || memcmp(data, ELFMAG, SELFMAG) != 0 ||
	    (data[EI_CLASS] != ELFCLASS32 && data[EI_CLASS] != ELFCLASS64) ||
	    (data[EI_DATA] != ELFDATA2LSB && data[EI_DATA] != ELFDATA2MSB))
		return false;
	elf->is64 = data[EI_CLASS] == ELFCLASS64;
	elf->big = data[EI_DATA] == ELFDATA2MSB;
	elf->type = (uint16_t)number(elf, data + 16, 2);
	elf->machine = (uint16_t)number(elf, data + 18, 2);
	read_sections(elf);
	return true;
}

void od_elf_close(struct od_elf *elf)
{
	free(elf->sections);
	memset(elf, 0, sizeof(*elf));
}

const struct od_elf_section *od_elf_find(const struct od_elf *elf, const char *name)
{
	for (uint32_t i = 1; i < elf->nsections; i++)
		if (!strcmp(elf->sections[i].name, name))
			return &elf->sections[i];
	return NULL;
}

/* --- build id -------------------------------------------------------------------- */

static size_t note_build_id(const struct od_elf *elf, const uint8_t *p, size_t len,
			    const uint8_t **ret)
{
	while (len >= 12) {
		uint64_t namesz = number(elf, p, 4), descsz = number(elf, p + 4, 4);
		uint64_t desc = 12 + ((namesz + 3) & ~UINT64_C(3));
		uint64_t end = desc + ((descsz + 3) & ~UINT64_C(3));

		if (desc > len || descsz > len - desc)
			return 0;
		if (number(elf, p + 8, 4) == NT_GNU_BUILD_ID && namesz == 4 && descsz &&
		    !memcmp(p + 12, "GNU", 4)) {
			*ret = p + desc;
			return (size_t)descsz;
		}
		if (end >= len)
			return 0;
		p += end;
		len -= (size_t)end;
	}
	return 0;
}

static size_t segment_build_id(const struct od_elf *elf, const uint8_t **ret)
{
	const uint8_t *head = elf->data;
	const size_t width = elf->is64 ? 56 : 32;
	uint64_t off = word(elf, head + (elf->is64 ? 32 : 28));
	uint32_t n = fitting(elf, off, number(elf, head + (elf->is64 ? 56 : 44), 2), width,
			     MAX_PHDRS);

	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *p = elf->data + off + i * width;
		uint64_t at = word(elf, p + (elf->is64 ? 8 : 4));
		uint64_t len = word(elf, p + (elf->is64 ? 32 : 16));
		size_t found;

		if (number(elf, p, 4) != PT_NOTE || at >= elf->size)
			continue;
		len = len < elf->size - at ? len : elf->size - at;
		found = note_build_id(elf, elf->data + at, (size_t)len, ret);
		if (found)
			return found;
	}
	return 0;
}

size_t od_elf_build_id(const struct od_elf *elf, const uint8_t **ret)
{
	for (uint32_t i = 1; i < elf->nsections; i++) {
		const struct od_elf_section *sec = &elf->sections[i];
		size_t len = sec->type == SHT_NOTE && sec->data
				     ? note_build_id(elf, sec->data, sec->len, ret)
				     : 0;

		if (len)
			return len;
	}
	return segment_build_id(elf, ret);
}
