/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of the reader of selftests: selftest.c knows in which order lines come, selftest-line.c
 * takes one apart, selftest-report.c says what it all means.
 */
#ifndef OD_TEXT_SELFTEST_INTERNAL_H
#define OD_TEXT_SELFTEST_INTERNAL_H

#include "base/buf.h"
#include "base/cursor.h"
#include "model/report.h"

enum {
	OD_ST_FOLDS = 4,    /* lines that a mailer may have folded the expression over */
	OD_ST_MESSAGE = 8,  /* lines of a message */
	OD_ST_GAP = 6,	    /* lines in which the result of the runner may still come */
	OD_ST_BETWEEN = 64, /* kernel lines that may stand inside of a failure */
	OD_ST_FRAMES = 256, /* addr2line is given 20 addresses; inlined calls come on top */
	OD_ST_NAME = 64,    /* bytes of the name of a test */
	OD_ST_TEXT = 4096,  /* bytes of expression or message that are kept */
};

/* A line without the clothes of TAP ("# ") and without blanks around it. */
struct od_st_line {
	const char *text;
	size_t len;
	bool tap;
	uint32_t indent; /* blanks, behind the clothes */
};
void od_st_strip(const char *s, size_t len, struct od_st_line *ret);

/* "FILE:LINE: EXPR" of the header. Pointers into the line. */
struct od_st_place {
	const char *file, *expr;
	size_t file_len, expr_len;
	uint32_t line;
};
bool od_st_place(const struct od_st_line *l, struct od_st_place *ret);

/* "pid=P tid=T errno=E - STRERROR"; without errno= up to 5.10. */
struct od_st_task {
	uint32_t pid, tid, error;
	bool has_error;
	const char *text;
	size_t text_len;
};
bool od_st_task(const struct od_st_line *l, struct od_st_task *ret);

/* A line of the stack: `cat -n` of `addr2line -s -fpai`. Unknown: NULL or 0. */
struct od_st_frame {
	bool inlined; /* into the function of the next line */
	uint64_t addr;
	const char *fn, *file;
	size_t fn_len, file_len;
	uint32_t line;
};
bool od_st_frame(const struct od_st_line *l, struct od_st_frame *ret);

/* "not ok 7 selftests: kvm: NAME # exit=254", "ok 7 selftests: kvm: NAME # SKIP". */
struct od_st_result {
	bool ok, skip;
	const char *name;
	size_t name_len;
	uint64_t exit;
	bool has_exit;
};
bool od_st_result(const struct od_st_line *l, struct od_st_result *ret);
/* "selftests: kvm: NAME" by itself: what the runner starts. */
bool od_st_started(const struct od_st_line *l, const char **name, size_t *len);

/* What was read of one failure. */
struct od_st_facts {
	struct od_buf expr, message; /* lines of the message end in \n but the last */
	const char *file;	     /* of the header, in the report's arena */
	uint32_t line;
	uint32_t pid, tid, error;
	bool has_error;
	const char *error_text; /* in the report's arena */
	const char *name;	/* of the test, in the report's arena; NULL */
	bool denied;		/* "Access denied - Exiting" */
	bool no_addr2line, empty_stack;
	struct od_st_result result;
	bool has_result;
};
/* Kind, place, errno and details. */
void od_st_conclude(struct od_report *rep, struct od_st_facts *facts);

#endif
