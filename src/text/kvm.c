/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts folded events together, tells copies, and groups events by thread. */
#include "text/kvm.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "text/kvm-internal.h"

const char *const od_kvm_markers[] = {
	"] pid[", "stuck @ rip ", "MMU seq = ", "kvm_page_fault: ", "kvm_hv_", NULL,
};

struct od_kvm {
	struct od_kvm_thread *threads;
	uint32_t nthreads, cap;
	uint32_t index[OD_KVM_THREADS * 2]; /* 1 + thread, by hash of its ids */
	uint64_t *seen;			    /* hashes of lines with a clock */
	uint32_t nseen, copies, left, next;
	bool probes;
	struct od_kvm_hv *hv;		    /* NULL: there was no hypercall */
	struct od_buf pending;		    /* an event whose end is not there yet */
	struct od_record head;		    /* of pending; without its text */
	uint32_t folds;
};

struct od_kvm *od_kvm_create(void)
{
	return od_calloc(1, sizeof(struct od_kvm));
}

void od_kvm_destroy(struct od_kvm *k)
{
	if (!k)
		return;
	for (uint32_t i = 0; i < k->nthreads; i++) {
		od_report_destroy(k->threads[i].rep);
		od_buf_deinit(&k->threads[i].last_text);
	}
	od_buf_deinit(&k->pending);
	od_kvm_hv_destroy(k->hv);
	free(k->threads);
	free(k->seen);
	free(k);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ull;
	return h ^ h >> 32;
}

static struct od_kvm_thread *find_thread(struct od_kvm *k, const struct od_kvm_event *e)
{
	/* The tracepoints do not know the process; of the rest whoever lacks an id is its own. */
	const uint64_t pid = od_kvm_has(e, OD_KVM_PID) ? e->value[OD_KVM_PID] : 0;
	const uint64_t vcpu = e->tid ? 0 : e->value[OD_KVM_VCPU];
	uint32_t i = (uint32_t)mix(mix(mix(1, e->tid), pid), vcpu) & (OD_KVM_THREADS * 2 - 1);
	struct od_kvm_thread *t;

	for (; k->index[i]; i = (i + 1) & (OD_KVM_THREADS * 2 - 1)) {
		t = &k->threads[k->index[i] - 1];
		if (t->tid == e->tid && t->pid == pid && t->vcpu == vcpu)
			return t;
	}
	if (k->nthreads == OD_KVM_THREADS)
		return NULL;
	if (k->nthreads == k->cap) {
		k->cap = k->cap ? k->cap * 2 : 8;
		k->threads = od_realloc(k->threads, k->cap * sizeof(*k->threads));
	}
	t = &k->threads[k->nthreads++];
	*t = (struct od_kvm_thread){ .tid = e->tid, .pid = pid, .vcpu = vcpu };
	t->rep = od_report_create();
	k->index[i] = k->nthreads;
	return t;
}

/* Was there a line of that hash? Now there was. */
static bool seen(struct od_kvm *k, uint64_t h)
{
	uint32_t i;

	h += !h;
	if (!k->seen)
		k->seen = od_calloc(OD_KVM_SEEN, sizeof(*k->seen));
	for (i = (uint32_t)h & (OD_KVM_SEEN - 1); k->seen[i]; i = (i + 1) & (OD_KVM_SEEN - 1))
		if (k->seen[i] == h)
			return true;
	if (k->nseen < OD_KVM_SEEN / 2) {
		k->seen[i] = h;
		k->nseen++;
	}
	return false;
}

/* An event with a clock of microseconds that stands there again: quoted twice, sent twice. */
static bool is_copy(struct od_kvm *k, const struct od_kvm_event *e)
{
	uint64_t h = mix(2, e->clock_us);

	h = mix(mix(mix(h, e->tid), e->kind), e->has);
	for (unsigned f = 0; f < OD_KVM_FIELDS; f++)
		h = mix(h, e->value[f]);
	return seen(k, h);
}

