/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Does this vCPU make progress? What kvm_faultin_pfn() and the functions behind it were seen to do with
 * one thread's faults. Nothing here rests on lines that stand next to each other: they are lost under load.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/cursor.h"
#include "text/kvm-internal.h"

enum { MIN_REPEATS = 16 }; /* of one fault, for tracepoints to be told: some exits come back now and then */

static void account_place(struct od_kvm_thread *t, const struct od_kvm_event *e)
{
	if (od_kvm_has(e, OD_KVM_RIP)) {
		t->rip_changes += t->has_rip && t->rip_last != e->value[OD_KVM_RIP];
		if (!t->has_rip)
			t->rip = e->value[OD_KVM_RIP];
		t->rip_last = e->value[OD_KVM_RIP];
		t->has_rip = true;
	}
	if (od_kvm_has(e, OD_KVM_GPA)) {
		const uint64_t gpa = e->value[OD_KVM_GPA];

		/* Once they are as many as are told apart, no look is needed. */
		if (t->ngpas < OD_KVM_GPAS && !(t->has_gpa && gpa == t->gpa_last)) {
			uint32_t i = 0;

			while (i < t->ngpas && t->gpa[i] != gpa)
				i++;
			if (i == t->ngpas)
				t->gpa[t->ngpas++] = gpa;
		}
		t->gpa_run = t->has_gpa && gpa == t->gpa_last ? t->gpa_run + 1 : 1;
		if (t->gpa_run > t->top_gpa_run)
			t->top_gpa_run = t->gpa_run;
		t->gpa_last = gpa;
		t->has_gpa = true;
	}
	if (od_kvm_has(e, OD_KVM_HITS)) {
		t->hits_fell |= t->has_hits && e->value[OD_KVM_HITS] < t->hits_last;
		if (!t->has_hits)
			t->hits_first = e->value[OD_KVM_HITS];
		t->hits_last = e->value[OD_KVM_HITS];
		t->has_hits = true;
	}
}

static void account_notifier(struct od_kvm_thread *t, const struct od_kvm_event *e)
{
	const uint64_t seq = e->value[OD_KVM_SEQ], hva = e->value[OD_KVM_HVA];

	if (!od_kvm_has(e, OD_KVM_SEQ))
		return;
	if (!t->has_seq)
		t->seq_first = seq;
	t->seq_changes += t->has_seq && seq != t->seq_last;
	t->seq_last = seq;
	t->seq_max = seq > t->seq_max ? seq : t->seq_max;
	t->has_seq = true;
	t->seqs++;
	if (od_kvm_has(e, OD_KVM_START) && od_kvm_has(e, OD_KVM_END)) {
		t->start = e->value[OD_KVM_START];
		t->end = e->value[OD_KVM_END];
		t->has_range = true;
	}
	if (e->value[OD_KVM_IN_PROG])
		t->in_progress++;
	else if (od_kvm_has(e, OD_KVM_HVA) && od_kvm_has(e, OD_KVM_END) &&
		 hva >= e->value[OD_KVM_START] && hva < e->value[OD_KVM_END])
		t->inside++;
}

static void count_ret(uint32_t *counts, uint64_t ret)
{
	counts[ret < OD_KVM_RETS ? ret : OD_KVM_RETS]++;
}

static void account_result(struct od_kvm_thread *t, const struct od_kvm_event *e)
{
	const uint64_t hits = e->value[OD_KVM_HITS];

	if (e->kind == OD_KVM_SPTE) {
		t->has_spte = true;
		t->spte_hits = hits;
	}
	if (!od_kvm_has(e, OD_KVM_RET))
		return;
	if (e->kind == OD_KVM_FAULTIN_RET)
		count_ret(t->faultin_ret, e->value[OD_KVM_RET]);
	if (e->kind != OD_KVM_MAP_RET)
		return;
	count_ret(t->map_ret, e->value[OD_KVM_RET]);
	t->mapped += t->has_spte && t->spte_hits == hits;
}

