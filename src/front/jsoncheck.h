/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is this text one JSON object? The front puts what the engine sends into a document that must
 * stay valid whatever became of the engine, so it looks before it copies.
 */
#ifndef OD_FRONT_JSONCHECK_H
#define OD_FRONT_JSONCHECK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True if s is exactly one object by RFC 8259, blanks around it allowed, nested at most 64 deep,
 * in valid UTF-8 without raw control characters (C1 and DEL included).
 */
bool od_json_check(const char *s, size_t len);

#endif
