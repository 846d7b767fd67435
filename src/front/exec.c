/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running one command line in the input's engine, and what comes back. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "front/aliases.h"
#include "front/front.h"
#include "front/jsoncheck.h"
#include "front/webpage.h"
#include "shell/command.h"
#include "shell/commands.h"
#include "shell/settings.h"
#include "shell/wire.h"

/* What an engine that was taken over may fill us with; of text see OD_ANSWER_MAX. */
enum {
	MAX_FRAGMENT = 64 << 20,  /* bytes of one report or input object */
	MAX_DOCUMENT = 512 << 20, /* bytes of all reports of a json document */
	MAX_SAID = 1 << 20,	  /* bytes of messages on one command */
};

struct exec {
	struct od_front *front;
	struct od_front_input *in;
	struct od_filter filter;
	struct od_buf fragment; /* json being received in parts */
	struct od_buf output;	/* json: what a command printed */
	bool in_report;		/* text: between the parts of one report */
	uint32_t reports;	/* received */
	size_t said;
	uint64_t left;		/* bytes of text that may still come */
	bool flooded;		/* more came */
	struct od_buf *wire;	/* the report is for another engine; NULL: the answer is printed */
};

static bool is_html(const struct exec *ex)
{
	return ex->front->opts->format == OD_FORMAT_HTML;
}

static bool is_json(const struct exec *ex)
{
	return ex->front->opts->format == OD_FORMAT_JSON ||
	       ex->front->opts->format == OD_FORMAT_JSONL;
}

