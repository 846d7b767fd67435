/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of a core: its headers, and memory out of its segments. */
#include <elf.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "io/unpack.h"
#include "target/core/core-internal.h"

enum { EHDR32 = 52, EHDR64 = 64, PHDR32 = 32, PHDR64 = 56, SHDR32 = 40, SHDR64 = 64 };

void od_core_say(struct od_core *c, const char *fmt, ...)
{
	struct od_buf buf = OD_BUF_INIT;
	va_list ap;

	if (c->nsaid == OD_CORE_SAID)
		return;
	va_start(ap, fmt);
	od_buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	c->said[c->nsaid] = od_arena_strdup(&c->arena, od_buf_str(&buf));
	od_buf_deinit(&buf);
	/* Each thread of a damaged core may be odd in the same way. */
	for (size_t i = 0; i < c->nsaid; i++)
		if (!strcmp(c->said[i], c->said[c->nsaid]))
			return;
	c->nsaid++;
}

/* --- headers --------------------------------------------------------------------------------------- */

struct header {
	bool is64, big;
	uint16_t machine;
	uint64_t phoff;
	uint32_t phentsize, phnum;
};

struct segment {
	uint64_t offset, vaddr, paddr, filesz, memsz;
	uint32_t type, flags;
};

/* e_phnum, or where it really is: the first section header (gABI 4.1). */
static uint64_t phnum(struct od_source *src, const struct header *h, const uint8_t *head)
{
	uint64_t n = od_get(head + (h->is64 ? 56 : 44), 2, h->big), shoff;
	const size_t size = h->is64 ? SHDR64 : SHDR32;
	uint8_t sh[SHDR64];

	if (n != PN_XNUM)
		return n;
	shoff = od_get(head + (h->is64 ? 40 : 32), h->is64 ? 8 : 4, h->big);
	if (shoff && od_source_read(src, shoff, sh, size) == size)
		n = od_get(sh + (h->is64 ? 44 : 28), 4, h->big);
	return n < OD_CORE_SEGMENTS ? n : OD_CORE_SEGMENTS;
}

static bool read_header(struct od_source *src, struct header *h)
{
	uint8_t head[EHDR64] = { 0 };
	size_t len = od_source_read(src, 0, head, sizeof(head));

	if (!od_dump_is_elf(head, len) || len < EHDR32)
		return false;
	h->is64 = head[EI_CLASS] == ELFCLASS64;
	h->big = head[EI_DATA] == ELFDATA2MSB;
	if ((!h->is64 && head[EI_CLASS] != ELFCLASS32) || (h->is64 && len < EHDR64) ||
	    (!h->big && head[EI_DATA] != ELFDATA2LSB))
		return false;
	h->machine = (uint16_t)od_get(head + 18, 2, h->big);
	h->phoff = od_get(head + (h->is64 ? 32 : 28), h->is64 ? 8 : 4, h->big);
	h->phentsize = (uint32_t)od_get(head + (h->is64 ? 54 : 42), 2, h->big);
	if (h->phentsize < (h->is64 ? PHDR64 : PHDR32) || h->phentsize > 4096)
		return false;
	h->phnum = (uint32_t)phnum(src, h, head);
	return h->phnum > 0;
}

static struct segment parse_segment(const struct header *h, const uint8_t *p)
{
	const bool be = h->big;

	if (h->is64)
		return (struct segment){ .type = (uint32_t)od_get(p, 4, be), .flags = (uint32_t)od_get(p + 4, 4, be),
					 .offset = od_get(p + 8, 8, be), .vaddr = od_get(p + 16, 8, be),
					 .paddr = od_get(p + 24, 8, be), .filesz = od_get(p + 32, 8, be),
					 .memsz = od_get(p + 40, 8, be) };
	return (struct segment){ .type = (uint32_t)od_get(p, 4, be), .flags = (uint32_t)od_get(p + 24, 4, be),
				 .offset = od_get(p + 4, 4, be), .vaddr = od_get(p + 8, 4, be),
				 .paddr = od_get(p + 12, 4, be), .filesz = od_get(p + 16, 4, be),
				 .memsz = od_get(p + 20, 4, be) };
}

/* Each program header that is in the file, in pieces: there may be a million. True: all of them are. */
static bool each_segment(struct od_source *src, const struct header *h,
			 void (*fn)(void *ctx, const struct segment *s), void *ctx)
{
	enum { PIECE = 64 * 1024 };
	od_autofree uint8_t *buf = od_malloc(PIECE);
	const uint32_t per = PIECE / h->phentsize;

	for (uint32_t i = 0; i < h->phnum; i += per) {
		size_t want = (size_t)(h->phnum - i < per ? h->phnum - i : per) * h->phentsize;
		size_t have = od_source_read(src, h->phoff + (uint64_t)i * h->phentsize, buf, want);

		for (size_t k = 0; k + (h->is64 ? PHDR64 : PHDR32) <= have; k += h->phentsize) {
			struct segment s = parse_segment(h, buf + k);

			fn(ctx, &s);
		}
		if (have < want)
			return false;
	}
	return true;
}

