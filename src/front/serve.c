/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analyze/plugins.h"
#include "analyze/rules.h"
#include "base/alloc.h"
#include "front/confine.h"
#include "front/debuginfod.h"
#include "front/protocol.h"
#include "io/io.h"
#include "io/unpack.h"
#include "render/redact.h"
#include "shell/session.h"
#include "symbols/disasm.h"
#include "symbols/find.h"
#include "target/core/core.h"
#include "target/dump.h"

enum { GRACE_S = 5 }; /* processor seconds beyond the time limit: the front stops us before */

/* The handler needs it: there is one engine in a process. */
static struct od_session session;
static volatile sig_atomic_t busy;
static int sock_fd;
static bool tell_missing; /* --debuginfod */
static const struct od_strings *unpack_only; /* questions: see od_engine_setup */

uint64_t od_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* A front that does not listen any more has no use for us. */
static void send_all(const char *data, size_t len)
{
	uint64_t start = od_now_ns();

	while (len > 0) {
		ssize_t n = send(sock_fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			_exit(0);
		data += n;
		len -= (size_t)n;
	}
	/* Time that the reader of our output takes (a pager) is not ours. */
	if (session.pipeline.deadline_ns > 1)
		session.pipeline.deadline_ns += od_now_ns() - start;
}

static void send_buf(struct od_buf *buf)
{
	send_all(od_buf_str(buf), buf->len);
	od_buf_deinit(buf);
}

/* A text of any length, in parts. */
static void send_text(enum od_msg_type type, const char *data, size_t len)
{
	do {
		size_t part = len < OD_MSG_MAX ? len : OD_MSG_MAX;
		struct od_buf buf = OD_BUF_INIT;

		od_msg_encode(&buf, type, part < len ? OD_MSG_MORE : 0, data, part);
		send_buf(&buf);
		data += part;
		len -= part;
	} while (len > 0);
}

void od_engine_send(enum od_msg_type type, const char *data, size_t len)
{
	send_text(type, data, len);
}

void od_engine_send_raw(struct od_buf *buf)
{
	send_buf(buf);
}

static void sink_output(void *ctx, const char *data, size_t len)
{
	(void)ctx;
	if (len > 0)
		send_text(OD_MSG_OUTPUT, data, len);
}

static void sink_report(void *ctx, const struct od_buf *buf)
{
	(void)ctx;
	send_text(OD_MSG_REPORT, od_buf_str(buf), buf->len);
}

static void sink_input(void *ctx, const struct od_buf *buf)
{
	(void)ctx;
	send_text(OD_MSG_INPUT, od_buf_str(buf), buf->len);
}

static void sink_say(void *ctx, enum od_sink_level level, const char *text)
{
	static const enum od_say_level levels[] = {
		[OD_SINK_NOTE] = OD_SAY_NOTE,
		[OD_SINK_WARNING] = OD_SAY_WARNING,
		[OD_SINK_ERROR] = OD_SAY_ERROR,
		[OD_SINK_INPUT] = OD_SAY_INPUT,
	};
	struct od_buf buf = OD_BUF_INIT;

	(void)ctx;
	od_say_encode(&buf, levels[level], text);
	send_buf(&buf);
}

static const struct od_sink sink = { sink_output, sink_report, sink_input, sink_say, NULL };

/* The front's cancel comes with this signal, since we do not listen while we work. */
static void on_cancel(int sig)
{
	(void)sig;
	if (busy)
		od_session_cancel(&session);
}

/* The front lets us have a process once it looks; time that it waits for its own reader is not ours. */
static pid_t fork_counted(void)
{
	uint64_t start = od_now_ns();
	pid_t pid = fork();

	if (pid > 0 && session.pipeline.deadline_ns > 1)
		session.pipeline.deadline_ns += od_now_ns() - start;
	return pid;
}

static void load_plugins(const struct od_options *opts)
{
	const struct od_plugin_options po = { .paths = opts->plugin_paths.items,
					      .none = opts->no_plugins,
					      .fork = fork_counted,
					      .confine = od_confine_plugin };
	struct od_buf messages = OD_BUF_INIT;
	char *line, *save = NULL;

	session.plugins = od_plugins_load(&po, &messages);
	line = messages.len > 0 ? strtok_r(messages.data, "\n", &save) : NULL;
	for (; line; line = strtok_r(NULL, "\n", &save))
		sink_say(NULL, OD_SINK_WARNING, line);
	od_buf_deinit(&messages);
}

/* The gate's other end goes with the message; ours must not stay, or we could answer ourselves. */
static void send_hello(const struct od_lockdown *lock, const struct od_buf *why)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct od_buf buf = OD_BUF_INIT;
	struct iovec iov;
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	od_hello_encode(&buf, lock->missing, od_buf_str(why), why->len);
	iov = (struct iovec){ buf.data, buf.len };
	if (lock->gate >= 0) {
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &lock->gate, sizeof(int));
	}
	/* The first message on this socket, and a short one: it is taken as a whole. */
	if (sendmsg(sock_fd, &msg, MSG_NOSIGNAL) != (ssize_t)buf.len)
		_exit(0);
	if (lock->gate >= 0)
		close(lock->gate);
	od_buf_deinit(&buf);
}

