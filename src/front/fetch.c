/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --debuginfod: an input is read once for what it lacks, what servers have of that is fetched, and then
 * comes the run that prints.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "front/debuginfod.h"
#include "front/front.h"

enum { MAX_ROUNDS = 4 };

struct missing {
	struct od_strings ids; /* owned */
};

/* What the engine says of debug files; all else will come again. */
static bool on_missing(void *ctx, const struct od_msg *msg)
{
	struct missing *m = ctx;
	char *id;

	if (msg->type != OD_MSG_MISSING)
		return true;
	if (!od_is_build_id(msg->payload, msg->len))
		return false;
	if (m->ids.n >= OD_MAX_FETCHED)
		return true;
	id = od_malloc(msg->len + 1);
	memcpy(id, msg->payload, msg->len);
	id[msg->len] = '\0';
	od_strings_add(&m->ids, id);
	return true;
}

static void say(const struct od_front *front, const char *text)
{
	if (!front->opts->quiet)
		od_message("debuginfod", text, strlen(text));
}

bool od_front_make_rereadable(struct od_front *front, struct od_front_input *in)
{
	const size_t max = (size_t)1 << 30;
	od_autofree char *block = NULL;
	size_t size = 0;
	struct stat st;
	ssize_t n;
	int fd;

	if (lseek(in->fd, 0, SEEK_CUR) >= 0)
		return true;
	if (front->opts->format == OD_FORMAT_JSONL || front->opts->annotate || isatty(in->fd) || fstat(in->fd, &st) < 0)
		return false;
	fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return false;
	block = od_malloc(1 << 16);
	while ((n = read(in->fd, block, 1 << 16)) != 0) {
		if (n < 0 && errno == EINTR && !(front->interrupted && *front->interrupted))
			continue;
		size += n > 0 ? (size_t)n : 0;
		if (n < 0 || size > max || write(fd, block, (size_t)n) != n)
			break;
	}
	/* Of what is too large the beginning is lost: it cannot be put back. */
	close(in->fd);
	in->fd = fd;
	lseek(fd, 0, SEEK_SET);
	return n == 0;
}

static bool is_asked(struct od_front *front, const char *id)
{
	for (size_t i = 0; i < front->asked.n; i++)
		if (!strcmp(front->asked.items[i], id))
			return true;
	return false;
}

/* True if there is a file that was not there before. */
static bool fetch_one(struct od_front *front, const char *id)
{
	char text[256];
	const char *why;
	char *path;

	if (is_asked(front, id) || front->asked.n >= OD_MAX_FETCHED)
		return false;
	od_strings_add(&front->asked, od_strdup(id));
	path = od_debuginfod_fetch(id, !front->opts->quiet && isatty(STDERR_FILENO), front->interrupted,
				   &why);
	snprintf(text, sizeof(text), "%s: %s", id, path ? "there it is" : why);
	say(front, text);
	if (path)
		od_strings_add(&front->symbols, path); /* for as long as the program runs */
	return path != NULL;
}

/* Read the input, fetch what it lacks. True if there is something new; the engine is then gone. */
static bool probe(struct od_front *front, struct od_front_input *in, const struct od_run *run)
{
	struct missing m = { { NULL, 0 } };
	struct od_engine_result result;
	bool more = false;

	if (!od_front_start_engine(front, in))
		return false;
	od_engine_run(in->engine, run, on_missing, &m, front->interrupted, &result);
	for (size_t i = 0; i < m.ids.n; i++) {
		if (!(front->interrupted && *front->interrupted))
			more |= fetch_one(front, m.ids.items[i]);
		free((char *)m.ids.items[i]);
	}
	free(m.ids.items);
	/* It knows no files but those of its beginning. */
	if (more || result.end != OD_ENGINE_DONE) {
		od_engine_stop(in->engine);
		in->engine = NULL;
	}
	return more;
}

void od_front_fetch(struct od_front *front, struct od_front_input *in, const struct od_run *like)
{
	struct od_run run = *like;
	const char *why;

	if (!front->opts->debuginfod || in == &front->none || in->loaded || in->probed)
		return;
	in->probed = true;
	why = od_debuginfod_why_not();
	if (!why && !od_front_make_rereadable(front, in))
		why = "this input can be read only once: give it as a file";
	if (why) {
		say(front, why);
		return;
	}
	run.format = OD_FORMAT_LINE;
	run.stream = false;
	run.line = "report";
	run.line_len = strlen(run.line);
	/* With a kernel's file more of a dump is understood, and more may be found missing. */
	for (int i = 0; i < MAX_ROUNDS && probe(front, in, &run); i++)
		;
}
