/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session: one input, read when the first command needs it, and the commands over it. Runs in
 * the engine. What it has to say goes to a sink, so the tests can run it without a process.
 */
#ifndef OD_SHELL_SESSION_H
#define OD_SHELL_SESSION_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "pipeline.h"
#include "render/render.h"
#include "shell/command.h"

enum od_sink_level {
	OD_SINK_NOTE,
	OD_SINK_WARNING,
	OD_SINK_ERROR,
	OD_SINK_INPUT, /* what is wrong with the input; the front names it */
};

/* Where a session's words go. All functions are needed. */
struct od_sink {
	void (*output)(void *ctx, const char *data, size_t len); /* text; any length */
	void (*report)(void *ctx, const struct od_buf *buf);	 /* one report, rendered */
	void (*input)(void *ctx, const struct od_buf *buf);	 /* the input's json object */
	void (*say)(void *ctx, enum od_sink_level level, const char *text);
	void *ctx;
};

struct od_locate;

struct od_session {
	const struct od_sink *sink;
	struct od_plugins *plugins;
	struct od_find *find; /* debug files; NULL: none are looked for */
	struct od_locate *locate; /* od_session_locate() */
	const char *const *source_paths; /* --source: where source trees may be; NULL-terminated; or NULL */
	bool tell_progress; /* of packed debug files */
	uint64_t told_ns;
	const char *kernel; /* --kernel, or NULL */
	const char *name;   /* of the input, for reports */
	int fds[OD_MAX_PARTS]; /* of the input; several: a dump in parts */
	unsigned nfds;	    /* 0: there is no input */
	int64_t boot_time;  /* seconds since 1970 when the kernel of a dump began; for OD_PREFIX_CLOCK */
	struct od_target target; /* what of an input with memory is open; empty until it was read */
	bool implicit;	    /* nobody named the input: it is standard input by default */
	struct od_redact *redact; /* --redact, or NULL */
	struct od_input *in; /* NULL until it was read */
	bool plugin_failed;
	uint32_t current;    /* index of the report that commands speak of */
	uint64_t task;	     /* address of the task that they speak of; 0: the one that crashed */
	bool hex;	     /* set radix 16 */

	/* of the command being run */
	struct od_style style;
	bool stream;	     /* json lines: send reports while reading */
	bool wire;	     /* for another engine: the report as shell/wire.h has it; diff reads such */
	bool streamed;	     /* the reports were sent while reading */
	uint32_t id_base;    /* id of the first report */
	uint32_t index, ninputs;
	bool no_crash;	     /* reports were asked for and there is none */
	volatile sig_atomic_t cancelled; /* set from a signal handler */
	struct od_pipeline_options pipeline;
};

/* n is at most OD_MAX_PARTS; 0: there is no input. */
void od_session_init(struct od_session *s, const struct od_sink *sink, const char *name,
		     const int *fds, unsigned n);

/*
 * Debug files come from find, which stays the caller's and must live as long. tell_progress: say on
 * the sink, once a second, how far a packed file is read.
 */
void od_session_take_find(struct od_session *s, struct od_find *find, bool tell_progress);

/*
 * Run one line; what it prints goes to the sink. deadline_ns is on CLOCK_MONOTONIC, 0 for none.
 * The exit status, 0 to 5.
 */
int od_session_run(struct od_session *s, const char *line, size_t len, uint64_t deadline_ns);
/*
 * Ask the command being run to stop; async-signal-safe. Reading stops as if the deadline were
 * reached.
 */
void od_session_cancel(struct od_session *s);
/* A command that takes long looks now and then: it was cancelled, or its time is over. */
bool od_session_must_stop(const struct od_session *s);
/* Candidates for the word that ends at point, one a line. Reads no input. */
void od_session_complete(struct od_session *s, const char *line, size_t point,
			 struct od_buf *words);

/* Read the input if that was not done yet. An error if there is none. */
struct od_error *od_session_load(struct od_session *s);
/* What stands ahead of a record that is printed, instead of its prefix as it was. */
enum od_prefix {
	OD_PREFIX_LEVEL = 1 << 0, /* "<4>" behind the time */
	OD_PREFIX_NONE = 1 << 1,  /* no time */
	OD_PREFIX_CLOCK = 1 << 2, /* the time of day, by od_session.boot_time */
};
/* Every record of the input, once more if it was read before; for log -a. prefix: enum od_prefix, 0: as it was. */
struct od_error *od_session_records(struct od_session *s, unsigned prefix);
/* A record, escaped, and a newline. */
void od_session_put_prefixed(const struct od_session *s, struct od_buf *buf, const struct od_record *rec,
			     unsigned prefix);

/* One reading of the input, once more if it was read before. As in od_pipeline_options. */
struct od_session_pass {
	void (*record)(void *ctx, const struct od_record *rec, bool mail, bool part);
	void (*bytes)(void *ctx, const char *s, size_t len); /* NULL: nobody wants them */
	void (*idle)(void *ctx);			     /* NULL */
	void (*done)(void *ctx, const struct od_input *in);
	void *ctx;
};
/* *target_ret is set before the first call: whether it has a dump is known by the first record. */
struct od_error *od_session_pass(struct od_session *s, const struct od_session_pass *pass,
				 const struct od_target **target_ret);
/*
 * A record as text and a newline: what needed no repair as it stood; a mended one, or one out of a
 * dump, as the kernel would have printed it.
 */
void od_session_put_record(struct od_buf *buf, const struct od_record *rec, bool dump);
/* The input as it was, each frame with its place in the source; for log -s. */
struct od_error *od_session_annotate(struct od_session *s);
/*
 * The report that the words after the name speak of: argv[n] is its id, without one the current
 * report. The session has at least one.
 */
struct od_error *od_session_report(struct od_session *s, const struct od_args *args, int n,
				   struct od_report **ret);
/* As above for one that may be missing: the current report, or NULL. */
struct od_report *od_session_current(const struct od_session *s);
/* The style for parts of a report: text, whatever the format of the run, and nothing left out. */
struct od_style od_session_text_style(const struct od_session *s);
/*
 * The kernel in the memory of the input, which is read if it was not yet. NULL, and *err says why, if
 * there is none: the input is text, or cannot be read.
 */
struct od_kernel *od_session_kernel(struct od_session *s, struct od_error **err);
/* Places in the source, by the debug files that are looked for. NULL: none are. */
struct od_locate *od_session_locate(struct od_session *s);
/* Completion of report ids. */
void od_session_complete_ids(struct od_session *s, const struct od_args *args,
			     struct od_buf *words);

#endif
