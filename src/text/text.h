/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Physical lines -> records -> reports: the text stage as one object. */
#ifndef OD_TEXT_TEXT_H
#define OD_TEXT_TEXT_H

#include <stdbool.h>

#include "model/report.h"

struct od_line;
struct od_text;
struct od_timeline;

struct od_text_ops {
	/*
	 * Every record that was read, in order; valid during the call. May be NULL. part: it belongs
	 * to an incident, as far as is known by now.
	 */
	void (*record)(void *ctx, const struct od_record *rec, bool part);
	/* A finished report; the callee owns it. */
	void (*report)(void *ctx, struct od_report *rep);
	/* A remark on the input. */
	void (*note)(void *ctx, uint32_t lineno, const char *text);
	void *ctx;
};

struct od_text *od_text_create(const struct od_text_ops *ops);
void od_text_destroy(struct od_text *text);
void od_text_line(struct od_text *text, const struct od_line *line);
/* Lines without interest were left out here. */
void od_text_gap(struct od_text *text);
/* The input is at its end. */
void od_text_finish(struct od_text *text);
/* True while an incident is open. */
bool od_text_busy(struct od_text *text);
/* Lines that are kept since it is not known yet what they belong to. */
uint32_t od_text_waiting(struct od_text *text);
/* Of the last "Linux version" record, NULL if there was none. */
const char *od_text_release(const struct od_text *text);
/* What was notable since the last report; for whoever is handed a report. Of the text stage. */
struct od_timeline *od_text_timeline(struct od_text *text);
/* Lines seen that are quoted as in mail, and lines that look like headers of a mail. */
uint32_t od_text_mail_lines(const struct od_text *text);

/* Literals for the prefilter: NULL-terminated. */
const char *const *od_text_markers(void);

#endif
