/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vCPUs that fault on one guest page for ever: the sign extension of mmu_seq in is_page_fault_stale()
 * of Linux 5.16 to 6.2, and what only looks like it. Which vCPU is stuck, the host has told by the
 * trace (kind kvm-stall); here is why.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "plugin-util.h"

#define BIT31	 0x80000000ull
#define WARN_AT	 0x70000000ull /* 7/8 of the way */

static const char mail[] = "https://lore.kernel.org/kvm/ZOaUdP46f8XjQvio@google.com "
			   "(\"Deadlock due to EPT_VIOLATION\")";

/* What the kernel says when it finds an entry that it cannot have written. */
static const char *const interest[] = { "reserved bits set on MMU-present spte",
					"detect reserved bits on spte", NULL };

/* What the trace says of the VM's counter. */
struct counter {
	uint64_t first, last;
	uint32_t first_line, last_line, n;
};

/* mmu_seq was an int: what the comparison saw when the counter was seq. */
static uint64_t as_int(uint64_t seq)
{
	return seq & BIT31 ? seq | 0xffffffff00000000ull : seq & 0xffffffffull;
}

static bool read_seq(const char *text, uint64_t *ret)
{
	const char *s = text ? strstr(text, "MMU seq = ") : NULL;
	char *end;

	if (!s)
		return false;
	s += strlen("MMU seq = ");
	if (!isxdigit((unsigned char)*s))
		return false;
	*ret = strtoull(s, &end, 16);
	return !isalnum((unsigned char)*end);
}

static void read_counter(const struct ctx *c, struct counter *ret)
{
	struct od_plugin_record rec;
	uint64_t seq;

	*ret = (struct counter){ 0 };
	for (uint32_t i = 0; i < c->info.records && record_at(c, i, &rec); i++) {
		if (!read_seq(rec.text, &seq))
			continue;
		if (!ret->n++) {
			ret->first = seq;
			ret->first_line = rec.line;
		}
		ret->last = seq;
		ret->last_line = rec.line;
	}
}

/* --- versions -------------------------------------------------------------------------- */

enum verdict { UNKNOWN, AFFECTED, FIXED, BEFORE };

static enum verdict judge_release(const char *release, char *why, size_t size)
{
	unsigned major, minor, patch = 0, v;
	const char *dash = release ? strchr(release, '-') : NULL;
	int n;

	why[0] = '\0';
	if (!release || sscanf(release, "%u.%u%n.%u", &major, &minor, &n, &patch) < 2 ||
	    major > 99 || minor > 999)
		return UNKNOWN;
	v = major * 1000 + minor;
	if (dash && v < 5016) {
		snprintf(why, size, "the comparison came with 5.16 (a955cad84cda); distributions take over "
			 "changes of KVM, so that is_page_fault_stale() of theirs has to be looked up");
		return UNKNOWN;
	}
	if (v == 5015) {
		snprintf(why, size, "5.15 had the defect not before 5.15.218, which took over "
			 "a955cad84cda; whether with the int has to be looked up in is_page_fault_stale()");
		return patch && patch < 218 ? BEFORE : UNKNOWN;
	}
	if (v < 5015) {
		snprintf(why, size, "the comparison came with 5.16 (a955cad84cda)");
		return BEFORE;
	}
	if (v >= 6003) {
		snprintf(why, size, "fixed since 6.3 (ba6e3fe25543)");
		return FIXED;
	}
	if (v == 6001 && dash) {
		/* Debian and others number their kernels by the first release of the series. */
		snprintf(why, size, "6.1.0 to 6.1.49 have it and 6.1.50 does not; which of them the "
			 "distribution's %.64s is made from has to be looked up in its changelog", release);
		return patch >= 50 ? FIXED : UNKNOWN;
	}
	if (v == 6001 && patch >= 50) {
		snprintf(why, size, "fixed since 6.1.50 (82d811ff5665)");
		return FIXED;
	}
	snprintf(why, size, "5.16 to 5.19, 6.0, 6.1.0 to 6.1.49 and 6.2 have it%s",
		 dash ? "; a distribution may have fixed its own" : "");
	return AFFECTED;
}

