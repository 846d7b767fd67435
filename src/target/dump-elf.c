/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ELF core dumps of a kernel: copies of /proc/vmcore, makedumpfile -E, QEMU's dump-guest-memory, virsh
 * dump --memory-only. 32 and 64 bits, either byte order; segments in any order, and over each other;
 * more than 65534 of them (the number is then sh_info of the first section header, gABI 4.1).
 * What a segment has in memory and not in the file was left out on purpose (makedumpfile -E).
 */
#include <elf.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "target/dump-internal.h"

enum { EHDR32 = 52, EHDR64 = 64, PHDR32 = 32, PHDR64 = 56, SHDR32 = 40, SHDR64 = 64 };

struct elf {
	struct od_source *src;
	bool is64, big_endian;
	struct od_extents data, left_out, cut; /* cut: the file ends before it */
};

struct segment {
	uint64_t offset, vaddr, paddr, filesz, memsz;
	uint32_t type;
};

static const struct {
	uint16_t machine;
	const char *arch32, *arch64;
} machines[] = {
	{ EM_386, "i386", NULL },	     { EM_X86_64, NULL, "x86_64" },
	{ EM_AARCH64, NULL, "aarch64" },     { EM_ARM, "arm", NULL },
	{ EM_PPC, "ppc", NULL },	     { EM_PPC64, NULL, "ppc64" },
	{ EM_S390, "s390", "s390x" },	     { EM_MIPS, "mips", "mips64" },
	{ EM_RISCV, "riscv32", "riscv64" },  { EM_LOONGARCH, NULL, "loongarch64" },
	{ EM_IA_64, NULL, "ia64" },	     { EM_SPARCV9, NULL, "sparc64" },
};

bool od_dump_is_elf(const uint8_t *head, size_t len)
{
	return len >= 18 && !memcmp(head, ELFMAG, SELFMAG) &&
	       od_get(head + 16, 2, head[EI_DATA] == ELFDATA2MSB) == ET_CORE;
}

bool od_dump_is_xen(const uint8_t *head, size_t len)
{
	bool is64 = len >= EHDR64 && head[EI_CLASS] == ELFCLASS64;

	return od_dump_is_elf(head, len) && len >= EHDR32 &&
	       !od_get(head + (is64 ? 56 : 44), 2, head[EI_DATA] == ELFDATA2MSB);
}

static enum od_mem_status elf_range(struct od_dump *d, uint64_t addr, void *buf, size_t len, size_t *got)
{
	struct elf *e = d->backend;

	for (*got = 0; *got < len;) {
		uint64_t at = addr + *got, n;
		const struct od_extent *x = od_extents_find(&e->data, at, NULL);
		size_t r;

		if (!x)
			return od_extents_find(&e->cut, at, NULL)      ? OD_MEM_TRUNCATED :
			       od_extents_find(&e->left_out, at, NULL) ? OD_MEM_EXCLUDED :
									 OD_MEM_ABSENT;
		n = x->end - at < len - *got ? x->end - at : len - *got;
		r = od_source_read(e->src, x->pos + (at - x->start), (char *)buf + *got, n);
		*got += r;
		if (r < n)
			return OD_MEM_TRUNCATED;
	}
	return OD_MEM_OK;
}

static enum od_mem_status elf_page(struct od_dump *d, uint64_t pfn, uint8_t *page)
{
	size_t got;

	return elf_range(d, pfn << d->block_shift, page, d->block_size, &got);
}

static uint64_t elf_next(struct od_dump *d, uint64_t pfn)
{
	struct elf *e = d->backend;
	uint64_t next;

	if (od_extents_find(&e->data, pfn << d->block_shift, &next))
		return pfn;
	if (next != UINT64_MAX)
		next >>= d->block_shift;
	return next > pfn ? next : pfn;
}

static void elf_destroy(struct od_dump *d)
{
	struct elf *e = d->backend;

	od_extents_free(&e->data);
	od_extents_free(&e->left_out);
	od_extents_free(&e->cut);
	free(e);
}

static const struct od_dump_ops elf_ops = {
	.page = elf_page,
	.range = elf_range,
	.next = elf_next,
	.destroy = elf_destroy,
};

