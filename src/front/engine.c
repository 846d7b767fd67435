/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/engine.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "front/confine.h"
#include "front/output.h"
#include "symbols/disasm.h"

enum {
	GRACE_MS = 2000,	    /* after the time limit, and after a cancel */
	TICK_MS = 200,		    /* how often we look whether it lives: a plugin's process may
				       keep the socket open after its death */
	COMPLETE_MS = 200,
	MAX_FORKS = 1024,	    /* of one engine, where they cannot be counted */
	MAX_STDERR = 64 * 1024,	    /* bytes; a taken-over engine must not flood the terminal */
};

static const uint64_t ms = 1000000; /* nanoseconds */

struct od_engine *od_engine_start(const struct od_engine_setup *setup)
{
	int sock[2], err[2], saved;
	long front = getpid();
	struct od_engine *engine;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sock) < 0)
		return NULL;
	if (pipe(err) < 0)
		goto no_pipe;
	pid = fork();
	if (pid == 0) {
		(setup->serve ? setup->serve : od_engine_serve)(sock[1], err[1], front, setup);
		_exit(5);
	}
	if (pid < 0)
		goto no_fork;
	close(sock[1]);
	close(err[1]);
	engine = od_calloc(1, sizeof(*engine));
	engine->pid = pid;
	engine->sock = sock[0];
	engine->err = err[0];
	engine->gate = (struct od_gate){ .fd = -1, .engine = pid, .forks_left = MAX_FORKS };
	/* And what whole pages make of it. */
	engine->max_unpacked = od_unpack_budget(setup->opts) + ((uint64_t)OD_UNPACK_FILES << 12);
	engine->sandbox = setup->opts->sandbox;
	return engine;

no_fork:
	saved = errno;
	close(err[0]);
	close(err[1]);
	errno = saved;
no_pipe:
	saved = errno;
	close(sock[0]);
	close(sock[1]);
	errno = saved;
	return NULL;
}

/* Its process group holds the plugins' processes too. usage: what it took, may be NULL. */
static int kill_engine(struct od_engine *engine, struct rusage *usage)
{
	int status = 0;

	if (engine->dead)
		return 0;
	/* Before it is reaped: until then nobody else can have its number. */
	kill(-engine->pid, SIGKILL);
	kill(engine->pid, SIGKILL);
	while (wait4(engine->pid, &status, 0, usage) < 0 && errno == EINTR)
		;
	engine->dead = true;
	return status;
}

void od_engine_stop(struct od_engine *engine)
{
	if (!engine)
		return;
	kill_engine(engine, NULL);
	close(engine->sock);
	if (engine->err >= 0)
		close(engine->err);
	od_gate_deinit(&engine->gate);
	od_buf_deinit(&engine->why);
	od_buf_deinit(&engine->in);
	free(engine);
}

static bool send_all(struct od_engine *engine, const struct od_buf *buf)
{
	size_t done = 0;

	while (done < buf->len) {
		ssize_t n = send(engine->sock, buf->data + done, buf->len - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

/* What it (a sanitizer, the C library) writes to standard error itself. */
static void read_stderr(struct od_engine *engine)
{
	struct od_buf out = OD_BUF_INIT;
	char chunk[4096];
	ssize_t n = read(engine->err, chunk, sizeof(chunk));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		close(engine->err);
		engine->err = -1;
		return;
	}
	if (engine->err_bytes + (size_t)n > MAX_STDERR)
		return;
	engine->err_bytes += (size_t)n;
	od_filter_add(&engine->filter, &out, chunk, (size_t)n);
	od_write_stderr(od_buf_str(&out), out.len);
	od_buf_deinit(&out);
}

enum step { STEP_NOTHING, STEP_DATA, STEP_END };

/*
 * What waits in the socket. Until its first message came, whose one descriptor is that of the gate;
 * later ones are dropped by the kernel, since nobody asks for them.
 */
static ssize_t take(struct od_engine *engine, char *chunk, size_t size)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { chunk, size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
			      .msg_controllen = sizeof(control.room) };
	struct cmsghdr *c;
	ssize_t n;

	if (engine->greeted || engine->gate.fd >= 0)
		return recv(engine->sock, chunk, size, MSG_DONTWAIT);
	n = recvmsg(engine->sock, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&engine->gate.fd, CMSG_DATA(c), sizeof(int));
	return n;
}

static void answer_gate(struct od_engine *engine)
{
	engine->gate.library = od_disasm_library();
	if (!od_gate_answer(&engine->gate))
		od_gate_close(&engine->gate);
}

/* Wait at most timeout ms for something from the engine and take it. */
static enum step receive(struct od_engine *engine, int timeout)
{
	struct pollfd pfd[3] = { { .fd = engine->sock, .events = POLLIN },
				 { .fd = engine->err, .events = POLLIN },
				 { .fd = engine->gate.fd, .events = POLLIN } };
	char chunk[64 * 1024];
	ssize_t n;

	if (poll(pfd, 3, timeout) <= 0)
		return STEP_NOTHING;
	if (pfd[2].revents)
		answer_gate(engine);
	if (pfd[1].revents)
		read_stderr(engine);
	if (!pfd[0].revents)
		return STEP_NOTHING;
	n = take(engine, chunk, sizeof(chunk));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return STEP_NOTHING;
	if (n <= 0)
		return STEP_END;
	od_buf_add(&engine->in, chunk, (size_t)n);
	return STEP_DATA;
}

static void describe_death(int status, char *why, size_t size)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		snprintf(why, size, "the analysis was stopped: it asked the system for something "
				    "that it may not have");
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		snprintf(why, size, "the analysis used too much processor time");
	else if (WIFSIGNALED(status))
		snprintf(why, size, "the analysis died: %s", strsignal(WTERMSIG(status)));
	else if (WIFEXITED(status) && WEXITSTATUS(status) == OD_EXIT_OOM)
		snprintf(why, size, "the analysis ran out of memory (see --max-memory)");
	else
		snprintf(why, size, "the analysis died: status %d", WEXITSTATUS(status));
}