void od_kvm_account(struct od_kvm_thread *t, const struct od_kvm_event *e)
{
	t->events++;
	t->count[e->kind]++;
	if (e->kind == OD_KVM_PROBE_ERROR)
		return;
	if (e->has_clock) {
		if (!t->has_clock)
			t->clock_first = e->clock_us;
		t->clock_last = e->clock_us;
		t->has_clock = true;
	}
	account_place(t, e);
	account_notifier(t, e);
	account_result(t, e);
	if (od_kvm_has(e, OD_KVM_ROLE)) {
		t->roles += !t->has_role || t->role != e->value[OD_KVM_ROLE];
		t->role = e->value[OD_KVM_ROLE];
		t->tdp = e->value[OD_KVM_TDP];
		t->has_role = true;
	}
	if (od_kvm_has(e, OD_KVM_VCPU))
		t->vcpu = e->value[OD_KVM_VCPU];
}

/* --- the verdict ----------------------------------------------------------------------- */

static bool any_ret(const uint32_t *counts, unsigned from, unsigned to)
{
	for (unsigned i = from; i <= to; i++)
		if (counts[i])
			return true;
	return false;
}

/*
 * The kernel fixed a fault. What MAP_RET's number means depends on its version; that make_spte() ran for
 * that very fault does not. Without that line: 4 and 5 are FIXED or SPURIOUS in most versions.
 */
static bool was_mapped(const struct od_kvm_thread *t)
{
	return t->mapped || t->count[OD_KVM_MADE] || (!t->has_spte && any_ret(t->map_ret, 4, 5));
}

static bool advances(const struct od_kvm_thread *t)
{
	return was_mapped(t) || t->ngpas >= 2 || t->rip_changes || t->hits_fell;
}

static uint32_t faultins(const struct od_kvm_thread *t)
{
	return t->count[OD_KVM_FAULTIN] + t->count[OD_KVM_FAULTIN_RET] + t->count[OD_KVM_STUCK];
}

/* Of a fault whose page kvm_faultin_pfn() got each time. 0 is CONTINUE, before 5.18 "go on". */
static bool always_continues(const struct od_kvm_thread *t)
{
	return !any_ret(t->faultin_ret, 1, OD_KVM_RETS);
}

static bool maps_nothing(const struct od_kvm_thread *t)
{
	return !t->count[OD_KVM_MAP] && !t->count[OD_KVM_SPTE] && !t->count[OD_KVM_MMIO] &&
	       !t->count[OD_KVM_MAP_RET] && !t->count[OD_KVM_MADE];
}

/* Something is really invalidated all the time, so that KVM is right to start over. */
static bool is_storm(const struct od_kvm_thread *t)
{
	return t->seqs >= 2 && (t->in_progress + t->inside == t->seqs || t->seq_changes * 2 >= t->seqs);
}

static bool is_stuck(const struct od_kvm_thread *t)
{
	return faultins(t) >= 2 && t->ngpas == 1 && maps_nothing(t) && always_continues(t) &&
	       t->has_hits && t->hits_last > t->hits_first && t->seqs >= 2 && !t->seq_changes &&
	       !t->in_progress && !t->inside;
}

static void say_figures(const struct od_kvm_thread *t, struct od_buf *b)
{
	if (t->has_rip)
		od_buf_printf(b, ", guest rip 0x%" PRIx64, t->rip_last);
	if (t->has_hits && t->hits_first == t->hits_last)
		od_buf_printf(b, " (%" PRIu64 " hits)", t->hits_last);
	else if (t->has_hits)
		od_buf_printf(b, " (%" PRIu64 " to %" PRIu64 " hits)", t->hits_first, t->hits_last);
	if (t->has_seq && t->seq_first == t->seq_last)
		od_buf_printf(b, ", MMU seq 0x%" PRIx64, t->seq_last);
	else if (t->has_seq)
		od_buf_printf(b, ", MMU seq 0x%" PRIx64 " to 0x%" PRIx64, t->seq_first, t->seq_last);
}

