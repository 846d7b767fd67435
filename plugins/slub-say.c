/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slub.h"

/* Whoever called the allocator. Deferred frees (RCU, work) hide the code that asked for them. */
struct blame {
	struct od_plugin_frame frame;
	uint32_t at;
	bool found, deferred;
};

/* The first frame of a trace that the allocator kept with the object. */
struct track {
	struct od_plugin_record record;
	char function[200], module[64]; /* module "": the kernel itself, or not printed */
};

static struct blame find_blame(const struct ctx *c, const struct proof *p)
{
	static const char *const deferring[] = { "rcu_do_batch", "rcu_core", "rcu_cblist_dequeue",
						 "kfree_rcu_work", "kvfree_rcu_bulk",
						 "kfree_rcu_monitor", "process_one_work",
						 "__rcu_process_callbacks" };
	struct blame b = { 0 };

	/* A user of freed memory is the frame that faulted; a free is blamed on its caller. */
	b.at = p->has_pc && is_allocator(p->pc.function);
	b.found = find_caller(c, &b.at, &b.frame);
	for (size_t i = 0; b.found && i < sizeof(deferring) / sizeof(*deferring); i++)
		b.deferred |= same(b.frame.function, deferring[i]);
	return b;
}

/*
 * Damage to an object is noticed by whoever gets it next. Its tracks name those who had it: the
 * one that freed it for a write after free, the one that allocated it for a write beyond it.
 */
static bool find_track(const struct ctx *c, const struct proof *p, struct track *t)
{
	const char *mark = p->kind == USE_AFTER_FREE ? "Freed in " : "Allocated in ";
	const char *s, *end;

	if ((p->kind != USE_AFTER_FREE && p->kind != REDZONE) || p->poison_name ||
	    !find_record(c, mark, &t->record))
		return false;
	s = strstr(t->record.text, mark) + strlen(mark);
	end = s + strcspn(s, "+ ");
	snprintf(t->function, sizeof(t->function), "%.*s", (int)(end - s), s);
	s = strstr(end, " [");
	if (s && strchr(s, ']'))
		snprintf(t->module, sizeof(t->module), "%.*s", (int)strcspn(s + 2, "]"), s + 2);
	return t->function[0] != '\0';
}

static void say_blame(const struct ctx *c, const struct proof *p, const struct blame *b)
{
	const struct where w = { { b->frame.line }, 0, (int32_t)b->at, b->frame.address };

	if (!b->found)
		return;
	if (b->deferred)
		evidence(c, "weak", w, "%s ran a deferred free: who asked for it is not on this "
			 "stack", b->frame.function);
	else if (p->kind >= USE_AFTER_FREE && !p->poison_name)
		evidence(c, "weak", w, "it came up in %s%s%s%s, which need not be who did it",
			 b->frame.function, b->frame.module ? " [" : "",
			 b->frame.module ? b->frame.module : "", b->frame.module ? "]" : "");
	else
		evidence(c, "medium", w, "first reliable frame outside the allocator: %s%s%s%s",
			 b->frame.function, b->frame.module ? " [" : "",
			 b->frame.module ? b->frame.module : ", in the kernel itself",
			 b->frame.module ? "]" : "");
}

static bool is_bad_free(enum slub_kind kind)
{
	return kind <= DOUBLE_FREE;
}

static void say_object(const struct ctx *c, const struct proof *p)
{
	const struct od_plugin_register *r = &p->object_reg;
	const bool proves = slub_kind_of_region(p->object.region, r->value) != KFREE_NON_SLAB;
	struct where w = AT_LINE(r->line);

	if (!p->has_object || !is_bad_free(p->kind) ||
	    (!same(p->pc.function, "kfree") && !same(p->pc.function, "free_large_kmalloc")))
		return;
	w.address = r->value;
	if (!proves && !p->copy && !p->page)
		return;
	evidence(c, proves ? "strong" : "weak", w, "the freed pointer (%s%s%s) 0x%llx: %s",
		 r->name, p->copy ? ", " : "", p->copy ? p->copy : "", (unsigned long long)r->value,
		 p->object.text ? p->object.text : "region not provable");
	say_string(c, w, r->value, p->object.text);
	if (proves && r->value % 8)
		evidence(c, "medium", w, "0x%llx is no multiple of 8: no allocation starts there",
			 (unsigned long long)r->value);
}

/*
 * Where the input has memory: which registers point to objects, of which cache, in use or free. Not
 * for a free of what is no object: say_object() has that pointer.
 */