/* Beside the memory that is counted: an unpacked debug vmlinux has 500 to 900 MiB. */
uint64_t od_unpack_budget(const struct od_options *opts)
{
	const uint64_t twice = (uint64_t)opts->max_memory_mib << 21;

	return twice && twice < OD_UNPACK_BYTES ? twice : OD_UNPACK_BYTES;
}

/* With what was unpacked before. The list lives as long as the engine. */
static const char *const *all_paths(const struct od_engine_setup *setup)
{
	const char **paths;
	size_t n = setup->symbols->n;

	if (!setup->nknown)
		return setup->symbols->items;
	paths = od_calloc(n + setup->nknown + 1, sizeof(*paths));
	memcpy(paths, setup->symbols->items, n * sizeof(*paths));
	for (size_t i = 0; i < setup->nknown; i++)
		if (setup->known[i].file)
			paths[n++] = setup->known[i].file;
	return paths;
}

/* Then the programs and libraries of this system may be what was mapped. */
static bool may_be_core(void)
{
	for (unsigned i = 0; i < session.nfds; i++)
		if (od_core_may_be(session.fds[i]))
			return true;
	return false;
}

/* Debug files are opened when a question comes: which, is known by then only. */
static void allow_debug_files(const struct od_engine_setup *setup, struct od_lockdown *lock)
{
	lock->read_paths = all_paths(setup);
	lock->debug_files = !setup->opts->no_symbols;
	lock->programs = lock->debug_files && may_be_core();
	if (setup->opts->sandbox == OD_SANDBOX_AUTO)
		lock->must_open = setup->symbols->n > 0 || lock->programs ||
				  (lock->debug_files && access("/usr/lib/debug", R_OK) == 0);
}

/* What a packed file of --symbols needs is loaded. */
static void prepare_packed(const struct od_strings *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		int fd = open(paths->items[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		struct stat st;

		if (fd < 0)
			continue;
		if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
			od_unpack_prepare(fd);
		close(fd);
	}
}

/* May there be a debug file? What reads variables takes 0.4 ms to load. */
static bool may_have_debug_files(const struct od_engine_setup *setup)
{
	static const char *const places[] = { "/usr/lib/debug/.build-id", "/usr/lib/debug/boot",
					      "/usr/lib/debug/lib/modules", "/usr/lib/debug/usr/lib/modules" };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places) && !setup->opts->no_symbols; i++)
		if (access(places[i], R_OK) == 0)
			return true;
	return setup->symbols->n > 0;
}

