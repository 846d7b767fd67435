/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Misuse of kernel memory as the slab allocator notices it, whoever did it. Functions and texts
 * decide; the line number in mm/slub.c differs with every kernel and is only a hint. Reports of
 * KASAN, KFENCE and KMSAN say all this better themselves.
 */
#include <stdlib.h>

#include "slub.h"

const struct slub_class slub_classes[] = {
	[KFREE_CONSTANT] = { "slub/kfree-constant", "high", "kfree() of a constant",
		"A pointer into the kernel image was freed: a string constant or static variable "
		"where allocated memory was expected.",
		"Find where the caller got the pointer: a name or structure that is allocated in "
		"one version of an interface and static in another is the usual way." },
	[KFREE_STACK] = { "slub/kfree-stack", "high", "kfree() of a variable on the stack",
		"The address of a local variable was freed.",
		"Look for kfree(&local) or for a structure that is on the stack in this caller and "
		"allocated in others." },
	[KFREE_VMALLOC] = { "slub/kfree-vmalloc", "high", "kfree() of vmalloc memory",
		"Memory from vmalloc() was freed with kfree().",
		"Use kvfree() or vfree(): the allocation was, at least this time, not kmalloc()'s." },
	[KFREE_MODULE] = { "slub/kfree-module-data", "high", "kfree() of static data of a module",
		"A pointer into a module's code or data was freed.",
		"Find the static object behind the address (modules list, sym in crash)." },
	[KFREE_NON_SLAB] = { "slub/kfree-non-slab", "high",
		"kfree() of memory that kmalloc() did not return",
		"The page of the freed pointer is neither a slab page nor a large allocation: the "
		"pointer is wild, was never allocated, or its page was given back before.",
		"Find out where the caller got the pointer; slab_debug (slub_debug) or KASAN "
		"names the culprit." },
	[DOUBLE_FREE] = { "slub/double-free", "high", "an object was freed twice",
		"The object was already on the free list when it was freed.",
		"Look for the other free: slab_debug=FU (slub_debug=FU) prints its trace." },
	[WRONG_CACHE] = { "slub/wrong-cache", "high", "an object was freed to the wrong cache",
		"kmem_cache_free() was called with another cache than the object came from.",
		"Pair each kmem_cache_free() with the kmem_cache_alloc() of the same cache." },
	[USE_AFTER_FREE] = { "slub/use-after-free", "high", "freed memory was used",
		"Freed memory is filled with 0x6b while slab debugging is on: what is used or "
		"changed there was freed before.",
		"The traces \"Freed in\" and \"Allocated in\" of the object, if printed, name both "
		"ends; else run with KASAN." },
	[REDZONE] = { "slub/redzone", "high", "memory outside an object was overwritten",
		"Something wrote past the end or before the start of its object.",
		"Compare the size that the allocating function asked for with what it writes." },
	[FREELIST] = { "slub/freelist-corrupt", "high", "the free list of a slab is corrupt",
		"The free pointer inside a free object was overwritten: a write after free, a "
		"double free or an overflow of the neighbour. Who crashes here is seldom guilty.",
		"Run with slab_debug=FZPU (slub_debug=FZPU) or KASAN: the allocator notices this "
		"long after it was done." },
};

/* What the text of a record proves. score: how much. */
struct mark {
	const char *text;
	enum slub_kind kind;
	int score;
};

