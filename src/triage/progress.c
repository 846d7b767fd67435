/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "triage/progress.h"

#include <unistd.h>

#include "base/buf.h"
#include "front/output.h"
#include "front/serve.h"

static const uint64_t second = 1000000000;

enum { BAR = 30, LINE_S = 10 };

void od_progress_init(struct od_progress *p, bool quiet)
{
	*p = (struct od_progress){ .quiet = quiet, .terminal = isatty(STDERR_FILENO),
				   .begun_ns = od_now_ns() };
	p->shown_ns = p->begun_ns;
}

static void figures(const struct od_progress *p, uint64_t now, struct od_buf *buf)
{
	const uint64_t took = (now - p->begun_ns) / second;

	od_buf_printf(buf, "%llu of %llu tickets", (unsigned long long)p->done,
		      (unsigned long long)p->total);
	if (took > 1 && p->done && p->done < p->total)
		od_buf_printf(buf, ", about %llu s left",
			      (unsigned long long)((p->total - p->done) * took / p->done));
}

void od_progress_show(struct od_progress *p, bool last)
{
	const uint64_t now = od_now_ns();
	const uint64_t every = p->terminal ? second / 5 : LINE_S * second;
	const unsigned full = p->total ? (unsigned)(p->done * BAR / p->total) : 0;
	struct od_buf buf = OD_BUF_INIT;

	if (p->quiet || (!last && now - p->shown_ns < every) ||
	    (last && (p->terminal ? !p->line : now - p->begun_ns < every)))
		return;
	p->shown_ns = now;
	if (p->terminal) {
		od_buf_addstr(&buf, "\r\033[K");
		p->line = !last;
	}
	if (p->terminal && !last) {
		od_buf_addch(&buf, '[');
		od_buf_fill(&buf, '#', full < BAR ? full : BAR);
		od_buf_fill(&buf, '.', full < BAR ? BAR - full : 0);
		od_buf_addstr(&buf, "] ");
		figures(p, now, &buf);
	} else if (!p->terminal) {
		od_buf_addstr(&buf, "oopsdiag-triage: ");
		figures(p, now, &buf);
		od_buf_addch(&buf, '\n');
	}
	od_write_stderr(od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
}
