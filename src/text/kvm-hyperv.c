/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hyper-V hypercalls of guests, as KVM's tracepoints tell them (arch/x86/kvm/trace.h, Linux 4.x to 6.x, by ftrace, trace-cmd,
 * perf script and perf trace): added up by what was called and what became of it. A call, what is known of
 * its input and its result are three lines of one thread.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "model/hyperv.h"
#include "text/kvm-internal.h"

enum {
	ROWS = 64,	  /* sorts of calls, of IPIs and flushes that are told apart */
	THREADS = 1024,	  /* whose calls are held against their results; a power of 2 */
	RESULTS = 4,	  /* statuses of one sort of call */
	MAX_AHEAD = 192,  /* bytes in front of the name */
	KNOWN_BANKS = 11, /* that the registers of a fast call hold: od_hv_expect() */
};

enum point { CALL, DONE, IPI, IPI_EX, FLUSH, FLUSH_EX, POINTS };

enum field { CODE, FAST, VAR, REPS, IDX, IN, OUT, RESULT, VECTOR, MASK, FORMAT, BANKS, SPACE, FLAGS, FIELDS };

static const struct {
	const char *name;
	enum field last; /* without it the line is cut */
} points[POINTS] = {
	[CALL] = { "kvm_hv_hypercall", OUT },	 [DONE] = { "kvm_hv_hypercall_done", RESULT },
	[IPI] = { "kvm_hv_send_ipi", MASK },	 [IPI_EX] = { "kvm_hv_send_ipi_ex", BANKS },
	[FLUSH] = { "kvm_hv_flush_tlb", FLAGS }, [FLUSH_EX] = { "kvm_hv_flush_tlb_ex", FLAGS },
};

/* As TP_printk() has them, and as the fields of the event are called, which perf trace prints. */
static const struct {
	const char *name;
	enum field field;
	uint64_t most;
} fields[] = {
	{ "code", CODE, 0xffff },	   { "fast", FAST, 1 },
	{ "var_cnt", VAR, 0x3ff },	   { "cnt", REPS, 0xfff },
	{ "rep_cnt", REPS, 0xfff },	   { "idx", IDX, 0xfff },
	{ "rep_idx", IDX, 0xfff },	   { "in", IN, UINT64_MAX },
	{ "ingpa", IN, UINT64_MAX },	   { "out", OUT, UINT64_MAX },
	{ "outgpa", OUT, UINT64_MAX },	   { "result", RESULT, UINT64_MAX },
	{ "vector", VECTOR, UINT32_MAX },  { "processor_mask", MASK, UINT64_MAX },
	{ "format", FORMAT, UINT64_MAX },  { "valid_bank_mask", BANKS, UINT64_MAX },
	{ "address_space", SPACE, UINT64_MAX }, { "flags", FLAGS, UINT64_MAX },
};

struct event {
	enum point point;
	uint64_t v[FIELDS], tid;
	uint32_t has;
	bool bad; /* a value that cannot be: the line is another's, or damaged */
};

/* A sort of call: the same control word, and the same to be expected of it. */
struct row {
	uint64_t control;
	uint16_t expected;
	const char *why; /* one of od_hv_expect()'s constants: told apart by its address */
	uint64_t count, unanswered, other;
	struct { uint16_t status; uint64_t n; } result[RESULTS];
};

/* A sort of IPI (by vector) or flush (by flags). */
struct sent {
	enum point point;
	uint64_t a, format, count, mask; /* mask: of all of them together */
};

struct waiting {
	uint64_t tid;
	bool used, open;
	uint64_t control;	/* as it was printed: give_input() changes that of the call */
	struct od_hv_call call;
};

struct od_kvm_hv {
	struct row rows[ROWS];
	struct sent sent[ROWS];
	struct waiting threads[THREADS];
	uint32_t nrows, nsent, nthreads;
	uint64_t count[POINTS], left;
	struct od_report *rep;
	struct od_lines lines;
	struct od_buf pending; /* a line whose end is not there yet */
	struct od_record head;
	uint32_t folds;
};

