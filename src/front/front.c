/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inputs, statuses and settings of the front; exec.c runs lines. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strcasestr */
#endif
#include "front/front.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "front/debugfiles.h"
#include "front/openfile.h"
#include "front/webpage.h"
#include "render/redact.h"

enum { DEFAULT_WIDTH = 100, MIN_WIDTH = 40 };

static bool want_colour(const struct od_options *opts)
{
	const char *term = getenv("TERM");
	const char *no_color = getenv("NO_COLOR");

	if (opts->colour != OD_WHEN_AUTO)
		return opts->colour == OD_WHEN_ALWAYS;
	if (no_color && *no_color)
		return false;
	return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

/* By the environment, as setlocale() would: loading a locale takes longer than a command. */
static bool want_ascii(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && (!value || !*value); i++)
		value = getenv(names[i]);
	return isatty(STDOUT_FILENO) && !(value && (strcasestr(value, "utf-8") || strcasestr(value, "utf8")));
}

static unsigned want_width(void)
{
	struct winsize ws;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) < 0 || !ws.ws_col)
		return DEFAULT_WIDTH;
	if (ws.ws_col < MIN_WIDTH)
		return MIN_WIDTH;
	return ws.ws_col < DEFAULT_WIDTH ? ws.ws_col : DEFAULT_WIDTH;
}

void od_front_resize(struct od_front *front)
{
	if (!front->fixed_width)
		front->width = want_width();
}

void od_front_init(struct od_front *front, const struct od_options *opts)
{
	*front = (struct od_front){ .opts = opts, .cache.dir = -1 };
	front->none = (struct od_front_input){ .name = "-", .fd = -1 };
	front->colour = want_colour(opts);
	front->ascii = want_ascii();
	front->width = want_width();
	front->pager = true;
	front->redact = opts->redact ? od_redact_create() : NULL;
	for (size_t i = 0; i < opts->symbols.n; i++)
		od_strings_add(&front->symbols, opts->symbols.items[i]);
}

void od_front_deinit(struct od_front *front)
{
	for (size_t i = 0; i < front->ninputs; i++) {
		od_front_close(&front->inputs[i]);
		for (size_t k = 0; k < front->inputs[i].nparts; k++)
			free(front->inputs[i].parts[k]);
		free(front->inputs[i].parts);
		for (size_t k = 0; k < OD_KEPT_SETTINGS; k++)
			free(front->inputs[i].settings[k]);
		free(front->inputs[i].log);
		free(front->inputs[i].path);
	}
	od_front_close(&front->none);
	free(front->inputs);
	free(front->symbols.items);
	for (size_t i = 0; i < front->asked.n; i++)
		free((char *)front->asked.items[i]);
	free(front->asked.items);
	od_front_cache_deinit(front);
	od_document_deinit(&front->doc);
}

/* A file that may still become a part of the input. */
static bool may_grow(const struct od_front_input *in)
{
	return in->fd < 0 && !in->engine && !in->closed && in->nparts + (in->log != NULL) < OD_MAX_PARTS;
}

/* Do both belong to one input? */
static bool same_input(const struct od_front_input *in, const char *path)
{
	return (od_is_part(path) && od_is_part(in->path)) ||
	       (od_is_split(path) && od_is_split(in->path));
}

/* The input becomes that of all its parts. */
static void add_part(struct od_front_input *in, const char *path)
{
	in->parts = od_realloc(in->parts, (in->nparts + 2) * sizeof(*in->parts));
	if (!in->nparts)
		in->parts[in->nparts++] = od_strdup(in->path);
	in->parts[in->nparts++] = od_strdup(path);
}

