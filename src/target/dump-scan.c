/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * VMCOREINFO where no note has it (QEMU without -device vmcoreinfo, Hyper-V): the kernel keeps its text in
 * a page of its own since 4.13, and twice, before in a static buffer. Memory is searched for how it begins;
 * what was found must be whole, and the kernel that it tells of must be there: another kernel that ran
 * on the machine before may have left its own.
 */
#define _GNU_SOURCE
#include <stdlib.h>

#include "base/alloc.h"
#include "target/dump-xlat.h"

enum {
	CHUNK = 1 << 20,
	TEXT = 4096,		  /* bytes that a kernel writes at most: VMCOREINFO_BYTES */
	CANDIDATES = 64,
	UTS_RELEASE = 2 * 65,	  /* of struct new_utsname */
};

/*
 * What a search may cost, in pages that need not be decompressed: 16 GB of an ELF dump, 4 GB of a
 * compressed one, about 20 seconds in either case.
 */
enum { BUDGET = 4 << 20, COMPRESSED = 4, FAILED = 4 };

static const char start[] = "OSRELEASE=";

/* How much at p is VMCOREINFO; 0: it is none. */
static size_t text_length(const char *p, size_t len)
{
	static const char *const needed[] = { "\nPAGESIZE=", "\nSYMBOL(", "\nOFFSET(" };
	size_t n = 0;

	if (len > TEXT)
		len = TEXT;
	while (n < len && (p[n] == '\n' || (p[n] >= ' ' && p[n] < 0x7f)))
		n++;
	while (n && p[n - 1] != '\n')
		n--;
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!memmem(p, n, needed[i], strlen(needed[i])))
			return 0;
	return n;
}

/*
 * The release of the kernel in memory is that of the text. OFFSET(uts_namespace.name) is told since 5.11;
 * before, a struct kref comes first.
 */
static bool release_fits(struct od_dump *d, const struct od_vmcoreinfo *info)
{
	const char *release = od_vmcoreinfo_release(info);
	char text[65];
	uint64_t uts, name = sizeof(int32_t);

	if (!release || !od_vmcoreinfo_symbol(info, "init_uts_ns", &uts))
		return false;
	(void)od_vmcoreinfo_offset(info, "uts_namespace.name", &name);
	return od_mem_string(&d->mem, uts + name + UTS_RELEASE, text, sizeof(text)) == OD_MEM_OK &&
	       !strcmp(text, release);
}

/* Does memory hold the kernel that the text tells of? */
static bool confirmed(struct od_dump *d)
{
	struct od_vmcoreinfo *info = od_vmcoreinfo_create(d->vmcoreinfo, d->vmcoreinfo_len);
	const char *arch = d->facts.arch;
	bool ret = false;

	od_dump_guess_arch(d);
	if (d->facts.arch) {
		od_autoerror err = od_dump_translate(d, info);

		ret = !err && release_fits(d, info);
	}
	memset(&d->xlat, 0, sizeof(d->xlat));
	if (!ret)
		d->facts.arch = arch;
	od_vmcoreinfo_destroy(info);
	return ret;
}

struct scan {
	struct od_dump *d;
	char *buf;	/* CHUNK + TEXT bytes */
	const char *best;
	size_t best_len;
	unsigned candidates;
};

/* Look through len bytes, of which a text may begin in the first CHUNK. True: found. */
static bool look(struct scan *s, size_t len)
{
	size_t first = len < CHUNK ? len : CHUNK;
	const char *p = s->buf, *end = s->buf + len;

	while (s->candidates < CANDIDATES && p < s->buf + first &&
	       (p = memmem(p, (size_t)(end - p), start, strlen(start))) != NULL && p < s->buf + first) {
		size_t n = text_length(p, (size_t)(end - p));

		if (n) {
			s->candidates++;
			s->d->vmcoreinfo = od_arena_strndup(&s->d->arena, p, n);
			s->d->vmcoreinfo_len = n;
			if (confirmed(s->d))
				return true;
			if (!s->best) {
				s->best = s->d->vmcoreinfo;
				s->best_len = n;
			}
		}
		p += strlen(start);
	}
	return false;
}

/* Nothing is compressed a thousandfold: more than that are holes and zeros that somebody made up. */
static uint64_t budget(const struct od_dump *d)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < d->nsrc; i++)
		bytes += d->src[i].file_size / 4 + OD_DUMP_MIN_PAGE; /* a thousandfold, in pages */
	return bytes < BUDGET ? bytes : BUDGET;
}

void od_dump_scan(struct od_dump *d)
{
	struct scan s = { .d = d, .buf = od_malloc(CHUNK + TEXT) };
	unsigned price = d->facts.compression && !strcmp(d->facts.compression, "none") ? 1 : COMPRESSED;
	uint64_t pfn = 0, spent = 0, most = budget(d);
	bool found = false;

	while (!found && spent < most && pfn < d->facts.max_pfn) {
		uint64_t next = d->ops->next ? d->ops->next(d, pfn) : pfn;
		size_t got = 0;

		if (next >= d->facts.max_pfn)
			break;
		/* What cannot be read ends a stretch. */
		(void)od_dump_phys(d, next << d->block_shift, s.buf, CHUNK + TEXT, &got);
		found = look(&s, got);
		spent += FAILED + price * (got / OD_DUMP_MIN_PAGE);
		pfn = next + (got >= CHUNK ? (size_t)CHUNK >> d->block_shift : (got >> d->block_shift) + 1);
	}
	if (!found) {
		d->vmcoreinfo = s.best;
		d->vmcoreinfo_len = s.best_len;
		if (spent >= most)
			od_dump_say(d, "only %llu MB of memory, from address 0 on, were searched for VMCOREINFO",
				    (unsigned long long)(pfn << d->block_shift >> 20));
		else if (s.best)
			od_dump_say(d, "what was found of VMCOREINFO is of a kernel that is not in memory");
	}
	free(s.buf);
}
