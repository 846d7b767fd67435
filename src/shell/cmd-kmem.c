/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kmem: what an address of a dump is, and where its memory went. */
#include <inttypes.h>

#include "base/escape.h"
#include "render/json-writer.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/memory-args.h"
#include "shell/session.h"
#include "target/kernel/pointer.h"
#include "target/kernel/slabs.h"
#include "target/kernel/system.h"
#include "target/kernel/zones.h"

/* --- kmem -i --------------------------------------------------------------------- */

static void print_memory(struct od_kernel *k, bool json, struct od_buf *out)
{
	struct od_memory_line line[OD_MEMORY_LINES];
	unsigned n = od_kernel_memory(k, line);
	struct od_json w = { .buf = out };
	struct od_system sys;

	od_kernel_system(k, &sys);
	if (json) {
		od_json_object(&w, NULL, false);
		od_json_int(&w, "total", sys.pages ? (int64_t)(sys.pages * sys.page_size) : -1);
		for (unsigned i = 0; i < n; i++)
			od_json_num(&w, line[i].key, line[i].bytes);
		od_json_end(&w);
		od_buf_addch(out, '\n');
		return;
	}
	if (sys.pages)
		od_buf_printf(out, "%-22s%12" PRIu64 " KiB\n", "total",
			      sys.pages * sys.page_size / 1024);
	for (unsigned i = 0; i < n; i++) {
		od_buf_printf(out, "%-22s%12" PRIu64 " KiB", line[i].name, line[i].bytes / 1024);
		if (sys.pages && line[i].bytes <= sys.pages * sys.page_size)
			od_buf_printf(out, "%5" PRIu64 "%%",
				      line[i].bytes * 100 / (sys.pages * sys.page_size));
		od_buf_addch(out, '\n');
	}
	if (!n)
		od_buf_printf(out, "Counters are not known: no types: %s.\n",
			      k->why_no_types ? k->why_no_types : "nothing describes them");
}

/* --- kmem -s --------------------------------------------------------------------- */

struct caches {
	struct od_session *s;
	struct od_buf *out;
	struct od_json *json; /* NULL: text */
	uint32_t n;
};

static void cache_json(struct od_json *w, const struct od_slab_cache *c)
{
	od_json_object(w, NULL, true);
	od_json_str(w, "name", c->name);
	od_json_addr(w, "cache", c->addr);
	od_json_num(w, "object_size", c->size);
	od_json_num(w, "slab_size", c->slab_bytes);
	if (c->counted) {
		od_json_num(w, "allocated", c->objects - c->free);
		od_json_num(w, "objects", c->objects);
		od_json_num(w, "slabs", c->slabs);
	}
	od_json_str(w, "damage", c->damage);
	od_json_end(w);
}

/* As crash prints them, sizes in KiB. */
static bool print_cache(void *ctx, const struct od_slab_cache *c)
{
	struct caches *t = ctx;

	if (t->json) {
		cache_json(t->json, c);
		return !od_session_must_stop(t->s);
	}
	if (t->n++ == 0)
		od_buf_addstr(t->out, "CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME\n");
	od_buf_printf(t->out, "%016" PRIx64 " %8" PRIu64, c->addr, c->size);
	if (c->counted)
		od_buf_printf(t->out, " %10" PRIu64 " %9" PRIu64 " %6" PRIu64, c->objects - c->free, c->objects, c->slabs);
	else
		od_buf_addstr(t->out, "          ?         ?      ?");
	od_buf_printf(t->out, " %5" PRIu64 "k  ", c->slab_bytes / 1024);
	od_escape_str(t->out, OD_ESCAPE_TEXT, c->name);
	if (c->damage)
		od_buf_printf(t->out, "  (%s)", c->damage);
	od_buf_addch(t->out, '\n');
	return !od_session_must_stop(t->s);
}

static struct od_error *print_caches(struct od_session *s, const char *name, bool json, struct od_buf *out)
{
	struct od_json w = { .buf = out };
	struct caches t = { .s = s, .out = out, .json = json ? &w : NULL };
	const char *why;

	if (json) {
		od_json_object(&w, NULL, false);
		od_json_array(&w, "caches", false);
	}
	why = od_kernel_slabs(s->target.kernel, name, print_cache, &t);
	if (json) {
		od_json_end(&w);
		od_json_str(&w, "incomplete", why);
		od_json_end(&w);
		od_buf_addch(out, '\n');
	} else if (why) {
		od_buf_printf(out, "Not all caches: %s.\n", why);
	} else if (!t.n && name) {
		return od_error_new(OD_ERR_USAGE, "there is no cache '%s'", name);
	}
	return NULL;
}

/* --- kmem -z --------------------------------------------------------------------- */

static bool print_zone(void *ctx, const struct od_zone *z)
{
	struct od_buf *out = ctx;

	od_buf_printf(out, "NODE: %u  ZONE: %u  ADDR: %016" PRIx64 "  NAME: \"", z->node, z->index, z->addr);
	od_escape_str(out, OD_ESCAPE_TEXT, z->name);
	od_buf_printf(out, "\"\n  SIZE: %" PRIu64 "  PRESENT: %" PRIu64 "  MANAGED: %" PRIu64, z->spanned, z->present,
		      z->managed);
	if (z->has_free)
		od_buf_printf(out, "  FREE: %" PRIu64, z->free);
	if (z->has_marks)
		od_buf_printf(out, "  MIN/LOW/HIGH: %" PRIu64 "/%" PRIu64 "/%" PRIu64, z->mark[0], z->mark[1],
			      z->mark[2]);
	od_buf_addch(out, '\n');
	/* What the kernel itself would say under memory pressure. */
	if (z->has_free && z->has_marks && z->free < z->mark[0])
		od_buf_addstr(out, "  below its lowest mark: allocations fail or wait\n");
	return true;
}

