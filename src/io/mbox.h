/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mailbox (mbox) as a row of messages: where each lies in the file. */
#ifndef OD_IO_MBOX_H
#define OD_IO_MBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* May it be a mailbox, by its first bytes? */
bool od_mbox_probe(const void *head, size_t len);
/*
 * Tell where each message lies (bytes; its "From " line is part of it), in order, at most max: the last of
 * them then has all the rest. Boundaries are those by which a mail is read (mail.c): a "From " line with a time
 * after a blank line. found false: stop. fd is read from its beginning with pread(). A file that is no
 * mailbox is one message.
 */
void od_mbox_split(int fd, size_t max, bool (*found)(void *ctx, uint64_t offset, uint64_t length),
		   void *ctx);

#endif
