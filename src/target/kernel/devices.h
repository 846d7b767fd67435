/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Major numbers that drivers took: /proc/devices. */
#ifndef OD_TARGET_KERNEL_DEVICES_H
#define OD_TARGET_KERNEL_DEVICES_H

#include "target/kernel/kernel.h"

struct od_device_major {
	bool block;	  /* else a character device */
	uint32_t major;
	uint32_t minor, minors; /* of character devices: the first, and how many */
	char name[65];	  /* any bytes */
};

/*
 * Each of them, character devices first, by the kernel's hash tables; false from fn stops. NULL, or
 * what is wrong with a table or missing.
 */
const char *od_kernel_devices(struct od_kernel *k,
			      bool (*fn)(void *ctx, const struct od_device_major *dev), void *ctx);

#endif
