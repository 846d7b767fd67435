/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sym over debug files: what faddr2line and addr2line tell. */
#ifndef OD_SHELL_SYM_LINES_H
#define OD_SHELL_SYM_LINES_H

#include "shell/session.h"

/* "kfree+0x13c/0x140", [slub] or an address. */
struct od_sym_question {
	char name[1024];	/* of a symbol; "": addr is meant */
	char module[65];	/* "": any */
	const char *build_id;	/* of the module; NULL: not said */
	uint64_t addr;
	uint64_t offset, size;	/* size 0: not said */
	bool has_offset, is_return;
};

/* The words after the command's name. False: they are no such thing. */
bool od_sym_parse(const struct od_args *args, struct od_sym_question *ret);
/*
 * Look in the debug files of the session, and print all that fits; as JSON with json. False, and out
 * unchanged, if nothing does; why_ret (may be NULL) then gets the reason, or NULL.
 */
bool od_sym_lines(struct od_session *s, const struct od_sym_question *q, bool json, struct od_buf *out,
		  struct od_buf *why_ret);
/* Only the places of the first match, each on an indented line; nothing if none are known. */
void od_sym_places(struct od_session *s, const struct od_sym_question *q, struct od_buf *out);

#endif
