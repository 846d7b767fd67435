/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happened before the crash: the few lines ahead of it that support asks for first. */
#include <stdio.h>
#include <string.h>

#include "render/formats.h"
#include "render/page.h"

enum { SHOWN = 12 };

/* "-4.2 s", "-17 min": how long before the crash. Blanks if the times do not say. */
static void how_long(char *buf, size_t size, uint64_t us)
{
	const uint64_t s = us / 1000000;

	if (us == OD_TS_NONE)
		*buf = '\0';
	else if (us < 100000)
		snprintf(buf, size, "-%llu ms", (unsigned long long)(us / 1000));
	else if (s < 100)
		snprintf(buf, size, "-%llu.%llu s", (unsigned long long)s,
			 (unsigned long long)(us / 100000 % 10));
	else if (s < 100 * 60)
		snprintf(buf, size, "-%llu min", (unsigned long long)(s / 60));
	else if (s < 100 * 3600)
		snprintf(buf, size, "-%llu h", (unsigned long long)(s / 3600));
	else
		snprintf(buf, size, "-%llu d", (unsigned long long)(s / 86400));
}

static enum od_look look_of(enum od_severity s)
{
	return s >= OD_SEV_HIGH ? OD_LOOK_RED : s == OD_SEV_MEDIUM ? OD_LOOK_YELLOW : OD_LOOK_PLAIN;
}

static void add_event(struct od_buf *buf, const struct od_event *e, bool timed,
		      const struct od_style *style)
{
	struct od_buf text = OD_BUF_INIT;
	char when[24], head[64];
	int n;

	how_long(when, sizeof(when), e->before_us);
	if (timed)
		n = snprintf(head, sizeof(head), "%6u  %8s  ", e->lineno, when);
	else
		n = snprintf(head, sizeof(head), "%6u  ", e->lineno);
	od_page_put(buf, style, OD_LOOK_DIM, head);
	od_page_put(buf, style, look_of(e->severity), e->severity >= OD_SEV_HIGH ? "! " : "  ");
	od_buf_addstr(&text, e->text);
	if (e->count > 1)
		od_buf_printf(&text, " (x%u, last line %u)", e->count, e->lineno_last);
	od_page_wrap(buf, style, (unsigned)n + 2, (unsigned)n + 2, od_buf_str(&text));
	od_buf_deinit(&text);
}

/* Of equal rank the later one stands nearer to the crash. */
static bool before(const struct od_event *a, const struct od_event *b)
{
	return a->rank < b->rank || (a->rank == b->rank && a < b);
}

void od_text_before(struct od_buf *buf, const struct od_input *in, const struct od_report *rep,
		    const struct od_style *style)
{
	const struct od_event *best[OD_MAX_TIMELINE];
	uint32_t n = 0, told = 0, index;
	bool timed = false;

	if (!rep->nahead || !in->nreports)
		return;
	index = rep->id - in->reports[0]->id;
	for (uint32_t i = 0; i < in->ntimeline; i++) {
		const struct od_event *e = &in->timeline[i];
		uint32_t at = n;

		if (e->report != index)
			continue;
		/* Sorted by rank, the best first. */
		for (; at > 0 && before(best[at - 1], e); at--)
			best[at] = best[at - 1];
		best[at] = e;
		n++;
	}
	if (!n)
		return;
	if (n > SHOWN && !style->verbose)
		n = SHOWN;
	od_page_heading(buf, style, "What happened before");
	for (uint32_t i = 0; i < n; i++)
		timed |= best[i]->before_us != OD_TS_NONE;
	for (uint32_t i = 0; i < in->ntimeline; i++) {
		for (uint32_t k = 0; k < n; k++) {
			if (best[k] != &in->timeline[i])
				continue;
			add_event(buf, best[k], timed, style);
			told += best[k]->count;
		}
	}
	if (told < rep->nahead)
		od_buf_printf(buf, "        and %u more notable line%s\n", rep->nahead - told,
			      rep->nahead - told == 1 ? "" : "s");
}
