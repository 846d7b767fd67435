/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_BASE_TERMINAL_H
#define OD_BASE_TERMINAL_H

#include <stddef.h>

/*
 * Take the escape sequences of terminals (ECMA-48) out of a line, in place; the new length. Where one
 * moves the cursor or clears, a blank stays between what it parted. Of bytes after ESC that are no
 * whole sequence only the ESC goes.
 */
size_t od_strip_escapes(char *s, size_t len);

#endif