/* The same of a line of a tracepoint, "1234.567890:" before its name. */
static bool is_copied_line(struct od_kvm *k, const struct od_record *rec)
{
	const char *s = rec->raw ? rec->raw : rec->text, *end = s + (rec->raw ? rec->raw_len : rec->len);
	const char *dot = s;
	uint64_t h = 3;
	unsigned n = 0;

	while (n != 6 && (dot = memchr(dot, '.', (size_t)(end - dot))))
		for (dot++, n = 0; dot + n < end && od_is_digit(dot[n]); n++)
			;
	if (!dot || dot + n == end || dot[n] != ':')
		return false;
	/* Whatever stands in front of it, or is left of it at a line's end. */
	while (end > s && (od_is_blank(end[-1]) || end[-1] == '\r'))
		end--;
	while (s < end && od_is_blank(*s))
		s++;
	for (; s < end; s++)
		h = mix(h, (uint8_t)*s);
	return seen(k, h);
}

static void keep(struct od_kvm_thread *t, const struct od_record *rec)
{
	if (!t->rep->nrecords) {
		t->rep->wall_time = od_arena_strdup(&t->rep->arena, rec->wall);
		t->rep->host = od_arena_strdup(&t->rep->arena, rec->host);
		t->lines.first = rec->lineno;
	}
	t->lines.last = rec->lineno_last > rec->lineno ? rec->lineno_last : rec->lineno;
	if (t->rep->nrecords < OD_KVM_KEPT) {
		od_report_add_record(t->rep, rec);
		return;
	}
	t->last = *rec;
	t->last.wall = t->last.host = t->last.raw = NULL;
	od_buf_reset(&t->last_text);
	od_buf_add(&t->last_text, rec->text, rec->len);
}

static void take(struct od_kvm *k, const struct od_kvm_event *e, const struct od_record *rec)
{
	struct od_kvm_thread *t;

	if (e->has_clock && is_copy(k, e)) {
		k->copies++;
		return;
	}
	t = find_thread(k, e);
	if (!t) {
		k->left++;
		return;
	}
	k->probes |= e->kind == OD_KVM_MAP || e->kind == OD_KVM_ITER || e->kind == OD_KVM_SPTE ||
		     e->kind == OD_KVM_MAP_RET || e->kind == OD_KVM_MADE;
	od_kvm_account(t, e);
	keep(t, rec);
}

/* --- folded events --------------------------------------------------------------------- */

static void flush(struct od_kvm *k)
{
	struct od_record rec = k->head;
	struct od_kvm_event e;

	if (!k->pending.len)
		return;
	rec.text = od_buf_str(&k->pending);
	rec.len = (uint32_t)k->pending.len;
	/* Half of an event still says who and what. */
	if (od_kvm_parse(rec.text, rec.len, &e) && od_kvm_has(&e, OD_KVM_RIP))
		take(k, &e, &rec);
	k->pending.len = 0;
	k->folds = 0;
}

/* Would the record be the rest of the pending event? Then it is added. */
static bool goes_on(struct od_kvm *k, const struct od_record *rec)
{
	const size_t old = k->pending.len;
	struct od_kvm_event before, after;
	struct od_cursor c = od_cursor_init(rec->text, rec->len);

	if (!old || ++k->folds > OD_KVM_FOLDS || old + rec->len > OD_KVM_LINE || !rec->len)
		return false;
	od_cur_blanks(&c);
	od_kvm_parse(k->pending.data, old, &before);
	od_buf_addch(&k->pending, ' ');
	od_buf_add(&k->pending, c.p, od_cur_left(&c));
	if (od_kvm_parse(k->pending.data, k->pending.len, &after) &&
	    (after.whole || __builtin_popcount(after.has) > __builtin_popcount(before.has))) {
		k->head.lineno_last = rec->lineno_last > rec->lineno ? rec->lineno_last : rec->lineno;
		if (after.whole)
			flush(k);
		return true;
	}
	k->pending.len = old;
	k->pending.data[old] = '\0';
	return false;
}