static void say_version(const struct ctx *c)
{
	char why[320];
	const enum verdict v = judge_release(c->info.release, why, sizeof(why));

	if (!c->info.release)
		evidence(c, "weak", NOWHERE, "the trace does not name the host's kernel; affected are 5.16 "
			 "to 5.19, 6.0, 6.1.0 to 6.1.49 and 6.2");
	else
		evidence(c, v == AFFECTED ? "medium" : "weak", NOWHERE, "kernel %.100s: %s",
			 c->info.release, why[0] ? why : "of no known series");
}

static void references(const struct ctx *c)
{
	c->host->reference(c->rep, mail);
	c->host->reference(c->rep, "introduced: a955cad84cda (\"KVM: x86/mmu: Retry page fault if root is "
				   "invalidated by memslot update\"), Linux 5.16");
	c->host->reference(c->rep, "fixed by chance: ba6e3fe25543 (\"KVM: x86/mmu: Grab mmu_invalidate_seq "
				   "in kvm_faultin_pfn()\"), Linux 6.3");
	c->host->reference(c->rep, "fixed: 82d811ff5665 (\"KVM: x86/mmu: Fix an sign-extension bug with "
				   "mmu_seq that hangs vCPUs\"), Linux 6.1.50");
}

static void say_fewer(const struct ctx *c)
{
	advice(c, "Find out who invalidates so much: 2^31 invalidations of one VM are far too many. Switch "
	       "off automatic NUMA balancing (sysctl kernel.numa_balancing=0) or bind the VM, and KSM "
	       "(echo 2 > /sys/kernel/mm/ksm/run): each of their steps is one.");
}

static void say_update(const struct ctx *c)
{
	advice(c, "Run a host kernel with the fix: 6.1.50 or later of 6.1, else 6.3 or later; 5.16 to 6.0 "
	       "and 6.2 never got it. To fix one's own: in is_page_fault_stale() (arch/x86/kvm/mmu/mmu.c) "
	       "make the parameter mmu_seq unsigned long instead of int. For a livepatch replace its caller, "
	       "direct_page_fault(): the compiler inlines it.");
}

/* --- findings -------------------------------------------------------------------------- */

/* A vCPU of any VM on that host that maps proves that the probes of the functions that map work. */
static void say_probes(const struct ctx *c, const char *verdict)
{
	if (has(verdict, "no thread has a MAP"))
		evidence(c, "weak", NOWHERE, "no thread has a MAP, ITER or SPTE line: their probes may be "
			 "missing");
	else
		evidence(c, "medium", NOWHERE, "another thread has MAP, ITER or SPTE lines, so the probes "
			 "work: that they are missing here is no fault of the trace");
}

static void sign_extension(const struct ctx *c, const struct counter *n, const char *verdict)
{
	char why[320];
	const enum verdict v = judge_release(c->info.release, why, sizeof(why));
	const int score = v == AFFECTED ? 98 : v == UNKNOWN ? 93 : 60;

	if (!finding(c, "kvm-mmu/mmu-seq-sign-extension", "high", score,
		     "KVM takes every fault of this VM as stale: mmu_seq is sign-extended",
		     "is_page_fault_stale() of Linux 5.16 to 6.2 takes the snapshot of the VM's count of "
		     "invalidations as an int; the count itself is an unsigned long. From the 2^31st "
		     "invalidation on the snapshot is negative, is sign-extended, and never equals the count. "
		     "So KVM gets the page, throws it away as stale and lets the guest fault again, for ever. "
		     "All vCPUs of the VM that need a new mapping hang one after the other; the count is the "
		     "VM's own and starts at 0 in a new process, which is why migration heals it."))
		return;
	evidence(c, "strong", AT_LINE(n->last_line), "MMU seq 0x%" PRIx64 " as an int compares as "
		 "0x%" PRIx64 " != 0x%" PRIx64 ": stale, though nothing was invalidated", n->last, n->last,
		 as_int(n->last));
	evidence(c, "strong", ((struct where){ { c->info.first_line, c->info.last_line }, 0, -1, 0 }), "%s",
		 verdict);
	say_probes(c, verdict);
	say_version(c);
	advice(c, "Now: migrate the VM to another host, or to another process on this one, or restart it: the "
	       "count begins at 0 again. A reset from within the guest does not do it.");
	say_update(c);
	say_fewer(c);
	references(c);
}