/* Reasons of a block "BUG cache (Tainted ...): reason", and lines of their own. */
static const struct mark reasons[] = {
	{ "Object already free", DOUBLE_FREE, 85 },
	{ "Freepointer corrupt", FREELIST, 75 },
	{ "Freechain corrupt", FREELIST, 75 },
	{ "Freelist Pointer check fails", FREELIST, 75 },
	{ "Freelist cycle detected", FREELIST, 75 },
	{ "Poison overwritten", USE_AFTER_FREE, 80 }, /* and "End Poison overwritten" */
	{ "Redzone overwritten", REDZONE, 80 },	      /* and Left, Right, kmalloc */
	{ "padding overwritten", REDZONE, 65 },	      /* Object, Alignment */
	{ "Padding overwritten", REDZONE, 65 },
	{ "Attempt to free object", KFREE_NON_SLAB, 75 },
	{ "Invalid object pointer", KFREE_NON_SLAB, 75 },
	{ "page slab pointer corrupt", KFREE_NON_SLAB, 60 },
	{ "Not a valid slab page", KFREE_NON_SLAB, 60 },
	{ "Wrong object count", FREELIST, 60 },
	{ "Wrong number of objects", FREELIST, 60 },
	{ "Bulk freelist count", FREELIST, 60 },
	{ "inuse ", FREELIST, 50 },
	{ "objects ", FREELIST, 50 },
};

static const struct mark lines[] = {
	{ "object pointer: 0x", KFREE_NON_SLAB, 70 },
	{ "page dumped because: VM_BUG_ON_PAGE(!PageCompound(page))", KFREE_NON_SLAB, 75 },
	{ "page dumped because: Not a kmalloc allocation", KFREE_NON_SLAB, 80 },
	{ "Object is not a Slab page!", KFREE_NON_SLAB, 75 },
	{ "SLUB <none>: no slab for object", KFREE_NON_SLAB, 75 },
	{ "kfree_debugcheck: out of range ptr ", KFREE_NON_SLAB, 75 },
	{ "Wrong slab cache. ", WRONG_CACHE, 80 },
	{ "slab: double free detected in cache", DOUBLE_FREE, 85 },
	{ "Double-freed call. rcu_head", DOUBLE_FREE, 75 },
	{ "double free, or memory outside object was overwritten", REDZONE, 60 },
};

static bool is_block_header(const char *s)
{
	return starts(s, "BUG ") && has(s, "): ") &&
	       (has(s, "ainted: ") || has(s, "Not tainted"));
}

static const struct mark *match(const struct mark *marks, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (has(text, marks[i].text))
			return &marks[i];
	return NULL;
}

static bool text_proof(const struct ctx *c, struct proof *p)
{
	struct od_plugin_record rec;

	for (uint32_t i = 0; i < c->info.records; i++) {
		const struct mark *m = NULL;

		if (!record_at(c, i, &rec) || !rec.text)
			continue;
		if (is_block_header(rec.text))
			m = match(reasons, sizeof(reasons) / sizeof(*reasons),
				  strstr(rec.text, "): "));
		/* Since 6.18: "[Poison overwritten] 0x..-0x.. @offset=.." below the header. */
		if (!m)
			m = match(lines, sizeof(lines) / sizeof(*lines), rec.text);
		if (!m)
			continue;
		p->kind = m->kind;
		p->score = m->score;
		p->record = rec;
		return true;
	}
	return false;
}

/*
 * Two of these lines stand outside of the trace that they belong to, one before its "cut here",
 * one behind its end: look a few lines around the incident as well.
 */
static bool near_proof(const struct ctx *c, struct proof *p)
{
	struct od_plugin_record rec = OD_PLUGIN_INIT(rec);

	for (uint32_t i = 0; i < 4096 && c->host->context(c->rep, i, &rec) == OD_PLUGIN_OK; i++) {
		const struct mark *m = match(lines, sizeof(lines) / sizeof(*lines), rec.text);

		if (!m || rec.line + 5 < c->info.first_line || rec.line > c->info.last_line + 5)
			continue;
		p->kind = m->kind;
		p->score = m->score;
		p->record = rec;
		return true;
	}
	return false;
}

static bool pc_is(const struct proof *p, const char *const *names)
{
	for (unsigned i = 0; p->has_pc && names[i]; i++)
		if (same(p->pc.function, names[i]))
			return true;
	return false;
}

