/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report of a well-known crash, put together by hand: what the text stage makes of its log. */
#ifndef FIXTURE_GPFS_H
#define FIXTURE_GPFS_H

#include "model/input.h"

/* kfree() of a constant in GPFS on EL7; line numbers are those of tests/unit/fixture-gpfs.c. */
struct od_report *fixture_gpfs_report(void);
/* A user-space crash without anything known about it. */
struct od_report *fixture_user_report(void);
void fixture_frame(struct od_report *rep, struct od_stack *stack, const char *function,
		   const char *module, uint64_t addr, uint16_t flags, uint32_t line);
void fixture_reg(struct od_report *rep, const char *name, uint64_t value, uint32_t line);
void fixture_record(struct od_report *rep, const char *text, uint32_t line);
void fixture_context(struct od_input *in, const char *text, uint32_t line, uint16_t depth);
/* The two pairs of values that the mail quotes, as they arrive after unquoting. */
void fixture_env_mcr(struct od_input *in);

#endif
