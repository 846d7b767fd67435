/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The count of invalidations of a VM, and the kernels that compare it as an int: is_page_fault_stale() since
 * a955cad84cda (5.16), until ba6e3fe25543 (6.3) and 82d811ff5665 (6.1.50).
 */
#include <stdio.h>
#include <string.h>

#include "analyze/kvm.h"
#include "base/cursor.h"

enum { WARN_AT = 0x70000000 };

uint64_t od_kvm_seq_as_int(uint64_t seq)
{
	const uint64_t low = seq & UINT32_MAX;

	return low & 1u << 31 ? low | (uint64_t)UINT32_MAX << 32 : low;
}

enum od_kvm_level od_kvm_seq_level(uint64_t seq)
{
	if (od_kvm_seq_as_int(seq) != seq)
		return OD_KVM_LEVEL_BEYOND;
	return seq >= WARN_AT ? OD_KVM_LEVEL_NEAR : OD_KVM_LEVEL_FINE;
}

const char *od_kvm_level_name(enum od_kvm_level level)
{
	static const char *const names[] = { "fine", "near-limit", "beyond-limit" };

	return names[level];
}

const char *od_kvm_fate_name(enum od_kvm_fate fate)
{
	static const char *const names[] = { "unknown", "affected", "fixed", "before" };

	return names[fate];
}

struct version {
	unsigned major, minor, patch;
};

static bool read_version(const char *s, struct version *ret)
{
	*ret = (struct version){ 0 };
	return s && sscanf(s, "%3u.%3u.%5u", &ret->major, &ret->minor, &ret->patch) >= 2;
}

/*
 * "#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-02)": the release 6.1.0-50 of which says nothing of 176. Any
 * word of that form that is of the same series and later counts.
 */
static bool made_from(const char *version, struct version *v)
{
	for (const char *p = version; p && (p = strchr(p, ' ')); p++) {
		struct version other;

		if (od_is_digit(p[1]) && read_version(p + 1, &other) && other.major == v->major &&
		    other.minor == v->minor && other.patch > v->patch) {
			*v = other;
			return true;
		}
	}
	return false;
}

static enum od_kvm_fate by_version(const struct version *v, bool exact, struct od_buf *why)
{
	const unsigned series = v->major * 1000 + v->minor;

	if (series < 5015) {
		od_buf_addstr(why, "the comparison came with 5.16");
		return OD_KVM_BEFORE;
	}
	if (series == 5015) {
		od_buf_addstr(why, "5.15 took the comparison over with 5.15.218, whether with the int is not known");
		return exact && v->patch < 218 ? OD_KVM_BEFORE : OD_KVM_UNKNOWN;
	}
	if (series >= 6003) {
		od_buf_addstr(why, "fixed since 6.3");
		return OD_KVM_FIXED;
	}
	if (series == 6001) {
		od_buf_printf(why, "6.1.0 to 6.1.49 have it, 6.1.50 has not");
		if (v->patch >= 50)
			return OD_KVM_FIXED;
		return exact ? OD_KVM_AFFECTED : OD_KVM_UNKNOWN;
	}
	od_buf_addstr(why, "5.16 to 6.0 and 6.2 have it");
	return OD_KVM_AFFECTED;
}

enum od_kvm_fate od_kvm_seq_fate(const struct od_kvm_host *host, struct od_buf *why)
{
	const bool vendor = host->release && strchr(host->release, '-');
	enum od_kvm_fate fate;
	struct version v;
	bool named;

	/* Whatever the kernel is called. */
	if (host->snapshot_long) {
		od_buf_addstr(why, "its struct kvm_page_fault keeps the count as an unsigned long");
		return OD_KVM_FIXED;
	}
	if (!read_version(host->release, &v)) {
		od_buf_addstr(why, "its release is not known");
		return OD_KVM_UNKNOWN;
	}
	named = made_from(host->version, &v);
	if (named)
		od_buf_printf(why, "made from %u.%u.%u; ", v.major, v.minor, v.patch);
	fate = by_version(&v, named || !vendor, why);
	/* A vendor's kernel of an old number may have the MMU of a later one. */
	if (fate == OD_KVM_BEFORE && vendor && !named) {
		od_buf_addstr(why, ", but a distribution may have taken it over");
		if (host->snapshot_known)
			return OD_KVM_UNKNOWN;
	}
	if (fate == OD_KVM_FIXED && host->snapshot_known && v.major * 1000 + v.minor >= 6003) {
		od_buf_addstr(why, ", yet struct kvm_page_fault does not keep the count");
		return OD_KVM_UNKNOWN;
	}
	return fate;
}
