/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the GPFS (IBM Storage Scale) plugin. */
#ifndef PLUGIN_GPFS_H
#define PLUGIN_GPFS_H

#include "plugin-util.h"

/* A kernel release of the Red Hat family: 3.10.0-1062.9.1.el7.x86_64. */
struct gpfs_release {
	uint64_t major, minor, patch, fix, r1, r2;
	bool valid;    /* major.minor.patch-fix were read */
	bool has_r2;   /* r1 and r2 were printed; else they count as 0 */
	bool is_el;    /* ".elN" follows: the numbering is Red Hat's */
};

void gpfs_parse_release(const char *release, struct gpfs_release *ret);

/* What "make Autoconfig" of GPFS 5.0.4.1 and later writes to env.mcr for a release. */
uint64_t gpfs_version(const struct gpfs_release *r);
uint64_t gpfs_verbose(const struct gpfs_release *r);

/* Which of the checks a pair of env.mcr values fails; 0 for a value stands for "not given". */
enum {
	GPFS_BAD_DIGITS = 1 << 0,  /* a: VERBOSE has not len(major) + 14 digits */
	GPFS_BAD_PREFIX = 1 << 1,  /* b: major, minor and patch of the two differ */
	GPFS_BAD_FIX = 1 << 2,	   /* c: fix of VERBOSE, capped at 999, is not that of VERSION */
	GPFS_BAD_UNAME = 1 << 3,   /* d: fix of VERBOSE is not that of the running kernel */
	GPFS_BAD_VERSION = 1 << 4, /* VERSION is not what the rule gives for the kernel */
	GPFS_BAD_VERBOSE = 1 << 5, /* VERBOSE is not what the rule gives for the kernel */
};
unsigned gpfs_check_pair(const struct gpfs_release *r, uint64_t version, uint64_t verbose);

/* Is the pointer freed by newInodeInitLinux a constant in this kernel? 1 yes, 0 no, -1 unknown. */
int gpfs_constant_xattr_name(const struct gpfs_release *r);

/*
 * Judge every pair of values that the input quotes, as evidence of the open finding. The number
 * of wrong pairs.
 */
unsigned gpfs_judge_env(const struct ctx *c, const struct gpfs_release *r);
/* The same without saying anything: how many wrong pairs there are. */
unsigned gpfs_count_wrong_env(const struct ctx *c, const struct gpfs_release *r);

/* Is the function, or its module, part of GPFS? */
bool gpfs_owns(const struct od_plugin_frame *f);

void gpfs_other_families(const struct ctx *c);

#endif
