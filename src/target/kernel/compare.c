/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "target/kernel/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { LOOK_AHEAD = 32 }; /* frames of both sides passed over at once: many have a '?' */

/* The frames of all stacks of one kind that count, outermost first. */
struct list {
	const struct od_frame **frame;
	uint32_t n;
};

static bool counts(const struct od_frame *f, bool memory)
{
	return memory || (f->symbol && !(f->flags & OD_FRAME_POINTER));
}

/* panic() prints the stack that it is called on, which the report keeps aside as no news. */
static bool of_interest(const struct od_stack *s, bool memory)
{
	if (s->from_memory != memory)
		return false;
	return !s->aside || (!memory && s->name && !strcmp(s->name, "panic"));
}

static struct list collect(const struct od_report *rep, bool memory)
{
	struct list ret = { NULL, 0 };
	uint32_t n = 0;

	for (uint32_t i = 0; i < rep->nstacks; i++)
		n += rep->stacks[i].nframes;
	ret.frame = od_calloc(n ? n : 1, sizeof(*ret.frame));
	for (uint32_t i = rep->nstacks; i > 0; i--) {
		const struct od_stack *s = &rep->stacks[i - 1];

		if (!of_interest(s, memory))
			continue;
		for (uint32_t j = s->nframes; j > 0; j--)
			if (counts(&s->frames[j - 1], memory))
				ret.frame[ret.n++] = &s->frames[j - 1];
	}
	return ret;
}

static bool same_function(const struct od_frame *a, const struct od_frame *b)
{
	return !strcmp(a->symbol, b->symbol) &&
	       (a->module ? b->module && !strcmp(a->module, b->module) : !b->module);
}

/*
 * A call that does not return may be the last instruction: the kernels that look up the address
 * behind it (all but x86) print the name of the next function.
 */
static bool behind_the_end(const struct od_frame *printed, const struct od_frame *unwound)
{
	return !printed->offset && unwound->size && unwound->offset == unwound->size;
}

static bool same(const struct od_frame *printed, const struct od_frame *unwound)
{
	bool offsets = printed->flags & unwound->flags & OD_FRAME_HAS_OFFSET;

	if (!unwound->symbol)
		return printed->module && !(printed->flags & OD_FRAME_UNRELIABLE);
	if (offsets && behind_the_end(printed, unwound))
		return true;
	return same_function(printed, unwound) && (!offsets || printed->offset == unwound->offset);
}

/* The nearest pair of frames ahead that are the same: how many each side has to pass over. */
static bool meet(const struct list *p, uint32_t i, const struct list *m, uint32_t j,
		 uint32_t *skip_p, uint32_t *skip_m)
{
	for (uint32_t sum = 1; sum <= LOOK_AHEAD; sum++)
		for (uint32_t a = 0; a <= sum; a++)
			if (i + a < p->n && j + sum - a < m->n &&
			    same(p->frame[i + a], m->frame[j + sum - a])) {
				*skip_p = a;
				*skip_m = sum - a;
				return true;
			}
	return false;
}

/*
 * What has a '?' need not be there. What an exception hit is printed as "RIP:", and stands in a
 * trace or not: no difference.
 */
static void pass_over(const struct list *l, uint32_t from, uint32_t n, uint32_t *count,
		      const struct od_frame **first)
{
	for (uint32_t i = from; i < from + n; i++) {
		if (l->frame[i]->flags & (OD_FRAME_PC | OD_FRAME_GUESSED | OD_FRAME_UNRELIABLE))
			continue;
		(*count)++;
		*first = l->frame[i];
	}
}

static void compare(const struct list *p, const struct list *m, struct od_comparison *c)
{
	uint32_t i = 0, j = 0, skip_p, skip_m;

	while (i < p->n && j < m->n) {
		if (same(p->frame[i], m->frame[j])) {
			c->agree++;
			c->guessed += !!(m->frame[j]->flags & OD_FRAME_GUESSED);
			c->doubted += !!(p->frame[i]->flags & OD_FRAME_UNRELIABLE);
			c->unnamed += !m->frame[j]->symbol;
			i++, j++;
			continue;
		}
		if (!meet(p, i, m, j, &skip_p, &skip_m))
			break;
		pass_over(p, i, skip_p, &c->missing, &c->first_missing);
		pass_over(m, j, skip_m, &c->extra, &c->first_extra);
		i += skip_p;
		j += skip_m;
	}
	while (i < p->n && (p->frame[i]->flags & OD_FRAME_UNRELIABLE))
		i++;
	if (i < p->n)
		c->printed = p->frame[i];
	if (j < m->n)
		c->unwound = m->frame[j];
}

bool od_compare_stacks(const struct od_report *rep, struct od_comparison *ret)
{
	struct list printed = collect(rep, false), memory = collect(rep, true);

	*ret = (struct od_comparison){ 0 };
	compare(&printed, &memory, ret);
	free(printed.frame);
	free(memory.frame);
	return printed.n && memory.n;
}

static void say_frame(const struct od_frame *f, struct od_buf *out)
{
	od_buf_addstr(out, f->symbol ? f->symbol : "code without a symbol");
	if (f->flags & OD_FRAME_HAS_OFFSET)
		od_buf_printf(out, "+0x%x", f->offset);
	if (f->module)
		od_buf_printf(out, " [%s]", f->module);
}

static void say_count(uint32_t n, const char *what, const struct od_frame *f, struct od_buf *out)
{
	if (!n)
		return;
	od_buf_printf(out, "; %u %s: ", n, what);
	say_frame(f, out);
	if (n > 1)
		od_buf_addstr(out, " ...");
}

void od_compare_say(const struct od_comparison *c, struct od_buf *out)
{
	if (!c->agree) {
		od_buf_addstr(out, "the stack in memory has nothing in common with the trace in "
				   "the log");
		return;
	}
	od_buf_printf(out, "%u frames of the stack in memory are those of the trace in the log",
		      c->agree);
	if (c->doubted)
		od_buf_printf(out, ", %u of them printed with a '?'", c->doubted);
	if (c->unnamed)
		od_buf_printf(out, ", %u as far as can be said without symbols", c->unnamed);
	say_count(c->missing, "printed and not in memory", c->first_missing, out);
	say_count(c->extra, "in memory and not printed", c->first_extra, out);
	if (c->printed && c->unwound && c->unwound->symbol &&
	    same_function(c->printed, c->unwound)) {
		od_buf_addstr(out, "; since then the kernel went on in ");
		od_buf_addstr(out, c->printed->symbol);
	}
}

void od_compare_note(struct od_report *rep)
{
	struct od_buf buf = OD_BUF_INIT;
	struct od_comparison c;

	if (!od_compare_stacks(rep, &c))
		return;
	od_compare_say(&c, &buf);
	od_report_note(rep, 0, "%.*s", (int)buf.len, (const char *)buf.data);
	od_buf_deinit(&buf);
}