void od_engine_hello(int sock, const struct od_lockdown *lock, const struct od_buf *why)
{
	sock_fd = sock;
	send_hello(lock, why);
}

/* Whatever a library or we want to open later is opened now. */
static void lock_down(const struct od_engine_setup *setup)
{
	const enum od_sandbox sandbox = setup->opts->sandbox;
	struct od_lockdown lock = { .inputs = session.nfds, .gate = -1, .load = od_disasm_prepare };
	struct od_buf why = OD_BUF_INIT;

	if (sandbox != OD_SANDBOX_OFF) {
		od_io_prepare(session.nfds ? session.fds[0] : -1);
		for (unsigned i = 0; i < session.nfds; i++)
			od_dump_prepare(session.fds[i]);
		od_dump_seal();
		od_rules_prepare();
		prepare_packed(setup->symbols);
		if (may_have_debug_files(setup) || (!setup->opts->no_symbols && may_be_core()))
			od_debug_prepare();
		od_unpack_seal();
		lock.library = od_disasm_library();
		if (!lock.library)
			od_disasm_prepare();
		tzset();
		allow_debug_files(setup, &lock);
		od_confine_lock(&lock, &why);
	}
	send_hello(&lock, &why);
	od_buf_deinit(&why);
	/* Nothing was read yet. */
	if (sandbox == OD_SANDBOX_REQUIRE && lock.missing)
		_exit(5);
}

/* Debug files that would help, for --debuginfod. */
static void send_missing(void)
{
	for (uint32_t i = 0; session.in && i < session.in->nmissing; i++) {
		const char *id = session.in->missing[i].build_id;
		struct od_buf buf = OD_BUF_INIT;

		if (!id || !od_is_build_id(id, strlen(id)))
			continue;
		od_msg_encode(&buf, OD_MSG_MISSING, 0, id, strlen(id));
		send_buf(&buf);
	}
}

/* For --cache: what would be asked of a packed file. */
static void send_wanted(void *ctx, size_t nth, const char *question)
{
	struct od_buf buf = OD_BUF_INIT;
	char text[OD_QUESTION + 32];

	(void)ctx;
	snprintf(text, sizeof(text), "%zu %s", nth, question);
	od_msg_encode(&buf, OD_MSG_WANTED, 0, text, strlen(text));
	send_buf(&buf);
}

/* For --cache, without any input: all questions of one package at once. */
static void do_unpack(const struct od_strings *questions)
{
	struct od_unpacked *ret = od_calloc(questions->n, sizeof(*ret));
	bool *answered = od_calloc(questions->n, sizeof(*answered));

	od_find_unpack(session.find, questions->items, questions->n, ret, answered);
	for (size_t i = 0; i < questions->n; i++) {
		struct od_buf text = OD_BUF_INIT, buf = OD_BUF_INIT;

		if (answered[i]) {
			od_buf_printf(&text, "%zu %llu %s", i, (unsigned long long)ret[i].ino,
				      ret[i].name ? ret[i].name : "-");
			od_msg_encode(&buf, OD_MSG_UNPACKED, 0, text.data, text.len);
		}
		send_buf(&buf);
		od_buf_deinit(&text);
	}
	free(ret);
	free(answered);
}

static void do_run(const struct od_run *run)
{
	struct od_done done = { 0 };
	struct od_buf buf = OD_BUF_INIT;
	uint64_t deadline = 0;

	session.style = (struct od_style){ run->format, run->width < 40 ? 40 : run->width,
					   run->colour, run->explain, run->verbose,
					   false };
	session.stream = run->stream;
	session.hex = run->hex;
	session.wire = run->wire;
	if (!session.in)
		session.id_base = run->id_base;
	session.index = run->index;
	session.ninputs = run->ninputs;
	if (run->timeout_ms > 0)
		deadline = od_now_ns() + (uint64_t)run->timeout_ms * 1000000;
	od_confine_cpu(run->timeout_ms > 0 ? run->timeout_ms / 1000 + GRACE_S : 0);
	if (unpack_only)
		session.pipeline.deadline_ns = deadline;
	busy = 1;
	if (unpack_only)
		do_unpack(unpack_only);
	else
		done.status = (uint8_t)od_session_run(&session, run->line, run->line_len, deadline);
	od_find_hold(session.find, NULL, NULL);
	busy = 0;
	if (session.in) {
		done.flags |= OD_DONE_LOADED;
		done.nreports = session.in->nreports;
		done.lines = session.in->lines;
	}
	if (session.no_crash)
		done.flags |= OD_DONE_NO_CRASH;
	if (tell_missing)
		send_missing();
	od_done_encode(&buf, &done);
	send_buf(&buf);
}

