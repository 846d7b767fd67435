/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files of a ticket: found, told apart by their first bytes, and hashed. Runs in the keeper, which
 * parses nothing: names, sizes, times and magic numbers are all it looks at.
 */
#ifndef OD_TRIAGE_GATHER_H
#define OD_TRIAGE_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/sha256.h"
#include "triage/wire.h"

enum {
	OD_GATHER_FILES = 50000, /* of one directory */
	OD_GATHER_DEPTH = 16,	 /* directories within each other */
	OD_GATHER_NAMES = 200000, /* of files, directories, links, whatever */
};

struct od_gathered_file {
	char *name;    /* within the ticket */
	uint64_t size; /* bytes */
	uint64_t mtime_ns, ctime_ns, inode;
	bool wanted;   /* there may be a crash in it: it is no picture and no program */
};

struct od_gathered {
	enum od_ticket_what what;
	char *path;
	int fd; /* FILE, MAILBOX: it, or a copy of the message in memory; else -1 */
	int dir; /* DIRECTORY: it; else -1 */
	struct od_gathered_file *files; /* DIRECTORY: sorted by name */
	size_t nfiles, cap, names;
	uint64_t time, bytes;
	bool cut;	/* there are more files than are looked at */
	char stamp[65]; /* hex: changes whenever a name, a size or a time changes */
};

/*
 * Find out what the ticket of a job is. No link is followed, and what the kernel makes up (proc, sysfs) is passed over: there
 * is no end to it. OD_ERR_IO: it cannot be
 * read. Then hash its bytes: content gets 64 hex digits and a NUL; which files are wanted is known by then.
 */
struct od_error *od_gather(const struct od_item *job, struct od_gathered *ret);
struct od_error *od_gather_hash(struct od_gathered *g, char content[65]);
void od_gathered_deinit(struct od_gathered *g);

#endif
