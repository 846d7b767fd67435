/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_BASE_UTF8_H
#define OD_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Decode one code point at s, len bytes left. The number of bytes it takes (1..4), or 0 if the
 * bytes are not valid UTF-8 (overlong forms, surrogates and values above U+10FFFF included) or
 * len is 0; *cp is then untouched.
 */
unsigned od_utf8_decode(const char *s, size_t len, uint32_t *cp);
/* Write it, 1 to 4 bytes without a NUL behind them; how many. cp is at most U+10FFFF. */
size_t od_utf8_encode(uint32_t cp, char utf8[4]);
/* Columns that a code point takes on a terminal: 0, 1 or 2; coarse for East Asian wide ranges. */
unsigned od_utf8_width(uint32_t cp);

#endif
