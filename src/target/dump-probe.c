/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the first bytes of a file are, as far as dumps go. */
#include "target/dump-internal.h"

const char *od_dump_probe(const void *head, size_t len)
{
	if (od_flat_is(head, len))
		return "flattened dump";
	if (od_dump_is_kdump(head, len))
		return "kdump-compressed";
	if (od_dump_is_elf(head, len))
		return "ELF core";
	return NULL;
}

/* The status word of the header, in whichever byte order it is small; 64-bit layout. */
static unsigned status_word(const uint8_t *head)
{
	enum { STATUS = 424 };
	const uint8_t *p = head + STATUS;
	unsigned little = p[0] | p[1] << 8 | p[2] << 16 | (unsigned)p[3] << 24;
	unsigned big = p[3] | p[2] << 8 | p[1] << 16 | (unsigned)p[0] << 24;

	return little < big ? little : big;
}

void od_dump_prepare(int fd)
{
	enum { FLAT_HEAD = 4096 + 16 }; /* the flattened file's own header, and that of its first record */
	uint8_t head[512];
	uint64_t at = 0;

	if (od_source_pread(fd, 0, head, sizeof(head)) != sizeof(head))
		return;
	if (od_flat_is(head, sizeof(head)))
		at = FLAT_HEAD;
	if (at && od_source_pread(fd, at, head, sizeof(head)) != sizeof(head))
		return;
	/* QEMU writes zeros first and the header where it likes: anything may come. */
	if (od_dump_is_kdump(head, sizeof(head)))
		od_inflate_prepare(status_word(head));
	else if (at)
		od_inflate_prepare(0);
}

const char *od_dump_advice(const void *head, size_t len)
{
	(void)head, (void)len;
	return NULL;
}
