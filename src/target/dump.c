/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dumps through libkdumpfile alone: what our own reader does not know. */
#define _GNU_SOURCE
#include "target/dump.h"

#include <libkdumpfile/kdumpfile.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "symbols/vmcoreinfo.h"

struct od_dump {
	struct od_memory mem;
	struct od_arena arena;
	struct od_dump_facts facts;
	kdump_ctx_t *ctx;
	char *vmcoreinfo;
};

const char *od_dump_probe(const void *head, size_t len)
{
	if (len >= 8 && !memcmp(head, "KDUMP   ", 8))
		return "kdump-compressed";
	if (len >= 18 && !memcmp(head, "\177ELF", 4) && ((const char *)head)[16] == 4)
		return "ELF core";
	return NULL;
}

const char *od_dump_advice(const void *head, size_t len)
{
	(void)head, (void)len;
	return NULL;
}

static enum od_mem_status read_foreign(struct od_memory *mem, enum od_space space, uint64_t addr,
				       void *buf, size_t len, size_t *got)
{
	struct od_dump *d = (struct od_dump *)mem;
	size_t n = len;
	kdump_status st = kdump_read(d->ctx, space == OD_VIRT ? KDUMP_KVADDR : KDUMP_MACHPHYSADDR,
				     addr, buf, &n);

	*got = n;
	if (st == KDUMP_OK)
		return OD_MEM_OK;
	return st == KDUMP_ERR_NODATA ? OD_MEM_EXCLUDED :
	       st == KDUMP_ERR_ADDRXLAT ? OD_MEM_UNMAPPED : OD_MEM_DAMAGED;
}

struct od_error *od_dump_open(const int *fds, unsigned n, struct od_dump **ret)
{
	struct od_dump *d = od_calloc(1, sizeof(*d));
	kdump_num_t number;
	const char *s;

	d->ctx = kdump_new();
	kdump_set_number_attr(d->ctx, "file.mmap_policy", KDUMP_MMAP_NEVER);
	if ((n == 1 ? kdump_open_fd(d->ctx, fds[0]) : kdump_open_fdset(d->ctx, n, fds)) != KDUMP_OK) {
		struct od_error *err =
			od_error_new(OD_ERR_UNSUPPORTED, "%s", kdump_get_err(d->ctx));

		free(d); /* kdump_free() of 0.5.1 uses freed memory */
		return err;
	}
	kdump_set_string_attr(d->ctx, KDUMP_ATTR_OSTYPE, "linux");
	d->mem = (struct od_memory){ .read = read_foreign, .pointer_size = 8, .page_size = 4096 };
	d->facts.dump_level = -1;
	if (kdump_get_string_attr(d->ctx, KDUMP_ATTR_FILE_FORMAT, &s) == KDUMP_OK)
		d->facts.format = od_arena_strdup(&d->arena, s);
	if (kdump_get_string_attr(d->ctx, KDUMP_ATTR_ARCH_NAME, &s) == KDUMP_OK)
		d->facts.arch = od_arena_strdup(&d->arena, s);
	if (kdump_get_number_attr(d->ctx, "cpu.number", &number) == KDUMP_OK)
		d->facts.nprstatus = (uint32_t)number;
	*ret = d;
	return NULL;
}

void od_dump_destroy(struct od_dump *d)
{
	if (!d)
		return;
	free(d->vmcoreinfo);
	od_arena_deinit(&d->arena);
	free(d);
}

const struct od_dump_facts *od_dump_facts(const struct od_dump *d)
{
	return &d->facts;
}

bool od_dump_prstatus(const struct od_dump *d, uint32_t i, struct od_prstatus *ret)
{
	(void)d, (void)i, (void)ret;
	return false;
}

const char *od_dump_vmcoreinfo(struct od_dump *d, size_t *len, bool *scanned)
{
	*scanned = false;
	if (!d->vmcoreinfo && kdump_vmcoreinfo_raw(d->ctx, &d->vmcoreinfo) != KDUMP_OK)
		return NULL;
	*len = strlen(d->vmcoreinfo);
	return d->vmcoreinfo;
}

const char *od_dump_note(const struct od_dump *d, size_t n)
{
	(void)d, (void)n;
	return NULL;
}

struct od_memory *od_dump_memory(struct od_dump *d)
{
	return &d->mem;
}

struct od_error *od_dump_translate(struct od_dump *d, const struct od_vmcoreinfo *info)
{
	(void)d, (void)info;
	return NULL;
}

enum od_mem_status od_dump_vtop(struct od_dump *d, uint64_t virt, uint64_t *phys, struct od_buf *out)
{
	(void)d, (void)virt, (void)phys, (void)out;
	return OD_MEM_UNMAPPED;
}
