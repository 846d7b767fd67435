/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "triage/keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyze/data.h"
#include "analyze/plugins.h"
#include "analyze/rules.h"
#include "base/alloc.h"
#include "base/cleanup.h"
#include "front/confine.h"
#include "front/engine.h"
#include "front/front.h"
#include "front/openfile.h"
#include "io/decoder.h"
#include "io/io.h"
#include "io/mime.h"
#include "io/unpack.h"
#include "pipeline.h"
#include "symbols/disasm.h"
#include "target/dump.h"
#include "triage/gather.h"
#include "triage/job.h"
#include "triage/ticket.h"
#include "triage/worker.h"

enum { DEFAULT_MIB = 1024 };

/* Descriptors: to the program, which the twin shares; between the two. */
enum { SOCK = 3, TWIN = 4 };

struct keeper {
	int sock, jobs; /* where answers go; where jobs come from: the same, or for the twin the other keeper */
	int twin;	/* the other keeper's: -1: there is none yet */
	const struct od_options *opts;
	struct od_plugins *plugins;
	struct od_pipeline_filters *filters;
	struct od_strings no_symbols;
	struct od_buf in; /* the item that was received last */
	/* of the ticket at hand */
	struct od_buf out; /* what its workers told */
	struct od_buf degraded;
	enum od_ticket_end end;
	char why[160];
	uint32_t inputs;  /* that were told of */
	unsigned workers; /* that it took so far */
};

/* --- the other end --------------------------------------------------------------------------------- */

static void send_all(int sock, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(sock, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			_exit(0);
		data += n;
		len -= (size_t)n;
	}
}

static void send_item(int sock, const struct od_item *item)
{
	struct od_buf buf = OD_BUF_INIT;

	od_item_encode(&buf, item);
	send_all(sock, buf.data, buf.len);
	od_buf_deinit(&buf);
}