void od_kvm_hv_destroy(struct od_kvm_hv *h)
{
	if (!h)
		return;
	od_report_destroy(h->rep);
	od_buf_deinit(&h->pending);
	free(h);
}

/* --- a line ------------------------------------------------------------------------------------ */

static bool is_word(char c)
{
	return od_is_alnum(c) || c == '_';
}

static bool has(const struct event *e, enum field f)
{
	return e->has >> f & 1;
}

/* "code 0xb", "vector fb" of a text; "code: 11" of perf trace, with named (in brackets). */
static bool read_value(struct od_cursor *c, bool named, uint64_t *ret)
{
	struct od_cursor t = *c;

	if (od_cur_lit(&t, "0x"))
		return od_cur_hex(&t, ret, NULL) && (*c = t, true);
	return (named ? od_cur_dec(&t, ret) : od_cur_hex(&t, ret, NULL)) && (*c = t, true);
}

static void read_field(struct od_cursor *c, const char *word, size_t len, bool named, struct event *e)
{
	struct od_cursor t = *c;
	uint64_t v;

	/* "fast" and "slow" stand alone. */
	if (!named && len == 4 && (!memcmp(word, "fast", 4) || !memcmp(word, "slow", 4))) {
		e->v[FAST] = *word == 'f';
		e->has |= 1u << FAST;
		return;
	}
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (strlen(fields[i].name) != len || memcmp(word, fields[i].name, len) != 0)
			continue;
		od_cur_char(&t, ':');
		od_cur_blanks(&t);
		if (!read_value(&t, named, &v) || is_word(od_cur_peek(&t)))
			return;
		e->bad |= v > fields[i].most;
		if (!has(e, fields[i].field)) {
			e->v[fields[i].field] = v;
			e->has |= 1u << fields[i].field;
			*c = t;
		}
		return;
	}
}

static void read_fields(struct od_cursor c, bool named, struct event *e)
{
	while (!od_cur_end(&c)) {
		const char *word = c.p;

		while (!od_cur_end(&c) && is_word(*c.p))
			c.p++;
		if (c.p > word)
			read_field(&c, word, (size_t)(c.p - word), named, e);
		else
			c.p++;
	}
}

/* "comm/1234 kvm:NAME(" of perf trace. */
static uint64_t slashed_task(const char *s, const char *name)
{
	struct od_cursor c;
	const char *p = name;
	uint64_t tid;

	if (p - s >= 4 && !memcmp(p - 4, "kvm:", 4))
		p -= 4;
	while (p > s && od_is_blank(p[-1]))
		p--;
	c.end = p;
	while (p > s && od_is_digit(p[-1]))
		p--;
	c.p = p;
	return p > s && p[-1] == '/' && od_cur_dec(&c, &tid) ? tid : 0;
}

/* The tracepoint whose name begins at s; POINTS: none. *after: behind the mark that follows. */
static enum point point_at(const char *s, const char *end, struct od_cursor *after, bool *named)
{
	size_t len = 0;

	while (s + len < end && is_word(s[len]))
		len++;
	if (s + len == end || (s[len] != ':' && s[len] != '('))
		return POINTS;
	*named = s[len] == '(';
	*after = (struct od_cursor){ s + len + 1, end };
	for (int i = 0; i < POINTS; i++)
		if (strlen(points[i].name) == len && !memcmp(s, points[i].name, len))
			return (enum point)i;
	return POINTS;
}

static bool parse(const char *s, size_t len, struct event *e)
{
	struct od_cursor c = od_cursor_init(s, len < MAX_AHEAD ? len : MAX_AHEAD), after;

	while (od_cur_past(&c, "kvm_hv_")) {
		const char *name = c.p - strlen("kvm_hv_");
		bool named;

		*e = (struct event){ .point = point_at(name, s + len, &after, &named) };
		if (e->point == POINTS || (name > s && is_word(name[-1])))
			continue;
		e->tid = od_kvm_task(s, name);
		if (!e->tid)
			e->tid = slashed_task(s, name);
		read_fields(after, named, e);
		return e->has && !e->bad;
	}
	return false;
}

