/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the program went, and with which event context. */
#include "talloc.h"

/* Functions that call through a pointer in an object of theirs. */
static const struct call_site sites[] = {
	{"tevent_debug", "ev", "ev->debug_ops.debug"},
	{"tevent_trace_point_callback", "ev", "ev->tracing.point.callback"},
	{"_tevent_loop_once", "ev", "ev->ops->loop_once"},
	{"_tevent_loop_wait", "ev", "ev->ops->loop_wait"},
	{"_tevent_add_fd", "ev", "ev->ops->add_fd"},
	{"_tevent_add_timer", "ev", "ev->ops->add_timer"},
	{"_tevent_schedule_immediate", "ev", "ev->ops->schedule_immediate"},
	{"tevent_common_loop_timer_delay", "ev", "the timer's te->handler"},
	{"tevent_common_invoke_timer_handler", "te", "te->handler"},
	{"tevent_common_invoke_fd_handler", "fde", "fde->handler"},
	{"tevent_common_invoke_immediate_handler", "im", "im->handler"},
	{"tevent_common_invoke_signal_handler", "se", "se->handler"},
	{"tevent_common_loop_immediate", "ev", "the immediate's im->handler"},
	{"epoll_event_loop", "epoll_ev", "fde->handler"},
	{"poll_event_loop_poll", "ev", "fde->handler"},
	{"_tevent_req_notify_callback", "req", "req->async.fn"},
	{"tevent_req_received", "req", "req->private_cleanup.fn"},
	{"_tevent_req_cancel", "req", "req->private_cancel"},
	{"_tc_free_internal", "ptr", "the destructor of the chunk"},
	{"_talloc_free_internal", "ptr", "the destructor of the chunk"},
};

static const struct call_site *site_of(const struct frame *f)
{
	for (size_t i = 0; i < sizeof(sites) / sizeof(*sites); i++)
		if (same(f->function, sites[i].function))
			return &sites[i];
	return NULL;
}

/* The objects next to the pc, on both sides. */
static void find_neighbours(const struct model *m, uint64_t pc, struct jump *j)
{
	uint32_t at;
	int64_t below, above;

	above = model_find(m, pc, &at);
	below = (int64_t)at - 1;
	while (below >= 0 && !model_is_object(m, &m->vars[m->by_value[below]]))
		below--;
	while (above < m->npointers && !model_is_object(m, &m->vars[m->by_value[above]]))
		above++;
	if (below < 0 || above >= m->npointers)
		return;
	j->below = m->by_value[below];
	j->above = m->by_value[above];
	/* Two ends of user space have everything between them. */
	j->among_heap = m->vars[j->above].number - m->vars[j->below].number < 1ull << 30;
}

static void judge_pc(const struct model *m, struct jump *j)
{
	const struct frame *f = &m->frames[0];

	if (f->function || f->module)
		return;
	j->null = f->address < MIN_POINTER;
	j->wild = j->null || !model_in_text(m, f->address);
	if (j->wild && !j->null)
		find_neighbours(m, f->address, j);
	if (j->wild && m->nframes > 1)
		j->site = site_of(&m->frames[1]);
}

bool is_event_context_name(const char *name)
{
	static const char *const names[] = {"ev", "event_ctx", "event_context", "ev_ctx",
					    "tevent_ctx"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static const struct var *ev_of(const struct model *m, uint32_t frame)
{
	const struct frame *f = &m->frames[frame];

	for (uint32_t i = 0; i < f->nvars; i++) {
		const struct var *v = &m->vars[f->first_var + i];

		if (v->arg && v->pointer && is_event_context_name(v->name))
			return v;
	}
	return NULL;
}

static uint32_t count_frames(const struct model *m, uint64_t number)
{
	uint32_t at, end = model_find(m, number, &at), n = 0, last = UINT32_MAX;

	for (; at < end; at++) {
		const struct var *v = &m->vars[m->by_value[at]];

		n += v->frame != last;
		last = v->frame;
	}
	return n;
}

static bool is_loop(const struct frame *f)
{
	return has(f->function, "loop_once") || has(f->function, "loop_wait");
}

static void judge_ev(const struct model *m, struct jump *j)
{
	const struct var *crash = NULL, *loop = NULL;

	for (uint32_t i = 0; i < m->nframes && i < 4 && !crash; i++)
		crash = is_loop(&m->frames[i]) ? NULL : ev_of(m, i);
	for (uint32_t i = 0; i < m->nframes && !loop; i++)
		loop = is_loop(&m->frames[i]) ? ev_of(m, i) : NULL;
	if (!crash || !loop || crash->number == loop->number || count_frames(m, crash->number) != 1)
		return;
	j->ev = crash;
	j->loop_ev = loop;
	j->loop_frames = count_frames(m, loop->number);
}

/* TALLOC_FREE_FILL, or the fill of some malloc: one byte over and over. */
static bool is_filled(uint64_t value)
{
	const uint64_t byte = value & 0xff;

	return byte && byte != 0xff && value == byte * 0x0101010101010101ull;
}

static void judge_fill(const struct model *m, struct jump *j)
{
	for (uint32_t i = 0; i < m->nframes && !m->frames[i].talloc; i++) {
		const struct frame *f = &m->frames[i];

		for (uint32_t v = 0; v < f->nvars && !j->filled; v++)
			if (m->vars[f->first_var + v].pointer &&
			    is_filled(m->vars[f->first_var + v].number))
				j->filled = &m->vars[f->first_var + v];
	}
}

static bool is_tevent(const struct frame *f)
{
	return starts(f->function, "tevent_") || starts(f->function, "_tevent_") ||
	       starts(f->module, "libtevent");
}

void jump_judge(const struct model *m, struct jump *j)
{
	*j = (struct jump){0};
	judge_pc(m, j);
	judge_ev(m, j);
	judge_fill(m, j);
	while (j->tevent < m->nframes && is_tevent(&m->frames[j->tevent]))
		j->tevent++;
	for (uint32_t i = 0; i < m->nframes; i++)
		j->loops += same(m->frames[i].function, "_tevent_loop_once") ||
			    same(m->frames[i].function, "tevent_loop_once");
}
