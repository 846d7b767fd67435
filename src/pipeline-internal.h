/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the pipeline share. */
#ifndef OD_PIPELINE_INTERNAL_H
#define OD_PIPELINE_INTERNAL_H

#include "analyze/plugins.h"
#include "analyze/relate.h"
#include "pipeline.h"
#include "text/text.h"

enum { OD_DUMP_HEAD = 4096 }; /* bytes by which a dump is known */

struct od_io;
struct od_kernel;
struct od_prefilter;

struct od_pipeline_filters {
	struct od_prefilter *markers;  /* of all that may be a crash */
	struct od_prefilter *interest; /* what plugins asked for, or NULL */
};

struct pipeline {
	struct od_input *in;
	const struct od_pipeline_options *opts;
	struct od_target *target;
	struct od_io *io; /* of text */
	struct od_text *text;
	struct od_relate *relate;
	struct od_prefilter *interest; /* what plugins asked for, or NULL */
	bool plugin_failed;
	bool active; /* a record of an incident has come */
};

/* A report is complete: analyse it, and it becomes one of the input's. ctx is the pipeline. */
void od_pipeline_report(void *ctx, struct od_report *rep);
/* Read text from fd to its end: a log, a mail, a backtrace, in whatever clothes. */
void od_pipeline_text(struct pipeline *p, int fd);
/* The dump's log; saved_fd: the text of it that was saved beside the dump, -1: there is none. */
void od_pipeline_log(struct pipeline *p, struct od_kernel *k, int saved_fd);
/* The dump itself is unreadable, because of why: the saved text is all there is. */
void od_pipeline_saved_log(struct pipeline *p, int saved_fd, const char *why);
/* The input is a dump: its log, and what its memory tells. */
/* log: descriptor of the text of its log that was saved beside it; -1: none. */
void od_pipeline_dump(struct pipeline *p, const int *fds, unsigned n, int log);
/* The input is the core of a process. */
void od_pipeline_core(struct pipeline *p, int fd);

#endif
