/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parts of a pstore dump in one stream. Firmware keeps a log in small records; part 1 is the newest,
 * so the log is the parts in descending order (fs/pstore/platform.c: "Oops#1 Part3").
 */
#ifndef OD_TEXT_PSTORE_H
#define OD_TEXT_PSTORE_H

#include <stdbool.h>

#include "model/line.h"

struct od_pstore;

struct od_pstore *od_pstore_create(void (*line)(void *ctx, const struct od_line *line), void *ctx);
void od_pstore_destroy(struct od_pstore *ps);
/*
 * Take a line. True: it is kept with a part, and comes back in order later. False: it belongs to no
 * part; the caller goes on with it.
 */
bool od_pstore_line(struct od_pstore *ps, const struct od_line *line);
/* Let the parts out, oldest first. */
void od_pstore_flush(struct od_pstore *ps);
bool od_pstore_busy(const struct od_pstore *ps);

#endif