/* "4.19.0-5-amd64" against 4.14: was a release before it? 1, 0, or -1 if unknown. */
static int before(const char *release, unsigned long major, unsigned long minor)
{
	char *end;
	unsigned long a, b;

	if (!release || *release < '0' || *release > '9')
		return -1;
	a = strtoul(release, &end, 10);
	if (*end != '.')
		return -1;
	b = strtoul(end + 1, &end, 10);
	return a < major || (a == major && b < minor);
}

enum slub_kind slub_kind_of_region(uint32_t region, uint64_t value)
{
	switch (region) {
	case OD_REGION_KERNEL_IMAGE:
		return KFREE_CONSTANT;
	case OD_REGION_TEXT:
		return value >= 0xffffffffc0000000ull ? KFREE_MODULE : KFREE_CONSTANT;
	case OD_REGION_MODULES:
		return KFREE_MODULE;
	case OD_REGION_STACK:
		return KFREE_STACK;
	case OD_REGION_VMALLOC:
		return KFREE_VMALLOC;
	default:
		return KFREE_NON_SLAB;
	}
}

/*
 * BUG in mm/slub.c. In the functions that free there are two such checks: "not a slab page"
 * (until 5.13) and, since 4.14 with a hardened free list, "the object is the head of the list it
 * is freed to". The registers tell which; without them the line number has to.
 */
static bool bug_proof(const struct ctx *c, struct proof *p)
{
	static const char *const frees[] = { "kfree", "kmem_cache_free", "kmem_cache_free_bulk",
					     "__slab_free", "___cache_free", "do_slab_free",
					     "slab_free", "set_freepointer", "kfree_bulk",
					     "kfree_skb", "kfree_skbmem", "__kmem_cache_free", NULL };
	const bool low = c->info.bug_line && c->info.bug_line < 800;

	if (!has(c->info.bug_file, "slub.c") || (p->has_pc && !pc_is(p, frees)))
		return false;
	if (!p->has_pc && !c->info.bug_line)
		return false;
	find_record(c, "kernel BUG at ", &p->record);
	p->kind = slub_kind_of_region(p->object.region, p->object_reg.value);
	p->score = p->kind == KFREE_NON_SLAB ? 65 : 75;
	if (p->kind == KFREE_NON_SLAB && low && before(c->info.release, 4, 14) != 1) {
		p->kind = DOUBLE_FREE;
		p->score = p->has_pc ? 70 : 50;
		p->hint = "the line is among the first 800 of mm/slub.c, where the check of a "
			  "hardened free list stands";
	} else if (low && p->kind == KFREE_NON_SLAB) {
		p->score = 50;
	}
	return true;
}

/* The WARNING that replaced it; the pointer in its text is hashed and means nothing. */
static bool warning_proof(const struct ctx *c, struct proof *p)
{
	static const char *const names[] = { "free_large_kmalloc", "free_nonslab_page", NULL };
	static const char *const cache[] = { "cache_from_obj", "virt_to_cache", NULL };
	static const char *const inlined[] = { "kmem_cache_free", "kmem_cache_free_bulk", NULL };

	if (!pc_is(p, names) && !pc_is(p, cache) &&
	    !(pc_is(p, inlined) && has(c->info.bug_file, "mm/slab.h")))
		return false;
	if (near_proof(c, p))
		return true;
	if (!same(c->info.kind, "warning") && !same(c->info.kind, "kernel-bug") &&
	    !same(c->info.kind, "slub"))
		return false;
	p->kind = pc_is(p, names) ? KFREE_NON_SLAB : WRONG_CACHE;
	p->score = 65;
	return true;
}

