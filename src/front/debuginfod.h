/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Debug files from the servers in DEBUGINFOD_URLS, through libdebuginfod: only in the front, which has a
 * network and no hostile bytes, only with --debuginfod, only for build ids that an input names. What comes is
 * kept in libdebuginfod's own cache and parsed by the engine alone.
 */
#ifndef OD_FRONT_DEBUGINFOD_H
#define OD_FRONT_DEBUGINFOD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

struct od_strings;

enum { OD_MAX_FETCHED = 64 }; /* build ids that are asked for in one life of the program */

/* Is it built in? For --version. */
bool od_debuginfod_built(void);
/* NULL: it can be asked; else why not: not built, not installed, no server named. Static text. */
const char *od_debuginfod_why_not(void);
/* 16 to 128 hex digits, an even number: what an engine says is checked. */
bool od_is_build_id(const char *s, size_t len);
/*
 * The path of the file with that build id, which the caller frees; NULL: no server has it, or it was
 * interrupted (*interrupted, may be NULL). tell: say on standard error how far it is. *why is then
 * static text, or of strerror().
 */
char *od_debuginfod_fetch(const char *build_id, bool tell, volatile sig_atomic_t *interrupted,
			  const char **why);

#endif