/*
 * Most lines of a log are none of ours, and each is offered: one look, not five. *hyperv: it may be a line of a
 * hypercall.
 */
static bool may_be_event(const struct od_record *rec, bool *hyperv)
{
	const char *end = rec->text + rec->len, *p = rec->text;
	const char *point = od_find(p, rec->len, "kvm_");

	for (; point && !*hyperv; point = od_find(point, (size_t)(end - point), "kvm_")) {
		point += strlen("kvm_");
		*hyperv = end - point > 3 && !memcmp(point, "hv_", 3);
		if (*hyperv || (end - point > 12 && !memcmp(point, "page_fault: ", 12)))
			return true;
	}

	/* "tid[", "pid = " and "rip " are in all but a tracepoint of 5.10, which has no rip. */
	while ((p = memchr(p, 'i', (size_t)(end - p)))) {
		if (end - p > 2 && ((p[1] == 'd' && (p[2] == '[' || p[2] == ' ')) || (p[1] == 'p' && p[2] == ' ')))
			return true;
		p++;
	}
	return false;
}

bool od_kvm_feed(struct od_kvm *k, const struct od_record *rec)
{
	struct od_record whole = *rec;
	bool is, hyperv = false;
	struct od_kvm_event e;

	if (rec->len > OD_KVM_LINE)
		return false;
	is = may_be_event(rec, &hyperv);
	if (hyperv && is_copied_line(k, rec)) {
		k->copies++;
		return true;
	}
	if ((hyperv || od_kvm_hv_waits(k->hv)) && od_kvm_hv_feed(&k->hv, rec))
		return true;
	if (!k->pending.len && !is)
		return false;
	/* What the prefix reader took for the time of a log is the clock of the trace. */
	if (rec->raw && rec->raw_len <= OD_KVM_LINE) {
		whole.text = rec->raw;
		whole.len = rec->raw_len;
	}
	is = od_kvm_parse(whole.text, whole.len, &e);
	if (!is && whole.text != rec->text) {
		whole = *rec;
		is = od_kvm_parse(rec->text, rec->len, &e);
	}
	if (e.kind == OD_KVM_KINDS)
		return goes_on(k, rec);
	if (!is)
		return false;
	flush(k);
	while (whole.len && (whole.text[whole.len - 1] == '\r' || whole.text[whole.len - 1] == ' '))
		whole.len--;
	if (e.whole) {
		take(k, &e, &whole);
		return true;
	}
	od_buf_reset(&k->pending);
	od_buf_add(&k->pending, whole.text, whole.len);
	k->head = (struct od_record){ .lineno = rec->lineno, .lineno_last = rec->lineno_last,
				      .ts_us = OD_TS_NONE, .level = OD_LEVEL_NONE,
				      .quote_depth = rec->quote_depth };
	return true;
}

struct od_report *od_kvm_next(struct od_kvm *k)
{
	struct od_report *rep = NULL;

	flush(k);
	while (!rep && k->next < k->nthreads) {
		struct od_kvm_thread *t = &k->threads[k->next++];

		if (t->last_text.len) {
			t->last.text = t->last_text.data;
			od_report_add_record(t->rep, &t->last);
		}
		rep = od_kvm_conclude(t, k->probes);
	}
	if (!rep)
		rep = od_kvm_hv_report(k->hv);
	if (rep && k->copies) {
		od_report_note(rep, 0, "%u lines of the trace stand more than once; each counts once", k->copies);
		k->copies = 0;
	}
	if (rep && k->left) {
		od_report_note(rep, 0, "more than %u threads: %u events of others are left out",
			       OD_KVM_THREADS, k->left);
		k->left = 0;
	}
	return rep;
}