static void print_zones(struct od_kernel *k, struct od_buf *out)
{
	const char *why = od_kernel_zones(k, print_zone, out);

	if (why)
		od_buf_printf(out, "Zones are not known: %s.\n", why);
	else if (!out->len)
		od_buf_addstr(out, "No zone has any page, or their nodes are not in the dump.\n");
}

/* --- kmem ADDRESS ---------------------------------------------------------------- */

static void print_slab(const struct od_slab_object *o, struct od_buf *out)
{
	od_buf_printf(out, "       cache: %016" PRIx64 " ", o->cache);
	od_escape_str(out, OD_ESCAPE_TEXT, o->name);
	od_buf_printf(out,
		      ", %" PRIu64 " of %" PRIu64 " bytes each\n        slab: %016" PRIx64
		      ", memory at %016" PRIx64 ", %u objects\n",
		      o->size, o->stride, o->slab, o->first, o->count);
	if (o->state != OD_OBJECT_NONE)
		od_buf_printf(out, "      object: %016" PRIx64 ", number %u\n", o->object,
			      o->index);
}

static void print_page(struct od_kernel *k, const struct od_page *page, struct od_buf *out)
{
	od_buf_printf(out, "        page: %016" PRIx64 ", frame %" PRIx64, page->page, page->pfn);
	if (page->tail)
		od_buf_printf(out, ", tail of %016" PRIx64, page->head);
	od_buf_printf(out, "\n       flags: 0x%" PRIx64 " ", page->flags);
	od_page_flags(k, page->flags, out);
	od_buf_addch(out, '\n');
}

static void print_pointer(struct od_kernel *k, const struct od_pointer *p, struct od_buf *out)
{
	od_buf_printf(out, "%016" PRIx64 ": ", p->addr);
	od_pointer_text(k, p, out);
	od_buf_addch(out, '\n');
	if (p->kind == OD_POINTER_SLAB)
		print_slab(&p->slab, out);
	if (p->has_page)
		print_page(k, &p->page, out);
}

static void print_json(struct od_kernel *k, const struct od_pointer *p, struct od_buf *out)
{
	static const char *const states[] = { NULL, "allocated", "free", "padding" };
	struct od_json w = { .buf = out };
	struct od_buf text = OD_BUF_INIT;

	od_pointer_text(k, p, &text);
	od_json_object(&w, NULL, false);
	od_json_addr(&w, "address", p->addr);
	od_json_word(&w, "kind", od_pointer_kind_name(p->kind));
	od_json_str(&w, "text", od_buf_str(&text));
	od_json_bool(&w, "readable", p->status == OD_MEM_OK);
	od_json_str(&w, "symbol", p->has_symbol ? p->symbol.name : NULL);
	od_json_str(&w, "module", p->module ? p->module->name : NULL);
	od_json_str(&w, "string", p->string[0] ? p->string : NULL);
	od_json_int(&w, "pid", p->task ? p->task->pid : -1);
	od_json_int(&w, "cpu", p->cpu);
	if (p->kind == OD_POINTER_SLAB) {
		od_json_str(&w, "cache", p->slab.name);
		od_json_addr(&w, "object", p->slab.object);
		od_json_num(&w, "object_size", p->slab.size);
		od_json_str(&w, "state", states[p->slab.state]);
	}
	od_json_end(&w);
	od_buf_addch(out, '\n');
	od_buf_deinit(&text);
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_error *err;
	struct od_kernel *k = od_session_kernel(s, &err);
	struct od_pointer p;
	uint64_t addr;

	if (!k)
		return err;
	if (od_args_has(args, 'i')) {
		print_memory(k, od_args_has(args, 'j'), out);
		return NULL;
	}
	if (od_args_has(args, 'z')) {
		print_zones(k, out);
		return NULL;
	}
	if (od_args_has(args, 's'))
		return print_caches(s, args->argc > 1 ? args->argv[1] : NULL, od_args_has(args, 'j'), out);
	if (args->argc < 2)
		return od_error_new(OD_ERR_USAGE, "which address?");
	err = od_memory_address(k, args->argv[1], &addr);
	if (err)
		return err;
	od_kernel_pointer(k, addr, &p);
	if (od_args_has(args, 'j'))
		print_json(k, &p, out);
	else
		print_pointer(k, &p, out);
	return NULL;
}

static void complete(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	if (od_complete_behind(args, "s"))
		od_complete_caches(s, args, words);
	else
		od_complete_symbols(s, args, words);
}

const struct od_command od_cmd_kmem = {
	.name = "kmem",
	.options = "ijsz",
	.usage = "kmem [-j] ADDRESS|SYMBOL | kmem -i [-j] | kmem -s [-j] [CACHE] | kmem -z",
	.help = "Say what an address of a dump is, or where its memory went",
	.details = "A slab object, whether it is free, and of which cache; a task or its "
		   "stack; a symbol, a constant, a per-cpu variable, a vmalloc area, a page. "
		   "-i: the sums of the kernel's counters. -s: the caches of the slab allocator, or one, with "
		   "how many of their objects are allocated. -z: zones of memory, in pages. -j prints JSON.",
	.needs = OD_NEED_INPUT,
	.max_args = 1,
	.complete = complete,
	.exec = exec,
	.examples = "kmem -i\twhere memory went\n"
		    "kmem -s dentry\thow full a cache is\n"
		    "kmem ffff888003c4a000\twhat an address lies in\n",
};