static bool is_whole(const struct event *e)
{
	/* perf trace has the fields in another order: all of a call are there if the code is. */
	return has(e, points[e->point].last) && (e->point != CALL || (has(e, CODE) && has(e, FAST)));
}

/* --- adding up --------------------------------------------------------------------------------- */

static struct row *row_of(struct od_kvm_hv *h, uint64_t control, const struct od_hv_call *call)
{
	const char *why;
	const uint16_t expected = od_hv_expect(call, &why);
	struct row *r = h->rows;

	for (; r < h->rows + h->nrows; r++)
		if (r->control == control && r->expected == expected && r->why == why)
			return r;
	if (h->nrows == ROWS)
		return NULL;
	h->nrows++;
	*r = (struct row){ .control = control, .expected = expected, .why = why };
	return r;
}

/* result NULL: none was printed. */
static void close_call(struct od_kvm_hv *h, uint64_t control, const struct od_hv_call *call, const uint64_t *result)
{
	struct row *r = row_of(h, control, call);
	const uint16_t status = result ? (uint16_t)*result : 0;
	unsigned i = 0;

	if (!r) {
		h->left++;
		return;
	}
	r->count++;
	if (!result) {
		r->unanswered++;
		return;
	}
	while (i < RESULTS && r->result[i].n && r->result[i].status != status)
		i++;
	if (i == RESULTS) {
		r->other++;
		return;
	}
	r->result[i].status = status;
	r->result[i].n++;
}

/* Of the thread that printed the line; NULL: there are too many. */
static struct waiting *thread_of(struct od_kvm_hv *h, uint64_t tid)
{
	uint32_t i = (uint32_t)(tid * 0x9e3779b97f4a7c15ull >> 40) & (THREADS - 1);

	for (; h->threads[i].used; i = (i + 1) & (THREADS - 1))
		if (h->threads[i].tid == tid)
			return &h->threads[i];
	if (h->nthreads == THREADS / 2)
		return NULL;
	h->nthreads++;
	h->threads[i] = (struct waiting){ .tid = tid, .used = true };
	return &h->threads[i];
}

static struct od_hv_call call_of(const struct event *e)
{
	return (struct od_hv_call){
		.control = e->v[CODE] | e->v[FAST] << 16 | e->v[VAR] << 17 | e->v[REPS] << 32 | e->v[IDX] << 48,
		.rdx = e->v[IN],
		.r8 = e->v[OUT],
		.nregs = 2,
	};
}

/*
 * What KVM read as the input of the call that is open. Where that was in memory the registers are made
 * what they would be if it had been in them, so that the same is expected.
 */
static void give_input(struct waiting *w, const struct event *e)
{
	struct od_hv_call *call = &w->call;
	const unsigned code = call->control & 0xffff, banks = call->control >> 17 & 0x3ff;

	if (!w->open || code != (e->point == IPI ? 0x0b : 0x15) || banks > KNOWN_BANKS)
		return;
	call->control |= 1u << 16;
	call->rdx = e->v[VECTOR];
	call->r8 = e->point == IPI ? e->v[MASK] : e->v[FORMAT];
	if (e->point == IPI_EX) {
		call->xmm[0][0] = e->v[BANKS];
		call->nxmm = 1;
	}
}

static void add_sent(struct od_kvm_hv *h, const struct event *e)
{
	const bool ipi = e->point == IPI || e->point == IPI_EX;
	const uint64_t a = ipi ? e->v[VECTOR] : e->v[FLAGS];
	struct sent *s = h->sent;

	while (s < h->sent + h->nsent && (s->point != e->point || s->a != a || s->format != e->v[FORMAT]))
		s++;
	if (s == h->sent + ROWS) {
		h->left++;
		return;
	}
	if (s == h->sent + h->nsent)
		*s = (struct sent){ .point = e->point, .a = a, .format = e->v[FORMAT] };
	h->nsent += s == h->sent + h->nsent;
	s->count++;
	s->mask |= e->point == IPI || e->point == FLUSH ? e->v[MASK] : e->v[BANKS];
}

