/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --cache: an engine reads the input and tells what it would ask of packed debug files. What they did not
 * answer before is then asked of them in an engine that has nothing else: no input, and one packed file. Only
 * what that one unpacked is kept, so no input can leave anything behind for later ones.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "front/debugfiles.h"
#include "front/front.h"
#include "front/openfile.h"

enum { MAX_ROUNDS = 4, MAX_WANTED = 256, MAX_KNOWN = 1024, MAX_TOLD = 256 };

static const char no_gate[] = "nothing can be kept where the sandbox is not whole";

static void say(const struct od_front *front, const char *path, const char *why)
{
	od_autofree char *what = NULL;

	if (front->opts->quiet)
		return;
	if (path && asprintf(&what, "--cache: %s", od_basename(path)) < 0)
		what = NULL;
	od_message(what ? what : "--cache", why, strlen(why));
}

static void free_strings(struct od_strings *list)
{
	for (size_t i = 0; i < list->n; i++)
		free((char *)list->items[i]);
	free(list->items);
	*list = (struct od_strings){ NULL, 0 };
}

static bool is_in(const struct od_strings *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->items[i], s))
			return true;
	return false;
}

static bool is_interrupted(const struct od_front *front)
{
	return front->interrupted && *front->interrupted;
}

/* --- what is known ---------------------------------------------------------------------------------- */

void od_front_cache_deinit(struct od_front *front)
{
	for (size_t i = 0; i < front->nknown; i++) {
		free((char *)front->known[i].packed);
		free((char *)front->known[i].question);
		free((char *)front->known[i].file);
		free((char *)front->known[i].name);
	}
	free(front->known);
	free_strings(&front->cached);
	od_cache_close(&front->cache);
}

struct loading {
	struct od_front *front;
	const char *packed;
};

static void on_answer(void *ctx, const struct od_cache_answer *answer)
{
	const struct loading *l = ctx;
	struct od_front *front = l->front;

	for (size_t i = 0; i < front->nknown; i++)
		if (!strcmp(front->known[i].packed, l->packed) &&
		    !strcmp(front->known[i].question, answer->question))
			return;
	if (front->nknown >= MAX_KNOWN)
		return;
	if (front->nknown == front->known_cap) {
		front->known_cap = front->known_cap ? 2 * front->known_cap : 16;
		front->known = od_realloc(front->known, front->known_cap * sizeof(*front->known));
	}
	front->known[front->nknown++] = (struct od_find_known){
		od_strdup(l->packed), od_strdup(answer->question),
		answer->file ? od_strdup(answer->file) : NULL, answer->file ? od_strdup(answer->name) : NULL
	};
}

/* What the file has answered by now. */
static void load(struct od_front *front, const char *packed)
{
	struct loading l = { front, packed };
	struct od_cache_key key;

	if (od_cache_key(packed, &key))
		od_cache_load(&front->cache, &key, on_answer, &l);
}

/* Files that may be packed, each once. False: there are none. */
static bool load_all(struct od_front *front)
{
	struct stat st;

	for (size_t i = 0; i < front->symbols.n; i++) {
		const char *path = front->symbols.items[i];

		if (is_in(&front->cached, path) || stat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
		    od_is_debug_file(path))
			continue;
		od_strings_add(&front->cached, od_strdup(path));
		load(front, path);
	}
	return front->cached.n > 0;
}

/* --- what is wanted --------------------------------------------------------------------------------- */

struct wanted {
	const struct od_front *front;
	size_t n;
	struct {
		size_t nth; /* of front->symbols */
		char *question;
	} items[MAX_WANTED];
};

static bool on_wanted(void *ctx, const struct od_msg *msg)
{
	char text[OD_QUESTION + 32], *end;
	struct wanted *w = ctx;
	unsigned long nth;

	if (msg->type != OD_MSG_WANTED)
		return true; /* it will come again */
	if (msg->len >= sizeof(text))
		return false;
	memcpy(text, msg->payload, msg->len);
	text[msg->len] = '\0';
	nth = strtoul(text, &end, 10);
	if (*end != ' ' || nth >= w->front->symbols.n || !od_question_is_valid(end + 1))
		return false;
	for (size_t i = 0; i < w->n; i++)
		if (w->items[i].nth == nth && !strcmp(w->items[i].question, end + 1))
			return true;
	if (w->n < MAX_WANTED) {
		w->items[w->n].nth = nth;
		w->items[w->n++].question = od_strdup(end + 1);
	}
	return true;
}

/* --- unpacking -------------------------------------------------------------------------------------- */

struct unpacking {
	struct od_front *front;
	const char *packed;
	const struct od_strings *questions;
	struct od_engine *engine;
	struct od_cache_key key;
	unsigned told;
};

/* Our descriptor of the engine's file in memory; -1: there is none, since no gate counted it. */
static int file_of(const struct od_gate *gate, unsigned long long ino)
{
	struct stat st;

	for (unsigned i = 0; i < gate->nfiles; i++)
		if (fstat(gate->files[i], &st) == 0 && st.st_ino == ino)
			return gate->files[i];
	return -1;
}

static bool keep(struct unpacking *u, const char *question, unsigned long long ino, const char *name)
{
	od_autoerror err = NULL;
	int fd = ino ? file_of(&u->engine->gate, ino) : -1;

	if (ino && fd < 0)
		err = od_error_new(OD_ERR_UNSUPPORTED, "%s", no_gate);
	else
		err = od_cache_store(&u->front->cache, &u->key, question, fd, name, u->front->interrupted);
	if (!err)
		return true;
	say(u->front, u->packed, err->message);
	u->front->no_cache = true;
	return true;
}

