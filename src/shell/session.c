/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/session.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "analyze/locate.h"
#include "base/escape.h"
#include "render/redact.h"

enum { OUTPUT_CHUNK = 32 * 1024 }; /* bytes of records that are sent at once */

void od_session_init(struct od_session *s, const struct od_sink *sink, const char *name,
		     const int *fds, unsigned n)
{
	*s = (struct od_session){ .sink = sink, .name = name, .nfds = n };
	memcpy(s->fds, fds, n * sizeof(*fds));
}

void od_session_cancel(struct od_session *s)
{
	s->cancelled = 1;
	/* The pipeline looks at its deadline between reads; one that has passed stops it. */
	*(volatile uint64_t *)&s->pipeline.deadline_ns = 1;
}

/* Ids and the input's number count over all inputs of the program. */
static void number_report(const struct od_session *s, struct od_report *rep)
{
	rep->id += s->id_base;
	rep->input = s->index;
	for (uint32_t i = 0; i < rep->nrelated; i++)
		rep->related[i].id += s->id_base;
}

static void stream_report(void *ctx, struct od_input *in, struct od_report *rep)
{
	struct od_session *s = ctx;
	struct od_buf buf = OD_BUF_INIT;
	uint32_t id = rep->id, input = rep->input;

	if (s->redact) {
		od_redact_host(s->redact, in->hostname);
		od_redact_host(s->redact, rep->host);
	}
	number_report(s, rep);
	od_render_report(&buf, in, rep, &s->style);
	s->sink->report(s->sink->ctx, &buf);
	od_buf_deinit(&buf);
	/* The pipeline may look reports up by the number it gave them. */
	for (uint32_t i = 0; i < rep->nrelated; i++)
		rep->related[i].id -= s->id_base;
	rep->id = id;
	rep->input = input;
	s->streamed = true;
}

/* Hosts that the input names are to be known before anything of it is printed. */
static void note_hosts(const struct od_session *s, const struct od_input *in)
{
	if (!s->redact)
		return;
	od_redact_host(s->redact, in->hostname);
	for (uint32_t i = 0; i < in->nreports; i++)
		od_redact_host(s->redact, in->reports[i]->host);
}