/* --- is it one? ------------------------------------------------------------------------------------- */

struct looker {
	struct od_source *src;
	const struct header *h;
	struct od_core_look look;
	bool kernel_memory, notes;
};

static void look_segment(void *ctx, const struct segment *s)
{
	/* The upper half belongs to the kernel; but for the page that old programs call for the time. */
	const uint64_t upper = UINT64_C(0xffff000000000000), vsyscall = UINT64_C(0xffffffffff600000);
	struct looker *l = ctx;

	if (s->type == PT_LOAD && s->memsz) {
		l->kernel_memory |= l->h->is64 && s->vaddr >= upper && s->vaddr != vsyscall;
	} else if (s->type == PT_NOTE && s->filesz && !l->notes) {
		size_t size = s->filesz < OD_CORE_NOTES ? (size_t)s->filesz : OD_CORE_NOTES;
		uint64_t there = s->offset < l->src->size ? l->src->size - s->offset : 0;
		od_autofree uint8_t *p = NULL;

		if (size > there)
			size = (size_t)there;
		p = od_malloc(size + 1);
		l->notes = true;
		od_core_look_notes(p, od_source_read(l->src, s->offset, p, size), l->h->big, &l->look);
	}
}

bool od_core_may_be(int fd)
{
	uint8_t head[EI_NIDENT + 4];
	const size_t len = od_source_pread(fd, 0, head, sizeof(head));

	return od_dump_is_elf(head, len) || od_unpack_is_stream(head, len);
}

/* Its notes lie too far behind for a look; but no kernel's dump is compressed as a whole and has no paddr. */
static bool probe_packed(int fd)
{
	uint8_t head[OD_UNPACK_FIRST];
	size_t len = od_unpack_probe(fd) == OD_PACK_STREAM ? od_unpack_first(fd, head, sizeof(head)) : 0;

	return od_dump_is_elf(head, len);
}

bool od_core_probe(int fd)
{
	struct od_source src;
	struct header h;
	struct looker l = { &src, &h, { 0 }, false, false };
	uint8_t head[EI_NIDENT + 4];
	od_autoerror err = NULL;
	bool ret = false;

	/* A flattened dump is one of a kernel, and is expensive to open. */
	if (od_source_pread(fd, 0, head, sizeof(head)) != sizeof(head) || memcmp(head, ELFMAG, SELFMAG) != 0)
		return probe_packed(fd);
	err = od_source_open(&src, fd);
	if (err)
		return false;
	if (read_header(&src, &h)) {
		each_segment(&src, &h, look_segment, &l);
		ret = l.look.process && !l.look.kernel && !l.kernel_memory;
	}
	od_source_close(&src);
	return ret;
}

/* --- open ---------------------------------------------------------------------------------------------- */

struct opener {
	struct od_core *c;
	const struct header *h;
};

static void take_notes_segment(struct od_core *c, const struct segment *s)
{
	size_t size = s->filesz < OD_CORE_NOTES ? (size_t)s->filesz : OD_CORE_NOTES;
	uint64_t there = s->offset < c->src.size ? c->src.size - s->offset : 0;

	if (c->notes || !s->filesz)
		return;
	if (size > there) {
		c->facts.truncated = true;
		size = (size_t)there;
	}
	c->notes = od_malloc(size + 1);
	od_core_take_notes(c, c->notes, od_source_read(&c->src, s->offset, c->notes, size));
}

static void take_segment(void *ctx, const struct segment *s)
{
	struct od_core *c = ((struct opener *)ctx)->c;
	uint64_t filesz = s->filesz < s->memsz ? s->filesz : s->memsz, there;

	if (s->type == PT_NOTE) {
		take_notes_segment(c, s);
		return;
	}
	if (s->type != PT_LOAD || !s->memsz || s->vaddr + s->memsz < s->vaddr)
		return;
	there = s->offset < c->src.size ? c->src.size - s->offset : 0;
	if (there > filesz)
		there = filesz;
	c->facts.truncated |= there < filesz;
	od_extents_add(&c->data, s->vaddr, there, s->offset);
	od_extents_add(&c->cut, s->vaddr + there, filesz - there, 0);
	od_extents_add(&c->left_out, s->vaddr + filesz, s->memsz - filesz, 0);
	*od_push(&c->arena, c->segments, c->nsegments, c->segments_cap) =
		(struct od_core_segment){ s->vaddr, s->vaddr + s->memsz, s->flags };
}

