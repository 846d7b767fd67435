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

const char *od_dump_advice(const void *head, size_t len)
{
	(void)head, (void)len;
	return NULL;
}
