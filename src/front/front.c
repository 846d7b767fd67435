/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inputs, statuses and settings of the front; exec.c runs lines. */
#include "front/front.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "front/openfile.h"
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

static unsigned want_width(void)
{
	struct winsize ws;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) < 0 || !ws.ws_col)
		return DEFAULT_WIDTH;
	if (ws.ws_col < MIN_WIDTH)
		return MIN_WIDTH;
	return ws.ws_col < DEFAULT_WIDTH ? ws.ws_col : DEFAULT_WIDTH;
}

void od_front_init(struct od_front *front, const struct od_options *opts)
{
	*front = (struct od_front){ .opts = opts };
	front->none = (struct od_front_input){ .name = "-", .fd = -1 };
	front->colour = want_colour(opts);
	front->width = want_width();
	front->redact = opts->redact ? od_redact_create() : NULL;
}

void od_front_deinit(struct od_front *front)
{
	for (size_t i = 0; i < front->ninputs; i++) {
		od_front_close(&front->inputs[i]);
		for (size_t k = 0; k < front->inputs[i].nparts; k++)
			free(front->inputs[i].parts[k]);
		free(front->inputs[i].parts);
		free(front->inputs[i].path);
	}
	od_front_close(&front->none);
	free(front->inputs);
	od_document_deinit(&front->doc);
}

/* The input becomes that of all its parts. */
static void add_part(struct od_front_input *in, const char *path)
{
	in->parts = od_realloc(in->parts, (in->nparts + 2) * sizeof(*in->parts));
	if (!in->nparts)
		in->parts[in->nparts++] = od_strdup(in->path);
	in->parts[in->nparts++] = od_strdup(path);
}

size_t od_front_add(struct od_front *front, const char *path, bool implicit)
{
	struct od_front_input *in;

	if (front->ninputs && od_is_part(path)) {
		in = &front->inputs[front->ninputs - 1];
		if (in->fd < 0 && !in->engine && od_is_part(in->path)) {
			add_part(in, path);
			return front->ninputs - 1;
		}
	}
	front->inputs = od_realloc(front->inputs, (front->ninputs + 1) * sizeof(*front->inputs));
	in = &front->inputs[front->ninputs];
	*in = (struct od_front_input){ .path = od_strdup(path), .fd = -1, .implicit = implicit };
	in->name = od_basename(in->path);
	return front->ninputs++;
}

bool od_front_open(struct od_front *front, struct od_front_input *in)
{
	od_autoerror err = NULL;

	if (in == &front->none || in->fd >= 0)
		return true;
	err = in->nparts ? od_open_parts(in->parts, in->nparts, &in->fd) :
			   od_open_input(in->path, &in->fd);
	if (!err)
		return true;
	od_message(in->path, err->message, strlen(err->message));
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
}

struct od_front_input *od_front_current(struct od_front *front)
{
	return front->ninputs > 0 ? &front->inputs[front->current] : &front->none;
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
	od_write_stdout(od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
	od_document_deinit(&front->doc);
}