static struct segment segment_at(const struct elf *e, const uint8_t *p)
{
	bool be = e->big_endian;

	if (e->is64)
		return (struct segment){ .type = (uint32_t)od_get(p, 4, be),
					 .offset = od_get(p + 8, 8, be),
					 .vaddr = od_get(p + 16, 8, be),
					 .paddr = od_get(p + 24, 8, be),
					 .filesz = od_get(p + 32, 8, be),
					 .memsz = od_get(p + 40, 8, be) };
	return (struct segment){ .type = (uint32_t)od_get(p, 4, be),
				 .offset = od_get(p + 4, 4, be),
				 .vaddr = od_get(p + 8, 4, be),
				 .paddr = od_get(p + 12, 4, be),
				 .filesz = od_get(p + 16, 4, be),
				 .memsz = od_get(p + 20, 4, be) };
}

static void add_notes(struct od_dump *d, struct elf *e, const struct segment *s)
{
	uint8_t *p;
	size_t n;

	if (d->notes || !s->filesz) {
		if (s->filesz)
			od_dump_say(d, "only the first of several segments of notes was read");
		return;
	}
	if (s->filesz > OD_DUMP_MAX_NOTES)
		od_dump_say(d, "%llu bytes of notes, of which %u were read",
			    (unsigned long long)s->filesz, (unsigned)OD_DUMP_MAX_NOTES);
	n = s->filesz < OD_DUMP_MAX_NOTES ? (size_t)s->filesz : OD_DUMP_MAX_NOTES;
	if (s->offset >= e->src->size || n > e->src->size - s->offset) {
		d->facts.truncated = true;
		n = s->offset >= e->src->size ? 0 : (size_t)(e->src->size - s->offset);
	}
	p = od_malloc(n);
	d->notes = p;
	od_dump_take_notes(d, p, od_source_read(e->src, s->offset, p, n));
}

static void add_memory(struct od_dump *d, struct elf *e, const struct segment *s)
{
	/* __START_KERNEL_map: the segment that kexec makes of the kernel's own image. */
	const uint64_t map = 0xffffffff80000000;
	uint64_t filesz = s->filesz, end = s->paddr + s->memsz, there;

	if (s->paddr == UINT64_MAX || end < s->paddr)
		return; /* virtual memory only, as in /proc/kcore; or nonsense */
	if (filesz > s->memsz)
		filesz = s->memsz;
	there = s->offset < e->src->size ? e->src->size - s->offset : 0;
	if (there > filesz)
		there = filesz;
	d->facts.truncated |= there < filesz;
	od_extents_add(&e->data, s->paddr, there, s->offset);
	od_extents_add(&e->cut, s->paddr + there, filesz - there, 0);
	od_extents_add(&e->left_out, s->paddr + filesz, s->memsz - filesz, 0);
	if (e->is64 && s->vaddr >= map && s->vaddr < map + 0x80000000 && !d->has_phys_base) {
		d->phys_base = s->paddr - (s->vaddr - map);
		d->has_phys_base = true;
	}
	end = (end + d->block_size - 1) >> d->block_shift;
	if (end > d->facts.max_pfn)
		d->facts.max_pfn = end;
}

static uint64_t count_pages(const struct od_dump *d, const struct od_extents *x)
{
	uint64_t n = 0;

	for (size_t i = 0; i < x->n; i++)
		n += (x->v[i].end - x->v[i].start) >> d->block_shift;
	return n;
}

/* Program headers in pieces: there may be a million. */
static void read_segments(struct od_dump *d, struct elf *e, uint64_t phoff, uint32_t phentsize, uint32_t n)
{
	enum { PIECE = 64 * 1024 };
	uint8_t *buf = od_malloc(PIECE);
	uint32_t per = PIECE / phentsize;

	for (uint32_t i = 0; i < n; i += per) {
		size_t want = (size_t)(n - i < per ? n - i : per) * phentsize;
		size_t have = od_source_read(e->src, phoff + (uint64_t)i * phentsize, buf, want);

		for (size_t k = 0; k + (e->is64 ? PHDR64 : PHDR32) <= have; k += phentsize) {
			struct segment s = segment_at(e, buf + k);

			if (s.type == PT_NOTE)
				add_notes(d, e, &s);
			else if (s.type == PT_LOAD && s.memsz)
				add_memory(d, e, &s);
		}
		if (have < want) {
			d->facts.truncated = true;
			break;
		}
	}
	free(buf);
	od_extents_sort(&e->data);
	od_extents_sort(&e->left_out);
	od_extents_sort(&e->cut);
	d->facts.pages = count_pages(d, &e->data) + count_pages(d, &e->cut);
}

