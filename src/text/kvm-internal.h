/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_TEXT_KVM_INTERNAL_H
#define OD_TEXT_KVM_INTERNAL_H

#include "base/buf.h"
#include "model/report.h"

enum {
	OD_KVM_THREADS = 1024,	    /* threads of one trace */
	OD_KVM_GPAS = 64,	    /* distinct guest pages counted for a thread */
	OD_KVM_KEPT = 64,	    /* records kept with a thread: the first ones, and the last */
	OD_KVM_RETS = 8,	    /* results that are counted each; above: as one */
	OD_KVM_SEEN = 1 << 15,	    /* lines remembered, to tell copies */
	OD_KVM_FOLDS = 8,	    /* physical lines that one event may stand on */
	OD_KVM_LINE = 1024,	    /* bytes of an event; the longest is about 330 */
};

enum od_kvm_kind {
	OD_KVM_FAULTIN,
	OD_KVM_FAULTIN_RET,
	OD_KVM_MAP,
	OD_KVM_MAP_RET,
	OD_KVM_ITER,
	OD_KVM_SPTE,
	OD_KVM_MMIO,
	OD_KVM_STUCK,	   /* "stuck @ rip": an earlier program, probe of kvm_faultin_pfn */
	OD_KVM_MADE,	   /* "stuck @ rip ... made it to make_spte()" */
	OD_KVM_COUNTER,	   /* "vcpu = ... pid = ... MMU seq = ..." */
	OD_KVM_PROBE_ERROR, /* the program lost track: FAULTIN_ERROR and its like */
	OD_KVM_PAGE_FAULT, /* tracepoint kvm_page_fault */
	OD_KVM_EXIT,	   /* tracepoint kvm_exit */
	OD_KVM_KINDS,
};

/* Fields of an event; those that it has are bits of has. */
enum od_kvm_field {
	OD_KVM_RIP,
	OD_KVM_HITS,
	OD_KVM_GPA,
	OD_KVM_HVA,
	OD_KVM_FLAGS,
	OD_KVM_PFN,
	OD_KVM_RET,
	OD_KVM_SEQ,
	OD_KVM_IN_PROG,
	OD_KVM_START,
	OD_KVM_END,
	OD_KVM_TDP,
	OD_KVM_ROLE,
	OD_KVM_COUNT,
	OD_KVM_VCPU,
	OD_KVM_PID,
	OD_KVM_FIELDS,
};

struct od_kvm_event {
	enum od_kvm_kind kind;
	uint64_t tid;	    /* 0: not printed */
	uint64_t value[OD_KVM_FIELDS];
	uint32_t has;	    /* bits of enum od_kvm_field */
	bool has_clock;
	uint64_t clock_us;  /* of the day, or of the trace's clock */
	bool whole;	    /* nothing is missing at its end */
	bool page_exit;	    /* OD_KVM_EXIT: for a page fault of the guest */
};

static inline bool od_kvm_has(const struct od_kvm_event *e, enum od_kvm_field f)
{
	return e->has >> f & 1;
}

extern const char *const od_kvm_kind_names[OD_KVM_KINDS];

/* Read one event. False: the text is none. Reads nothing behind s + len. */
bool od_kvm_parse(const char *s, size_t len, struct od_kvm_event *ret);

/*
 * The thread in "CPU 0/KVM-3484173 [012] d..1. 12.345:" of ftrace, "CPU 0/KVM 3484173 [012] 12.345:" of perf, which stand in
 * [s, end). 0: none.
 */
uint64_t od_kvm_task(const char *s, const char *end);

/* Hyper-V hypercalls of guests (kvm-hyperv.c): one report for all. */
struct od_kvm_hv;

/* As od_kvm_feed(); *hv is made by the first line. */
bool od_kvm_hv_feed(struct od_kvm_hv **hv, const struct od_record *rec);
/* A line whose end is not there yet: the next record may be its rest. hv may be NULL in these. */
bool od_kvm_hv_waits(const struct od_kvm_hv *hv);
/* At the end; NULL: none, or it was given out. The caller owns it. */
struct od_report *od_kvm_hv_report(struct od_kvm_hv *hv);
void od_kvm_hv_destroy(struct od_kvm_hv *hv);

/* What is known of one thread. */
struct od_kvm_thread {
	uint64_t tid, pid, vcpu;
	uint32_t count[OD_KVM_KINDS], events;
	struct od_lines lines;
	bool has_clock, has_rip, has_gpa, has_hits, has_seq, has_role, has_range;
	uint64_t clock_first, clock_last;
	uint64_t rip, rip_last;
	uint32_t rip_changes;
	uint64_t gpa[OD_KVM_GPAS];
	uint32_t ngpas;	      /* at most OD_KVM_GPAS: then "or more" */
	uint32_t top_gpa_run; /* events in a row with one gpa */
	uint32_t gpa_run;
	uint64_t gpa_last;
	uint64_t hits_first, hits_last;
	bool hits_fell;
	uint64_t seq_first, seq_last, seq_max;
	uint32_t seqs, seq_changes;	/* lines with one; how often it differed from the one before */
	uint32_t in_progress, inside;	/* lines where an invalidation runs, or where hva is in its range */
	uint64_t start, end;
	uint32_t faultin_ret[OD_KVM_RETS + 1], map_ret[OD_KVM_RETS + 1];
	uint64_t spte_hits;		/* of the last SPTE line */
	bool has_spte;
	uint32_t mapped;		/* MAP_RET that follow an SPTE of the same fault */
	uint64_t role;
	uint32_t roles;			/* how often it changed, plus 1 */
	bool tdp;
	struct od_report *rep;		/* keeps the records */
	struct od_record last;		/* copied; text in last_text */
	struct od_buf last_text;
};

/* Add an event to what is known. */
void od_kvm_account(struct od_kvm_thread *t, const struct od_kvm_event *e);
/*
 * Conclude: fills kind, subkind, subject and details of t->rep and hands it over; NULL if there is
 * nothing worth a report. probes: MAP, SPTE or ITER events were seen of any thread.
 */
struct od_report *od_kvm_conclude(struct od_kvm_thread *t, bool probes);

#endif
