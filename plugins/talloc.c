/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the model of a backtrace proves: objects freed while still in use, dead event contexts. */
#include "talloc.h"

struct verdict {
	struct model m;
	unsigned overlaps;	 /* objects being freed and held further out */
	bool wild;		 /* the pc lies among heap objects */
	uint64_t pc;
	const char *site;	 /* function whose indirect call jumped there */
	uint32_t site_frame;
	bool dead_ev;		 /* the event context at the crash is not the running loop's */
	struct hold ev, loop_ev;
	unsigned loop_frames;
	char cleared[512];	 /* objects that look freed but may be, for the cause */
};

/* Functions that call through a pointer in the object that they get. */
static const struct {
	const char *function, *argument, *call;
} sites[] = {
	{ "tevent_debug", "ev", "ev->debug_ops.debug" },
	{ "_tevent_req_notify_callback", "req", "req->async.fn" },
	{ "tevent_common_invoke_fd_handler", "fde", "fde->handler" },
	{ "tevent_common_invoke_timer_handler", "te", "te->handler" },
	{ "tevent_common_invoke_immediate_handler", "im", "im->handler" },
	{ "tevent_common_loop_timer_delay", "ev", "te->handler" },
	{ "tevent_trace_point_callback", "ev", "ev->tracing.point.callback" },
	{ "_tc_free_internal", "tc", "the destructor" },
};

static const char *call_of(const char *function)
{
	for (size_t i = 0; i < sizeof(sites) / sizeof(*sites); i++)
		if (same(sites[i].function, function))
			return sites[i].call;
	return NULL;
}

static bool loop_function(const char *fn)
{
	return has(fn, "loop_once") || has(fn, "loop_wait") || has(fn, "event_loop");
}

/* The pc has no symbol, is near no code, and heap objects lie on both sides of it. */
static void find_wild_jump(struct verdict *v)
{
	const struct model *m = &v->m;
	const uint64_t reach = 64ull << 20;
	bool below = false, above = false;

	if (!m->nframes || m->frames[0].function || !m->frames[0].pc ||
	    talloc_is_text(m, m->frames[0].pc))
		return;
	v->pc = m->frames[0].pc;
	for (uint32_t i = 0; i < m->nholds; i++) {
		uint64_t h = m->holds[i].value;

		below |= h <= v->pc && v->pc - h < reach;
		above |= h > v->pc && h - v->pc < reach;
	}
	v->wild = (below && above) || v->pc < 0x10000;
	if (m->nframes > 1 && m->frames[1].function) {
		v->site = m->frames[1].function;
		v->site_frame = 1;
	}
}

/* The event context that the inner frames use, against the one of the loop that runs. */
static void find_dead_ev(struct verdict *v)
{
	const struct model *m = &v->m;
	uint32_t loop = m->nframes;

	for (uint32_t i = 0; i < m->nframes && loop == m->nframes; i++)
		if (m->frames[i].tevent && loop_function(m->frames[i].function) &&
		    talloc_var(m, i, "ev", &v->loop_ev))
			loop = i;
	if (loop == m->nframes)
		return;
	for (uint32_t i = 0; i < loop; i++) {
		if (!m->frames[i].tevent || !talloc_var(m, i, "ev", &v->ev))
			continue;
		if (v->ev.value == v->loop_ev.value)
			return;
		/* Seen anywhere else it may be a second, living context. */
		for (uint32_t k = 0; k < m->nholds; k++)
			if (m->holds[k].value == v->ev.value && m->holds[k].frame != i)
				return;
		v->dead_ev = true;
		break;
	}
	for (uint32_t k = 0; k < m->nholds && v->dead_ev; k++)
		v->loop_frames += m->holds[k].value == v->loop_ev.value &&
				  (!k || m->holds[k - 1].frame != m->holds[k].frame ||
				   m->holds[k - 1].value != v->loop_ev.value);
}

/* --- evidence ------------------------------------------------------------------- */