static bool on_unpacked(void *ctx, const struct od_msg *msg)
{
	char text[OD_CACHE_NAME + 64], *end;
	struct unpacking *u = ctx;
	unsigned long long ino;
	unsigned long nth;
	enum od_say_level level;
	const char *note;
	size_t len;

	if (msg->type == OD_MSG_SAY) {
		/* How far it is. */
		if (++u->told > MAX_TOLD || !od_say_decode(msg, &level, &note, &len))
			return false;
		if (!u->front->opts->quiet)
			od_message(NULL, note, len);
		return true;
	}
	/* What has so long a name is not kept. */
	if (msg->type != OD_MSG_UNPACKED || msg->len >= sizeof(text) || u->front->no_cache)
		return true;
	memcpy(text, msg->payload, msg->len);
	text[msg->len] = '\0';
	nth = strtoul(text, &end, 10);
	if (*end != ' ' || nth >= u->questions->n)
		return false;
	ino = strtoull(end + 1, &end, 10);
	if (*end != ' ')
		return false;
	return keep(u, u->questions->items[nth], ino, end + 1);
}

static void unpack(struct od_front *front, const char *packed, const struct od_strings *questions,
		   const struct od_run *like)
{
	const struct od_strings paths = { (const char *[]){ packed, NULL }, 1 };
	struct unpacking u = { .front = front, .packed = packed, .questions = questions };
	struct od_options opts = *front->opts;
	struct od_engine_setup setup = { .opts = &opts, .name = "-", .symbols = &paths,
					 .questions = questions,
					 .progress = !opts.quiet && isatty(STDERR_FILENO) };
	struct od_engine_result result;
	struct od_run run = *like;

	opts.no_symbols = true;
	opts.no_plugins = true;
	opts.debuginfod = false;
	/* Its place and time are noted before it is read, so that what is written later is not taken for it. */
	if (!od_cache_key(packed, &u.key))
		return;
	u.engine = od_engine_start(&setup);
	if (!u.engine)
		return;
	run.line = "";
	run.line_len = 0;
	od_engine_run(u.engine, &run, on_unpacked, &u, front->interrupted, &result);
	if (result.end != OD_ENGINE_DONE)
		say(front, packed, result.why);
	od_engine_stop(u.engine);
	load(front, packed);
}

/* All questions, by file. True: there are answers that were not there before. */
static bool unpack_all(struct od_front *front, const struct wanted *w, const struct od_run *like)
{
	const size_t before = front->nknown;

	for (size_t nth = 0; nth < front->symbols.n; nth++) {
		struct od_strings questions = { NULL, 0 };

		for (size_t i = 0; i < w->n; i++)
			if (w->items[i].nth == nth)
				od_strings_add(&questions, w->items[i].question);
		if (questions.n && !front->no_cache && !is_interrupted(front))
			unpack(front, front->symbols.items[nth], &questions, like);
		free(questions.items);
	}
	return front->nknown > before;
}

/* One round. True: something new is known, and another round may find more. */
static bool ask(struct od_front *front, struct od_front_input *in, const struct od_run *run)
{
	od_autofree struct wanted *w = od_calloc(1, sizeof(*w));
	struct od_engine_result result;
	bool more = false;

	w->front = front;
	in->hold = true;
	if (!od_front_start_engine(front, in)) {
		in->hold = false;
		return false;
	}
	in->hold = false;
	od_engine_run(in->engine, run, on_wanted, w, front->interrupted, &result);
	/* Files in memory are ours too only where we made them: not after seconds of unpacking for nothing. */
	if (w->n && in->engine->gate.fd < 0) {
		front->no_cache = true;
		say(front, NULL, no_gate);
	}
	/* One that asked for nothing goes on as it is; but what annotates wants to read the input itself. */
	if (w->n || result.end != OD_ENGINE_DONE || front->opts->annotate) {
		od_engine_stop(in->engine);
		in->engine = NULL;
	}
	more = w->n && unpack_all(front, w, run);
	for (size_t i = 0; i < w->n; i++)
		free(w->items[i].question);
	return more;
}

void od_front_cache(struct od_front *front, struct od_front_input *in, const struct od_run *like)
{
	const bool none = in == &front->none;
	od_autoerror err = NULL;
	struct od_run run = *like;

	if (!front->opts->cache || front->no_cache || in->engine || in->loaded || in->unpacked || !front->symbols.n)
		return;
	in->unpacked = !none;
	if (front->cache.dir < 0)
		err = od_cache_open(&front->cache, (uint64_t)front->opts->cache_mib << 20);
	if (err) {
		front->no_cache = true;
		say(front, NULL, err->message);
		return;
	}
	if (!load_all(front))
		return;
	if (!none && !od_front_make_rereadable(front, in)) {
		say(front, NULL, "this input can be read only once: give it as a file");
		return;
	}
	run.stream = false;
	/* Without an input it is the command that asks. */
	if (!none) {
		run.format = OD_FORMAT_LINE;
		run.line = "report";
		run.line_len = strlen(run.line);
	}
	for (int i = 0; i < MAX_ROUNDS && !front->no_cache && ask(front, in, &run); i++)
		;
}
