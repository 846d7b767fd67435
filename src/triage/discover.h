/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is a ticket, by names alone: nothing is opened but directories. */
#ifndef OD_TRIAGE_DISCOVER_H
#define OD_TRIAGE_DISCOVER_H

#include <stddef.h>

#include "base/error.h"

/*
 * Told of each ticket, in the order of their names. file: what to open, an absolute name with no link in it.
 */
typedef void od_ticket_fn(void *ctx, const char *name, const char *file);

/*
 * A file is a ticket. A directory is one if it looks like what one machine left behind (an unpacked sosreport or
 * supportconfig, a dump of kdump, a problem of ABRT, pstore); the messages of a Maildir are one each; of any
 * other directory each file and each directory in it is a ticket. Links in a directory, hidden files and what only
 * accompanies a file (check sums, signatures) are none. OD_ERR_IO: it cannot be read.
 */
struct od_error *od_discover(const char *path, od_ticket_fn *found, void *ctx);

/* What kinds of directories are known, for the manual: NULL at the end. */
const char *od_discover_layout(size_t n);

#endif