/* Frames further out than from that hold the value: "#48 msg_ctx, #49 msg_ctx". */
static unsigned list_holders(const struct model *m, uint64_t value, uint32_t from, char *buf,
			     size_t size, struct where *w, unsigned lines)
{
	unsigned n = 0;
	size_t used = 0;

	buf[0] = '\0';
	for (uint32_t i = 0; i < m->nholds; i++) {
		const struct hold *h = &m->holds[i];

		if (h->frame < from || h->value != value || m->frames[h->frame].talloc)
			continue;
		if (used < size)
			used += (size_t)snprintf(buf + used, size - used, "%s#%u %s", n ? ", " : "",
						 m->frames[h->frame].number, h->name);
		if (lines < 8 && (!lines || w->lines[lines - 1] != h->line))
			w->lines[lines++] = h->line;
		n++;
	}
	return n;
}

/* The contract of tevent_req lets its callback free the request. */
static bool held_as_request(const struct model *m, uint64_t value, uint32_t from)
{
	for (uint32_t i = 0; i < m->nholds; i++)
		if (m->holds[i].frame >= from && m->holds[i].value == value &&
		    has(m->frames[m->holds[i].frame].function, "tevent_req"))
			return true;
	return false;
}

static const struct hold *overlap_of(const struct verdict *v, const struct active_free *f)
{
	const struct hold *h = talloc_holder(&v->m, f->object, f->initiator + 1);

	return h && !held_as_request(&v->m, f->object, f->initiator + 1) ? h : NULL;
}

static void say_overlaps(const struct ctx *c, const struct verdict *v)
{
	const struct model *m = &v->m;

	for (uint32_t i = m->nfrees; i-- > 0;) {
		const struct active_free *f = &m->frees[i];
		const struct hold *h = overlap_of(v, f);
		struct where w = { .lines = { f->line }, .stack = 0, .address = f->object };
		char holders[256];

		if (!h)
			continue;
		w.frame = (int32_t)h->frame;
		list_holders(m, f->object, f->initiator + 1, holders, sizeof(holders), &w, 1);
		evidence(c, f->inferred ? "medium" : "strong", w,
			 "0x%llx is being freed by #%u%s%s and is still held outside of the frame that "
			 "started that free (#%u %s): %s",
			 (unsigned long long)f->object, m->frames[f->frame].number,
			 f->destructor ? ", its destructor is " : "", f->destructor ? f->destructor : "",
			 f->initiator < m->nframes ? m->frames[f->initiator].number : 0,
			 f->initiator < m->nframes ? or_unknown(m->frames[f->initiator].function) : "?",
			 holders);
	}
}

static void say_jump(const struct ctx *c, const struct verdict *v)
{
	const struct model *m = &v->m;

	if (v->wild) {
		const char *call = call_of(v->site);

		evidence(c, "strong",
			 (struct where){ { m->frames[0].line, m->frames[1].line }, 0, 0, v->pc },
			 "the program counter 0x%llx lies among heap objects, in no code: %s%s%s%s jumped "
			 "through a pointer in memory that is gone", (unsigned long long)v->pc,
			 v->site ? "" : "something", v->site ? v->site : "", call ? ", by " : "",
			 call ? call : "");
	}
	if (v->dead_ev)
		evidence(c, "strong",
			 (struct where){ { v->ev.line, v->loop_ev.line }, 0, (int32_t)v->ev.frame,
					 v->ev.value },
			 "#%u %s uses event context 0x%llx, which occurs nowhere else; the loop that runs "
			 "uses 0x%llx in %u frames: what is being destroyed belongs to a context that is "
			 "dead", m->frames[v->ev.frame].number, m->frames[v->ev.frame].function,
			 (unsigned long long)v->ev.value, (unsigned long long)v->loop_ev.value,
			 v->loop_frames);
}

/*
 * ptr_to_free is unset while a destructor or the children run: the slot shows what the frame before
 * it there freed. It counts only if it is the chunk of an object that is held further out.
 */