static void say_objects(const struct ctx *c, const struct proof *p)
{
	enum { ARGS = sizeof(p->regs->arg) / sizeof(*p->regs->arg),
	       NAMES = ARGS + sizeof(p->regs->kept) / sizeof(*p->regs->kept) };
	struct od_plugin_register r;
	uint64_t told[NAMES];
	unsigned n = 0;

	if (!(c->host->flags & OD_HOST_MEMORY) || p->kind < DOUBLE_FREE)
		return;
	for (unsigned i = 0; i < NAMES; i++) {
		struct od_plugin_pointer q;
		bool again = false;
		const char *name = i < ARGS ? p->regs->arg[i] : p->regs->kept[i - ARGS];

		if (!name || !reg(c, name, &r))
			continue;
		for (unsigned k = 0; k < n; k++)
			again |= told[k] == r.value;
		q = describe(c, r.value);
		if (again || !has(q.text, "slab cache"))
			continue;
		told[n++] = r.value;
		evidence(c, "medium", ((struct where){ { r.line }, -1, -1, r.value }), "%s 0x%llx is %s",
			 r.name, (unsigned long long)r.value, q.text);
	}
}

/* "Allocated in f+0x1/0x2 [mod] age=.. cpu=.. pid=..", with or without "INFO: " before it. */
static void say_tracks(const struct ctx *c)
{
	static const char *const marks[] = { "Allocated in ", "Freed in " };
	struct od_plugin_record rec;

	for (unsigned i = 0; i < 2; i++)
		if (find_record(c, marks[i], &rec))
			evidence(c, "strong", AT_LINE(rec.line), "%.200s",
				 strstr(rec.text, marks[i]));
}

static void say_text(const struct ctx *c, const struct proof *p)
{
	if (p->record.text)
		evidence(c, p->score >= 70 ? "strong" : "medium", AT_LINE(p->record.line), "%.300s",
			 p->record.text + strspn(p->record.text, " \t"));
	if (has(p->record.text, "object pointer: 0x") || has(p->record.text, "object 0x"))
		evidence(c, "weak", AT_LINE(p->record.line), "the pointer in that line is hashed: "
			 "it is no address");
	if (p->has_pc && is_allocator(p->pc.function))
		evidence(c, "medium", ((struct where){ { p->pc.line }, 0, 0, p->pc.address }),
			 "the kernel stopped in %s", p->pc.function);
	if (p->page)
		evidence(c, "strong", ((struct where){ { p->page_line }, -1, -1, p->page }),
			 "it faulted on the struct page 0x%llx that it computed for the pointer: there "
			 "is none, so the pointer lies outside of what kfree() can free",
			 (unsigned long long)p->page);
	if (p->hint)
		evidence(c, "weak", NOWHERE, "%s (line %u)", p->hint, c->info.bug_line);
	if (p->poison_name)
		evidence(c, "strong", ((struct where){ { p->poison_line }, -1, -1, p->poison }),
			 "%s is 0x%llx: read from memory that was filled with 0x6b when freed",
			 p->poison_name, (unsigned long long)p->poison);
}

/* What to put behind the class in the title, and which module it names. */
static const char *accuse(const struct proof *p, const struct blame *b, const struct track *t,
			  char *buf, size_t size)
{
	const char *fn = b->frame.function, *module = b->frame.module, *verb = " by ";

	if (t->function[0]) {
		fn = t->function;
		module = t->module[0] ? t->module : NULL;
		verb = p->kind == REDZONE ? ", allocated by " : ", freed by ";
	} else if (p->kind == USE_AFTER_FREE && p->poison_name) {
		verb = ", seen in ";
	} else if (p->kind >= USE_AFTER_FREE || !b->found || b->deferred) {
		return NULL;
	}
	if (!fn)
		return NULL;
	snprintf(buf, size, "%s%.200s%s%.64s%s", verb, fn, module ? " [" : "",
		 module ? module : "", module ? "]" : "");
	return module;
}

void slub_say(const struct ctx *c, const struct proof *p)
{
	const struct slub_class *class = &slub_classes[p->kind];
	const struct blame b = find_blame(c, p);
	struct track t = { .record = OD_PLUGIN_INIT(t.record) };
	char who[320] = "", title[512];
	const char *module;

	find_track(c, p, &t);
	module = accuse(p, &b, &t, who, sizeof(who));
	snprintf(title, sizeof(title), "%s%s", class->title, who);
	if (!finding(c, class->id, class->severity, p->score, title, class->cause))
		return;
	say_text(c, p);
	say_object(c, p);
	say_objects(c, p);
	say_blame(c, p, &b);
	say_tracks(c);
	c->host->advice(c->rep, class->advice);
	if (module)
		advice(c, "The module to look at is %s.", module);
}
