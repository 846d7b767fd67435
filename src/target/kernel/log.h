/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's log out of its memory, from VMCOREINFO alone: the lock-less ring buffer (kernel/printk/
 * printk_ringbuffer.h, 5.10 on), the buffer of records (kernel/printk/printk.c, 3.5 to 5.9), and the
 * plain text before.
 */
#ifndef OD_TARGET_KERNEL_LOG_H
#define OD_TARGET_KERNEL_LOG_H

#include <stdint.h>

#include "target/kernel/kernel.h"

struct od_kernel_log {
	uint32_t records;    /* told */
	uint32_t unreadable; /* records whose text or description the dump lacks */
	enum od_mem_status why; /* of the first of these */
};

/*
 * Tell every line, oldest first, as a console would print it: "<4>[    1.234567][  T123] text"; a
 * record of several lines is several of these. No newline at the end; any byte; valid during the
 * call. NULL, or why there is no log at all.
 */
const char *od_kernel_log(struct od_kernel *k, void (*line)(void *ctx, const char *s, size_t len),
			  void *ctx, struct od_kernel_log *ret);

#endif
