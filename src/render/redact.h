/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --redact: hosts, addresses and user names on the way out become HOST-1, IP-1, IP6-1, MAC-1,
 * MAIL-1, USER-1, numbered in the order in which they are printed, the same one each time. What is
 * looked for is rows in redact-words.c and the forms in redact-address.c. Text is gone over once,
 * with bounded looks to both sides.
 */
#ifndef OD_RENDER_REDACT_H
#define OD_RENDER_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct od_redact;

/*
 * The names that were given so far. Memory that processes forked later share, so that the engines
 * of several inputs agree; only one of them may work at a time. Ends the program if there is none.
 */
struct od_redact *od_redact_create(void);
/*
 * A host that the input names itself: from now on it is replaced wherever it stands as a word of
 * three characters or more. NULL and words that no host has (kernel, localhost) are ignored.
 */
void od_redact_host(struct od_redact *r, const char *host);
/* Add the text to out, with what is private replaced. True if something was. */
bool od_redact(struct od_redact *r, struct od_buf *out, const char *s, size_t len);
/* From now on all text that this process escapes passes od_redact(). NULL: no longer. */
void od_redact_install(struct od_redact *r);

#endif
