/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faults that an IOMMU tells of. They come at any time, many at once and of several devices, in the
 * middle of other crashes too: so they are no incidents, but are collected, a report for each device.
 */
#ifndef OD_TEXT_IOMMU_H
#define OD_TEXT_IOMMU_H

#include "model/iommu.h"
#include "text/incident.h"

enum {
	OD_IOMMU_DEVICES = 32, /* of which faults are collected at a time */
	OD_IOMMU_RECORDS = 64, /* lines kept with one report */
	OD_IOMMU_FOLLOW = 24,  /* records after a fault among which its other lines are looked for */
};

struct od_iommu_set {
	struct od_iommu_device {
		struct od_report *rep;
		uint64_t opened, turn;
	} dev[OD_IOMMU_DEVICES];
	unsigned n;
	uint64_t turn;
	struct od_report *last; /* the fault before: of dev[], or NULL */
	unsigned since;		/* records since then */
	bool has_status, begun; /* begun: its first line was read, what it is says the next */
	uint32_t status;	/* of the unit, its faults are still to come */
	enum od_iommu_source source; /* of what is begun */
	uint32_t code;
	unsigned nwords;
	uint64_t words[4];
	char unit[64], stream[32];
	uint32_t first_line;	/* of what is begun */
	uint32_t first_len;
	char first_text[200];	/* that line, cut */
};

/* Role OD_ROLE_APART; ends with a NULL literal. */
extern const struct od_trigger od_iommu_triggers[];

/*
 * A record that is t. A report that it opens is told apart by opened, a number that grows. If there are
 * too many devices, *full_ret is the one that was silent the longest: the caller owns its report.
 */
void od_iommu_take(struct od_iommu_set *set, const struct od_trigger *t, const struct od_record *rec,
		   struct od_cursor at, uint64_t opened, struct od_iommu_device *full_ret);
/* A record that no trigger claims: true if it goes on with the fault before. */
bool od_iommu_more(struct od_iommu_set *set, const struct od_record *rec, uint64_t opened,
		   struct od_iommu_device *full_ret);
/* Takes the oldest out of the set; false if it is empty. The caller owns the report. */
bool od_iommu_next(struct od_iommu_set *set, struct od_iommu_device *ret);
/* Drops all. */
void od_iommu_clear(struct od_iommu_set *set);

/* --- between iommu.c and iommu-lines.c ------------------------------------------------------ */

/* One fault, as read. Strings are in the record. */
struct od_iommu_line {
	struct od_iommu_fault f;
	enum od_iommu_source source;
	struct od_cursor device, unit, name, text; /* empty: unknown */
};

/* Each: what t's line says; false if it says nothing, or goes on in the next line. */
bool od_iommu_read(struct od_iommu_set *set, unsigned row, const struct od_record *rec, struct od_cursor at,
		   struct od_iommu_line *ret);
/* Lines that finish what was begun. */
bool od_iommu_finish(struct od_iommu_set *set, const struct od_record *rec, struct od_iommu_line *ret);
/* "event: F_TRANSLATION client: 0000:01:00.0 sid: .." and lines of the tables: of the last fault. */
/* The last sort turned out to be one that is there already. */
void od_iommu_merge(struct od_iommu *io);
bool od_iommu_detail(struct od_report *rep, const struct od_record *rec);
/* "dmar_fault: 12 callbacks suppressed" */
bool od_iommu_suppressed(const struct od_record *rec, uint64_t *ret);

#endif
