/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dump as memory: pages through a cache, virtual addresses through a walk of page tables. */
#include "target/dump.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "target/dump-internal.h"
#include "target/dump-xlat.h"

enum { CACHE = 4 << 20 /* bytes; touched as far as they are used */, WAYS = 2 };

void od_dump_say(struct od_dump *d, const char *fmt, ...)
{
	struct od_buf buf = OD_BUF_INIT;
	va_list ap;

	if (d->nsaid == OD_DUMP_MAX_SAID)
		return;
	va_start(ap, fmt);
	od_buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	d->said[d->nsaid++] = od_arena_strdup(&d->arena, od_buf_str(&buf));
	od_buf_deinit(&buf);
}

bool od_dump_set_block(struct od_dump *d, uint64_t size)
{
	if (size < OD_DUMP_MIN_PAGE || size > OD_DUMP_MAX_PAGE || (size & (size - 1)))
		return false;
	d->block_size = (uint32_t)size;
	d->block_shift = (unsigned)__builtin_ctzll(size);
	d->mem.page_size = d->block_size;
	return true;
}

/* --- physical memory ------------------------------------------------------------------------------- */

static void make_cache(struct od_dump *d)
{
	struct od_page_cache *c = &d->cache;

	c->sets = CACHE / d->block_size / WAYS;
	c->pages = od_malloc((size_t)c->sets * WAYS * d->block_size);
	c->tags = od_calloc((size_t)c->sets * WAYS, sizeof(*c->tags));
	c->older = od_calloc(c->sets, 1);
	c->why = od_calloc((size_t)c->sets * WAYS, sizeof(*c->why));
}

/* The frame in the cache; NULL: *status says why not. */
static const uint8_t *frame(struct od_dump *d, uint64_t pfn, enum od_mem_status *status)
{
	struct od_page_cache *c = &d->cache;
	size_t set, at;

	if (!c->pages)
		make_cache(d);
	/* Spread by a hash: structures of a kernel lie at equal distances. */
	set = (size_t)(pfn * 0x9e3779b97f4a7c15ull >> 40) & (c->sets - 1);
	for (unsigned way = 0; way < WAYS; way++) {
		at = set * WAYS + way;
		if (c->tags[at] == pfn + 1) {
			c->older[set] = (uint8_t)!way;
			*status = c->why[at];
			return *status == OD_MEM_OK ? c->pages + at * d->block_size : NULL;
		}
	}
	at = set * WAYS + c->older[set];
	*status = d->ops->page(d, pfn, c->pages + at * d->block_size);
	/* One that cannot be had is kept as well: a walk of page tables may ask for it at every step. */
	c->why[at] = *status;
	c->tags[at] = pfn + 1;
	c->older[set] = !c->older[set];
	return *status == OD_MEM_OK ? c->pages + at * d->block_size : NULL;
}

enum od_mem_status od_dump_phys(struct od_dump *d, uint64_t addr, void *buf, size_t len, size_t *got)
{
	enum od_mem_status status = OD_MEM_OK;

	for (*got = 0; *got < len;) {
		uint64_t at = addr + *got;
		size_t in = (size_t)(at & (d->block_size - 1)), n = d->block_size - in;
		const uint8_t *page;

		if (at < addr)
			return OD_MEM_ABSENT;
		if (d->ops->range && len - *got >= 4 * (size_t)d->block_size && at + (len - *got) > at) {
			size_t more;

			status = d->ops->range(d, at, (char *)buf + *got, len - *got, &more);
			*got += more;
			return status;
		}
		if (n > len - *got)
			n = len - *got;
		page = frame(d, at >> d->block_shift, &status);
		if (page) {
			memcpy((char *)buf + *got, page + in, n);
		} else if (d->ops->range) { /* there in part? */
			size_t part;

			status = d->ops->range(d, at, (char *)buf + *got, n, &part);
			if (part < n) {
				*got += part;
				return status;
			}
		} else {
			return status;
		}
		*got += n;
	}
	return OD_MEM_OK;
}

/* --- virtual memory ---------------------------------------------------------------------------------- */

static enum od_mem_status read_virt(struct od_dump *d, uint64_t addr, void *buf, size_t len, size_t *got)
{
	enum od_mem_status status;

	*got = 0;
	if (!d->xlat.walk && d->ops->virt)
		return d->ops->virt(d, addr, buf, len, got);
	while (*got < len) {
		uint64_t at = addr + *got, phys, more;
		uint64_t page = 1ull << d->xlat.page_shift, n = page - (at & (page - 1));
		size_t part;

		if (at < addr)
			return OD_MEM_UNMAPPED;
		status = od_xlat(d, at, &phys);
		if (status != OD_MEM_OK)
			return status;
		/* As far as it goes on in physical memory too: big reads are few. */
		while (n < len - *got && at + n > at && od_xlat(d, at + n, &more) == OD_MEM_OK && more == phys + n)
			n += page;
		if (n > len - *got)
			n = len - *got;
		status = od_dump_phys(d, phys, (char *)buf + *got, (size_t)n, &part);
		*got += part;
		if (status != OD_MEM_OK)
			return status;
	}
	return OD_MEM_OK;
}

