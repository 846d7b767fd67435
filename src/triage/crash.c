/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "triage/crash.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/*
 * One time that it happened. Two reports of one input are never copies of each other: the analysis of
 * that input has seen to it. So a time has at most one report of each input.
 */
struct occurrence {
	const struct od_item_report *best;
	uint64_t time_us; /* OD_TS_NONE: no copy has one */
	int32_t pid;
	uint32_t first, n; /* its reports: of the list that hangs on next[]; n 0: they went to another */
	uint32_t last;
};

struct finder {
	const struct od_item_report **sorted;
	uint32_t *next; /* of each sorted report: the next one of its occurrence */
	struct occurrence *occ;
	size_t nocc;
	struct od_crash *crashes;
	size_t ncrashes;
};

enum { NONE = UINT32_MAX, LOOK_BACK = 64 };

unsigned od_report_score(const struct od_item_report *rep)
{
	const char *tab = strchr(rep->findings, '\t');

	/* Findings are sorted: the first one is the best. */
	return tab ? (unsigned)strtoul(tab + 1, NULL, 10) : 0;
}

/* By signature; then those with a time, by it; then as they stand in the ticket. */
static int by_signature(const void *a, const void *b)
{
	const struct od_item_report *x = *(const struct od_item_report *const *)a;
	const struct od_item_report *y = *(const struct od_item_report *const *)b;
	int ret = strcmp(x->signature, y->signature);

	if (ret)
		return ret;
	/* OD_TS_NONE is the greatest number. */
	if (x->time_us != y->time_us)
		return x->time_us < y->time_us ? -1 : 1;
	if (x->input != y->input)
		return x->input < y->input ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static bool has_input(const struct finder *f, const struct occurrence *o, uint32_t input)
{
	unsigned looked = 0;

	for (uint32_t i = o->first; i != NONE && looked < LOOK_BACK; i = f->next[i], looked++)
		if (f->sorted[i]->input == input)
			return true;
	return false;
}

static bool is_other_process(int32_t a, int32_t b)
{
	return a >= 0 && b >= 0 && a != b;
}

static bool is_copy(const struct finder *f, const struct occurrence *o, const struct od_item_report *rep)
{
	if (is_other_process(o->pid, rep->pid))
		return false;
	if (has_input(f, o, rep->input))
		return false;
	if (rep->time_us == OD_TS_NONE || o->time_us == OD_TS_NONE)
		return !strcmp(o->best->stack_hash, rep->stack_hash);
	return rep->time_us - o->time_us <= OD_CRASH_WINDOW_US;
}

static void join(struct finder *f, struct occurrence *o, uint32_t at)
{
	const struct od_item_report *rep = f->sorted[at];

	f->next[o->last] = at;
	o->last = at;
	o->n++;
	if (o->pid < 0)
		o->pid = rep->pid;
	if (rep->weight > o->best->weight)
		o->best = rep;
}

/* The occurrences of one signature begin with first. */
static void place(struct finder *f, size_t first, uint32_t at)
{
	const struct od_item_report *rep = f->sorted[at];
	size_t from = f->nocc > first + LOOK_BACK ? f->nocc - LOOK_BACK : first;

	/* Those with a time come in its order: only the last one may be the same. */
	if (rep->time_us != OD_TS_NONE && f->nocc > first)
		from = f->nocc - 1;
	for (size_t i = from; i < f->nocc; i++) {
		if (is_copy(f, &f->occ[i], rep)) {
			join(f, &f->occ[i], at);
			return;
		}
	}
	f->occ[f->nocc++] = (struct occurrence){ .best = rep,
						 .time_us = rep->time_us,
						 .pid = rep->pid,
						 .first = at,
						 .last = at,
						 .n = 1 };
}

/* --- what tells less of the same ------------------------------------------------------------------------- */

/* "v1/null-deref/-": kind and variety, which a signature begins with. */
static size_t class_length(const char *signature)
{
	const char *slash = strrchr(signature, '/');

	return slash ? (size_t)(slash - signature) : 0;
}

/* Of one kind; and of one variety, if the thin one knows it. */
static bool is_same_class(const struct od_item_report *thin, const struct od_item_report *full)
{
	const size_t len = class_length(thin->signature);

	if (strcmp(thin->kind, full->kind) != 0)
		return false;
	if (len > 2 && !strncmp(thin->signature + len - 2, "/-", 2))
		return true;
	return len == class_length(full->signature) && !strncmp(thin->signature, full->signature, len);
}

/* Without a function: the one line that ABRT keeps as "reason", the core without symbols of a trace of gdb. */
static bool may_be(const struct finder *f, const struct occurrence *thin, const struct occurrence *full)
{
	const uint64_t a = thin->time_us, b = full->time_us;

	if (!full->n || !*full->best->function || is_other_process(thin->pid, full->pid) ||
	    !is_same_class(thin->best, full->best))
		return false;
	if (a != OD_TS_NONE && b != OD_TS_NONE && (a > b ? a - b : b - a) > OD_CRASH_WINDOW_US)
		return false;
	for (uint32_t i = thin->first; i != NONE; i = f->next[i])
		if (has_input(f, full, f->sorted[i]->input))
			return false;
	return true;
}

/* The only crash that it can be, whenever that happened; NULL: there is none, or more than one. */
static struct occurrence *find_full(const struct finder *f, const struct occurrence *thin)
{
	struct occurrence *found = NULL;

	for (size_t i = 0; i < f->nocc; i++) {
		if (&f->occ[i] == thin || !may_be(f, thin, &f->occ[i]))
			continue;
		if (found && strcmp(found->best->signature, f->occ[i].best->signature) != 0)
			return NULL;
		if (!found)
			found = &f->occ[i];
	}
	return found;
}

static void join_thin(struct finder *f)
{
	unsigned looked = 0;

	for (size_t i = 0; i < f->nocc && looked < LOOK_BACK; i++) {
		struct occurrence *thin = &f->occ[i], *full;

		if (*thin->best->function || thin->n > LOOK_BACK)
			continue;
		looked++;
		full = find_full(f, thin);
		if (!full)
			continue;
		f->next[full->last] = thin->first;
		full->last = thin->last;
		full->n += thin->n;
		thin->n = 0;
	}
}

/* --- crashes -------------------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void add_inputs(const struct finder *f, struct od_crash *c, const struct occurrence *o)
{
	c->inputs = od_realloc(c->inputs, (c->ninputs + o->n) * sizeof(*c->inputs));
	for (uint32_t i = o->first; i != NONE; i = f->next[i])
		c->inputs[c->ninputs++] = f->sorted[i]->input;
}

static void tidy_inputs(struct od_crash *c)
{
	uint32_t n = 0;

	qsort(c->inputs, c->ninputs, sizeof(*c->inputs), by_number);
	for (uint32_t i = 0; i < c->ninputs; i++)
		if (!n || c->inputs[n - 1] != c->inputs[i])
			c->inputs[n++] = c->inputs[i];
	c->ninputs = n;
}

/* Occurrences with the same stack are one crash. first: of the crashes of this signature. */
static void count(struct finder *f, size_t first, const struct occurrence *o)
{
	struct od_crash *c = NULL;

	for (size_t i = first; i < f->ncrashes && !c; i++)
		if (!strcmp(f->crashes[i].report->stack_hash, o->best->stack_hash))
			c = &f->crashes[i];
	if (!c && f->ncrashes - first >= OD_CRASH_STACKS)
		c = &f->crashes[f->ncrashes - 1];
	if (!c) {
		c = &f->crashes[f->ncrashes++];
		*c = (struct od_crash){ .report = o->best };
	}
	c->count++;
	c->copies += o->n - 1;
	add_inputs(f, c, o);
}

static int by_rank(const void *a, const void *b)
{
	const struct od_item_report *x = ((const struct od_crash *)a)->report;
	const struct od_item_report *y = ((const struct od_crash *)b)->report;

	if (x->consequence != y->consequence)
		return x->consequence ? 1 : -1;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (od_report_score(x) != od_report_score(y))
		return od_report_score(x) > od_report_score(y) ? -1 : 1;
	if (x->input != y->input)
		return x->input < y->input ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return strcmp(x->signature, y->signature);
}

size_t od_crashes_find(const struct od_item_report *reports, size_t n, struct od_crash **ret)
{
	struct finder f = { .sorted = od_calloc(n + 1, sizeof(*f.sorted)),
			    .next = od_calloc(n + 1, sizeof(*f.next)),
			    .occ = od_calloc(n + 1, sizeof(*f.occ)),
			    .crashes = od_calloc(n + 1, sizeof(*f.crashes)) };
	size_t start = 0, first_crash;

	for (size_t i = 0; i < n; i++) {
		f.sorted[i] = &reports[i];
		f.next[i] = NONE;
	}
	qsort(f.sorted, n, sizeof(*f.sorted), by_signature);
	for (size_t i = 0; i < n; i++) {
		if (i && strcmp(f.sorted[i]->signature, f.sorted[i - 1]->signature) != 0)
			start = f.nocc;
		place(&f, start, (uint32_t)i);
	}
	first_crash = 0;
	join_thin(&f);
	for (size_t i = 0; i < f.nocc; i++) {
		if (i && strcmp(f.occ[i].best->signature, f.occ[i - 1].best->signature) != 0)
			first_crash = f.ncrashes;
		if (f.occ[i].n)
			count(&f, first_crash, &f.occ[i]);
	}
	for (size_t i = 0; i < f.ncrashes; i++)
		tidy_inputs(&f.crashes[i]);
	qsort(f.crashes, f.ncrashes, sizeof(*f.crashes), by_rank);
	free(f.sorted);
	free(f.next);
	free(f.occ);
	*ret = f.crashes;
	return f.ncrashes;
}

void od_crashes_free(struct od_crash *crashes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(crashes[i].inputs);
	free(crashes);
}
