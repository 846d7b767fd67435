/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between prefix.c (the rows) and prefix-time.c (readers of times). The cursor moves on success. */
#ifndef OD_TEXT_PREFIX_INTERNAL_H
#define OD_TEXT_PREFIX_INTERNAL_H

#include "base/cursor.h"

/* The next n bytes, if all are decimal digits. */
bool od_digits(struct od_cursor *c, unsigned n);
/* hh:mm:ss, maybe with a fraction after '.' or ','. */
bool od_clock_time(struct od_cursor *c);
/* 2025-11-21T03:52:00.123+01:00, also with a blank for the T. */
bool od_iso_time(struct od_cursor *c);

#endif