static void stuck(const struct ctx *c, const struct counter *n, const char *verdict)
{
	if (n->n && as_int(n->last) != n->last) {
		sign_extension(c, n, verdict);
		return;
	}
	if (!finding(c, "kvm-mmu/stuck-other", "medium", 40,
		     "the vCPU is stuck, but not by the sign extension of mmu_seq",
		     "KVM gets the page, nothing is invalidated, and yet it maps nothing: "
		     "is_page_fault_stale() or what follows it gives up for another reason, such as a root "
		     "that was made obsolete, or a request to reload the MMU."))
		return;
	evidence(c, "strong", ((struct where){ { c->info.first_line, c->info.last_line }, 0, -1, 0 }), "%s",
		 verdict);
	if (n->n)
		evidence(c, "strong", AT_LINE(n->last_line), "MMU seq 0x%" PRIx64 " is the same as an int: "
			 "below 2^31, the comparison is right", n->last);
	say_probes(c, verdict);
	advice(c, "Trace further: the return value of is_page_fault_stale() is seldom to be had (inlined), but "
	       "kvm_mmu_free_obsolete_roots, make_mmu_pages_available and the tracepoints kvm_exit and "
	       "kvm_entry show which way it takes.");
}

static void storm(const struct ctx *c, const struct counter *n, const char *verdict)
{
	if (!finding(c, "kvm-mmu/invalidation-storm", "medium", 70,
		     "the host invalidates the pages of the VM faster than KVM can map them",
		     "Each fault is started over since the page was, or is being, invalidated meanwhile: that is "
		     "right, and no defect of KVM. NUMA balancing, KSM, or compaction work on the VM's memory."))
		return;
	evidence(c, "strong", ((struct where){ { c->info.first_line, c->info.last_line }, 0, -1, 0 }), "%s",
		 verdict);
	if (n->n && n->first != n->last)
		evidence(c, "medium", ((struct where){ { n->first_line, n->last_line }, 0, -1, 0 }),
			 "%" PRIu64 " invalidations between these lines", n->last - n->first);
	say_fewer(c);
	c->host->reference(c->rep, mail);
}

static void progress(const struct ctx *c, const char *verdict)
{
	if (!finding(c, "kvm-mmu/forward-progress", "info", 85,
		     "this vCPU is not stuck: its faults are fixed",
		     "Many faults at one instruction are no hang if the pages change: a guest that fills or "
		     "copies memory (rep stos, rep movs) faults once for each page."))
		return;
	evidence(c, "strong", ((struct where){ { c->info.first_line, c->info.last_line }, 0, -1, 0 }), "%s",
		 verdict);
	c->host->reference(c->rep, mail);
}

static void undecided(const struct ctx *c, const char *verdict)
{
	if (!finding(c, "kvm-mmu/not-enough-data", "info", 50,
		     "whether this vCPU is stuck cannot be told from these lines", NULL))
		return;
	evidence(c, "medium", ((struct where){ { c->info.first_line, c->info.last_line }, 0, -1, 0 }), "%s",
		 verdict);
	advice(c, "Trace kvm_faultin_pfn, kvm_tdp_mmu_map and make_spte with the bpftrace program of the "
	       "reference, with mmu_invalidate_seq and, so that rip is current, the tracepoint kvm_exit; some "
	       "seconds, while the guest hangs.");
	c->host->reference(c->rep, mail);
}

/* A VM that was read from the memory of its host, which knows its kernel better than the release tells. */
static bool read_vm(const char *verdict, struct counter *ret)
{
	const char *s = verdict ? strstr(verdict, "_seq 0x") : NULL;

	*ret = (struct counter){ 0 };
	if (!s)
		return false;
	ret->last = ret->first = strtoull(s + strlen("_seq 0x"), NULL, 16);
	ret->n = 1;
	return true;
}

/* Before it happens, whatever the vCPU does now. vm: what the host says of the VM; NULL: it is a trace. */
static void near_limit(const struct ctx *c, const struct counter *n, const char *vm)
{
	char why[320];
	enum verdict v = judge_release(c->info.release, why, sizeof(why));

	if (vm)
		v = has(vm, "the kernel compares it as an int") ? AFFECTED : UNKNOWN;
	if (n->last < WARN_AT || v == FIXED || v == BEFORE)
		return;
	if (!finding(c, "kvm-mmu/mmu-seq-near-limit", "high", v == AFFECTED ? 96 : 91,
		     n->last < BIT31 ? "the VM's count of invalidations comes near 2^31, where its vCPUs will hang" :
				       "the VM's count of invalidations is above 2^31: its vCPUs hang on affected hosts",
		     "Linux 5.16 to 6.2 compare the count as an int: from 2^31 invalidations on every fault is "
		     "taken as stale and no page gets mapped any more."))
		return;
	evidence(c, "strong", AT_LINE(n->last_line), "MMU seq 0x%" PRIx64 ": %.1f %% of 2^31", n->last,
		 (double)n->last * 100 / (double)BIT31);
	if (vm)
		evidence(c, "medium", NOWHERE, "%s", vm);
	else
		say_version(c);
	advice(c, "Migrate or restart the VM %s: the count begins at 0 again.", n->last < BIT31 ? "in time" : "now");
	say_update(c);
	say_fewer(c);
	references(c);
}