/* How much text may answer this line? What prints a pipe has no bound but the time limit. */
static uint64_t answer_limit(const struct od_front_input *in, const char *line, size_t len)
{
	struct stat st;

	if (!od_front_prints_input(line, len))
		return OD_ANSWER_MAX;
	if (in->fd < 0 || fstat(in->fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < 0 ||
	    (uint64_t)st.st_size > INT64_MAX / OD_ANSWER_TIMES - OD_ANSWER_MAX)
		return UINT64_MAX;
	return OD_ANSWER_MAX + (uint64_t)st.st_size * OD_ANSWER_TIMES;
}

/* False, and nothing is printed, if that is too much. */
static bool print_text(struct exec *ex, const struct od_msg *msg)
{
	struct od_buf buf = OD_BUF_INIT;

	if (msg->len > ex->left) {
		ex->flooded = true;
		return false;
	}
	ex->left -= msg->len;
	/* What was asked for are the user's own bytes; a terminal does not get them. */
	if (ex->front->opts->annotate && !isatty(STDOUT_FILENO)) {
		od_write_stdout(msg->payload, msg->len);
		return true;
	}
	od_filter_add(&ex->filter, &buf, msg->payload, msg->len);
	if (!(msg->flags & OD_MSG_MORE))
		od_filter_end(&ex->filter, &buf);
	od_write_stdout(od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
	return true;
}

/* The engine is gone in the middle of a text. */
static void end_text(struct exec *ex)
{
	struct od_buf buf = OD_BUF_INIT;

	od_filter_end(&ex->filter, &buf);
	od_write_stdout(od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
}

static bool on_output(struct exec *ex, const struct od_msg *msg)
{
	if (!is_json(ex) && !is_html(ex))
		return print_text(ex, msg);
	od_buf_add(&ex->output, msg->payload, msg->len);
	ex->flooded = ex->output.len > MAX_FRAGMENT;
	return !ex->flooded;
}

/* Gather the parts of an object. True if it is whole and valid, or goes on. */
static bool gather(struct exec *ex, const struct od_msg *msg, bool *whole)
{
	*whole = !(msg->flags & OD_MSG_MORE);
	od_buf_add(&ex->fragment, msg->payload, msg->len);
	if (ex->fragment.len > MAX_FRAGMENT)
		return false;
	return !*whole || is_html(ex) || od_json_check(od_buf_str(&ex->fragment), ex->fragment.len);
}

/* One line, whatever the layout: a newline in valid json is always between tokens. */
static void print_line(struct od_buf *fragment)
{
	size_t n = 0;

	for (size_t i = 0; i < fragment->len; i++)
		if (fragment->data[i] != '\n')
			fragment->data[n++] = fragment->data[i];
	fragment->len = n;
	od_buf_addch(fragment, '\n');
	od_write_stdout(fragment->data, fragment->len);
}

static bool on_json_report(struct exec *ex, const struct od_msg *msg)
{
	bool whole;

	if (!gather(ex, msg, &whole))
		return false;
	if (!whole)
		return true;
	if (ex->front->doc.reports.len + ex->fragment.len > MAX_DOCUMENT)
		return false;
	ex->reports++;
	if (ex->front->opts->format == OD_FORMAT_JSONL)
		print_line(&ex->fragment);
	else
		od_document_add(&ex->front->doc.reports, ex->fragment.data, ex->fragment.len);
	od_buf_reset(&ex->fragment);
	return true;
}

/* A report, or what is said of an input. */
static bool on_piece(struct exec *ex, const struct od_msg *msg, bool *whole)
{
	bool good;

	if (msg->len > ex->left) {
		ex->flooded = true;
		return false;
	}
	ex->left -= msg->len;
	if (!gather(ex, msg, whole))
		return false;
	if (!*whole)
		return true;
	good = od_page_piece(ex->front, od_buf_str(&ex->fragment), ex->fragment.len);
	od_buf_reset(&ex->fragment);
	return good;
}

static bool on_html_report(struct exec *ex, const struct od_msg *msg)
{
	bool whole = false, good = on_piece(ex, msg, &whole);

	ex->reports += good && whole;
	return good;
}

static bool on_report(struct exec *ex, const struct od_msg *msg)
{
	bool more = msg->flags & OD_MSG_MORE;

	if (is_json(ex))
		return on_json_report(ex, msg);
	if (is_html(ex))
		return on_html_report(ex, msg);
	if (!ex->in_report && ex->front->printed && ex->front->opts->format == OD_FORMAT_TEXT)
		od_write_stdout("\n", 1);
	ex->front->printed = true;
	ex->in_report = more;
	ex->reports += !more;
	return print_text(ex, msg);
}

static bool on_input(struct exec *ex, const struct od_msg *msg)
{
	bool whole = false;

	if (is_html(ex)) {
		if (!on_piece(ex, msg, &whole))
			return false;
		ex->in->described |= whole;
		return true;
	}
	if (!is_json(ex) || !gather(ex, msg, &whole))
		return false;
	if (whole && !ex->in->described)
		od_document_add(&ex->front->doc.inputs, ex->fragment.data, ex->fragment.len);
	if (whole) {
		ex->in->described = true;
		od_buf_reset(&ex->fragment);
	}
	return true;
}

/* How messages name the input. */
static const char *display_name(const struct od_front_input *in)
{
	if (!in->path)
		return NULL;
	return strcmp(in->path, "-") != 0 ? in->path : "standard input";
}

static bool on_say(struct exec *ex, const struct od_msg *msg)
{
	enum od_say_level level;
	const char *text;
	size_t len;

	ex->said += msg->len;
	if (!od_say_decode(msg, &level, &text, &len) || ex->said > MAX_SAID)
		return false;
	if (level == OD_SAY_NOTE && ex->front->opts->quiet)
		return true;
	od_message(level == OD_SAY_INPUT ? display_name(ex->in) : NULL, text, len);
	return true;
}

/* Once, before anything else of the first engine. */
static void say_degraded(struct exec *ex)
{
	const struct od_engine *engine = ex->in->engine;

	if (!engine->missing || ex->front->degraded_said)
		return;
	ex->front->degraded_said = true;
	if (!ex->front->opts->quiet)
		od_message("sandbox degraded", od_buf_str(&engine->why), engine->why.len);
}

static bool on_message(void *ctx, const struct od_msg *msg)
{
	struct exec *ex = ctx;

	say_degraded(ctx);
	if (ex->wire && msg->type == OD_MSG_REPORT) {
		ex->flooded = ex->wire->len + msg->len > OD_WIRE_MAX;
		od_buf_add(ex->wire, msg->payload, ex->flooded ? 0 : msg->len);
		return !ex->flooded;
	}
	if (ex->wire && (msg->type == OD_MSG_OUTPUT || msg->type == OD_MSG_INPUT))
		return true;
	switch (msg->type) {
	case OD_MSG_OUTPUT:
		return on_output(ctx, msg);
	case OD_MSG_REPORT:
		return on_report(ctx, msg);
	case OD_MSG_INPUT:
		return on_input(ctx, msg);
	case OD_MSG_SAY:
		return on_say(ctx, msg);
	case OD_MSG_MISSING:
		return true; /* for od_front_fetch() */
	case OD_MSG_WANTED:
		return true; /* for od_front_cache() */
	default:
		return false;
	}
}

struct od_engine_setup od_front_setup(const struct od_front *front, const struct od_front_input *in, int *fds)
{
	fds[0] = in->fd;
	memcpy(fds + 1, in->more, in->nmore * sizeof(*fds));
	return (struct od_engine_setup){ .opts = front->opts,
					 .name = in->name,
					 .fds = fds,
					 .nfds = in->fd >= 0 ? 1 + in->nmore : 0,
					 .implicit = in->implicit,
					 .redact = front->redact,
					 .symbols = &front->symbols,
					 .progress = !front->opts->quiet && isatty(STDERR_FILENO),
					 .known = front->known,
					 .nknown = front->nknown,
					 .hold = in->hold };
}

bool od_front_start_engine(struct od_front *front, struct od_front_input *in)
{
	int fds[OD_MAX_PARTS];
	const struct od_engine_setup setup = od_front_setup(front, in, fds);
	const char *text = "it cannot be read again; the analysis that had read it is gone";

	if (in->engine)
		return true;
	if (in->spent && lseek(in->fd, 0, SEEK_SET) < 0) {
		od_message(display_name(in), text, strlen(text));
		return false;
	}
	in->engine = od_engine_start(&setup);
	if (!in->engine) {
		od_message("cannot start the analysis", strerror(errno), strlen(strerror(errno)));
		return false;
	}
	in->reborn = in->loaded;
	in->spent = in->fd >= 0;
	return true;
}

/*
 * A stream from a pipe (tail -f) as json lines, or as it was, has no end to wait for, so no limit by
 * default.
 */
static uint32_t timeout_ms(const struct od_front *front, const struct od_front_input *in)
{
	const struct od_options *opts = front->opts;
	struct stat st;

	if ((opts->format == OD_FORMAT_JSONL || opts->annotate) && !opts->timeout_given && in->fd >= 0 &&
	    fstat(in->fd, &st) == 0 && !S_ISREG(st.st_mode))
		return 0;
	return opts->timeout_s * 1000;
}

/* The number of an input; 0 of one that is none of the user's. */
static uint32_t number_of(const struct od_front *front, const struct od_front_input *in)
{
	const uintptr_t first = (uintptr_t)front->inputs, at = (uintptr_t)in;

	return at >= first && at < (uintptr_t)(front->inputs + front->ninputs) ? (uint32_t)(in - front->inputs) : 0;
}

static void fill_run(const struct od_front *front, const struct od_front_input *in,
		     const char *line, size_t len, struct od_run *run)
{
	const struct od_options *opts = front->opts;

	*run = (struct od_run){
		.format = (uint8_t)opts->format,
		.colour = front->colour && opts->format == OD_FORMAT_TEXT,
		.explain = opts->explain,
		.verbose = opts->verbose,
		.hex = front->hex,
		.stream = opts->format == OD_FORMAT_JSONL,
		.width = (uint16_t)front->width,
		.id_base = in->loaded ? in->id_base : front->next_id,
		.index = number_of(front, in),
		.ninputs = (uint32_t)front->ninputs,
		.timeout_ms = timeout_ms(front, in),
		.line = line,
		.line_len = len,
	};
}

static void note_loaded(struct exec *ex, const struct od_run *run, const struct od_done *done)
{
	if (!(done->flags & OD_DONE_LOADED) || ex->in->loaded)
		return;
	ex->in->loaded = true;
	ex->in->id_base = run->id_base;
	ex->in->nreports = done->nreports;
	ex->front->next_id = run->id_base + done->nreports;
}

static void say_no_crash(const struct exec *ex, const struct od_done *done)
{
	struct od_buf buf = OD_BUF_INIT;

	if (!(done->flags & OD_DONE_NO_CRASH) || done->status > 1 || ex->front->opts->quiet)
		return;
	od_buf_addstr(&buf, "no crash found in ");
	od_escape_str(&buf, OD_ESCAPE_TEXT, display_name(ex->in));
	od_buf_printf(&buf, " (%u lines)", done->lines);
	od_message(NULL, buf.data, buf.len);
	od_buf_deinit(&buf);
}

/* The engine did not live to the end of the command. */
static int lost(struct exec *ex, const struct od_engine_result *result)
{
	/* A limit is a stop that we asked for; else it matters whether anything is known. */
	bool known = ex->reports > 0 || ex->in->loaded || result->end == OD_ENGINE_TIMED_OUT || ex->flooded;
	const char *why = ex->flooded ? "the answer is longer than any that is right: the analysis was ended" :
					result->why;
	struct od_buf buf = OD_BUF_INIT;

	od_buf_addstr(&buf, why);
	if (result->end != OD_ENGINE_CANCELLED && result->end != OD_ENGINE_REFUSED)
		od_buf_addstr(&buf, ex->reports > 0 ? "; only what it had found by then is shown"
						    : "; it had found nothing by then");
	od_message(display_name(ex->in), buf.data, buf.len);
	if (is_html(ex) && ex->in->path)
		od_page_lost(ex->front, ex->in->name, od_buf_str(&buf));
	else if (!ex->in->described && ex->in->path)
		od_document_add_lost(&ex->front->doc, ex->in->name,
				     known ? "stopped" : "unreadable", why);
	ex->in->described = true;
	od_buf_deinit(&buf);
	od_engine_stop(ex->in->engine);
	ex->in->engine = NULL;
	if (result->end == OD_ENGINE_REFUSED)
		return 5;
	return known ? 3 : 4;
}

/* Its engine is gone, and a pipe cannot be read again. */
static bool is_used_up(const struct od_front_input *in)
{
	return in->lost || (in->spent && !in->engine && lseek(in->fd, 0, SEEK_CUR) < 0);
}

/*
 * What needs no input does not wait for standard input that nobody named, and works also when
 * there is no input any more.
 */
static struct od_front_input *pick_input(struct od_front *front, const char *line, size_t len)
{
	struct od_front_input *in = od_front_current(front);

	if ((in->implicit || is_used_up(in)) && od_front_needs_no_input(front, line, len))
		return &front->none;
	return in;
}

static int run_on(struct od_front *front, struct od_front_input *in, const char *line, size_t len, bool wired,
		  struct od_buf *wire);

/* The engine is a new one in place of one that died: tell it what the user had set there. */
static void restore(struct od_front *front, struct od_front_input *in)
{
	struct od_buf unused = OD_BUF_INIT;

	if (!in->reborn)
		return;
	in->reborn = false;
	for (size_t i = 0; i < OD_KEPT_SETTINGS && in->engine; i++)
		if (in->settings[i])
			run_on(front, in, in->settings[i], strlen(in->settings[i]), true, &unused);
	od_buf_deinit(&unused);
}

/* A line of set that went well is kept for an engine that may have to take over. */
static void keep_setting(struct od_front_input *in, const char *line, size_t len)
{
	const struct od_command *cmd = NULL;
	enum od_setting_id id;
	struct od_args args;
	od_autoerror err = od_args_parse(&args, line, len);

	if (!err && args.argc > 1)
		err = od_command_find(args.argv[0], &cmd);
	if (!err && cmd == &od_cmd_set && od_setting_changes(&args, &id) && (size_t)id < OD_KEPT_SETTINGS) {
		free(in->settings[id]);
		in->settings[id] = od_malloc(len + 1);
		memcpy(in->settings[id], line, len);
		in->settings[id][len] = '\0';
	}
	od_args_deinit(&args);
}

/* wired: see od_run; with wire the report goes there. */
static int run_on(struct od_front *front, struct od_front_input *in, const char *line, size_t len, bool wired,
		  struct od_buf *wire)
{
	struct exec ex = { .front = front, .in = in, .filter.colour = front->colour,
			   .filter.ascii = front->ascii, .wire = wire };
	struct od_engine_result result;
	struct od_run run;
	int status;

	if (in->lost || !od_front_open(front, in))
		return 4;
	fill_run(front, in, line, len, &run);
	run.wire = wired;
	od_front_cache(front, in, &run);
	od_front_fetch(front, in, &run);
	if (!od_front_start_engine(front, in))
		return in->spent ? 4 : 5;
	restore(front, in);
	if (!in->engine)
		return 3;
	ex.left = answer_limit(in, line, len);
	od_engine_run(in->engine, &run, on_message, &ex, front->interrupted, &result);
	status = result.end == OD_ENGINE_DONE ? result.done.status : lost(&ex, &result);
	if (result.end == OD_ENGINE_DONE) {
		say_degraded(&ex);
		note_loaded(&ex, &run, &result.done);
		say_no_crash(&ex, &result.done);
		if (!wired && status <= 1)
			keep_setting(in, line, len);
	} else if (!is_json(&ex) && !is_html(&ex)) {
		end_text(&ex);
	}
	if (ex.output.len > 0 && is_html(&ex))
		od_page_command(front, line, len, ex.output.data, ex.output.len);
	else if (ex.output.len > 0)
		od_document_add_command(&front->doc.commands, line, len, &ex.output);
	od_buf_deinit(&ex.output);
	od_buf_deinit(&ex.fragment);
	return status;
}

int od_front_take_report(struct od_front *front, struct od_front_input *in, const char *id, struct od_buf *wire)
{
	struct od_buf line = OD_BUF_INIT;
	int status;

	od_buf_printf(&line, "report %s", id);
	status = run_on(front, in, line.data, line.len, true, wire);
	od_buf_deinit(&line);
	return status;
}

int od_front_run_wired(struct od_front *front, struct od_front_input *in, const char *line, size_t len)
{
	return run_on(front, in, line, len, true, NULL);
}

void od_front_complete(struct od_front *front, const char *line, size_t len, size_t point,
		       struct od_buf *words)
{
	struct od_front_input *in = od_front_current(front);

	if (!in->lost && od_front_start_engine(front, in))
		od_engine_complete(in->engine, line, len, point, words);
}

void od_front_answer(struct od_front *front, const char *line, size_t len, const struct od_buf *out)
{
	if (out->len == 0)
		return;
	if (front->opts->format == OD_FORMAT_JSON || front->opts->format == OD_FORMAT_JSONL)
		od_document_add_command(&front->doc.commands, line, len, out);
	else if (front->opts->format == OD_FORMAT_HTML)
		od_page_command(front, line, len, out->data, out->len);
	else
		od_write_stdout(out->data, out->len);
}

int od_front_exec(struct od_front *front, const char *line, size_t len)
{
	od_autofree char *plain = od_alias_expand(line, len);

	/* A line with a NUL is told to be wrong as it stands. */
	return memchr(line, '\0', len) ? od_front_exec_plain(front, line, len) :
					 od_front_exec_plain(front, plain, strlen(plain));
}

int od_front_exec_plain(struct od_front *front, const char *line, size_t len)
{
	od_autoerror err = NULL;
	int status = 0;

	if (od_line_is_idle(line, len))
		return 0;
	if (len > OD_MSG_LINE_MAX)
		err = od_error_new(OD_ERR_USAGE, "the command line is too long");
	else if (!od_front_run_here(front, line, len, &err))
		status = od_front_compare(front, line, len);
	if (status < 0)
		status = run_on(front, pick_input(front, line, len), line, len, false, NULL);
	if (err) {
		od_message_error(NULL, err);
		status = od_error_status(err->code);
	}
	front->statuses |= 1u << status;
	return status;
}
