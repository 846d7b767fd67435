/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a KVM selftest prints when an assertion fails -> a report. Formats: tools/testing/selftests/kvm,
 * lib/assert.c (host) and include/ucall_common.h (guest), 4.17 to 6.19; tools/testing/selftests/kselftest
 * /runner.sh ("# " before each line, "not ok N selftests: kvm: NAME # exit=254" at the end).
 */
#ifndef OD_TEXT_SELFTEST_H
#define OD_TEXT_SELFTEST_H

#include <stdbool.h>

#include "model/report.h"

struct od_selftest;

struct od_selftest *od_selftest_create(void);
/* NULL is accepted; an unfinished report is dropped. */
void od_selftest_destroy(struct od_selftest *st);
/* Offer one record. True if it was taken; a report may be finished after either answer. */
bool od_selftest_feed(struct od_selftest *st, const struct od_record *rec);
/* True while a failure is being read. */
bool od_selftest_busy(const struct od_selftest *st);
/* The finished report, with force also an unfinished one, or NULL. The caller owns it. */
struct od_report *od_selftest_done(struct od_selftest *st, bool force);

/* Literals without which no line is of interest, for the prefilter: the header alone. */
#define OD_SELFTEST_HEADER "==== Test Assertion Failure ===="

#endif