/* dmesg: wordings of 5.10, and of 5.16 and later; the hierarchy and a warning come with it. */
static void reserved_bits(const struct ctx *c)
{
	struct od_plugin_record rec = OD_PLUGIN_INIT(rec);
	struct od_plugin_frame f;
	bool found = false, frame = false;

	for (uint32_t i = 0; !frame && i < 64 && frame_at(c, 0, i, &f); i++)
		frame = starts(f.module, "kvm") || starts(f.function, "kvm_");
	for (uint32_t i = 0; interest[i] && !found; i++)
		found = find_record(c, interest[i], &rec);
	for (uint32_t i = 0; !found && frame && i < 1024 &&
			     c->host->context(c->rep, i, &rec) == OD_PLUGIN_OK; i++)
		found = has(rec.text, interest[0]) || has(rec.text, interest[1]);
	if (!found || !frame ||
	    !finding(c, "kvm-mmu/reserved-spte-bits", "high", 70,
		     "an entry of a guest's page table has bits set that KVM never sets",
		     "The processor refused a shadow or EPT entry with reserved bits. Either the entry's memory "
		     "was corrupted (a bit flip, a stray write of another driver), or KVM believed in another "
		     "width of physical addresses than the processor has."))
		return;
	evidence(c, "strong", AT_LINE(rec.line), "%.300s", rec.text);
	advice(c, "Compare the printed spte with its neighbours in the hierarchy: a single bit that differs "
	       "points at memory (look for EDAC and MCE lines, test it), a whole foreign value at a stray "
	       "write (KASAN, slub_debug).");
	advice(c, "The VM is lost; others on the host may go on, if the memory is not to blame.");
}

static int32_t analyze(const struct od_plugin_host *host, od_plugin_report *rep)
{
	const char *verdict;
	struct counter n;
	struct ctx c;

	if (!ctx_init(&c, host, rep))
		return OD_PLUGIN_INVALID;
	if (!same(c.info.kind, "kvm-stall") && !same(c.info.kind, "kvm-progress")) {
		reserved_bits(&c);
		return OD_PLUGIN_OK;
	}
	verdict = c.info.subject ? c.info.subject : c.info.title;
	if (same(c.info.subkind, "beyond-limit") || same(c.info.subkind, "near-limit")) {
		if (read_vm(verdict, &n))
			near_limit(&c, &n, verdict);
		return OD_PLUGIN_OK;
	}
	if (starts(c.info.subkind, "hypercalls"))
		return OD_PLUGIN_OK;
	read_counter(&c, &n);
	if (same(c.info.kind, "kvm-progress"))
		progress(&c, verdict);
	else if (same(c.info.subkind, "stuck"))
		stuck(&c, &n, verdict);
	else if (same(c.info.subkind, "invalidation-storm"))
		storm(&c, &n, verdict);
	else
		undecided(&c, verdict);
	if (!same(c.info.subkind, "stuck") || as_int(n.last) == n.last)
		near_limit(&c, &n, NULL);
	return OD_PLUGIN_OK;
}

static const struct od_plugin plugin = {
	.argsz = sizeof(plugin),
	.flags = OD_PLUGIN_WANTS_KERNEL,
	.abi = OD_PLUGIN_ABI,
	.name = "kvm-mmu",
	.version = "1.0",
	.summary = "KVM: vCPUs that fault for ever, and the sign extension of mmu_seq",
	.interest = interest,
	.analyze = analyze,
};

PLUGIN_EXPORT const struct od_plugin *od_plugin_entry_1(const struct od_plugin_host *host)
{
	return host->abi == OD_PLUGIN_ABI ? &plugin : NULL;
}
