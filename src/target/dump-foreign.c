/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every other format that libkdumpfile knows: LKCD, s390, sadump, Xen, DISKDUMP. The only file with the
 * library, which is loaded when the first such dump comes: with it comes libstdc++ (of libsnappy), which
 * would cost every start of the program. Of 0.5.1, the library of Debian 12, is known: mmap
 * of a truncated file ends in SIGBUS, so it never maps; kdump_free() uses freed memory, so a context is
 * never freed; an architecture that it does not know crashes it. Whoever opens strangers' dumps with
 * this is in the engine, which is locked down and may die.
 */
#include "config.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/load.h"
#include "target/dump-internal.h"

#ifdef KDUMPFILE_SONAME
#include <libkdumpfile/kdumpfile.h>

#define FUNCTIONS(x)                                                                               \
	x(kdump_new) x(kdump_open_fdset) x(kdump_set_attr) x(kdump_get_attr) x(kdump_read)         \
	x(kdump_get_err) x(kdump_vmcoreinfo_raw)

static struct {
#define POINTER(name) __typeof__(&name) name;
	FUNCTIONS(POINTER)
} lib;

static const struct od_function functions[] = {
#define ROW(name) { #name, (void **)&lib.name },
	FUNCTIONS(ROW)
};

bool od_foreign_built(void)
{
	return true;
}

bool od_foreign_prepare(void)
{
	static bool done;

	if (done || od_dump_sealed)
		return done;
	return done = od_load_functions(KDUMPFILE_SONAME, functions, sizeof(functions) / sizeof(*functions));
}

static enum od_mem_status read_space(struct od_dump *d, kdump_addrspace_t space, uint64_t addr, void *buf,
				     size_t len, size_t *got)
{
	*got = len;
	switch (lib.kdump_read(d->backend, space, addr, buf, got)) {
	case KDUMP_OK:
		return OD_MEM_OK;
	case KDUMP_ERR_NODATA:
		return OD_MEM_EXCLUDED;
	case KDUMP_ERR_EOF:
		return OD_MEM_TRUNCATED;
	case KDUMP_ERR_ADDRXLAT:
		return OD_MEM_UNMAPPED;
	default:
		return OD_MEM_DAMAGED;
	}
}

static enum od_mem_status foreign_page(struct od_dump *d, uint64_t pfn, uint8_t *page)
{
	size_t got;

	return read_space(d, KDUMP_MACHPHYSADDR, pfn << d->block_shift, page, d->block_size, &got);
}

static enum od_mem_status foreign_virt(struct od_dump *d, uint64_t addr, void *buf, size_t len, size_t *got)
{
	return read_space(d, KDUMP_KVADDR, addr, buf, len, got);
}

static void foreign_destroy(struct od_dump *d)
{
	(void)d; /* kdump_free() of 0.5.1 uses freed memory */
}

static const struct od_dump_ops foreign_ops = {
	.page = foreign_page,
	.virt = foreign_virt,
	.destroy = foreign_destroy,
};

static const char *string(struct od_dump *d, const char *key)
{
	kdump_attr_t attr = { .type = KDUMP_STRING };

	if (lib.kdump_get_attr(d->backend, key, &attr) != KDUMP_OK || attr.type != KDUMP_STRING)
		return NULL;
	return od_arena_strdup(&d->arena, attr.val.string);
}

static uint64_t number(struct od_dump *d, const char *key, uint64_t otherwise)
{
	kdump_attr_t attr = { .type = KDUMP_NUMBER };

	if (lib.kdump_get_attr(d->backend, key, &attr) != KDUMP_OK || attr.type != KDUMP_NUMBER)
		return otherwise;
	return attr.val.number;
}

static void take_facts(struct od_dump *d)
{
	struct od_dump_facts *f = &d->facts;
	const char *arch = string(d, KDUMP_ATTR_ARCH_NAME);
	char *info = NULL;

	f->format = string(d, "file.description");
	f->arch = arch ? od_dump_arch(arch) : NULL;
	f->release = string(d, "linux.uts.release");
	f->nodename = string(d, "linux.uts.nodename");
	f->version = string(d, "linux.uts.version");
	f->max_pfn = number(d, "max_pfn", 0);
	d->mem.big_endian = number(d, KDUMP_ATTR_BYTE_ORDER, KDUMP_LITTLE_ENDIAN) == KDUMP_BIG_ENDIAN;
	d->mem.pointer_size = number(d, KDUMP_ATTR_PTR_SIZE, 8) == 4 ? 4 : 8;
	if (lib.kdump_vmcoreinfo_raw(d->backend, &info) == KDUMP_OK && info) {
		d->vmcoreinfo = od_arena_strdup(&d->arena, info);
		d->vmcoreinfo_len = strlen(info);
		free(info);
	}
}

struct od_error *od_dump_open_foreign(struct od_dump *d, const int *fds, unsigned n)
{
	kdump_attr_t no_mmap = { .type = KDUMP_NUMBER, .val.number = KDUMP_MMAP_NEVER };
	kdump_attr_t is_linux = { .type = KDUMP_STRING, .val.string = "linux" };

	if (d->facts.flattened || !od_foreign_prepare() || !(d->backend = lib.kdump_new()))
		return od_error_new(OD_ERR_UNSUPPORTED, "no dump of a format that can be read%s",
				    d->facts.flattened ? "" : " without libkdumpfile");
	d->ops = &foreign_ops;
	lib.kdump_set_attr(d->backend, "file.mmap_policy", &no_mmap);
	if (lib.kdump_open_fdset(d->backend, n, fds) != KDUMP_OK)
		return od_error_new(OD_ERR_UNSUPPORTED, "%s", lib.kdump_get_err(d->backend));
	if (!od_dump_set_block(d, number(d, KDUMP_ATTR_PAGE_SIZE, OD_DUMP_MIN_PAGE)))
		return od_error_new(OD_ERR_UNSUPPORTED, "a dump with pages of an impossible size");
	lib.kdump_set_attr(d->backend, KDUMP_ATTR_OSTYPE, &is_linux);
	take_facts(d);
	return NULL;
}
#else
bool od_foreign_built(void)
{
	return false;
}

bool od_foreign_prepare(void)
{
	return false;
}

struct od_error *od_dump_open_foreign(struct od_dump *d, const int *fds, unsigned n)
{
	(void)d, (void)fds, (void)n;
	return od_error_new(OD_ERR_UNSUPPORTED, "no dump of a format that can be read without libkdumpfile");
}
#endif