/* A fault in the allocator itself: it follows the free list and finds nonsense there. */
static bool fault_proof(const struct ctx *c, struct proof *p)
{
	static const char *const names[] = {
		"kmem_cache_alloc", "kmem_cache_alloc_node", "kmem_cache_alloc_trace",
		"kmem_cache_alloc_node_trace", "kmem_cache_alloc_lru", "kmem_cache_alloc_bulk",
		"kmem_cache_alloc_noprof", "__kmalloc", "__kmalloc_node", "__kmalloc_noprof",
		"__kmalloc_cache_noprof", "__kmalloc_node_track_caller", "__kmalloc_track_caller",
		"kmalloc_trace", "__kmem_cache_alloc_node", "___slab_alloc", "__slab_alloc",
		"get_freepointer", "kmem_cache_alloc_node_noprof", NULL };

	if ((!same(c->info.kind, "gpf") && !same(c->info.kind, "page-fault") &&
	     !same(c->info.kind, "null-deref")) || !pc_is(p, names))
		return false;
	p->kind = FREELIST;
	p->score = 55;
	return true;
}

/*
 * Is r the struct page of the pointer: 64 bytes each, of pages of 4, 16 or 64 KiB? The memory map is
 * aligned well enough for the low bits of both numbers to agree.
 */
static bool page_of(const struct proof *p, uint64_t page, uint64_t pointer)
{
	const bool large = same(p->regs->arch, "arm64") || same(p->regs->arch, "powerpc");

	for (unsigned shift = 12; shift <= (large ? 16 : 12); shift += 2)
		if ((page / 64 & 0x1ff) == (pointer >> shift & 0x1ff))
			return true;
	return false;
}

/* Take the first kept register whose struct page is at page for the object. */
static bool find_kept(const struct ctx *c, struct proof *p, uint64_t page)
{
	struct od_plugin_register r;

	for (unsigned i = 0; i < sizeof(p->regs->kept) / sizeof(*p->regs->kept) && p->regs->kept[i]; i++) {
		if (!reg(c, p->regs->kept[i], &r) || r.value == page || r.value >> 48 != 0xffff ||
		    !page_of(p, page, r.value))
			continue;
		p->object = describe(c, r.value);
		p->object_reg = r;
		p->copy = NULL;
		return true;
	}
	return false;
}

/*
 * kfree() of what is not in the direct map seldom reaches a check: it faults on the struct
 * page that virt_to_page() computes for it, in a part of the memory map that is not there. The page
 * is in a register, 8 bytes (compound_head) before the fault, and its low bits are the pointer's.
 */
static bool lookup_proof(const struct ctx *c, struct proof *p)
{
	static const char *const names[] = { "kfree", "kfree_sensitive", "kvfree", "ksize", "__ksize",
					     "krealloc", "kmem_cache_free", NULL };
	struct od_plugin_register r;

	if (!same(c->info.kind, "page-fault") || !pc_is(p, names) || !p->has_object ||
	    !(c->info.flags & OD_REPORT_FAULT) || p->object.region == OD_REGION_SMALL)
		return false;
	for (const char *const *name = p->regs->all; *name; name++) {
		if (same(*name, p->regs->arg[0]) || !reg(c, *name, &r) || r.value % 64 ||
		    c->info.fault_address - r.value > 63 ||
		    (!page_of(p, r.value, p->object_reg.value) && !find_kept(c, p, r.value)))
			continue;
		p->page = r.value;
		p->page_line = r.line;
		p->kind = slub_kind_of_region(p->object.region, p->object_reg.value);
		p->score = p->kind == KFREE_NON_SLAB ? 70 : 80;
		return true;
	}
	return false;
}

static bool is_poison(uint64_t v)
{
	const uint64_t free_byte = 0x6b6b6b6b6b6b6b6bull;

	/* A pointer read from freed memory, plus the offset of a member of what it led to. */
	return v - free_byte < 4096 || free_byte - v < 4096;
}