static void say_status(struct od_session *s)
{
	if (s->in->status == OD_INPUT_UNREADABLE || s->in->status == OD_INPUT_STOPPED)
		s->sink->say(s->sink->ctx, OD_SINK_INPUT,
			     s->in->error ? s->in->error : "reading it failed");
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

bool od_session_must_stop(const struct od_session *s)
{
	const uint64_t deadline = *(const volatile uint64_t *)&s->pipeline.deadline_ns;

	return s->cancelled || (deadline && now_ns() >= deadline);
}

/*
 * Wait for the first byte, or the end. A FIFO that was opened before anybody writes to it reads
 * as empty; polling it waits for the writer.
 */
static bool wait_for_input(struct od_session *s)
{
	struct pollfd pfd = { .fd = s->fds[0], .events = POLLIN };

	for (;;) {
		uint64_t deadline = *(volatile uint64_t *)&s->pipeline.deadline_ns, now = now_ns();
		int timeout = -1;

		if (deadline && now >= deadline)
			return false;
		if (deadline)
			timeout = (int)((deadline - now) / 1000000 + 1 < 1000000
						? (deadline - now) / 1000000 + 1
						: 1000000);
		if (poll(&pfd, 1, timeout) > 0 || !s->nfds)
			return true;
		if (s->cancelled)
			return false;
	}
}

/* While a packed debug file is read: nothing else looks at the clock then. */
static bool go_on(void *ctx, uint64_t done, uint64_t size, uint64_t out)
{
	const uint64_t second = 1000000000, now = now_ns();
	struct od_session *s = ctx;
	uint64_t deadline = *(volatile uint64_t *)&s->pipeline.deadline_ns;
	char text[128];

	if (deadline && now >= deadline)
		return false;
	if (!s->tell_progress || !size || now - s->told_ns < second)
		return true;
	/* Not of what takes less than a second. */
	if (s->told_ns && now - s->told_ns < 5 * second) {
		snprintf(text, sizeof(text), "unpacking a debug file: %u %% read, %u MiB unpacked",
			 (unsigned)(done * 100 / size), (unsigned)(out >> 20));
		s->sink->say(s->sink->ctx, OD_SINK_NOTE, text);
	}
	s->told_ns = now;
	return true;
}

void od_session_take_find(struct od_session *s, struct od_find *find, bool tell_progress)
{
	const struct od_unpack_watch watch = { go_on, s };

	s->find = find;
	s->tell_progress = tell_progress;
	od_find_watch(find, &watch);
}

/* Read all of the input into in. True if a plugin failed. */
static bool read_input(struct od_session *s, struct od_input *in, struct od_target *target)
{
	s->pipeline.kernel = s->kernel;
	s->pipeline.find = s->find;
	s->pipeline.locate = od_session_locate(s);
	in->symbols_given = od_find_given(s->find);
	if (wait_for_input(s))
		return od_pipeline_run(in, s->fds, s->nfds, &s->pipeline, target);
	in->status = OD_INPUT_STOPPED;
	in->error = s->cancelled ? "stopped before anything was read"
				 : "nothing could be read before the time limit";
	return false;
}

/* The session's own input was read. */
static void take_input(struct od_session *s, struct od_input *in)
{
	s->in = in;
	note_hosts(s, in);
	for (uint32_t i = 0; i < in->nreports; i++)
		number_report(s, in->reports[i]);
	say_status(s);
}

struct od_error *od_session_load(struct od_session *s)
{
	struct od_input *in;

	if (s->in)
		return NULL;
	if (!s->nfds)
		return od_error_new(OD_ERR_USAGE, "there is no input: open a file first");
	in = od_input_create(s->name);
	s->pipeline.plugins = s->plugins;
	s->pipeline.on_report = s->stream ? stream_report : NULL;
	s->pipeline.on_record = NULL;
	s->pipeline.ctx = s;
	s->plugin_failed = read_input(s, in, &s->target);
	take_input(s, in);
	return NULL;
}

/* --- the log itself ------------------------------------------------------------ */

/*
 * Of a log every record is printed, of a mail those that the kernel or a debugger wrote. Which of
 * the two it is shows only after some lines: until then what is no log line waits.
 */
struct record_sink {
	struct od_session *s;
	const struct od_target *target; /* that of the reading at hand */
	struct od_buf buf;
	struct od_buf waiting;
	unsigned prefix; /* enum od_prefix */
	enum { SINK_UNDECIDED, SINK_LOG, SINK_MAIL } kind;
};

enum { MAX_WAITING = 256 * 1024 };

static void flush_records(struct record_sink *rs)
{
	rs->s->sink->output(rs->s->sink->ctx, od_buf_str(&rs->buf), rs->buf.len);
	od_buf_reset(&rs->buf);
}

void od_session_put_record(struct od_buf *buf, const struct od_record *rec, bool dump)
{
	if (!(rec->flags & OD_REC_REPAIRED) && rec->raw && !dump) {
		od_escape(buf, OD_ESCAPE_TEXT, rec->raw, rec->raw_len);
	} else {
		if (rec->ts_us != OD_TS_NONE)
			od_buf_printf(buf, "[%5llu.%06llu] ",
				      (unsigned long long)(rec->ts_us / 1000000),
				      (unsigned long long)(rec->ts_us % 1000000));
		od_escape(buf, OD_ESCAPE_TEXT, rec->text, rec->len);
	}
	od_buf_addch(buf, '\n');
}

void od_session_put_prefixed(const struct od_session *s, struct od_buf *buf, const struct od_record *rec,
			     unsigned prefix)
{
	if (rec->ts_us != OD_TS_NONE && prefix & OD_PREFIX_CLOCK) {
		time_t at = (time_t)(s->boot_time + (int64_t)(rec->ts_us / 1000000));
		char text[64];
		struct tm tm;

		if (gmtime_r(&at, &tm) && strftime(text, sizeof(text), "%a %b %e %H:%M:%S UTC %Y", &tm))
			od_buf_printf(buf, "[%s] ", text);
	} else if (rec->ts_us != OD_TS_NONE && !(prefix & OD_PREFIX_NONE)) {
		od_buf_printf(buf, "[%5llu.%06llu] ", (unsigned long long)(rec->ts_us / 1000000),
			      (unsigned long long)(rec->ts_us % 1000000));
	}
	if (rec->level != OD_LEVEL_NONE && prefix & OD_PREFIX_LEVEL)
		od_buf_printf(buf, "<%u>", rec->level);
	od_escape(buf, OD_ESCAPE_TEXT, rec->text, rec->len);
	od_buf_addch(buf, '\n');
}

static void put_record(const struct record_sink *rs, struct od_buf *buf, const struct od_record *rec)
{
	if (rs->prefix)
		od_session_put_prefixed(rs->s, buf, rec, rs->prefix);
	else
		od_session_put_record(buf, rec, rs->target->dump);
}

static void decide(struct record_sink *rs, bool mail)
{
	rs->kind = mail ? SINK_MAIL : SINK_LOG;
	if (!mail)
		od_buf_add(&rs->buf, od_buf_str(&rs->waiting), rs->waiting.len);
	od_buf_reset(&rs->waiting);
}

static void print_record(void *ctx, const struct od_record *rec, bool mail, bool part)
{
	struct record_sink *rs = ctx;
	bool log = part || rec->ts_us != OD_TS_NONE || (rec->flags & OD_REC_KERNEL);

	if (rs->s->redact && (rec->flags & OD_REC_KERNEL))
		od_redact_host(rs->s->redact, rec->host);
	if (rs->kind == SINK_UNDECIDED && (log || mail || rs->waiting.len > MAX_WAITING))
		decide(rs, mail);
	if (rs->kind == SINK_UNDECIDED)
		put_record(rs, &rs->waiting, rec);
	else if (rs->kind == SINK_LOG || log)
		put_record(rs, &rs->buf, rec);
	if (rs->buf.len >= OUTPUT_CHUNK)
		flush_records(rs);
}

static void finish_records(void *ctx, const struct od_input *in)
{
	struct record_sink *rs = ctx;

	if (rs->kind == SINK_UNDECIDED)
		decide(rs, in->kind == OD_INPUT_MAIL);
	flush_records(rs);
}

struct od_error *od_session_records(struct od_session *s, unsigned prefix)
{
	struct record_sink rs = { .s = s, .prefix = prefix };
	const struct od_session_pass pass = { .record = print_record, .done = finish_records, .ctx = &rs };
	struct od_error *err = od_session_pass(s, &pass, &rs.target);

	od_buf_deinit(&rs.buf);
	od_buf_deinit(&rs.waiting);
	return err;
}

struct od_error *od_session_pass(struct od_session *s, const struct od_session_pass *pass,
				 const struct od_target **target_ret)
{
	struct od_target again = { 0 }, *target = s->in ? &again : &s->target;
	struct od_input *in;

	if (!s->nfds)
		return od_error_new(OD_ERR_USAGE, "there is no input: open a file first");
	if (s->in && lseek(s->fds[0], 0, SEEK_SET) < 0)
		return od_error_new(OD_ERR_IO, "a pipe cannot be read twice");
	*target_ret = target;
	in = od_input_create(s->name);
	/* The first reading is the session's own; a further one is only for its records. */
	s->pipeline.plugins = s->in ? NULL : s->plugins;
	s->pipeline.on_report = NULL;
	s->pipeline.on_record = pass->record;
	s->pipeline.on_bytes = pass->bytes;
	s->pipeline.on_idle = pass->idle;
	s->pipeline.ctx = pass->ctx;
	s->plugin_failed |= read_input(s, in, target);
	s->pipeline.on_bytes = NULL;
	s->pipeline.on_idle = NULL;
	pass->done(pass->ctx, in);
	if (s->in)
		od_input_destroy(in);
	else
		take_input(s, in);
	od_target_close(&again);
	return NULL;
}

/* --- what commands ask for ------------------------------------------------------- */

struct od_kernel *od_session_kernel(struct od_session *s, struct od_error **err)
{
	*err = od_session_load(s);
	if (*err)
		return NULL;
	if (!s->target.kernel)
		*err = od_error_new(OD_ERR_USAGE, s->target.core ? "this needs the memory of a kernel, and the input is the core of a process" :
						     "the input has no memory to look into: only a vmcore has");
	return s->target.kernel;
}

struct od_locate *od_session_locate(struct od_session *s)
{
	if (!s->locate && s->find)
		s->locate = od_locate_create(s->find, s->source_paths);
	return s->locate;
}

struct od_report *od_session_current(const struct od_session *s)
{
	return s->in && s->current < s->in->nreports ? s->in->reports[s->current] : NULL;
}

struct od_error *od_session_report(struct od_session *s, const struct od_args *args, int n,
				   struct od_report **ret)
{
	uint64_t id;

	*ret = od_session_current(s);
	if (n >= args->argc)
		return NULL;
	if (!od_parse_number(args->argv[n], &id))
		return od_error_new(OD_ERR_USAGE, "'%s' is not the number of a report",
				    args->argv[n]);
	if (id < s->id_base || id - s->id_base >= s->in->nreports)
		return od_error_new(OD_ERR_USAGE, "there is no report %llu",
				    (unsigned long long)id);
	*ret = s->in->reports[id - s->id_base];
	return NULL;
}

struct od_style od_session_text_style(const struct od_session *s)
{
	struct od_style style = s->style;

	if (style.format != OD_FORMAT_TEXT)
		style.colour = false;
	style.format = OD_FORMAT_TEXT;
	/* Who asks for a part wants all of it. */
	style.verbose = true;
	return style;
}

void od_session_complete_ids(struct od_session *s, const struct od_args *args,
			     struct od_buf *words)
{
	char id[16];

	for (uint32_t i = 0; s->in && i < s->in->nreports; i++) {
		snprintf(id, sizeof(id), "%u", s->id_base + i);
		od_words_add(words, od_args_word(args), id);
	}
}
