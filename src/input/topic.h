/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a text is about that holds no crash: a patch, or a discussion of what `decode` knows. */
#ifndef OD_INPUT_TOPIC_H
#define OD_INPUT_TOPIC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Enough to judge by; od_topic() looks no further. */
enum { OD_TOPIC_BYTES = 64 * 1024 };

/*
 * One sentence without a full stop into out, of the first len bytes of a text: the files that its patches
 * change, and the commands that say what its words mean. Names of files are as in the text, which may
 * hold any byte. False, and nothing is added, if there is nothing to say.
 */
bool od_topic(const char *s, size_t len, struct od_buf *out);

#endif