static void take(struct od_kvm_hv *h, const struct event *e, const struct od_record *rec)
{
	const uint32_t rows = h->nrows, sent = h->nsent;
	struct waiting *w = thread_of(h, e->tid);
	const struct od_hv_call call = call_of(e);

	h->count[e->point]++;
	if (!h->lines.first)
		h->lines.first = rec->lineno;
	h->lines.last = rec->lineno_last > rec->lineno ? rec->lineno_last : rec->lineno;
	if (e->point == CALL && !w) {
		close_call(h, call.control, &call, NULL);
	} else if (e->point == CALL) {
		if (w->open)
			close_call(h, w->control, &w->call, NULL);
		w->call = call;
		w->control = call.control;
		w->open = true;
	} else if (e->point == DONE) {
		if (w && w->open)
			close_call(h, w->control, &w->call, &e->v[RESULT]);
		if (w)
			w->open = false;
	} else {
		if (w && (e->point == IPI || e->point == IPI_EX))
			give_input(w, e);
		add_sent(h, e);
	}
	/* The first lines, and those that show something new. */
	if (h->rep->nrecords < OD_KVM_KEPT / 4 || (h->rep->nrecords < OD_KVM_KEPT && (rows != h->nrows || sent != h->nsent)))
		od_report_add_record(h->rep, rec);
}

static void flush(struct od_kvm_hv *h)
{
	struct od_record rec = h->head;
	struct event e;

	if (!h->pending.len)
		return;
	rec.text = od_buf_str(&h->pending);
	rec.len = (uint32_t)h->pending.len;
	/* Without its end: what is there counts, if it says what was called. */
	if (parse(rec.text, rec.len, &e) && (e.point == CALL ? has(&e, CODE) && has(&e, FAST) : is_whole(&e)))
		take(h, &e, &rec);
	h->pending.len = 0;
	h->folds = 0;
}

/* The rest of a line that a mailer folded. */
static bool goes_on(struct od_kvm_hv *h, const struct od_record *rec)
{
	const size_t old = h->pending.len;
	struct event before, after;

	if (!old || ++h->folds > OD_KVM_FOLDS || old + rec->len > OD_KVM_LINE || !rec->len ||
	    od_find(rec->text, rec->len, "kvm_"))
		return false;
	parse(h->pending.data, old, &before);
	od_buf_addch(&h->pending, ' ');
	od_buf_add(&h->pending, rec->text, rec->len);
	if (parse(h->pending.data, h->pending.len, &after) && after.has != before.has) {
		h->head.lineno_last = rec->lineno_last > rec->lineno ? rec->lineno_last : rec->lineno;
		if (is_whole(&after))
			flush(h);
		return true;
	}
	h->pending.len = old;
	h->pending.data[old] = '\0';
	return false;
}

bool od_kvm_hv_feed(struct od_kvm_hv **hv, const struct od_record *rec)
{
	struct od_kvm_hv *h = *hv;
	struct od_record whole = *rec;
	struct event e;

	if (rec->raw && rec->raw_len <= OD_KVM_LINE) {
		whole.text = rec->raw;
		whole.len = rec->raw_len;
	}
	if (whole.len > OD_KVM_LINE)
		return false;
	if (!parse(whole.text, whole.len, &e))
		return h && goes_on(h, rec);
	if (!h) {
		*hv = h = od_calloc(1, sizeof(*h));
		h->rep = od_report_create();
	}
	flush(h);
	if (is_whole(&e)) {
		take(h, &e, &whole);
		return true;
	}
	od_buf_reset(&h->pending);
	od_buf_add(&h->pending, whole.text, whole.len);
	h->head = (struct od_record){ .lineno = rec->lineno, .lineno_last = rec->lineno_last, .ts_us = OD_TS_NONE,
				      .level = OD_LEVEL_NONE, .quote_depth = rec->quote_depth };
	return true;
}

bool od_kvm_hv_waits(const struct od_kvm_hv *h)
{
	return h && h->pending.len;
}

/* --- the report -------------------------------------------------------------------------------- */

static void say_status(uint16_t status, struct od_buf *out)
{
	const char *name = od_hv_status_name(status);

	od_buf_printf(out, "status %u%s%s", status, name ? " " : "", name ? name : "");
}