static void say_stale(const struct ctx *c, struct verdict *v)
{
	const struct model *m = &v->m;

	for (uint32_t i = 0; i < m->nfrees; i++) {
		const struct active_free *f = &m->frees[i];
		const uint64_t pool = m->header + 0x20;
		struct hold slot;

		if (f->inferred || !talloc_var(m, f->frame, "ptr_to_free", &slot))
			continue;
		for (unsigned k = 0; k < 2; k++) {
			uint64_t object = slot.value + (k ? pool : m->header);
			const struct hold *h = talloc_holder(m, object, f->initiator);
			struct where w = { .lines = { slot.line }, .stack = 0, .address = object };
			char holders[256];

			if (!h)
				continue;
			list_holders(m, object, f->initiator, holders, sizeof(holders), &w, 1);
			if (held_as_request(m, object, f->initiator)) {
				snprintf(v->cleared, sizeof(v->cleared),
					 " 0x%llx (%s) is a request that its own callback freed, which is "
					 "allowed.", (unsigned long long)object, holders);
				continue;
			}
			w.frame = (int32_t)h->frame;
			evidence(c, "medium", w,
				 "0x%llx was freed just before: its chunk 0x%llx is left in a stack slot "
				 "of #%u; still held by %s", (unsigned long long)object,
				 (unsigned long long)slot.value, m->frames[f->frame].number, holders);
		}
	}
}

static void say_frees(const struct ctx *c, const struct verdict *v)
{
	const struct model *m = &v->m;

	for (uint32_t i = 0; i < m->nfrees; i++) {
		const struct active_free *f = &m->frees[i];

		evidence(c, "weak",
			 (struct where){ { f->line }, 0, (int32_t)f->frame, f->object },
			 "active free %u of %u, #%u: 0x%llx, %s%s%s%s", i + 1, m->nfrees,
			 m->frames[f->frame].number, (unsigned long long)f->object,
			 f->phase == PHASE_CHILDREN ? "its children are being freed" :
			 "its destructor runs: ", f->destructor ? f->destructor : "",
			 f->location[0] ? ", freed at " : "", f->location);
	}
}

/* --- findings -------------------------------------------------------------------- */

static bool has_frame(const struct model *m, const char *prefix)
{
	for (uint32_t i = 0; i < m->nframes; i++)
		if (starts(m->frames[i].function, prefix))
			return true;
	return false;
}

/* Known defects: frames that must be there, and what to say then. */
static const struct {
	const char *one, *two, *text;
} known[] = {
	{ "poll_funcs_", "msg_dgm_ref_", "Samba BUG 12272: messaging contexts that outlive their tevent "
	  "context" },
	{ "poll_funcs_", "msg_dgm_ref_", "Samba commit 085542fc93b3: the slot search must look for an "
	  "exact match of ev before a free slot" },
	{ "poll_funcs_", "msg_dgm_ref_", "Samba commit ddffebc0fed: poll_funcs removed" },
	{ "poll_funcs_", "msg_dgm_ref_", "Samba commits 5d2ca258662, c132b78c484, ee64d3f1d89: partial "
	  "fixes before it" },
};

static void say_advice(const struct ctx *c, const struct verdict *v)
{
	const struct model *m = &v->m;

	for (uint32_t i = m->nfrees; i-- > 0;) {
		const struct active_free *f = &m->frees[i];

		if (!overlap_of(v, f) || f->initiator >= m->nframes)
			continue;
		advice(c, "Look at #%u %s%s%s: the free that it starts reaches an object that its own "
		       "callers are still working with. Defer it (tevent_req_post(), an immediate event) "
		       "or take the object out of the freed tree first (talloc_steal()).",
		       m->frames[f->initiator].number, or_unknown(m->frames[f->initiator].function),
		       f->location[0] ? ", " : "", f->location);
		break;
	}
	if (v->dead_ev)
		advice(c, "Find who created the object on event context 0x%llx and let it hold a "
		       "reference, or be freed with the context.", (unsigned long long)v->ev.value);
	advice(c, "To catch the first bad access: run with TALLOC_FREE_FILL=0x5a or under valgrind, and "
	       "print the tree before the free with talloc_report_full().");
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (has_frame(m, known[i].one) && has_frame(m, known[i].two))
			c->host->reference(c->rep, known[i].text);
}

