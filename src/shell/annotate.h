/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames in a line of text, for whoever writes something behind them. */
#ifndef OD_SHELL_ANNOTATE_H
#define OD_SHELL_ANNOTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "name+0x1/0x2 [module 0123abcd]"; all point into the line. */
struct od_token {
	const char *name;
	size_t name_len;
	size_t len;	    /* of name, offset and size: "name+0x1/0x2" */
	const char *module; /* NULL: none */
	size_t module_len;
	const char *build_id; /* NULL: none */
	size_t build_id_len;
	uint64_t offset, size;
	bool is_pc; /* the instruction itself; else an address to return to */
};

/*
 * The first frame at or behind s[*pos] that has no place yet; *pos is moved behind it. False: there is
 * none.
 */
bool od_token_next(const char *s, size_t len, size_t *pos, struct od_token *ret);

/* What a line says of the kernel that runs. */
struct od_kernel_line {
	const char *release;
	size_t release_len;
	const char *build_id; /* NULL: it does not say */
	size_t build_id_len;
};
/* "Linux version 6.1.0-50-amd64 (...", "CPU: 0 PID: 1 Comm: x Not tainted 6.1.0 #1 0123abcd..." */
bool od_kernel_line(const char *s, size_t len, struct od_kernel_line *ret);

#endif
