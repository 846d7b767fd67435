/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>

#include "symbols/debug-elf.h"

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

enum {
	COMPRESS_ZLIB = 1, /* ELFCOMPRESS_ZLIB */
	COMPRESS_ZSTD = 2, /* ELFCOMPRESS_ZSTD, newer than some <elf.h> */
	MAX_SECTION = 1 << 30,
	/* What a byte may become: deflate does no more than 1032. Real sections have 3 to 6. */
	MAX_RATIO = 64,
	MAX_SLACK = 64 << 10, /* what is no larger than this may have any ratio */
};

bool od_elf_is_compressed(const struct od_elf *elf, const struct od_elf_section *sec)
{
	(void)elf;
	return sec->flags & SHF_COMPRESSED ||
	       (!strncmp(sec->name, ".zdebug_", 8) && sec->len >= 12 &&
		!memcmp(sec->data, "ZLIB", 4));
}

struct packed {
	const uint8_t *p;
	size_t len;
	uint64_t type, size; /* size: as it claims */
};

/* Elf32_Chdr, Elf64_Chdr, or "ZLIB" and the size with its upper byte first. */
static bool read_header(const struct od_elf *elf, const struct od_elf_section *sec,
			struct packed *ret)
{
	const uint8_t *p = sec->data;
	size_t head = 12;

	if (!(sec->flags & SHF_COMPRESSED)) {
		ret->type = COMPRESS_ZLIB;
		ret->size = od_elf_number(true, p + 4, 8);
	} else if (elf->is64 && sec->len >= 24) {
		head = 24;
		ret->type = od_elf_number(elf->big, p, 4);
		ret->size = od_elf_number(elf->big, p + 8, 8);
	} else if (!elf->is64 && sec->len >= 12) {
		ret->type = od_elf_number(elf->big, p, 4);
		ret->size = od_elf_number(elf->big, p + 4, 4);
	} else {
		return false;
	}
	ret->p = p + head;
	ret->len = sec->len - head;
	return ret->size && ret->size <= MAX_SECTION &&
	       (ret->size <= MAX_SLACK || ret->size / MAX_RATIO <= ret->len);
}

#ifdef HAVE_ZLIB
static size_t inflate_zlib(const struct packed *in, uint8_t *out)
{
	uLongf len = (uLongf)in->size;

	return uncompress(out, &len, in->p, (uLong)in->len) == Z_OK ? len : 0;
}
#endif

static size_t inflate_any(const struct packed *in, uint8_t *out)
{
#ifdef HAVE_ZLIB
	if (in->type == COMPRESS_ZLIB)
		return inflate_zlib(in, out);
#endif
#ifdef HAVE_ZSTD
	if (in->type == COMPRESS_ZSTD) {
		size_t len = ZSTD_decompress(out, (size_t)in->size, in->p, in->len);

		return ZSTD_isError(len) ? 0 : len;
	}
#endif
	(void)in;
	(void)out;
	return 0;
}

uint8_t *od_elf_decompress(const struct od_elf *elf, const struct od_elf_section *sec, size_t *len)
{
	struct packed in;
	uint8_t *out;

	if (!read_header(elf, sec, &in))
		return NULL;
	/* What a stranger claims may be more than there is: that is no reason to end. */
	out = malloc((size_t)in.size);
	if (!out)
		return NULL;
	*len = inflate_any(&in, out);
	if (*len)
		return out;
	free(out);
	return NULL;
}
