/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scope-bound release of resources, so that no function needs a ladder of labels. */
#ifndef OD_BASE_CLEANUP_H
#define OD_BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

static inline void od_cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void od_cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* The variable is released when it leaves scope, whatever the way out. */
#define od_cleanup(fn) __attribute__((cleanup(fn)))
#define od_autofree od_cleanup(od_cleanup_free)
#define od_autoclose od_cleanup(od_cleanup_close)

/* Hand a cleaned-up pointer to the caller: the local no longer owns it. */
#define return_ptr(p)                                                                              \
	do {                                                                                       \
		__auto_type od_ret_ = (p);                                                         \
		(p) = NULL;                                                                        \
		return od_ret_;                                                                    \
	} while (0)

#endif
