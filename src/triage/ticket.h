/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In the worker: through the files of a ticket, archives and all, telling what is in them. */
#ifndef OD_TRIAGE_TICKET_H
#define OD_TRIAGE_TICKET_H

#include <sys/types.h>

#include "triage/job.h"
#include "triage/wire.h"

struct od_ticket_reader {
	const struct od_job *job;
	const char *kernel;	 /* --kernel, or NULL */
	uint64_t deadline_ns;	 /* CLOCK_MONOTONIC; 0: none */
	void (*tell)(void *ctx, const struct od_item *item);
	void *ctx;
	/* so far */
	uint32_t inputs, members, reports;
	uint64_t bytes;
	size_t html; /* bytes of pieces of pages that were told */
	bool stopped, full;
	/* records of pstore that will be one input */
	struct od_buf parts;
	char *parts_name; /* of the first; NULL: there are none */
	bool parts_quiet;
};

/* Read all units, tell what is in them, and the total last. Never fails. */
void od_ticket_read(struct od_ticket_reader *t, const int *fds);

/*
 * For the files of the worker. One input: n descriptors, or bytes from read (n is 0). quiet: nothing is told
 * of it unless there is a report in it, or a part of it is missing.
 */
void od_ticket_input(struct od_ticket_reader *t, const char *name, const int *fds, unsigned n,
		     ssize_t (*read)(void *ctx, void *buf, size_t size), void *read_ctx, bool quiet);
/* A file: an archive is opened, as long as that is not nested too deep. */
void od_ticket_file(struct od_ticket_reader *t, const char *name, int fd, unsigned depth, bool quiet);
void od_ticket_archive(struct od_ticket_reader *t, const char *name, int fd, unsigned depth);
/* The attachments of a mail that are archives, compressed files or dumps; its text was read before. */
void od_ticket_mail(struct od_ticket_reader *t, int fd, unsigned depth);
/*
 * Is it a record of pstore, by its name? Then it is kept, and becomes one input with the others of its directory
 * when one of another comes, or at the end. False: it is none.
 */
bool od_ticket_part(struct od_ticket_reader *t, const char *name, int fd, bool quiet);
void od_ticket_parts_end(struct od_ticket_reader *t);
/* Is it a report of apport, by its first bytes? What in it is encoded; its text was read before. */
bool od_ticket_is_apport(const char *head, size_t len);
void od_ticket_apport(struct od_ticket_reader *t, int fd, unsigned depth);
void od_ticket_note(struct od_ticket_reader *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Is the time up? */
bool od_ticket_late(struct od_ticket_reader *t);

#endif
