/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* memmem */
#include "target/kernel/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum {
	LOOK_EVERY = 1024,	    /* pages, or steps over what is not mapped */
	MAX_HOLES = 1 << 26,	    /* what is not there: tables and headers may lie and have no end */
	WALK = 2,		    /* holes that a walk of page tables costs as much as */
	MAX_TIMES = 8,		    /* that a page of the machine may be mapped, on average */
	MAX_PAGES = 1 << 28,	    /* that are looked at if nobody says how many there are */
	SHADOW_STEP = 2 << 20,	    /* what the shadow of KASAN maps to one page of nothing at least */
};

struct scan {
	struct od_kernel *k;
	const struct od_search *q;
	struct od_search_result *ret;
	uint8_t *buf;	 /* the end of the page before, and a page */
	size_t kept;	 /* bytes of that */
	uint64_t next;	 /* where the page before ended */
	uint32_t page_size;
	uint64_t shadow; /* physical address of KASAN's page for memory that is not; 0: there is none */
	uint64_t steps, holes, max; /* max: of steps */
	bool stop;
};

static void compare_values(struct scan *s, const uint8_t *p, uint64_t addr, size_t len)
{
	const struct od_search *q = s->q;

	for (size_t at = 0; at + q->width <= len && !s->stop; at += q->width) {
		uint64_t value = od_mem_number(s->k->mem, p + at, q->width);

		for (uint32_t i = 0; i < q->n; i++)
			if ((value | q->mask) == (q->value[i] | q->mask)) {
				s->stop = !q->hit(q->ctx, addr + at, value, NULL, 0);
				break;
			}
	}
}

static void compare_strings(struct scan *s, const uint8_t *p, uint64_t addr, size_t len, size_t fresh)
{
	for (uint32_t i = 0; i < s->q->n; i++) {
		const char *needle = s->q->string[i];
		const size_t size = strlen(needle);
		/* What ends in the page before was found there. */
		const uint8_t *from = len - fresh >= size ? p + (len - fresh) - (size - 1) : p, *hit;

		while (!s->stop && (hit = memmem(from, (size_t)(p + len - from), needle, size))) {
			size_t text = 0;

			while (hit + text < p + len && text < OD_SEARCH_TEXT && hit[text] >= 0x20 && hit[text] < 0x7f)
				text++;
			s->stop = !s->q->hit(s->q->ctx, addr + (size_t)(hit - p), 0, (const char *)hit,
					     text > size ? text : size);
			from = hit + 1;
		}
	}
}

/* len bytes of the page at addr, wherever its bytes are. */
static void scan_page(struct scan *s, enum od_space space, uint64_t from, uint64_t addr, size_t len)
{
	const size_t keep = s->q->width ? 0 : OD_MAX_NEEDLE;
	enum od_mem_status status;
	size_t got = 0;

	if (addr != s->next)
		s->kept = 0;
	status = s->k->mem->read(s->k->mem, space, from, s->buf + s->kept, len, &got);
	s->holes += got == 0;
	s->ret->missing += status != OD_MEM_OK && status != OD_MEM_ABSENT && status != OD_MEM_UNMAPPED;
	if (got)
		s->ret->pages++;
	if (got && s->q->width)
		compare_values(s, s->buf, addr, got);
	else if (got)
		compare_strings(s, s->buf, addr - s->kept, s->kept + got, got);
	s->next = addr + got;
	got += s->kept;
	s->kept = got < keep ? got : keep;
	memmove(s->buf, s->buf + got - s->kept, s->kept);
}

static bool go_on(struct scan *s, uint64_t addr)
{
	if (s->stop || s->steps++ >= s->max || s->holes > MAX_HOLES || (s->steps % LOOK_EVERY == 0 && s->q->stop(s->q->ctx))) {
		s->ret->is_stopped = true;
		s->ret->stopped = addr;
		return false;
	}
	return true;
}

/* The bytes of [addr, addr + size) that are asked for, page by page; at: where the first one is. */
static bool scan_piece(struct scan *s, uint64_t addr, uint64_t size, uint64_t at)
{
	for (uint64_t done = 0; done < size;) {
		uint64_t left = s->page_size - ((addr + done) & (s->page_size - 1));

		if (left > size - done)
			left = size - done;
		if (!go_on(s, addr + done))
			return false;
		scan_page(s, OD_PHYS, at + done, addr + done, (size_t)left);
		done += left;
	}
	return true;
}

static void scan_virtual(struct scan *s)
{
	uint64_t addr = s->q->first;

	for (;;) {
		uint64_t phys, span, end;
		enum od_mem_status status = od_dump_span(s->k->dump, addr, &phys, &span);

		if (status == OD_MEM_OK && s->shadow && (phys & ~(uint64_t)(s->page_size - 1)) == s->shadow) {
			status = OD_MEM_UNMAPPED;
			span = span < SHADOW_STEP ? SHADOW_STEP : span;
		}
		end = addr | (span - 1);
		if (end > s->q->last)
			end = s->q->last;
		if (status == OD_MEM_OK && !scan_piece(s, addr, end - addr + 1, phys))
			return;
		s->ret->missing += status != OD_MEM_OK && status != OD_MEM_UNMAPPED;
		s->holes += status != OD_MEM_OK ? WALK : 0;
		if (end >= s->q->last || !go_on(s, end))
			return;
		addr = end + 1;
	}
}

/* Physical memory; and virtual where nobody says what is mapped. */
static void scan_pages(struct scan *s)
{
	uint64_t addr = s->q->first;

	for (;;) {
		uint64_t end = addr | (s->page_size - 1);

		if (end > s->q->last)
			end = s->q->last;
		if (!go_on(s, addr))
			return;
		scan_page(s, s->q->space, addr, addr, (size_t)(end - addr + 1));
		if (end >= s->q->last)
			return;
		addr = end + 1;
	}
}

static uint64_t shadow_page(struct od_kernel *k)
{
	uint64_t virt = od_kernel_symbol(k, "kasan_early_shadow_page"), phys = 0;

	return virt && od_dump_vtop(k->dump, virt, &phys, NULL) == OD_MEM_OK ? phys : 0;
}

static uint64_t frames(const struct od_kernel *k)
{
	return k->dump ? od_dump_facts(k->dump)->max_pfn : 0;
}

void od_kernel_search(struct od_kernel *k, const struct od_search *search, struct od_search_result *ret)
{
	struct scan s = { .k = k, .q = search, .ret = ret, .page_size = k->mem->page_size };

	*ret = (struct od_search_result){ 0 };
	s.max = frames(k) && frames(k) < MAX_PAGES / MAX_TIMES ? frames(k) * MAX_TIMES + MAX_PAGES / 1024 : MAX_PAGES;
	s.buf = od_malloc(OD_MAX_NEEDLE + (size_t)s.page_size);
	if (search->space == OD_VIRT && k->dump && od_dump_kernel_half(k->dump)) {
		s.shadow = shadow_page(k);
		scan_virtual(&s);
	} else {
		scan_pages(&s);
	}
	free(s.buf);
}

bool od_search_all(struct od_kernel *k, enum od_space space, uint64_t *first, uint64_t *last)
{
	*first = 0;
	if (space == OD_PHYS) {
		*last = frames(k) * k->mem->page_size - 1;
		return frames(k) > 0;
	}
	*first = k->dump ? od_dump_kernel_half(k->dump) : 0;
	*last = UINT64_MAX;
	return *first > 0;
}
