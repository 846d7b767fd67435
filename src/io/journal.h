/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An entry of a journal, or of dmesg's JSON, and the log lines that say the same: "<4>TIME HOST
 * kernel: [   12.345678] text". The text stage reads them like those of any other log.
 */
#ifndef OD_IO_JOURNAL_H
#define OD_IO_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct od_out;

#define OD_ENTRY_NONE UINT64_MAX

struct od_entry {
	struct od_buf text;  /* the message, any bytes */
	uint32_t place;	     /* physical line on which the message starts */
	bool exact;	     /* each newline of the message is one of the input */
	bool any;	     /* there is a message */
	bool kernel;
	uint32_t level;	     /* syslog's: facility * 8 + severity; UINT32_MAX */
	uint64_t wall_us;    /* since 1970, or OD_ENTRY_NONE */
	uint64_t boot_us;    /* since boot, or OD_ENTRY_NONE */
	uint64_t pid;	     /* or OD_ENTRY_NONE */
	char host[64], program[64], caller[16]; /* "" if absent */
	char date[64];	     /* wall time as dmesg -T writes it */
	char names[32];	     /* "kern  :warn  : ", as dmesg -x writes it */
};

void od_entry_begin(struct od_entry *e);
void od_entry_deinit(struct od_entry *e);
/* Set what the journal's field NAME says; fields that are of no interest are ignored. */
void od_entry_field(struct od_entry *e, const char *name, const char *value, size_t len,
		    uint32_t place);
/* Write it, if it has a message, and begin the next. */
void od_entry_finish(struct od_entry *e, struct od_out *out);

#endif
