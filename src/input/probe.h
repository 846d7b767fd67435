/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a file is by its first bytes, where it is not text. One row a format. */
#ifndef OD_INPUT_PROBE_H
#define OD_INPUT_PROBE_H

#include <stdbool.h>
#include <stddef.h>

/* "a PNG picture", or NULL if no magic number is known. */
const char *od_probe_magic(const char *s, size_t len);

/* Enough to judge by; od_probe_binary() looks no further. */
enum { OD_PROBE_BYTES = 64 * 1024 };

/* True if the bytes are no text: too many control bytes and bytes that are no UTF-8. */
bool od_probe_binary(const char *s, size_t len);

#endif
