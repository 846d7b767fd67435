/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "triage/worker.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "analyze/plugins.h"
#include "front/confine.h"
#include "front/protocol.h"
#include "io/mbox.h"
#include "io/unpack.h"
#include "model/limits.h"
#include "symbols/disasm.h"
#include "target/dump.h"
#include "triage/ticket.h"

enum { GRACE_S = 5 }; /* processor seconds beyond the time limit: the keeper stops us before */

struct worker {
	const struct od_engine_setup *setup;
	const struct od_job *job;
	int fds[OD_MAX_PARTS];
	size_t told; /* bytes */
};

static void tell(void *ctx, const struct od_item *item)
{
	struct worker *w = ctx;
	struct od_buf buf = OD_BUF_INIT;
	const bool whole = od_item_encode(&buf, item);

	/* Room is kept for the total. */
	if (whole && w->told + buf.len < OD_RESULT_MAX - 4096) {
		w->told += buf.len;
		od_engine_send(OD_MSG_TICKET, buf.data, buf.len);
	}
	od_buf_deinit(&buf);
}

static bool tell_message(void *ctx, uint64_t offset, uint64_t length)
{
	tell(ctx, &(struct od_item){ .kind = OD_ITEM_MESSAGE, .message = { offset, length } });
	return true;
}

/* Whatever a library or we want to open later is opened now. */
static void lock_down(const struct worker *w, int sock)
{
	struct od_lockdown lock = { .inputs = w->setup->nfds, .gate = -1, .load = od_disasm_prepare };
	const enum od_sandbox sandbox = w->setup->opts->sandbox;
	struct od_buf why = OD_BUF_INIT;

	if (sandbox != OD_SANDBOX_OFF) {
		for (unsigned i = 0; i < w->setup->nfds; i++)
			od_dump_prepare(w->fds[i]);
		od_dump_seal();
		od_unpack_seal();
		lock.library = od_disasm_library();
		if (!lock.library)
			od_disasm_prepare();
		tzset();
		od_confine_lock(&lock, &why);
	}
	od_engine_hello(sock, &lock, &why);
	od_buf_deinit(&why);
	if (sandbox == OD_SANDBOX_REQUIRE && lock.missing)
		_exit(5);
}

static void run(struct worker *w, const struct od_run *r)
{
	struct od_ticket_reader reader = { .job = w->job,
					   .kernel = w->setup->opts->kernel,
					   .tell = tell,
					   .ctx = w };
	struct od_done done = { .flags = OD_DONE_LOADED };
	struct od_buf buf = OD_BUF_INIT;

	if (r->timeout_ms > 0)
		reader.deadline_ns = od_now_ns() + (uint64_t)r->timeout_ms * 1000000;
	od_confine_cpu(r->timeout_ms > 0 ? r->timeout_ms / 1000 + GRACE_S : 0);
	if (w->job->split)
		od_mbox_split(w->fds[0], OD_MAILBOX_MESSAGES, tell_message, w);
	else
		od_ticket_read(&reader, w->fds);
	done.status = reader.stopped ? 3 : od_plugins_killed(w->job->plugins) ? 1 : 0;
	od_done_encode(&buf, &done);
	od_engine_send_raw(&buf);
}

void od_worker_serve(int sock, int errfd, long front, const struct od_engine_setup *setup)
{
	struct worker w = { .setup = setup, .job = setup->job };
	struct od_buf in = OD_BUF_INIT;
	char chunk[4096];

	od_confine_begin(front, setup->opts->max_memory_mib);
	memcpy(w.fds, setup->fds, setup->nfds * sizeof(*w.fds));
	sock = od_confine_fds(sock, errfd, w.fds, setup->nfds);
	od_unpack_set_budget(od_unpack_budget(setup->opts));
	prctl(PR_SET_DUMPABLE, 0);
	lock_down(&w, sock);
	for (;;) {
		ssize_t n = recv(sock, chunk, sizeof(chunk), 0);
		enum od_decode d;
		struct od_msg msg;
		struct od_run r;
		size_t used;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		od_buf_add(&in, chunk, (size_t)n);
		while ((d = od_msg_decode(in.data, in.len, &msg, &used)) == OD_DECODE_OK) {
			if (msg.type != OD_MSG_RUN || !od_run_decode(&msg, &r))
				_exit(5);
			run(&w, &r);
			od_buf_consume(&in, used);
		}
		if (d == OD_DECODE_BAD)
			_exit(5);
	}
}