static void header_text(const struct model *m, char *buf, size_t size)
{
	snprintf(buf, size, m->header_proven ? " An object lies 0x%llx bytes behind its chunk: talloc %s." :
					       "", (unsigned long long)m->header,
		 m->header == 0x50 ? "2.0.7 or older" : "2.0.8 or later");
}

static void teardown(const struct ctx *c, struct verdict *v)
{
	char title[160], cause[1400], header[120];

	header_text(&v->m, header, sizeof(header));
	/* Stale slots first in a dry run would be nicer; the cause needs what they cleared. */
	for (uint32_t i = 0; i < v->m.nfrees; i++) {
		struct hold slot;
		const struct active_free *f = &v->m.frees[i];
		uint64_t object;

		if (f->inferred || !talloc_var(&v->m, f->frame, "ptr_to_free", &slot))
			continue;
		object = slot.value + v->m.header + 0x20;
		if (held_as_request(&v->m, object, f->initiator))
			snprintf(v->cleared, sizeof(v->cleared),
				 " 0x%llx is a request that its own callback freed, which is allowed.",
				 (unsigned long long)object);
	}
	snprintf(title, sizeof(title), "re-entrant teardown%s%s%s", v->wild ? " with a wild jump" : "",
		 v->dead_ev ? v->wild ? " through" : " on" : "",
		 v->dead_ev ? " a dead tevent context" : "");
	snprintf(cause, sizeof(cause),
		 "A callback freed objects that the functions which called it are still using: %u free(s) "
		 "had not returned when it crashed, and %u of the objects are held outside of the frame "
		 "that started the free.%s%s%s%s", v->m.nfrees, v->overlaps,
		 v->wild ? " On the way down a destructor called through a pointer in memory that was "
			   "freed before." : "",
		 v->dead_ev ? " The object being destroyed belongs to an event context other than the "
			      "running one, and that context is gone." : "", header, v->cleared);
	if (!finding(c, "talloc/reentrant-teardown", "critical",
		     70 + (v->wild ? 10 : 0) + (v->dead_ev ? 10 : 0) + (v->overlaps > 1 ? 5 : 0), title,
		     cause))
		return;
	say_overlaps(c, v);
	say_jump(c, v);
	say_stale(c, v);
	say_frees(c, v);
	say_advice(c, v);
}

/* Is a frame the destructor that another, outer free runs? Its index in frees, or -1. */
static int destructor_at(const struct model *m, uint32_t frame)
{
	for (uint32_t i = 0; i < m->nfrees; i++)
		if (m->frees[i].phase == PHASE_DESTRUCTOR && m->frees[i].frame == frame + 1)
			return (int)i;
	return -1;
}

/*
 * Where talloc shows no locals: a destructor that crashes, in a free that another destructor started.
 * Which object that free was for is not shown; that it is part of the outer tree is the likely cause.
 */
static bool nested(const struct ctx *c, const struct verdict *v)
{
	const struct model *m = &v->m;
	const struct active_free *f = &m->frees[0], *outer;
	int i = f->initiator < m->nframes ? destructor_at(m, f->initiator) : -1;
	char title[200], cause[600];

	if (!f->inferred || f->phase != PHASE_DESTRUCTOR || i < 0)
		return false;
	outer = &m->frees[i];
	snprintf(title, sizeof(title), "re-entrant teardown: %.80s() starts another free",
		 or_unknown(outer->destructor));
	snprintf(cause, sizeof(cause), "While 0x%llx is freed, its destructor %.80s() frees something "
		 "else, and in that second teardown %.80s() reaches memory that is gone. If what it frees "
		 "is a parent or an owner, the frames further out work on with freed objects too.",
		 (unsigned long long)outer->object, or_unknown(outer->destructor),
		 or_unknown(f->destructor));
	if (!finding(c, "talloc/reentrant-teardown", "high", 60, title, cause))
		return false;
	for (unsigned k = 0; k < 2; k++) {
		const struct active_free *a = k ? outer : f;
		struct where w = { .lines = { a->line }, .stack = 0, .frame = (int32_t)a->frame,
				   .address = a->object };
		char holders[256];
		unsigned n = list_holders(m, a->object, a->initiator, holders, sizeof(holders), &w, 1);

		evidence(c, "medium", w, "#%u %s runs as the destructor of 0x%llx%s%s",
			 m->frames[a->frame - 1].number, or_unknown(a->destructor),
			 (unsigned long long)a->object, n ? ", held by " : "", holders);
	}
	say_jump(c, v);
	say_advice(c, v);
	return true;
}

