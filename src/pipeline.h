/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The order of the stages: bytes -> lines -> records -> reports -> analysis -> plugins. Only this
 * file knows it. Runs in the engine process.
 */
#ifndef OD_PIPELINE_H
#define OD_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/input.h"

struct od_find;
struct od_locate;
struct od_plugins;

/* What looks through bytes for places worth reading: the same for all inputs, 0.4 ms to make. */
struct od_pipeline_filters;

/* For whoever reads many inputs. plugins: those of the options; NULL: none. Never fails. */
struct od_pipeline_filters *od_pipeline_prepare(struct od_plugins *plugins);
/* NULL is accepted. */
void od_pipeline_release(struct od_pipeline_filters *filters);

struct od_pipeline_options {
	const char *kernel;	    /* --kernel=RELEASE, or NULL */
	struct od_plugins *plugins; /* NULL: none */
	struct od_find *find;	    /* debug files; NULL: none */
	struct od_locate *locate;   /* where frames stand in the source; NULL: nobody looks */
	/* CLOCK_MONOTONIC; stop reading then and say so; 0: none. A signal handler may set it to 1. */
	volatile uint64_t deadline_ns;
	/*
	 * Called with each report as soon as it is complete, analysed and seen by the plugins
	 * (--jsonl). NULL: plugins run once, on all reports, at the end.
	 */
	void (*on_report)(void *ctx, struct od_input *in, struct od_report *rep);
	/*
	 * Called with each record in order (--repaired); NULL: records are read only where needed.
	 * mail: the input is one, by what was read of it; part: the record belongs to an incident.
	 */
	void (*on_record)(void *ctx, const struct od_record *rec, bool mail, bool part);
	/*
	 * Text as it is read, byte for byte, ahead of its records (--annotate); and: nothing comes for
	 * a while, all records of what came were handed out. May be NULL.
	 */
	void (*on_bytes)(void *ctx, const char *s, size_t len);
	void (*on_idle)(void *ctx);
	void *ctx;
	/* Bytes of a text come from here, as from read(2), instead of from a descriptor; NULL: they do not. */
	ssize_t (*read)(void *ctx, void *buf, size_t size);
	void *read_ctx;
	const struct od_pipeline_filters *filters; /* NULL: made for this input */
};

/* What an input with memory leaves open for the commands. */
struct od_target {
	struct od_dump *dump;	  /* of a kernel; NULL: the input is none */
	struct od_kernel *kernel; /* NULL: not even that much could be found */
	struct od_core *core;	  /* of a process; NULL: the input is none */
};

/*
 * Read fds[0] to its end (a dump may be a set of n files; n is 0 with opts->read), find and analyse all
 * incidents, fill in.
 * Never fails: what is wrong with the bytes is said by in->status, in->error and notes. True if a
 * plugin failed (exit status 3). The descriptors of a dump, and what *target then holds, must live as
 * long as the input.
 */
bool od_pipeline_run(struct od_input *in, const int *fds, unsigned n,
		     const struct od_pipeline_options *opts, struct od_target *target);
/* What lies between the two lives of a session: releases a target, leaves it empty. */
void od_target_close(struct od_target *target);

#endif