static void say_pages(const struct od_kvm_thread *t, struct od_buf *b)
{
	uint64_t low = UINT64_MAX, high = 0;

	for (uint32_t i = 0; i < t->ngpas; i++) {
		low = t->gpa[i] < low ? t->gpa[i] : low;
		high = t->gpa[i] > high ? t->gpa[i] : high;
	}
	if (t->ngpas == 1)
		od_buf_printf(b, "gpa 0x%" PRIx64, t->gpa[0]);
	else if (t->ngpas)
		od_buf_printf(b, "%u%s gpas, 0x%" PRIx64 " to 0x%" PRIx64, t->ngpas,
			      t->ngpas == OD_KVM_GPAS ? " or more" : "", low, high);
	else
		od_buf_addstr(b, "no gpa printed");
}

static void say_why_not(const struct od_kvm_thread *t, struct od_buf *b)
{
	if (t->has_seq && t->in_progress)
		od_buf_addstr(b, "; at times an invalidation was running");
	else if (!t->has_seq)
		od_buf_addstr(b, "; no MMU seq was printed");
	else if (faultins(t) < 2 || t->seqs < 2)
		od_buf_addstr(b, "; too few events of it");
	else if (!t->has_hits || t->hits_last <= t->hits_first)
		od_buf_addstr(b, "; that the count of hits grows was not seen");
	else if (!always_continues(t))
		od_buf_addstr(b, "; kvm_faultin_pfn() did not always get the page");
	else if (!maps_nothing(t))
		od_buf_addstr(b, "; it came as far as the mapping, the result of which was not seen");
}

static void conclude(const struct od_kvm_thread *t, bool probes, struct od_buf *b)
{
	struct od_report *rep = t->rep;
	uint32_t done = t->mapped + t->count[OD_KVM_MADE];

	rep->kind = OD_KIND_KVM_STALL;
	if (advances(t)) {
		rep->kind = OD_KIND_KVM_PROGRESS;
		rep->subkind = NULL;
		od_buf_addstr(b, "forward progress: ");
		say_pages(t, b);
		for (unsigned i = 4; !done && i <= 5; i++)
			done += t->map_ret[i];
		if (done)
			od_buf_printf(b, ", %u %s mapped", done, done == 1 ? "fault" : "faults");
	} else if (is_storm(t)) {
		rep->subkind = "invalidation-storm";
		od_buf_addstr(b, "invalidation storm: ");
		say_pages(t, b);
		od_buf_printf(b, ", of %u looks the sequence changed at %u, and %u were within an invalidation",
			      t->seqs, t->seq_changes, t->in_progress + t->inside);
	} else if (is_stuck(t)) {
		rep->subkind = "stuck";
		od_buf_addstr(b, "stuck: ");
		say_pages(t, b);
		od_buf_addstr(b, " each time, nothing mapped, nothing invalidated");
	} else {
		rep->subkind = "undecided";
		od_buf_addstr(b, "not enough data: ");
		say_pages(t, b);
		say_why_not(t, b);
	}
	say_figures(t, b);
	od_buf_printf(b, ", %u %s", t->events, t->events == 1 ? "event" : "events");
	if (t->has_clock && t->clock_last > t->clock_first)
		od_buf_printf(b, " in %" PRIu64 " us", t->clock_last - t->clock_first);
	if (!probes && rep->subkind && !strcmp(rep->subkind, "stuck"))
		od_buf_addstr(b, ", no thread has a MAP, ITER or SPTE line");
}

/* --- details --------------------------------------------------------------------------- */

static void num(struct od_report *rep, const char *key, uint64_t v)
{
	od_report_detail_num(rep, key, v < 1ull << 53 ? v : (1ull << 53) - 1);
}

static void detail_counts(const struct od_kvm_thread *t)
{
	char text[48];

	num(t->rep, "kvm_events", t->events);
	for (unsigned i = 0; i < OD_KVM_KINDS; i++) {
		if (!t->count[i])
			continue;
		snprintf(text, sizeof(text), "%s %u", od_kvm_kind_names[i], t->count[i]);
		od_report_detail_item(t->rep, "kvm_event_counts", text, strlen(text));
	}
}