/* A dump and the text of its log, whichever comes first: the input is the dump. False: they are not. */
static bool add_log(struct od_front_input *in, const char *path)
{
	if (in->log || !od_same_directory(in->path, path))
		return false;
	if (od_is_dump_log(path) && od_is_dump(in->path)) {
		in->log = od_strdup(path);
	} else if (!in->nparts && od_is_dump_log(in->path) && od_is_dump(path)) {
		in->log = in->path;
		in->path = od_strdup(path);
		in->name = od_basename(in->path);
	} else {
		return false;
	}
	return true;
}

size_t od_front_add(struct od_front *front, const char *path, bool implicit)
{
	struct od_front_input *in = front->ninputs ? &front->inputs[front->ninputs - 1] : NULL;

	if (in && may_grow(in) && same_input(in, path)) {
		add_part(in, path);
		return front->ninputs - 1;
	}
	if (in && may_grow(in) && add_log(in, path))
		return front->ninputs - 1;
	front->inputs = od_realloc(front->inputs, (front->ninputs + 1) * sizeof(*front->inputs));
	in = &front->inputs[front->ninputs];
	*in = (struct od_front_input){ .path = od_strdup(path), .fd = -1, .implicit = implicit };
	in->name = od_basename(in->path);
	return front->ninputs++;
}

void od_front_add_files(struct od_front *front)
{
	const struct od_strings *files = &front->opts->files;
	size_t debug = 0;

	for (size_t i = 0; i < files->n && files->n > 1; i++)
		debug += od_is_debug_file(files->items[i]);
	/* If there is nothing else, what they are is said of each. */
	for (size_t i = 0; i < files->n; i++) {
		if (debug && debug < files->n && od_is_debug_file(files->items[i]))
			od_strings_add(&front->symbols, files->items[i]);
		else
			od_front_add(front, files->items[i], false);
	}
}

static struct od_error *open_more(struct od_front_input *in, const char *path)
{
	struct od_error *err = od_open_input(path, &in->more[in->nmore]);

	if (err)
		return od_error_wrap(err, "%s", od_basename(path));
	in->nmore++;
	return NULL;
}

static struct od_error *open_split(struct od_front_input *in)
{
	struct od_error *err = od_open_input(in->path, &in->fd);

	for (size_t i = 1; i < in->nparts && !err; i++)
		err = open_more(in, in->parts[i]);
	return err;
}

bool od_front_open(struct od_front *front, struct od_front_input *in)
{
	od_autoerror err = NULL;

	if (in == &front->none || in->fd >= 0)
		return true;
	if (!in->nparts)
		err = od_open_input(in->path, &in->fd);
	else if (od_is_part(in->path))
		err = od_open_parts(in->parts, in->nparts, &in->fd);
	else
		err = open_split(in);
	if (!err && in->log)
		err = open_more(in, in->log);
	if (!err)
		return true;
	od_message_error(in->path, err);
	od_document_add_lost(&front->doc, in->name, "unreadable", err->message);
	in->described = true;
	in->lost = true;
	return false;
}

void od_front_close(struct od_front_input *in)
{
	od_engine_stop(in->engine);
	in->engine = NULL;
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
	while (in->nmore)
		close(in->more[--in->nmore]);
}

struct od_front_input *od_front_current(struct od_front *front)
{
	struct od_front_input *in = front->ninputs > 0 ? &front->inputs[front->current] : &front->none;

	return in->closed ? &front->none : in;
}

int od_front_status(const struct od_front *front)
{
	static const int order[] = { 5, 2, 4, 3, 0, 1 };

	for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (front->statuses >> order[i] & 1)
			return order[i];
	return 0;
}

void od_front_finish(struct od_front *front)
{
	struct od_buf buf = OD_BUF_INIT;

	if (front->opts->format == OD_FORMAT_JSON)
		od_document_render(&front->doc, &buf);
	else if (front->opts->format == OD_FORMAT_JSONL)
		od_document_render_status(&front->doc, od_front_status(front), &buf);
	else if (front->opts->format == OD_FORMAT_HTML)
		od_page_finish(front);
	od_write_stdout(od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
	od_document_deinit(&front->doc);
}
