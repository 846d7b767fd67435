/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is what comes at the prompt a command, or a log that somebody pasted? */
#ifndef OD_FRONT_PASTE_H
#define OD_FRONT_PASTE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True for a line that no command begins like: with a printk time or a level, a syslog line of the kernel,
 * a frame of gdb, the words that a kernel's reports begin with; at any depth of quoting. Reads no more than
 * its first 200 bytes.
 */
bool od_looks_like_log(const char *line, size_t len);
/* True if one of the first 50 lines does. */
bool od_looks_like_pasted_log(const char *text, size_t len);

#endif
