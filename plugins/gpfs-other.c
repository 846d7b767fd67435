/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other crashes that GPFS is known for. A module that is merely loaded proves nothing. */
#include "gpfs.h"

#define CR4_SMAP (1ull << 21)

/* First reliable frame of stack 0 that is in a module of GPFS. */
static bool own_frame(const struct ctx *c, uint32_t *index, struct od_plugin_frame *ret)
{
	for (uint32_t i = 0; i < 1024 && frame_at(c, 0, i, ret); i++) {
		if ((ret->flags & OD_PFRAME_UNRELIABLE) || !gpfs_owns(ret))
			continue;
		*index = i;
		return true;
	}
	return false;
}

static bool is_soft_lockup(const struct ctx *c, struct od_plugin_record *rec)
{
	return same(c->info.kind, "soft-lockup") ||
	       (find_record(c, "BUG: soft lockup - CPU#", rec) && has(rec->text, "[mmfsd:"));
}

/*
 * Before 4.2.1.1 the kernel extension touched user memory without lifting SMAP: mmfsd spins in the
 * fault. That the CPU enforces SMAP is in cr4; without a frame of ours there is only the name.
 */
static void soft_lockup(const struct ctx *c)
{
	struct od_plugin_register cr4;
	struct od_plugin_record rec = { 0 };
	struct od_plugin_frame f;
	uint32_t at = 0;
	const bool has_cr4 = reg(c, "cr4", &cr4);
	bool frame;

	if (!is_soft_lockup(c, &rec) || (has_cr4 && !(cr4.value & CR4_SMAP)))
		return;
	if (!same(c->info.comm, "mmfsd") && !has(c->info.subject, "[mmfsd:") &&
	    !has(rec.text, "[mmfsd:"))
		return;
	frame = own_frame(c, &at, &f);
	if (!finding(c, "gpfs/soft-lockup-smap", "high", 35 + (frame ? 20 : 0) + (has_cr4 ? 15 : 0),
		     "mmfsd is stuck in the kernel; on CPUs with SMAP, GPFS before 4.2.1.1 does that",
		     "The GPFS kernel extension of 4.1.1 and early 4.2 accesses user memory without "
		     "regard to SMAP (Intel Broadwell and later, Linux 3.7 and later)."))
		return;
	evidence(c, "medium", rec.line ? AT_LINE(rec.line) : AT_LINE(c->info.first_line),
		 "soft lockup in mmfsd");
	if (frame)
		evidence(c, "medium",
			 ((struct where){ { f.line }, 0, (int32_t)at, f.address }),
			 "it is in %s [%s]", f.function ? f.function : "a frame", f.module);
	if (has_cr4)
		evidence(c, "medium", AT_LINE(cr4.line), "cr4 0x%llx has bit 21 set: SMAP is on",
			 (unsigned long long)cr4.value);
	advice(c, "Look up the version of GPFS (mmdiag --version, rpm -q gpfs.base): before 4.2.1.1 "
	       "update it; nosmap on the kernel command line tells whether this is it.");
	c->host->reference(c->rep, "GPFS 4.2.1.1 release notes; https://www.zinox.com/archives/11469");
}

static void deadman(const struct ctx *c)
{
	struct od_plugin_record rec;

	if (!find_record(c, "GPFS Deadman Switch timer has expired", &rec))
		return;
	if (!finding(c, "gpfs/deadman-switch", "high", 95,
		     "GPFS stopped the node on purpose: its disk lease ran out with I/O pending",
		     "The node lost its disk lease and I/O was still outstanding when the deadman "
		     "switch timer expired; GPFS panics the kernel so that no late write can damage "
		     "the file system. The storage or the path to it hung."))
		return;
	evidence(c, "strong", AT_LINE(rec.line), "%.200s", rec.text);
	advice(c, "Look at the storage and the network at that time, not at the crash: multipath, "
	       "HBA and switch logs; mmfs.log for the lost lease; mmdiag --waiters history.");
	c->host->reference(c->rep, "IBM Storage Scale documentation: deadman switch timer");
}

static void assertion(const struct ctx *c)
{
	static const char *const marks[] = { "logAssertFailed", "LOGASSERT(", "ASSERT STRING" };
	struct od_plugin_record rec = { 0 };
	struct od_plugin_frame f;
	struct where w = NOWHERE;
	bool said = false, frame = false;
	uint32_t at;

	for (unsigned i = 0; !said && i < sizeof(marks) / sizeof(*marks); i++)
		said = find_record(c, marks[i], &rec);
	for (uint32_t i = 0; !frame && i < 1024 && frame_at(c, 0, i, &f); i++) {
		frame = has(f.function, "logAssertFailed") && !(f.flags & OD_PFRAME_UNRELIABLE) &&
			(gpfs_owns(&f) || !f.module);
		if (frame)
			w = (struct where){ { f.line }, 0, (int32_t)i, f.address };
	}
	/* The words in a frame line are the frame, no message. */
	said = said && !has(rec.text, "+0x");
	if (!frame && (!said || (!has(rec.text, "logAssertFailed") && !own_frame(c, &at, &f))))
		return;
	if (!finding(c, "gpfs/assert", "high", frame ? 85 : 70,
		     "an assertion of the GPFS kernel extension failed",
		     "GPFS found its own state inconsistent and stopped the node. The condition "
		     "names the defect; IBM's APAR list is searched by it."))
		return;
	if (frame)
		evidence(c, "strong", w, "%s [%s] is on the stack", f.function,
			 f.module ? f.module : "?");
	if (said)
		evidence(c, "strong", AT_LINE(rec.line), "%.300s", rec.text);
	advice(c, "Search IBM's APARs for the condition (\"logAssertFailed: ...\" in mmfs.log, "
	       "\"LOGASSERT(...)\" in APAR texts) and keep the internal dump of mmfsd.");
}

/* In the incident itself, or near in the log; only where GPFS itself crashed. */
static void mismatch(const struct ctx *c)
{
	struct od_plugin_record rec = OD_PLUGIN_INIT(rec);
	struct od_plugin_frame f;
	bool found = false;
	uint32_t at;

	if (!own_frame(c, &at, &f))
		return;
	for (uint32_t i = 0; !found && i < 4096 &&
			     c->host->context(c->rep, i, &rec) == OD_PLUGIN_OK; i++)
		found = has(rec.text, "disagrees about") || has(rec.text, "version magic");
	if (!found || !finding(c, "gpfs/module-mismatch", "medium", 60,
			       "modules of GPFS did not fit the running kernel",
			       "The kernel refused a module of GPFS because it was built for another "
			       "kernel; what is loaded may be a leftover of another build."))
		return;
	evidence(c, "medium", AT_LINE(rec.line), "%.300s", rec.text);
	evidence(c, "weak", ((struct where){ { f.line }, 0, (int32_t)at, f.address }),
		 "and the crash is in [%s]", f.module);
	advice(c, "Rebuild the portability layer for the running kernel (mmbuildgpl), and look for "
	       "leftover modules: find /lib/modules -name 'mmfs*' -o -name 'tracedev*'.");
}

void gpfs_other_families(const struct ctx *c)
{
	soft_lockup(c);
	deadman(c);
	assertion(c);
	mismatch(c);
}