static uint64_t refused(const struct row *r)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < RESULTS; i++)
		n += r->result[i].status ? r->result[i].n : 0;
	/* Without results what KVM is known to do. */
	return n + (r->expected != OD_HV_STATUS_UNKNOWN && r->expected ? r->unanswered : 0);
}

/* "12 x HvCallSendSyntheticClusterIpi fast; answered: 10 x status 0 HV_STATUS_SUCCESS, 2 without a result" */
static void say_row(const struct row *r, struct od_buf *out)
{
	const struct od_hv_call call = { .control = r->control };
	const char *sep = "; answered: ";

	od_buf_printf(out, "%" PRIu64 " x ", r->count);
	od_hv_brief(&call, out);
	if (r->expected != OD_HV_STATUS_UNKNOWN && r->expected) {
		const char *why;

		/* What the control word alone tells stands there already. */
		if (od_hv_expect(&call, &why) == OD_HV_STATUS_UNKNOWN || why != r->why)
			od_buf_printf(out, "; KVM refuses it with status %u: %s", r->expected, r->why);
	}
	for (unsigned i = 0; i < RESULTS && r->result[i].n; i++) {
		od_buf_printf(out, "%s%" PRIu64 " x ", sep, r->result[i].n);
		say_status(r->result[i].status, out);
		sep = ", ";
	}
	if (r->other)
		od_buf_printf(out, "%s%" PRIu64 " x another", sep, r->other);
	if (r->unanswered && r->unanswered < r->count)
		od_buf_printf(out, "%s%" PRIu64 " without a result", sep, r->unanswered);
}

