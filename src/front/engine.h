/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An engine as the front sees it: a process that may die, hang or talk nonsense at any moment. */
#ifndef OD_FRONT_ENGINE_H
#define OD_FRONT_ENGINE_H

#include <stdbool.h>
#include <signal.h>
#include <sys/types.h>

#include "front/confine.h"
#include "front/filter.h"
#include "front/protocol.h"
#include "front/serve.h"

struct od_engine {
	pid_t pid;
	int sock;
	int err;	       /* its standard error; -1 once closed */
	struct od_buf in;      /* received, not yet decoded */
	struct od_filter filter;
	size_t err_bytes;      /* let through from its standard error so far */
	uint32_t seq;	       /* of the last completion asked for */
	bool dead;
	struct od_gate gate;
	uint64_t max_unpacked; /* bytes of its files in memory */
	bool greeted;	       /* its first message came */
	unsigned missing;      /* enum od_sandbox_part */
	struct od_buf why;     /* for people: what is missing */
	enum od_sandbox sandbox;
};

enum od_engine_end {
	OD_ENGINE_DONE,
	OD_ENGINE_DIED,
	OD_ENGINE_TIMED_OUT,
	OD_ENGINE_CANCELLED, /* it did not stop when asked to */
	OD_ENGINE_REFUSED,   /* a required sandbox cannot be had */
};

struct od_engine_result {
	enum od_engine_end end;
	struct od_done done; /* if end is DONE */
	char why[160];	     /* else, for people */
	int status;	     /* of waitpid(2), if it DIED by itself or by somebody else's hand, ... */
	uint64_t peak_kib;   /* ... and the memory that it had at most */
};

/* Told of every message but HELLO, WORDS and DONE. False: it is nonsense, end the engine. */
typedef bool od_engine_listener(void *ctx, const struct od_msg *msg);

/* NULL if the system has no process or no descriptors left; errno says why. */
struct od_engine *od_engine_start(const struct od_engine_setup *setup);
/* Ends the process if it lives. NULL is accepted. */
void od_engine_stop(struct od_engine *engine);

/*
 * Run one command and wait for its end, but no longer than its time limit and two seconds.
 * *interrupted, if not NULL, is set by a signal handler: the command is then cancelled, and the
 * engine killed if that takes more than two seconds. After any other end than DONE the engine
 * can only be stopped.
 */
void od_engine_run(struct od_engine *engine, const struct od_run *run, od_engine_listener *listener,
		   void *ctx, volatile sig_atomic_t *interrupted, struct od_engine_result *result);
/* Candidates, one a line; none if the engine does not answer within 200 ms. */
void od_engine_complete(struct od_engine *engine, const char *line, size_t len, size_t point,
			struct od_buf *words);

#endif