static enum od_mem_status read_dump(struct od_memory *mem, enum od_space space, uint64_t addr, void *buf,
				    size_t len, size_t *got)
{
	struct od_dump *d = (struct od_dump *)mem;

	return space == OD_VIRT ? read_virt(d, addr, buf, len, got) : od_dump_phys(d, addr, buf, len, got);
}

/* --- open, facts ---------------------------------------------------------------------------------------- */

static struct od_error *open_sources(struct od_dump *d, const int *fds, unsigned n)
{
	d->src = od_calloc(n, sizeof(*d->src));
	for (unsigned i = 0; i < n; i++) {
		struct od_error *err = od_source_open(&d->src[i], fds[i]);

		if (err)
			return err;
		d->nsrc++;
		d->facts.flattened |= d->src[i].flattened;
		d->facts.truncated |= d->src[i].truncated;
		if (d->src[i].limited)
			od_dump_say(d, "a flattened file of more than %u records; the rest was not read",
				    (unsigned)OD_DUMP_MAX_RECORDS);
	}
	return NULL;
}

static struct od_error *open_backend(struct od_dump *d, const int *fds, unsigned n)
{
	uint8_t head[64];
	size_t len = od_source_read(&d->src[0], 0, head, sizeof(head));

	if (od_dump_is_kdump(head, len))
		return od_dump_open_kdump(d);
	if (od_dump_is_elf(head, len) && !od_dump_is_xen(head, len)) {
		if (n > 1)
			return od_error_new(OD_ERR_UNSUPPORTED, "ELF dumps are one file each, these are %u", n);
		return od_dump_open_elf(d);
	}
	return od_dump_open_foreign(d, fds, n);
}

void od_dump_prepare(int fd)
{
	enum { STATUS64 = 424, STATUS32 = 412, HEAD = 464 };
	uint8_t head[HEAD] = { 0 };
	size_t len = fd < 0 ? 0 : od_source_pread(fd, 0, head, sizeof(head));
	unsigned methods = 0;

	/* Without looking closer: nothing of a stranger is parsed yet. */
	if (od_flat_is(head, len))
		methods = OD_KDUMP_COMPRESSED;
	else if (od_dump_is_kdump(head, len) && len == HEAD)
		for (int be = 0; be < 2; be++)
			methods |= (unsigned)(od_get(head + STATUS64, 4, be) | od_get(head + STATUS32, 4, be));
	else if (od_dump_probe(head, len) && (!od_dump_is_elf(head, len) || od_dump_is_xen(head, len)))
		(void)od_foreign_prepare();
	od_inflate_prepare(methods);
}

bool od_dump_has(const char *library)
{
	return !strcmp(library, "libkdumpfile") ? od_foreign_built() : od_inflate_built(library);
}

struct od_error *od_dump_open(const int *fds, unsigned n, struct od_dump **ret)
{
	struct od_dump *d;
	struct od_error *err;

	if (!n || n > OD_DUMP_MAX_FILES)
		return od_error_new(OD_ERR_UNSUPPORTED, "a dump of %u files", n);
	d = od_calloc(1, sizeof(*d));
	od_arena_init(&d->arena);
	d->mem.read = read_dump;
	d->facts.dump_level = -1;
	err = open_sources(d, fds, n);
	if (!err)
		err = open_backend(d, fds, n);
	if (err) {
		od_dump_destroy(d);
		return err;
	}
	od_dump_guess_arch(d);
	*ret = d;
	return NULL;
}

void od_dump_destroy(struct od_dump *d)
{
	if (!d)
		return;
	if (d->backend)
		d->ops->destroy(d);
	for (unsigned i = 0; i < d->nsrc; i++)
		od_source_close(&d->src[i]);
	free(d->src);
	free(d->cache.pages);
	free(d->cache.tags);
	free(d->cache.older);
	free(d->cache.why);
	free(d->notes);
	od_arena_deinit(&d->arena);
	free(d);
}

const struct od_dump_facts *od_dump_facts(const struct od_dump *d)
{
	return &d->facts;
}

bool od_dump_prstatus(const struct od_dump *d, uint32_t i, struct od_prstatus *ret)
{
	if (i >= d->facts.nprstatus)
		return false;
	*ret = d->prstatus[i];
	return true;
}

const char *od_dump_vmcoreinfo(struct od_dump *d, size_t *len, bool *scanned)
{
	if (!d->vmcoreinfo && !d->scanned) {
		d->scanned = true;
		od_dump_scan(d);
		od_dump_guess_arch(d);
	}
	*scanned = d->scanned;
	*len = d->vmcoreinfo_len;
	return d->vmcoreinfo;
}

const char *od_dump_note(const struct od_dump *d, size_t n)
{
	return n < d->nsaid ? d->said[n] : NULL;
}

struct od_memory *od_dump_memory(struct od_dump *d)
{
	return &d->mem;
}