static bool poison_proof(const struct ctx *c, struct proof *p)
{
	struct od_plugin_register r;
	const bool fault = same(c->info.kind, "gpf") || same(c->info.kind, "page-fault") ||
			   same(c->info.kind, "null-deref") || same(c->info.kind, "trap");

	if (!fault)
		return false;
	p->kind = USE_AFTER_FREE;
	if ((c->info.flags & OD_REPORT_FAULT) && is_poison(c->info.fault_address)) {
		p->poison = c->info.fault_address;
		p->poison_name = "the address of the fault";
		p->score = 85;
		return true;
	}
	for (const char *const *name = p->regs->all; *name; name++) {
		if (!reg(c, *name, &r) || !is_poison(r.value))
			continue;
		p->poison = r.value;
		p->poison_name = r.name;
		p->poison_line = r.line;
		p->score = 70;
		return true;
	}
	return false;
}

/*
 * What was freed: for kfree() its argument or the copy that it keeps, whichever is of a kind that proves
 * something; for free_large_kmalloc(folio, object) the second argument, which its check does not touch.
 */
static void find_object(const struct ctx *c, struct proof *p)
{
	const bool large = p->has_pc && same(p->pc.function, "free_large_kmalloc");
	const char *const names[] = { p->regs->arg[large], p->regs->kept[0] };
	struct od_plugin_register r;

	for (unsigned i = 0; i < (large ? 1 : 2); i++) {
		struct od_plugin_pointer q;

		if (!reg(c, names[i], &r))
			continue;
		q = describe(c, r.value);
		if (p->has_object && r.value == p->object_reg.value)
			p->copy = r.name;
		/* Any register may point into the stack; only an argument means something. */
		if (i && q.region == OD_REGION_STACK && !p->copy)
			continue;
		if (p->has_object &&
		    (slub_kind_of_region(q.region, r.value) == KFREE_NON_SLAB ||
		     slub_kind_of_region(p->object.region, p->object_reg.value) != KFREE_NON_SLAB))
			continue;
		p->object = q;
		p->object_reg = r;
		p->has_object = true;
	}
}

/* Wherever the text only says "not ours", the pointer may say whose it is. */
static void refine(struct proof *p)
{
	if (p->kind == KFREE_NON_SLAB && p->has_pc &&
	    (same(p->pc.function, "kfree") || same(p->pc.function, "free_large_kmalloc")))
		p->kind = slub_kind_of_region(p->object.region, p->object_reg.value);
}

static int32_t analyze(const struct od_plugin_host *host, od_plugin_report *rep)
{
	struct proof p = { 0 };
	struct ctx c;

	if (!ctx_init(&c, host, rep))
		return OD_PLUGIN_INVALID;
	if (same(c.info.kind, "kasan") || same(c.info.kind, "kfence") ||
	    same(c.info.kind, "kmsan"))
		return OD_PLUGIN_OK;
	p.regs = slub_regs(c.info.arch);
	p.record = (struct od_plugin_record)OD_PLUGIN_INIT(p.record);
	p.has_pc = frame_at(&c, 0, 0, &p.pc) && (p.pc.flags & OD_PFRAME_PC);
	find_object(&c, &p);
	if (bug_proof(&c, &p) || text_proof(&c, &p) || warning_proof(&c, &p) ||
	    poison_proof(&c, &p) || lookup_proof(&c, &p) || fault_proof(&c, &p)) {
		refine(&p);
		slub_say(&c, &p);
	}
	return OD_PLUGIN_OK;
}

static const char *const interest[] = { "Wrong slab cache. ", "object pointer: 0x", NULL };

static const struct od_plugin plugin = {
	.argsz = sizeof(plugin),
	.flags = OD_PLUGIN_WANTS_KERNEL,
	.abi = OD_PLUGIN_ABI,
	.name = "slub",
	.version = "1",
	.summary = "bad frees, double frees, use after free and overwritten slab memory",
	.interest = interest,
	.analyze = analyze,
};

PLUGIN_EXPORT const struct od_plugin *od_plugin_entry_1(const struct od_plugin_host *host)
{
	(void)host;
	return &plugin;
}