static bool is_gone(struct od_engine *engine)
{
	siginfo_t info = { 0 };

	/* Not reaped here: kill_engine() wants the status. */
	return waitid(P_PID, (id_t)engine->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == engine->pid;
}

static void end_died(struct od_engine *engine, struct od_engine_result *result)
{
	struct rusage usage = { 0 };
	int status;

	/* It closed its socket: it ends by itself, or hangs on the way. */
	for (int i = 0; i < 20 && !is_gone(engine); i++)
		usleep(10000);
	while (engine->err >= 0 && receive(engine, 0) == STEP_DATA)
		;
	status = kill_engine(engine, &usage);
	result->end = OD_ENGINE_DIED;
	result->status = status;
	result->peak_kib = (uint64_t)usage.ru_maxrss;
	describe_death(status, result->why, sizeof(result->why));
}

static void end_killed(struct od_engine *engine, enum od_engine_end end, const char *why,
		       struct od_engine_result *result)
{
	kill_engine(engine, NULL);
	result->end = end;
	snprintf(result->why, sizeof(result->why), "%s", why);
}

static void end_refused(struct od_engine *engine, struct od_engine_result *result)
{
	kill_engine(engine, NULL);
	result->end = OD_ENGINE_REFUSED;
	snprintf(result->why, sizeof(result->why), "the sandbox that is required cannot be had: %.100s",
		 od_buf_str(&engine->why));
}

struct run_state {
	struct od_engine *engine;
	od_engine_listener *listener;
	void *ctx;
	uint64_t limit; /* od_now_ns() at which it is killed; 0: never */
	bool cancelling;
	struct od_engine_result *result;
};

/* The first message, and only that, says hello. */
static bool greet(struct od_engine *engine, const struct od_msg *msg)
{
	const char *why;
	size_t len;

	if (engine->greeted || !od_hello_decode(msg, &engine->missing, &why, &len))
		return false;
	engine->greeted = true;
	od_buf_add(&engine->why, why, len);
	return true;
}

/* Take all whole messages. True if the run is over. */
static bool dispatch(struct run_state *st)
{
	struct od_engine *engine = st->engine;
	uint64_t start = od_now_ns();
	size_t taken = 0, used;
	struct od_msg msg;
	enum od_decode d;
	bool over = false, ok = true;

	while (!over && (d = od_msg_decode(engine->in.data + taken, engine->in.len - taken, &msg,
					   &used)) != OD_DECODE_MORE) {
		if (d == OD_DECODE_BAD) {
			ok = false;
		} else if (msg.type == OD_MSG_HELLO) {
			ok = greet(engine, &msg);
			if (ok && engine->missing && engine->sandbox == OD_SANDBOX_REQUIRE) {
				end_refused(engine, st->result);
				return true;
			}
		} else if (msg.type == OD_MSG_DONE) {
			ok = od_done_decode(&msg, &st->result->done);
			over = ok;
		} else if (msg.type != OD_MSG_WORDS) {
			ok = msg.type >= OD_MSG_OUTPUT && st->listener(st->ctx, &msg);
		}
		if (!ok) {
			end_killed(engine, OD_ENGINE_DIED, "the analysis answered nonsense",
				   st->result);
			return true;
		}
		taken += used;
	}
	od_buf_consume(&engine->in, taken);
	/* Writing may wait for a reader, a pager say: the engine waits too. */
	if (st->limit)
		st->limit += od_now_ns() - start;
	return over;
}

static void cancel(struct run_state *st)
{
	struct od_buf buf = OD_BUF_INIT;

	od_msg_encode(&buf, OD_MSG_CANCEL, 0, "", 0);
	send_all(st->engine, &buf);
	od_buf_deinit(&buf);
	kill(st->engine->pid, SIGUSR1);
	st->cancelling = true;
	st->limit = od_now_ns() + GRACE_MS * ms;
}

/* How long to wait for the next thing; 0 when the limit is reached. */
static int next_timeout(const struct run_state *st)
{
	uint64_t now = od_now_ns();

	if (!st->limit)
		return TICK_MS;
	if (now >= st->limit)
		return 0;
	return (st->limit - now) / ms < TICK_MS ? (int)((st->limit - now) / ms) + 1 : TICK_MS;
}

void od_engine_run(struct od_engine *engine, const struct od_run *run, od_engine_listener *listener,
		   void *ctx, volatile sig_atomic_t *interrupted, struct od_engine_result *result)
{
	struct run_state st = { engine, listener, ctx, 0, false, result };
	struct od_buf buf = OD_BUF_INIT;

	*result = (struct od_engine_result){ .end = OD_ENGINE_DONE };
	od_run_encode(&buf, run);
	send_all(engine, &buf);
	od_buf_deinit(&buf);
	if (run->timeout_ms > 0)
		st.limit = od_now_ns() + (run->timeout_ms + (uint64_t)GRACE_MS) * ms;
	for (;;) {
		int timeout = next_timeout(&st);
		enum step step;

		if (timeout == 0) {
			end_killed(engine,
				   st.cancelling ? OD_ENGINE_CANCELLED : OD_ENGINE_TIMED_OUT,
				   st.cancelling ? "cancelled" : "the time limit was reached",
				   result);
			return;
		}
		if (interrupted && *interrupted && !st.cancelling)
			cancel(&st);
		step = receive(engine, timeout);
		if (engine->gate.nfiles && od_gate_memory(&engine->gate) > engine->max_unpacked) {
			end_killed(engine, OD_ENGINE_DIED,
				   "what it unpacked took too much memory (see --max-memory)", result);
			return;
		}
		if (step == STEP_DATA && dispatch(&st))
			return;
		if (step == STEP_END || (step == STEP_NOTHING && is_gone(engine))) {
			/* Its last words may still be in the socket. */
			while (step != STEP_END && receive(engine, 0) == STEP_DATA)
				if (dispatch(&st))
					return;
			end_died(engine, result);
			return;
		}
	}
}

void od_engine_complete(struct od_engine *engine, const char *line, size_t len, size_t point,
			struct od_buf *words)
{
	struct od_completion comp = { ++engine->seq, (uint32_t)point, line, len };
	uint64_t limit = od_now_ns() + COMPLETE_MS * ms;
	struct od_buf buf = OD_BUF_INIT;
	uint64_t now;

	if (len > OD_MSG_LINE_MAX)
		return;
	od_completion_encode(&buf, &comp);
	send_all(engine, &buf);
	od_buf_deinit(&buf);
	while ((now = od_now_ns()) < limit) {
		struct od_msg msg;
		const char *text;
		uint32_t seq;
		size_t used, n;

		while (od_msg_decode(engine->in.data, engine->in.len, &msg, &used) == OD_DECODE_OK) {
			bool mine = msg.type == OD_MSG_WORDS &&
				    od_words_decode(&msg, &seq, &text, &n) && seq == engine->seq;

			if (mine)
				od_buf_add(words, text, n);
			if (msg.type == OD_MSG_HELLO)
				greet(engine, &msg);
			od_buf_consume(&engine->in, used);
			if (mine)
				return;
		}
		if (receive(engine, (int)((limit - now) / ms) + 1) == STEP_END)
			return;
	}
}