/* e_phnum, or where it really is. */
static uint32_t segment_count(struct od_dump *d, struct elf *e, const uint8_t *head)
{
	uint64_t n = od_get(head + (e->is64 ? 56 : 44), 2, e->big_endian), shoff;
	uint8_t sh[SHDR64];
	size_t size = e->is64 ? SHDR64 : SHDR32;

	if (n == PN_XNUM) {
		shoff = od_get(head + (e->is64 ? 40 : 32), e->is64 ? 8 : 4, e->big_endian);
		if (shoff && od_source_read(e->src, shoff, sh, size) == size)
			n = od_get(sh + (e->is64 ? 44 : 28), 4, e->big_endian);
	}
	if (n > OD_DUMP_MAX_SEGMENTS) {
		od_dump_say(d, "%llu segments, of which %u were read", (unsigned long long)n,
			    (unsigned)OD_DUMP_MAX_SEGMENTS);
		n = OD_DUMP_MAX_SEGMENTS;
	}
	return (uint32_t)n;
}

static const char *machine_name(const struct elf *e, uint16_t machine)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (machines[i].machine == machine) {
			if (machine == EM_PPC64 && !e->big_endian)
				return "ppc64le";
			return e->is64 ? machines[i].arch64 : machines[i].arch32;
		}
	return NULL;
}

struct od_error *od_dump_open_elf(struct od_dump *d)
{
	struct od_source *src = &d->src[0];
	uint8_t head[EHDR64] = { 0 };
	size_t len = od_source_read(src, 0, head, sizeof(head));
	uint64_t phoff, phentsize;
	struct elf *e;

	if (len < EHDR32 || (head[EI_CLASS] == ELFCLASS64 && len < EHDR64))
		return od_error_new(OD_ERR_UNSUPPORTED, "an ELF dump that ends in its header");
	if ((head[EI_CLASS] != ELFCLASS32 && head[EI_CLASS] != ELFCLASS64) ||
	    (head[EI_DATA] != ELFDATA2LSB && head[EI_DATA] != ELFDATA2MSB))
		return od_error_new(OD_ERR_UNSUPPORTED, "an ELF file of an unknown class or byte order");
	e = od_calloc(1, sizeof(*e));
	e->src = src;
	e->is64 = head[EI_CLASS] == ELFCLASS64;
	e->big_endian = head[EI_DATA] == ELFDATA2MSB;
	d->backend = e;
	d->ops = &elf_ops;
	d->mem.big_endian = e->big_endian;
	d->mem.pointer_size = e->is64 ? 8 : 4;
	d->facts.format = e->is64 ? "ELF" : "ELF, 32 bits";
	d->facts.compression = "none";
	d->facts.arch = machine_name(e, (uint16_t)od_get(head + 18, 2, e->big_endian));
	od_dump_set_block(d, OD_DUMP_MIN_PAGE);
	phoff = od_get(head + (e->is64 ? 32 : 28), e->is64 ? 8 : 4, e->big_endian);
	phentsize = od_get(head + (e->is64 ? 54 : 42), 2, e->big_endian);
	if (phentsize < (e->is64 ? PHDR64 : PHDR32) || phentsize > 4096)
		return od_error_new(OD_ERR_UNSUPPORTED, "an ELF dump whose program headers have %llu bytes",
				    (unsigned long long)phentsize);
	read_segments(d, e, phoff, (uint32_t)phentsize, segment_count(d, e, head));
	if (d->process)
		return od_error_new(OD_ERR_UNSUPPORTED, "a core dump of a process, not of a kernel");
	if (!e->data.n && !e->cut.n)
		return od_error_new(OD_ERR_UNSUPPORTED, "an ELF dump without memory in it");
	return NULL;
}