/* The crash is in or under a destructor, and nobody further out is hurt. */
static void destructor(const struct ctx *c, struct verdict *v)
{
	const uint32_t near = 12; /* frames: what crashes far below has other causes first */
	const struct active_free *f = &v->m.frees[0];
	char title[200], cause[600], header[120];

	if (f->phase != PHASE_DESTRUCTOR || f->frame > near)
		return;
	header_text(&v->m, header, sizeof(header));
	snprintf(title, sizeof(title), "destructor %.80s() uses memory that is gone",
		 or_unknown(f->destructor));
	snprintf(cause, sizeof(cause), "While 0x%llx is freed, its destructor reaches an object that was "
		 "freed before%s.%s", (unsigned long long)f->object,
		 v->dead_ev ? ", an event context that is not the running one" :
		 v->wild ? " and jumps through a pointer in it" : "", header);
	if (!finding(c, "talloc/destructor-after-free", "high",
		     45 + (v->wild ? 20 : 0) + (v->dead_ev ? 20 : 0), title, cause))
		return;
	say_jump(c, v);
	say_stale(c, v);
	say_frees(c, v);
	say_advice(c, v);
}

/* What talloc and tevent say before they abort. */
static const struct {
	const char *text, *id, *title;
} said[] = {
	{ "Bad talloc magic value - access after free", "talloc/access-after-free",
	  "talloc: access to an object that was freed" },
	{ "access after free error - first free may be at ", "talloc/access-after-free",
	  "talloc: access to an object that was freed" },
	{ "Bad talloc magic value - double free", "talloc/double-free", "talloc: double free" },
	{ "double free error - first free may be at ", "talloc/double-free", "talloc: double free" },
	{ "Bad talloc magic value - unknown value", "talloc/bad-magic",
	  "talloc: what was handed over is no talloc object, or its header was overwritten" },
	{ "Type mismatch: name[", "talloc/type-mismatch", "talloc: object of another type" },
	{ "talloc_free with references at ", "talloc/free-with-references",
	  "talloc_free() of an object with references" },
	{ " use after free", "tevent/use-after-free", "tevent: event used after it was freed" },
	{ "tevent_timer double free", "tevent/double-free", "tevent: event freed twice" },
	{ "tevent_fd double free", "tevent/double-free", "tevent: event freed twice" },
	{ "tevent_immediate double free", "tevent/double-free", "tevent: event freed twice" },
	{ "tevent_signal double free", "tevent/double-free", "tevent: event freed twice" },
};

/* The first record, of the incident or kept from around it, that holds text. */
static bool find_said(const struct ctx *c, const char *text, struct od_plugin_record *rec)
{
	if (find_record(c, text, rec))
		return true;
	for (uint32_t i = 0; i < 256; i++) {
		*rec = (struct od_plugin_record)OD_PLUGIN_INIT(*rec);
		if (c->host->context(c->rep, i, rec) != OD_PLUGIN_OK)
			return false;
		if (has(rec->text, text))
			return true;
	}
	return false;
}