/* How many bytes of the item in k->in are still to come. */
static size_t missing(const struct keeper *k)
{
	const unsigned char *p = (const unsigned char *)od_buf_str(&k->in);
	size_t size = 4;

	if (k->in.len >= 4)
		size += (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
	return size - k->in.len;
}

/*
 * The next item, which must be of that kind; its strings live until the next call. No byte more is taken: the
 * next job may be there already, and is not the twin's.
 */
static void receive(struct keeper *k, int sock, enum od_item_kind kind, struct od_item *item)
{
	char chunk[4096];
	size_t left, at = 0;
	bool bad;

	od_buf_reset(&k->in);
	while ((left = missing(k)) > 0) {
		ssize_t n = recv(sock, chunk, left < sizeof(chunk) ? left : sizeof(chunk), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		od_buf_add(&k->in, chunk, (size_t)n);
	}
	if (!od_item_decode(k->in.data, k->in.len, &at, item, &bad) || item->kind != kind)
		_exit(5);
}

/* --- a worker ---------------------------------------------------------------------------------------- */

/* Items come whole or in parts; whether they are items is for the other end to see. */
static bool on_message(void *ctx, const struct od_msg *msg)
{
	struct keeper *k = ctx;

	if (msg->type == OD_MSG_SAY)
		return true;
	if (msg->type != OD_MSG_TICKET || k->out.len + msg->len > OD_RESULT_MAX)
		return false;
	od_buf_add(&k->out, msg->payload, msg->len);
	return true;
}

/* The worst of a ticket's workers is what is told. */
static void note_end(struct keeper *k, enum od_ticket_end end, const char *why)
{
	if (k->end != OD_END_DONE)
		return;
	k->end = end;
	snprintf(k->why, sizeof(k->why), "%s", why);
}

/*
 * By somebody else? Nothing in a ticket brings this signal about but by way of the system, which ends what
 * takes its memory.
 */
static bool is_killed(const struct keeper *k, const struct od_engine_result *result)
{
	const uint64_t limit = k->opts->max_memory_mib ? k->opts->max_memory_mib : DEFAULT_MIB;

	return WIFSIGNALED(result->status) && WTERMSIG(result->status) == SIGKILL &&
	       result->peak_kib < limit << 9;
}

static void judge(struct keeper *k, const struct od_engine_result *result)
{
	switch (result->end) {
	case OD_ENGINE_DONE:
		if (result->done.status == 3)
			note_end(k, OD_END_TIMEOUT, "the time limit was reached");
		else if (result->done.status == 1)
			note_end(k, OD_END_PARTIAL, "a plugin was killed");
		break;
	case OD_ENGINE_TIMED_OUT:
		note_end(k, OD_END_TIMEOUT, result->why);
		break;
	case OD_ENGINE_REFUSED:
		note_end(k, OD_END_REFUSED, result->why);
		break;
	default:
		note_end(k, is_killed(k, result) ? OD_END_KILLED : OD_END_DIED, result->why);
	}
}

/* Cut off what a dead worker left unfinished, and count the inputs it told of. */
static void trim(struct keeper *k, size_t from)
{
	struct od_item item;
	size_t at = from, good = from;
	bool bad;

	while (od_item_decode(od_buf_str(&k->out), k->out.len, &at, &item, &bad)) {
		k->inputs += item.kind == OD_ITEM_INPUT;
		good = at;
	}
	if (k->out.len > good)
		k->out.len = good;
}

static void work(struct keeper *k, const struct od_job *job, const int *fds, unsigned nfds)
{
	const struct od_engine_setup setup = { .opts = k->opts,
					       .name = "ticket",
					       .fds = fds,
					       .nfds = nfds,
					       .symbols = &k->no_symbols,
					       .serve = od_worker_serve,
					       .job = job };
	const struct od_run run = { .timeout_ms = k->opts->timeout_s * 1000, .line = "" };
	struct od_engine *engine = od_engine_start(&setup);
	struct od_engine_result result;
	const size_t before = k->out.len;

	k->workers++;
	if (!engine) {
		note_end(k, OD_END_REFUSED, strerror(errno));
		return;
	}
	od_engine_run(engine, &run, on_message, k, NULL, &result);
	if (engine->missing && !k->degraded.len)
		od_buf_add(&k->degraded, od_buf_str(&engine->why), engine->why.len);
	od_engine_stop(engine);
	judge(k, &result);
	trim(k, before);
}

static void work_on_file(struct keeper *k, const struct od_gathered *g, bool split)
{
	/* Not its name: the same bytes under another one have the same analysis. */
	const struct od_job_unit unit = { .name = "ticket", .first = 0, .n = 1 };
	const struct od_job job = { .units = &unit,
				    .nunits = 1,
				    .alone = true,
				    .split = split,
				    .plugins = k->plugins,
				    .filters = k->filters };

	work(k, &job, &g->fd, 1);
}

/* --- a directory: its files in groups of as many as one worker takes -------------------------------- */

struct group {
	struct od_job_unit units[OD_MAX_PARTS];
	size_t nunits;
	int fds[OD_MAX_PARTS];
	unsigned nfds;
};

static void work_on_group(struct keeper *k, struct group *group)
{
	const struct od_job job = { .units = group->units,
				    .nunits = group->nunits,
				    .first_input = k->inputs,
				    .plugins = k->plugins,
				    .filters = k->filters };

	if (group->nunits)
		work(k, &job, group->fds, group->nfds);
	for (unsigned i = 0; i < group->nfds; i++)
		close(group->fds[i]);
	group->nunits = group->nfds = 0;
}

/* The input's files become the group's. */
static void add_to_group(struct keeper *k, struct group *group, struct od_front_input *in, const char *name)
{
	const unsigned n = 1 + in->nmore;

	if (group->nfds + n > OD_MAX_PARTS)
		work_on_group(k, group);
	group->units[group->nunits++] = (struct od_job_unit){ name, group->nfds, n };
	group->fds[group->nfds++] = in->fd;
	for (unsigned i = 0; i < in->nmore; i++)
		group->fds[group->nfds++] = in->more[i];
	in->fd = -1;
	in->nmore = 0;
}

/* Which files are one input is known by their names: as if all of them were given on a command line. */
static void work_on_directory(struct keeper *k, const struct od_gathered *g)
{
	const size_t skip = strlen(g->path) + 1;
	struct group group = { .nunits = 0 };
	struct od_front front;

	if (g->cut)
		od_item_encode(&k->out, &(struct od_item){ .kind = OD_ITEM_NOTE,
							   .note = "more files than are looked at: the others are left out" });
	od_open_within(g->dir, g->path);
	od_front_init(&front, k->opts);
	for (size_t i = 0; i < g->nfiles; i++) {
		struct od_buf path = OD_BUF_INIT;

		od_buf_printf(&path, "%s/%s", g->path, g->files[i].name);
		if (g->files[i].wanted)
			od_front_add(&front, od_buf_str(&path), false);
		od_buf_deinit(&path);
	}
	for (size_t i = 0; i < front.ninputs; i++) {
		struct od_front_input *in = &front.inputs[i];

		if (od_front_open(&front, in))
			add_to_group(k, &group, in, in->path + skip);
	}
	work_on_group(k, &group);
	od_front_deinit(&front);
	od_open_within(-1, NULL);
}

/* --- a ticket ----------------------------------------------------------------------------------------- */

static void work_on(struct keeper *k, const struct od_gathered *g)
{
	if (g->what == OD_TICKET_DIRECTORY)
		work_on_directory(k, g);
	else
		work_on_file(k, g, g->what == OD_TICKET_MAILBOX);
}

static void answer(struct keeper *k, uint64_t ticket)
{
	send_item(k->sock, &(struct od_item){ .kind = OD_ITEM_RESULT,
					.result = { .ticket = ticket,
						    .end = (uint8_t)k->end,
						    .why = k->why,
						    .degraded = od_buf_str(&k->degraded),
						    .bytes = (uint32_t)k->out.len } });
	send_all(k->sock, od_buf_str(&k->out), k->out.len);
}

static struct od_error *look(struct keeper *k, const struct od_item *job, struct od_gathered *g)
{
	struct od_error *err = NULL;
	char content[65] = "";

	if (!strcmp(g->stamp, job->job.stamp))
		g->what = OD_TICKET_SAME;
	else if (g->what != OD_TICKET_MAILBOX)
		err = od_gather_hash(g, content);
	if (err)
		return err;
	send_item(k->sock, &(struct od_item){ .kind = OD_ITEM_LOOKED,
					      .looked = { .ticket = job->job.ticket,
							  .what = (uint8_t)g->what,
							  .content = content,
							  .stamp = g->stamp,
							  .time = g->time,
							  .bytes = g->bytes } });
	return NULL;
}

static void serve_gathered(struct keeper *k, const struct od_item *job, struct od_gathered *g,
			   struct od_error *err)
{
	const uint64_t ticket = job->job.ticket;
	struct od_item go;

	k->end = OD_END_DONE;
	k->why[0] = '\0';
	k->inputs = k->workers = 0;
	od_buf_reset(&k->out);
	if (!err)
		err = look(k, job, g);
	if (err) {
		note_end(k, OD_END_FAILED, err->message);
		od_error_free(err);
		answer(k, ticket);
		return;
	}
	receive(k, k->sock, OD_ITEM_GO, &go);
	if (go.go.run) {
		work_on(k, g);
		answer(k, ticket);
	}
	/* A large ticket leaves nothing behind. */
	if (k->out.cap > 1 << 20)
		od_buf_deinit(&k->out);
}

/* --- the twin ------------------------------------------------------------------------------------------- */

static void prepare_twin(void)
{
	(void)od_unpack_load();
	od_mime_prepare();
}

static void serve_twin(struct keeper *k)
{
	for (;;) {
		struct od_gathered g = { .fd = -1, .dir = -1 };
		struct od_item job;

		receive(k, k->jobs, OD_ITEM_JOB, &job);
		serve_gathered(k, &job, &g, od_gather(&job, &g));
		od_gathered_deinit(&g);
		send_all(k->jobs, "", 1);
	}
}

static void start_twin(struct keeper *k)
{
	const pid_t parent = getpid();
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 || (pid = fork()) < 0)
		_exit(5);
	if (pid > 0) {
		close(pair[1]);
		k->twin = pair[0];
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	if (pair[1] != TWIN && dup2(pair[1], TWIN) < 0)
		_exit(5);
	syscall(SYS_close_range, TWIN + 1, ~0U, 0);
	k->jobs = TWIN;
	prepare_twin();
	serve_twin(k);
}

/* The other keeper does it, and talks to the program meanwhile. Without it there are none of us. */
static void delegate(struct keeper *k, const struct od_item *job)
{
	ssize_t n;
	char done;

	if (k->twin < 0)
		start_twin(k);
	send_item(k->twin, job);
	do
		n = recv(k->twin, &done, 1, 0);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(0);
}

/*
 * Is it text and no mail? Most tickets are. What the others need, archives and gmime with what these bring
 * and the modules of charsets, is more than half of all mappings of a process, and each fork copies them:
 * so those who have it are others.
 */
static bool is_simple(const struct od_gathered *g)
{
	od_autofree char *head = od_malloc(OD_PROBE_HEAD);
	ssize_t n = g->what == OD_TICKET_FILE ? pread(g->fd, head, OD_PROBE_HEAD, 0) : -1;
	const size_t len = n > 0 ? (size_t)n : 0;

	return g->what == OD_TICKET_EMPTY ||
	       (len && od_unpack_magic(head, len) == OD_PACK_NONE && !od_io_may_be_mail(head, len) &&
		!od_dump_probe(head, len) && !od_dump_advice(head, len) && !od_ticket_is_apport(head, len));
}

/* Known without a look into it? */
static bool is_for_twin(const struct od_item *job)
{
	struct stat st;

	return job->job.message || (stat(job->job.path, &st) == 0 && S_ISDIR(st.st_mode));
}

static void serve_one(struct keeper *k)
{
	struct od_gathered g = { .fd = -1, .dir = -1 };
	struct od_error *err = NULL;
	struct od_item job;
	bool twin;

	receive(k, k->jobs, OD_ITEM_JOB, &job);
	twin = is_for_twin(&job);
	if (!twin) {
		err = od_gather(&job, &g);
		twin = !err && strcmp(g.stamp, job.job.stamp) != 0 && !is_simple(&g);
	}
	if (twin)
		delegate(k, &job);
	else
		serve_gathered(k, &job, &g, err);
	od_gathered_deinit(&g);
}

/* What workers would load, each for itself. */
static void prepare(struct keeper *k, bool quiet)
{
	const struct od_plugin_options po = { .paths = k->opts->plugin_paths.items,
					      .none = k->opts->no_plugins,
					      .confine = od_confine_plugin };
	struct od_buf messages = OD_BUF_INIT;

	k->plugins = od_plugins_load(&po, &messages);
	if (!quiet)
		od_write_stderr(od_buf_str(&messages), messages.len);
	od_buf_deinit(&messages);
	od_data_init();
	od_rules_prepare();
	k->filters = od_pipeline_prepare(k->plugins);
	od_disasm_prepare();
	od_seccomp_prepare(&(struct od_lockdown){ .inputs = 1 });
}

void od_keeper_serve(int sock, long parent, const struct od_options *opts, bool quiet)
{
	struct keeper k = { .sock = SOCK, .jobs = SOCK, .twin = -1, .opts = opts };

	signal(SIGPIPE, SIG_DFL);
	/* Ctrl-C is for the program, which then ends its keepers. */
	signal(SIGINT, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != (pid_t)parent)
		_exit(0);
	if (sock != SOCK && dup2(sock, SOCK) < 0)
		_exit(5);
	/* Above all those of the store. */
	syscall(SYS_close_range, SOCK + 1, ~0U, 0);
	prepare(&k, quiet);
	for (;;)
		serve_one(&k);
}