static void do_complete(const struct od_completion *comp)
{
	struct od_buf words = { .limit = OD_MSG_MAX / 2 };
	struct od_buf buf = OD_BUF_INIT;

	od_session_complete(&session, comp->line, comp->point, &words);
	od_words_encode(&buf, comp->seq, od_buf_str(&words), words.len);
	od_buf_deinit(&words);
	send_buf(&buf);
}

/* False: the front does not speak our language. */
static bool handle(const struct od_msg *msg)
{
	struct od_completion comp;
	struct od_run run;

	switch (msg->type) {
	case OD_MSG_RUN:
		if (!od_run_decode(msg, &run) || run.format > OD_FORMAT_HTML)
			return false;
		do_run(&run);
		return true;
	case OD_MSG_COMPLETE:
		if (!od_completion_decode(msg, &comp))
			return false;
		do_complete(&comp);
		return true;
	case OD_MSG_CANCEL:
		return true; /* too late: that command is over */
	default:
		return false;
	}
}

void od_engine_serve(int sock, int errfd, long front, const struct od_engine_setup *setup)
{
	struct sigaction sa = { .sa_handler = on_cancel };
	struct od_buf in = OD_BUF_INIT;
	int fds[OD_MAX_PARTS];
	char chunk[4096];

	od_confine_begin(front, setup->opts->max_memory_mib);
	memcpy(fds, setup->fds, setup->nfds * sizeof(*fds));
	sock_fd = od_confine_fds(sock, errfd, fds, setup->nfds);
	od_session_init(&session, &sink, setup->name, fds, setup->nfds);
	od_unpack_set_budget(od_unpack_budget(setup->opts));
	session.kernel = setup->opts->kernel;
	session.implicit = setup->implicit;
	tell_missing = setup->opts->debuginfod;
	/* No SA_RESTART: it is to get us out of a read. */
	sigaction(SIGUSR1, &sa, NULL);
	load_plugins(setup->opts);
	session.redact = setup->redact;
	od_redact_install(setup->redact);
	prctl(PR_SET_DUMPABLE, 0);
	if (setup->symbols->n || !setup->opts->no_symbols || tell_missing)
		od_session_take_find(&session,
				     od_find_create(setup->symbols->items, setup->symbols->n,
						    !setup->opts->no_symbols),
				     setup->progress);
	if (session.find && setup->nknown)
		od_find_know(session.find, setup->known, setup->nknown);
	if (session.find && setup->hold)
		od_find_hold(session.find, send_wanted, NULL);
	unpack_only = setup->questions;
	session.source_paths = setup->opts->source ? setup->symbols->items : NULL;
	lock_down(setup);
	for (;;) {
		ssize_t n = recv(sock_fd, chunk, sizeof(chunk), 0);
		struct od_msg msg;
		size_t used;
		enum od_decode d;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		od_buf_add(&in, chunk, (size_t)n);
		while ((d = od_msg_decode(in.data, in.len, &msg, &used)) == OD_DECODE_OK) {
			if (!handle(&msg))
				_exit(5);
			od_buf_consume(&in, used);
		}
		if (d == OD_DECODE_BAD)
			_exit(5);
	}
}
