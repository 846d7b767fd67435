/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine's side of the socket: the loop that answers the front. */
#ifndef OD_FRONT_SERVE_H
#define OD_FRONT_SERVE_H

#include <stdbool.h>

#include "front/confine.h"
#include "front/options.h"
#include "front/protocol.h"
#include "symbols/find.h"

struct od_engine_setup {
	const struct od_options *opts;
	const char *name; /* of the input, for reports */
	const int *fds;	  /* of the input; several: a dump in parts */
	unsigned nfds;	  /* at most OD_MAX_PARTS; 0: there is no input */
	bool implicit;	  /* see od_session */
	struct od_redact *redact; /* NULL: nothing is */
	const struct od_strings *symbols; /* files and directories of debug files */
	const struct od_find_known *known; /* what packed files of symbols answered before, nknown of it */
	size_t nknown;
	bool hold; /* in the first run packed files are not read: what they are asked is told instead */
	const struct od_strings *questions; /* the first run unpacks the answers to these, and does no more */
	bool progress; /* somebody looks at standard error: say how far a packed file is read */
	/* What the process does instead of od_engine_serve(), with job (oopsdiag-triage); NULL: that. */
	void (*serve)(int sock, int errfd, long front, const struct od_engine_setup *setup);
	const void *job;
};

/*
 * Become the engine: limits, signals, plugins, then answer messages on sock until its other end
 * closes. errfd becomes standard error. All other file descriptors are closed. front is the
 * process that must not be outlived.
 */
void od_engine_serve(int sock, int errfd, long front, const struct od_engine_setup *setup)
	__attribute__((noreturn));

/*
 * For whoever serves in its place. sock is what od_confine_fds() returned; then the first message, which
 * closes the gate's end here; then others, each in parts if it is long. If nobody listens the process ends.
 */
void od_engine_hello(int sock, const struct od_lockdown *lock, const struct od_buf *why);
void od_engine_send(enum od_msg_type type, const char *data, size_t len);
/* Messages that were encoded already; empties buf. */
void od_engine_send_raw(struct od_buf *buf);

/* Bytes that the debug files which an engine unpacks may take. */
uint64_t od_unpack_budget(const struct od_options *opts);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t od_now_ns(void);

#endif
