/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "triage/pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "front/output.h"
#include "triage/keeper.h"

struct keeper {
	pid_t pid;
	int sock;
	bool busy;
	uint64_t ticket;
	struct od_buf in;
};

struct od_pool {
	const struct od_options *opts;
	struct od_pool_ops ops;
	struct keeper *keepers;
	struct pollfd *polls;
	unsigned n;
	bool started; /* all of them were, once */
};

static void start(struct od_pool *pool, struct keeper *k)
{
	const long parent = getpid();
	int sock[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sock) < 0 || (k->pid = fork()) < 0) {
		od_message("no process can be had", strerror(errno), strlen(strerror(errno)));
		_exit(5);
	}
	if (k->pid == 0)
		od_keeper_serve(sock[1], parent, pool->opts, pool->started || k != pool->keepers);
	close(sock[1]);
	k->sock = sock[0];
	k->busy = false;
	od_buf_reset(&k->in);
}

struct od_pool *od_pool_create(const struct od_options *opts, unsigned jobs, const struct od_pool_ops *ops)
{
	struct od_pool *pool = od_calloc(1, sizeof(*pool));

	pool->opts = opts;
	pool->ops = *ops;
	pool->n = jobs;
	/* What a keeper leaves, its twin and their workers, ends with it and is then ours to wait for. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pool->keepers = od_calloc(jobs, sizeof(*pool->keepers));
	pool->polls = od_calloc(jobs, sizeof(*pool->polls));
	for (unsigned i = 0; i < jobs; i++)
		start(pool, &pool->keepers[i]);
	pool->started = true;
	return pool;
}

static void stop(struct keeper *k)
{
	kill(k->pid, SIGKILL);
	while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(k->sock);
}

void od_pool_destroy(struct od_pool *pool)
{
	if (!pool)
		return;
	for (unsigned i = 0; i < pool->n; i++) {
		stop(&pool->keepers[i]);
		od_buf_deinit(&pool->keepers[i].in);
	}
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	free(pool->keepers);
	free(pool->polls);
	free(pool);
}

unsigned od_pool_busy(const struct od_pool *pool)
{
	unsigned busy = 0;

	for (unsigned i = 0; i < pool->n; i++)
		busy += pool->keepers[i].busy;
	return busy;
}

bool od_pool_has_idle(const struct od_pool *pool)
{
	return od_pool_busy(pool) < pool->n;
}

/* If it is dead od_pool_wait() will see. */
static void send_item(struct keeper *k, const struct od_item *item)
{
	struct od_buf buf = OD_BUF_INIT;
	size_t done = 0;

	od_item_encode(&buf, item);
	while (done < buf.len) {
		ssize_t n = send(k->sock, buf.data + done, buf.len - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		done += (size_t)n;
	}
	od_buf_deinit(&buf);
}

void od_pool_give(struct od_pool *pool, const struct od_item *job)
{
	for (unsigned i = 0; i < pool->n; i++) {
		struct keeper *k = &pool->keepers[i];

		if (k->busy)
			continue;
		k->busy = true;
		k->ticket = job->job.ticket;
		send_item(k, job);
		return;
	}
}

/* What earlier keepers left; keepers themselves are waited for by stop(). */
static void reap(const struct od_pool *pool)
{
	siginfo_t info = { 0 };

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid) {
		for (unsigned i = 0; i < pool->n; i++)
			if (pool->keepers[i].pid == info.si_pid)
				return;
		waitpid(info.si_pid, NULL, 0);
		info.si_pid = 0;
	}
}

/* Nothing of the process is left; its ticket is somebody else's, later. */
static void replace(struct od_pool *pool, struct keeper *k)
{
	const bool busy = k->busy;
	const uint64_t ticket = k->ticket;

	stop(k);
	reap(pool);
	start(pool, k);
	if (busy)
		pool->ops.lost(pool->ops.ctx, ticket);
}

/* Take all that is whole. False: it talks nonsense. */
static bool take(struct od_pool *pool, struct keeper *k)
{
	struct od_item item;
	size_t at = 0;
	bool bad, ok = true, run;

	while (ok && od_item_length(od_buf_str(&k->in) + at, k->in.len - at)) {
		const size_t before = at;

		if (!k->busy || !od_item_decode(k->in.data, k->in.len, &at, &item, &bad))
			return false;
		if (item.kind == OD_ITEM_LOOKED && item.looked.ticket == k->ticket &&
		    item.looked.what < OD_TICKET_WHATS) {
			run = pool->ops.looked(pool->ops.ctx, &item);
			k->busy = run;
			send_item(k, &(struct od_item){ .kind = OD_ITEM_GO, .go.run = run });
		} else if (item.kind == OD_ITEM_RESULT && item.result.ticket == k->ticket &&
			   item.result.end < OD_END_COUNT && item.result.bytes <= OD_RESULT_MAX) {
			if (k->in.len - at < item.result.bytes) {
				at = before;
				break;
			}
			pool->ops.result(pool->ops.ctx, &item, k->in.data + at, item.result.bytes);
			at += item.result.bytes;
			k->busy = false;
		} else {
			ok = false;
		}
	}
	od_buf_consume(&k->in, at);
	/* A large ticket leaves nothing behind. */
	if (!k->in.len && k->in.cap > 1 << 20)
		od_buf_deinit(&k->in);
	return ok;
}

static void receive(struct od_pool *pool, struct keeper *k)
{
	char chunk[64 * 1024];
	ssize_t n = recv(k->sock, chunk, sizeof(chunk), MSG_DONTWAIT);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0)
		od_buf_add(&k->in, chunk, (size_t)n);
	if (n <= 0 || !take(pool, k))
		replace(pool, k);
}

void od_pool_wait(struct od_pool *pool, int timeout)
{
	for (unsigned i = 0; i < pool->n; i++)
		pool->polls[i] = (struct pollfd){ .fd = pool->keepers[i].sock, .events = POLLIN };
	if (poll(pool->polls, pool->n, timeout) <= 0)
		return;
	for (unsigned i = 0; i < pool->n; i++)
		if (pool->polls[i].revents)
			receive(pool, &pool->keepers[i]);
}