static int by_start(const void *a, const void *b)
{
	const struct od_core_segment *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* The kernel writes the thread that died first; whoever does not tells by the signal. */
static void put_crash_first(struct od_core *c)
{
	struct od_core_thread first;
	uint32_t i;

	for (i = 0; i < c->nthreads && !c->threads[i].signal; i++)
		;
	if (i == c->nthreads)
		return;
	first = c->threads[i];
	memmove(&c->threads[1], &c->threads[0], i * sizeof(first));
	c->threads[0] = first;
	if (!c->facts.has_siginfo)
		c->facts.signal = first.signal;
}

static enum od_mem_status read_core(struct od_memory *mem, enum od_space space, uint64_t addr, void *buf,
				    size_t len, size_t *got);

/* Open the file, or what is compressed in it. */
static struct od_error *open_source(struct od_core *c, int fd, const struct od_unpack_watch *watch)
{
	struct od_unpacked_image image;
	struct od_error *err;
	uint8_t head[SELFMAG];

	if (od_source_pread(fd, 0, head, sizeof(head)) != sizeof(head) || !memcmp(head, ELFMAG, SELFMAG))
		return od_source_open(&c->src, fd);
	err = od_unpack_image(fd, watch, &image);
	if (err)
		return err;
	c->facts.packed = image.how;
	c->facts.truncated = image.cut;
	c->facts.why_cut = image.why;
	err = od_source_open_sealed(&c->src, image.fd);
	close(image.fd);
	return err;
}

/* What was compressed could not be looked at before. */
static struct od_error *check_is_process(struct od_core *c, const struct header *h)
{
	struct looker l = { &c->src, h, { 0 }, false, false };

	if (!c->facts.packed)
		return NULL;
	each_segment(&c->src, h, look_segment, &l);
	if (l.look.process && !l.look.kernel && !l.kernel_memory)
		return NULL;
	return od_error_new(OD_ERR_UNSUPPORTED, "an ELF core that is compressed as a whole, and of no process: "
						"%s -d makes a file that can be read", c->facts.packed);
}

struct od_error *od_core_open(int fd, const struct od_unpack_watch *watch, struct od_core **ret)
{
	struct od_core *c = od_calloc(1, sizeof(*c));
	struct od_error *err;
	struct header h;
	struct opener o = { c, &h };

	*ret = NULL;
	od_arena_init(&c->arena);
	c->facts.pid = c->facts.ppid = -1;
	c->page_size = OD_CORE_PAGE;
	err = open_source(c, fd, watch);
	if (!err && !read_header(&c->src, &h))
		err = od_error_new(OD_ERR_UNSUPPORTED, "an ELF core whose headers make no sense");
	if (!err)
		err = check_is_process(c, &h);
	if (err) {
		od_core_destroy(c);
		return err;
	}
	c->mem = (struct od_memory){ .read = read_core, .big_endian = h.big, .page_size = OD_CORE_PAGE,
				     .pointer_size = h.is64 ? 8 : 4 };
	c->facts.machine = h.machine;
	c->arch = od_core_arch(h.machine, h.is64);
	c->facts.arch = c->arch ? c->arch->name : NULL;
	if (!each_segment(&c->src, &h, take_segment, &o))
		c->facts.truncated = true;
	od_extents_sort(&c->data);
	od_extents_sort(&c->left_out);
	od_extents_sort(&c->cut);
	if (c->nsegments)
		qsort(c->segments, c->nsegments, sizeof(*c->segments), by_start);
	put_crash_first(c);
	od_core_find_objects(c);
	*ret = c;
	return NULL;
}

void od_core_destroy(struct od_core *c)
{
	if (!c)
		return;
	for (uint32_t i = 0; i < c->nobjects; i++)
		if (c->objects[i]->vdso)
			od_debug_close(c->objects[i]->code);
	od_source_close(&c->src);
	od_extents_free(&c->data);
	od_extents_free(&c->left_out);
	od_extents_free(&c->cut);
	free(c->notes);
	free(c->cache);
	free(c->tags);
	od_arena_deinit(&c->arena);
	free(c);
}

/* --- memory -------------------------------------------------------------------------------------------- */

/* A page of the file; its length, shorter at the end of the file. Plugins walk lists of small things. */
static const uint8_t *page_at(struct od_core *c, uint64_t place, size_t *len)
{
	const uint64_t tag = place / OD_CORE_PAGE + 1;
	const size_t slot = (size_t)(tag * 0x9e3779b97f4a7c15ull >> 40) % OD_CORE_CACHE;
	uint8_t *page;

	if (!c->cache) {
		c->cache = od_malloc((size_t)OD_CORE_CACHE * OD_CORE_PAGE);
		c->tags = od_calloc(OD_CORE_CACHE, sizeof(*c->tags));
	}
	page = c->cache + slot * OD_CORE_PAGE;
	*len = OD_CORE_PAGE;
	if (c->src.size - (tag - 1) * OD_CORE_PAGE < OD_CORE_PAGE)
		*len = (size_t)(c->src.size - (tag - 1) * OD_CORE_PAGE);
	if (c->tags[slot] == tag)
		return page;
	c->tags[slot] = 0;
	if (od_source_read(&c->src, (tag - 1) * OD_CORE_PAGE, page, *len) != *len)
		return NULL;
	c->tags[slot] = tag;
	return page;
}

/* Bytes of the file; all of them are in it by its size. */
static bool read_place(struct od_core *c, uint64_t place, uint8_t *buf, size_t len)
{
	size_t there;

	if (len > 2 * OD_CORE_PAGE)
		return od_source_read(&c->src, place, buf, len) == len;
	while (len) {
		const size_t in = (size_t)(place % OD_CORE_PAGE);
		size_t n = OD_CORE_PAGE - in < len ? OD_CORE_PAGE - in : len;
		const uint8_t *page = page_at(c, place, &there);

		if (!page || in + n > there)
			return false;
		memcpy(buf, page + in, n);
		place += n;
		buf += n;
		len -= n;
	}
	return true;
}

static enum od_mem_status read_core(struct od_memory *mem, enum od_space space, uint64_t addr, void *buf,
				    size_t len, size_t *got)
{
	struct od_core *c = (struct od_core *)mem;

	*got = 0;
	if (space != OD_VIRT)
		return OD_MEM_ABSENT;
	while (*got < len) {
		const uint64_t at = addr + *got;
		uint64_t next = UINT64_MAX, n = len - *got;
		const struct od_extent *x = at < addr ? NULL : od_extents_find(&c->data, at, &next);
		size_t from_file;

		if (at < addr)
			return OD_MEM_UNMAPPED;
		if (x) {
			if (n > x->end - at)
				n = x->end - at;
			if (!read_place(c, x->pos + (at - x->start), (uint8_t *)buf + *got, (size_t)n))
				return OD_MEM_TRUNCATED;
			*got += (size_t)n;
			continue;
		}
		if (n > next - at)
			n = next - at;
		from_file = od_core_read_file(c, at, (uint8_t *)buf + *got, (size_t)n);
		if (!from_file)
			return od_extents_find(&c->cut, at, NULL)      ? OD_MEM_TRUNCATED :
			       od_extents_find(&c->left_out, at, NULL) ? OD_MEM_EXCLUDED :
									 OD_MEM_UNMAPPED;
		*got += from_file;
	}
	return OD_MEM_OK;
}

/* --- what it knows --------------------------------------------------------------------------------------- */

struct od_memory *od_core_memory(struct od_core *c)
{
	return &c->mem;
}

const struct od_core_facts *od_core_facts(const struct od_core *c)
{
	return &c->facts;
}

uint32_t od_core_nthreads(const struct od_core *c)
{
	return c->nthreads;
}

const struct od_core_thread *od_core_thread(const struct od_core *c, uint32_t i)
{
	return &c->threads[i];
}

uint32_t od_core_nobjects(const struct od_core *c)
{
	return c->nobjects;
}

struct od_core_object *od_core_object(const struct od_core *c, uint32_t i)
{
	return c->objects[i];
}

const char *od_core_note(const struct od_core *c, size_t n)
{
	return n < c->nsaid ? c->said[n] : NULL;
}

static const struct od_core_segment *segment_of(const struct od_core *c, uint64_t addr)
{
	uint32_t lo = 0, hi = c->nsegments;

	while (lo < hi) { /* the first that begins beyond addr */
		uint32_t mid = lo + (hi - lo) / 2;

		if (c->segments[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && addr < c->segments[lo - 1].end ? &c->segments[lo - 1] : NULL;
}

unsigned od_core_access(const struct od_core *c, uint64_t addr)
{
	const struct od_core_segment *s = segment_of(c, addr);

	return s ? s->flags : 0;
}

bool od_core_segment(const struct od_core *c, uint64_t addr, uint64_t *start, uint64_t *end)
{
	const struct od_core_segment *s = segment_of(c, addr);

	if (!s)
		return false;
	*start = s->start;
	*end = s->end;
	return true;
}
