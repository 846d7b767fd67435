/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Has a kernel a fix? By what it says of its version; distributions say it in their own ways. */
#ifndef OD_ANALYZE_RULE_VERSION_H
#define OD_ANALYZE_RULE_VERSION_H

#include "base/buf.h"
#include "analyze/rule.h"

/* How much the numbers of a release tell of the code. */
enum od_version_base {
	OD_BASE_NONE,	  /* no numbers, or no release */
	OD_BASE_MAINLINE, /* x.y.0 of a release candidate or of a tree in between: not quite x.y */
	OD_BASE_STABLE,	  /* x.y.z is that of kernel.org, or as good as that */
	OD_BASE_BRANCH,	  /* x.y is, but z is hidden */
	OD_BASE_VENDOR,	  /* a kernel of that age in which a vendor mixes fixes and new code */
};

struct od_kernel_version {
	enum od_version_base base;
	struct od_rule_version v;
	bool before;	   /* a release candidate: before v */
	bool after;	   /* some commits after v */
	bool told;	   /* v is what the kernel printed beside its release */
	const char *vendor; /* "Debian": for people; NULL: kernel.org */
};

/*
 * release: as uname -r; said: text in which the kernel may have printed more of its version (the banner, or
 * the header line of an oops), or NULL.
 */
void od_kernel_version(const char *release, const char *said, struct od_kernel_version *ret);

/* "5", "5.16", "5.16.3": c is 0 if it is not there. False: no such thing. */
bool od_version_parse(const char *s, size_t len, struct od_rule_version *ret);
int od_version_cmp(const struct od_rule_version *a, const struct od_rule_version *b);
/* Compare releases of a distribution by their leading numbers, as many as b has: "4.18.0-372.9.1". */
int od_release_cmp(const char *a, const char *b);

enum od_affected { OD_IS_AFFECTED, OD_NOT_AFFECTED, OD_MAYBE_AFFECTED };

/* The answer for a report; a sentence in why says it for people. */
enum od_affected od_rule_affects(const struct od_rule_set *set, const struct od_rule *rule,
				 const char *release, const char *said, struct od_buf *why);

#endif