static void detail_rets(const struct od_kvm_thread *t, const char *key, const uint32_t *counts)
{
	char text[32];

	for (unsigned i = 0; i <= OD_KVM_RETS; i++) {
		if (!counts[i])
			continue;
		if (i == OD_KVM_RETS)
			snprintf(text, sizeof(text), "other x %u", counts[i]);
		else
			snprintf(text, sizeof(text), "%u x %u", i, counts[i]);
		od_report_detail_item(t->rep, key, text, strlen(text));
	}
}

static void detail_places(const struct od_kvm_thread *t)
{
	struct od_report *rep = t->rep;

	if (t->has_rip)
		od_report_detail_addr(rep, "guest_rip", t->rip_last);
	num(rep, "guest_rip_changes", t->rip_changes);
	for (uint32_t i = 0; i < t->ngpas; i++) {
		char text[24];

		snprintf(text, sizeof(text), "0x%" PRIx64, t->gpa[i]);
		od_report_detail_item(rep, "gpas", text, strlen(text));
	}
	if (t->has_hits) {
		num(rep, "hits_first", t->hits_first);
		num(rep, "hits_last", t->hits_last);
	}
	if (t->has_seq) {
		od_report_detail_addr(rep, "mmu_seq_first", t->seq_first);
		od_report_detail_addr(rep, "mmu_seq_last", t->seq_last);
		num(rep, "mmu_seq_changes", t->seq_changes);
	}
	if (t->has_range) {
		od_report_detail_addr(rep, "invalidated_start", t->start);
		od_report_detail_addr(rep, "invalidated_end", t->end);
	}
	if (t->has_role)
		od_report_detail_addr(rep, "mmu_role", t->role);
	if (t->has_clock && t->clock_last >= t->clock_first)
		num(rep, "duration_us", t->clock_last - t->clock_first);
}

static bool worth_telling(const struct od_kvm_thread *t)
{
	const uint32_t points = t->count[OD_KVM_PAGE_FAULT] + t->count[OD_KVM_EXIT];

	if (t->count[OD_KVM_PROBE_ERROR] + points < t->events)
		return true;
	/* Tracepoints alone: everybody faults. Only the same fault over and over is a question. */
	return t->count[OD_KVM_PAGE_FAULT] >= MIN_REPEATS && !advances(t);
}

struct od_report *od_kvm_conclude(struct od_kvm_thread *t, bool probes)
{
	struct od_report *rep = t->rep;
	struct od_buf text = OD_BUF_INIT, line = OD_BUF_INIT;

	if (!worth_telling(t))
		return NULL;
	conclude(t, probes, &text);
	if (t->tid)
		od_buf_printf(&line, "tid %" PRIu64 ": ", t->tid);
	else if (t->vcpu)
		od_buf_printf(&line, "vcpu 0x%" PRIx64 ": ", t->vcpu);
	od_buf_addstr(&line, od_buf_str(&text));
	rep->subject = od_arena_strdup(&rep->arena, od_buf_str(&line));
	rep->lines = t->lines;
	rep->arch = "x86_64";
	if (t->tid && t->tid <= INT32_MAX)
		rep->pid = (int32_t)t->tid;
	od_report_detail_str(rep, "verdict", od_buf_str(&text), text.len);
	if (t->pid)
		num(rep, "kvm_pid", t->pid);
	detail_counts(t);
	detail_places(t);
	detail_rets(t, "faultin_returns", t->faultin_ret);
	detail_rets(t, "map_returns", t->map_ret);
	od_report_detail_str(rep, "map_probes", probes ? "seen" : "not seen", probes ? 4 : 8);
	if (!probes && rep->subkind && !strcmp(rep->subkind, "stuck"))
		od_report_note(rep, 0, "no thread has a MAP, ITER or SPTE line: these probes may be missing, "
			       "and with them the proof that nothing is mapped");
	if (t->count[OD_KVM_PROBE_ERROR])
		od_report_note(rep, 0, "%u lines say that the tracing program lost track",
			       t->count[OD_KVM_PROBE_ERROR]);
	od_buf_deinit(&text);
	od_buf_deinit(&line);
	t->rep = NULL;
	return rep;
}
