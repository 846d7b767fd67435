/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_IO_ENTITY_H
#define OD_IO_ENTITY_H

#include <stddef.h>

/*
 * The HTML entity that starts with the '&' at s: the bytes it takes, or 0 if it is none. utf8 gets the
 * n bytes that it stands for, never more than it takes. A no-break space is a blank.
 */
size_t od_entity(const char *s, size_t len, char utf8[4], size_t *n);
/*
 * Length of what the kernel prints between '<' and '>', if s starts with that: "TASK", "/IRQ", "4",
 * "48", "ffffffff81012345". 0 if not.
 */
size_t od_angle_word(const char *s, size_t len);

#endif