static void aborted(const struct ctx *c, const struct model *m)
{
	for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
		const char *mark = "first free may be at ", *first;
		struct od_plugin_record rec, where;
		uint32_t caller = 0;

		/* Words of tevent alone are common prose: they need its abort in the trace. */
		if (starts(said[i].id, "tevent/") && !has_frame(m, "tevent_abort") &&
		    !has_frame(m, "tevent_common_check_double_free"))
			continue;
		if (!find_said(c, said[i].text, &rec))
			continue;
		if (!finding(c, said[i].id, "high", 85, said[i].title,
			     "The library checks its objects and stopped the program at the first bad one."))
			continue;
		evidence(c, "strong", AT_LINE(rec.line), "%.300s", rec.text + strspn(rec.text, " \t"));
		if (find_said(c, mark, &where) && (first = strstr(where.text, mark)) != NULL)
			evidence(c, "strong", AT_LINE(where.line), "it was freed first at %.*s",
				 (int)strcspn(first + strlen(mark), " \"\\\n"), first + strlen(mark));
		/* Who asked talloc: the frame outside of its last frame of the abort. */
		while (caller < m->nframes && !m->frames[caller].talloc)
			caller++;
		while (caller < m->nframes && m->frames[caller].talloc)
			caller++;
		if (caller < m->nframes)
			evidence(c, "medium",
				 (struct where){ { m->frames[caller].line }, 0, (int32_t)caller, 0 },
				 "called by #%u %s%s%.200s", m->frames[caller].number,
				 or_unknown(m->frames[caller].function), m->frames[caller].file ? " in " : "",
				 m->frames[caller].file ? m->frames[caller].file : "");
		advice(c, "Compare the place of the first free with the caller: one of the two must not "
		       "own the object. valgrind shows both stacks.");
		return;
	}
}

static void freed_twice(const struct ctx *c, const struct model *m)
{
	for (uint32_t i = 0; i < m->nfrees; i++) {
		for (uint32_t k = i + 1; k < m->nfrees; k++) {
			const struct active_free *a = &m->frees[i], *b = &m->frees[k];

			if (a->object != b->object || a->inferred || b->inferred)
				continue;
			if (!finding(c, "talloc/double-free", "high", 80,
				     "talloc: an object is freed while it is being freed",
				     "A destructor started the free of an object whose own free had not "
				     "returned."))
				return;
			evidence(c, "strong",
				 (struct where){ { a->line, b->line }, 0, (int32_t)a->frame, a->object },
				 "0x%llx is freed by #%u and by #%u", (unsigned long long)a->object,
				 m->frames[a->frame].number, m->frames[b->frame].number);
			return;
		}
	}
}

static int32_t analyze(const struct od_plugin_host *host, od_plugin_report *rep)
{
	static struct verdict v; /* one report at a time; too large for a stack */
	struct ctx c;

	if (!ctx_init(&c, host, rep))
		return OD_PLUGIN_INVALID;
	memset(&v, 0, sizeof(v));
	talloc_model(&c, &v.m);
	aborted(&c, &v.m);
	freed_twice(&c, &v.m);
	if (!v.m.nfrees)
		return OD_PLUGIN_OK;
	find_wild_jump(&v);
	find_dead_ev(&v);
	for (uint32_t i = 0; i < v.m.nfrees; i++)
		v.overlaps += overlap_of(&v, &v.m.frees[i]) != NULL;
	if (v.overlaps)
		teardown(&c, &v);
	else if (same(c.info.kind, "user-crash") && !nested(&c, &v))
		destructor(&c, &v);
	return OD_PLUGIN_OK;
}

static const char *const interest[] = { "Bad talloc magic value", "first free may be at ",
					"talloc_free with references", "Type mismatch: name[", NULL };

static const struct od_plugin plugin = {
	.argsz = sizeof(plugin),
	.flags = OD_PLUGIN_WANTS_USER,
	.abi = OD_PLUGIN_ABI,
	.name = "talloc",
	.version = "1",
	.summary = "talloc and tevent: destructors that free what is in use, dead event contexts",
	.interest = interest,
	.analyze = analyze,
};

PLUGIN_EXPORT const struct od_plugin *od_plugin_entry_1(const struct od_plugin_host *host)
{
	(void)host;
	return &plugin;
}