/* HV_FLUSH_* of include/hyperv/hvgdk_mini.h. */
static void say_flags(uint64_t flags, struct od_buf *out)
{
	static const char *const names[] = { "all processors", "all address spaces", "non-global only",
					     "extended ranges" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (flags >> i & 1)
			od_buf_printf(out, ", %s", names[i]);
	if (flags >> 4)
		od_buf_printf(out, ", other flags 0x%" PRIx64, flags & ~UINT64_C(15));
}

static void say_banks(uint64_t mask, struct od_buf *out)
{
	od_buf_addstr(out, mask ? ", banks" : ", no bank");
	for (unsigned b = 0; b < OD_HV_MAX_BANKS; b++)
		if (mask >> b & 1)
			od_buf_printf(out, " %u (VPs %u-%u)", b, b * 64, b * 64 + 63);
}

/* ", VPs 0-3 7" */
static void say_vps(uint64_t mask, struct od_buf *out)
{
	od_buf_addstr(out, mask ? ", VPs" : ", no VP");
	for (unsigned i = 0, to; i < 64; i = to + 1) {
		to = i;
		if (!(mask >> i & 1))
			continue;
		while (to < 63 && mask >> (to + 1) & 1)
			to++;
		od_buf_printf(out, " %u", i);
		if (to > i)
			od_buf_printf(out, "-%u", to);
	}
}

/* "3 x kvm_hv_send_ipi: vector 0xfb, VPs 0-3" */
static void say_sent(const struct sent *s, struct od_buf *out)
{
	const bool ipi = s->point == IPI || s->point == IPI_EX;

	od_buf_printf(out, "%" PRIu64 " x %s: ", s->count, points[s->point].name);
	if (ipi)
		od_buf_printf(out, "vector 0x%" PRIx64 "%s", s->a,
			      s->a < 0x10 || s->a > 0xff ? " (out of range)" : "");
	else
		od_buf_printf(out, "flags 0x%" PRIx64, s->a);
	if (!ipi)
		say_flags(s->a, out);
	if (s->point == IPI || s->point == FLUSH)
		say_vps(s->mask, out);
	else if (s->format == OD_HV_ALL)
		od_buf_addstr(out, ", all VPs");
	else
		say_banks(s->mask, out);
}

static void say_subject(const struct od_kvm_hv *h, uint64_t bad, struct od_buf *out)
{
	const struct row *worst = NULL;

	od_buf_printf(out, "%" PRIu64 " Hyper-V hypercall%s of %u sort%s", h->count[CALL],
		      h->count[CALL] == 1 ? "" : "s", h->nrows, h->nrows == 1 ? "" : "s");
	if (h->left)
		od_buf_addstr(out, " and more");
	if (!bad)
		return;
	for (uint32_t i = 0; i < h->nrows; i++)
		if (refused(&h->rows[i]) && (!worst || refused(&h->rows[i]) > refused(worst)))
			worst = &h->rows[i];
	od_buf_printf(out, ", %" PRIu64 " refused; most: ", bad);
	say_row(worst, out);
}

/* Where KVM answered what its code would not: another kernel, or a limit that the trace does not show. */
static void note_unexpected(struct od_kvm_hv *h, const struct row *r)
{
	struct od_buf text = OD_BUF_INIT;

	for (unsigned i = 0; i < RESULTS && r->result[i].n && r->expected != OD_HV_STATUS_UNKNOWN; i++) {
		if (r->result[i].status == r->expected)
			continue;
		od_buf_reset(&text);
		od_hv_brief(&(struct od_hv_call){ .control = r->control }, &text);
		od_buf_printf(&text, ": KVM answered %u where %u was expected (%s); %s", r->result[i].status,
			      r->expected, r->why, r->result[i].status == 6 ?
			      "CPUID does not offer the call to the guest, and is enforced" :
			      "the trace does not show reserved bits of the control word, nor what the kernel at hand checks");
		od_report_note(h->rep, 0, "%s", od_buf_str(&text));
	}
	od_buf_deinit(&text);
}

static void add_item(struct od_report *rep, const char *key, struct od_buf *text)
{
	od_report_detail_item(rep, key, od_buf_str(text), text->len);
	od_buf_reset(text);
}

static void add_details(struct od_kvm_hv *h)
{
	struct od_buf text = OD_BUF_INIT;
	uint64_t events = 0;

	for (int i = 0; i < POINTS; i++)
		events += h->count[i];
	od_report_detail_num(h->rep, "kvm_events", events);
	for (int i = 0; i < POINTS; i++) {
		if (!h->count[i])
			continue;
		od_buf_printf(&text, "%s %" PRIu64, points[i].name, h->count[i]);
		add_item(h->rep, "kvm_event_counts", &text);
	}
	for (uint32_t i = 0; i < h->nrows; i++) {
		say_row(&h->rows[i], &text);
		add_item(h->rep, "hypercalls", &text);
		note_unexpected(h, &h->rows[i]);
	}
	for (uint32_t i = 0; i < h->nsent; i++) {
		say_sent(&h->sent[i], &text);
		add_item(h->rep, "hypercall_effects", &text);
	}
	od_buf_deinit(&text);
}

struct od_report *od_kvm_hv_report(struct od_kvm_hv *h)
{
	struct od_buf text = OD_BUF_INIT;
	struct od_report *rep;
	uint64_t bad = 0;

	if (!h || !h->rep)
		return NULL;
	flush(h);
	for (uint32_t i = 0; i < THREADS; i++)
		if (h->threads[i].open)
			close_call(h, h->threads[i].control, &h->threads[i].call, NULL);
	rep = h->rep;
	if (!h->nrows && !h->nsent)
		return NULL;
	for (uint32_t i = 0; i < h->nrows; i++)
		bad += refused(&h->rows[i]);
	say_subject(h, bad, &text);
	rep->kind = OD_KIND_KVM_PROGRESS;
	rep->subkind = bad ? "hypercalls-refused" : "hypercalls";
	rep->subject = od_arena_strdup(&rep->arena, od_buf_str(&text));
	rep->lines = h->lines;
	rep->arch = "x86_64";
	od_report_detail_str(rep, "verdict", od_buf_str(&text), text.len);
	add_details(h);
	if (h->left)
		od_report_note(rep, 0, "more than %d sorts of calls or effects: %" PRIu64 " are left out", ROWS, h->left);
	od_buf_deinit(&text);
	h->rep = NULL;
	return rep;
}
