/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hang is understood from many tasks at once. Tasks are nodes; an edge says that one waits for
 * another: the kernel said so ("likely owned by task"), or both have a lock of the same address on
 * their lists. Lockdep enters a lock before it is got, so that the last one on the list of a task
 * that sleeps is the one it waits for.
 */
#include "analyze/hang.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/data.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/cursor.h"

enum { GROUP_FRAMES = 12, MAX_TASKS = 8192, MAX_TOLD = 24, NAMED_TASKS = 6 };

struct node {
	const char *comm;
	int32_t pid;
	char state; /* 0 unknown */
	const struct od_stack *stack; /* NULL */
	const struct od_report *rep;
	uint64_t hash;	 /* of its trace, 0: none */
	int32_t waits;	 /* index of the node that it waits for, -1 */
	const char *lock;
	uint32_t waiters; /* nodes that wait for this one, directly */
	uint8_t mark;
};

struct hang {
	struct node *nodes;
	uint32_t n, cap;
	uint32_t *by_pid; /* hash of pid -> 1 + index */
	uint32_t mask;
};

static void add_node(struct hang *h, const struct node *node)
{
	if (h->n == MAX_TASKS)
		return;
	if (h->n == h->cap) {
		h->cap = h->cap ? 2 * h->cap : 64;
		h->nodes = od_realloc(h->nodes, h->cap * sizeof(*h->nodes));
	}
	h->nodes[h->n] = *node;
	h->nodes[h->n++].waits = -1;
}

static void index_pids(struct hang *h)
{
	for (h->mask = 64; h->mask < 2 * h->n; h->mask *= 2)
		;
	h->by_pid = od_calloc(h->mask, sizeof(*h->by_pid));
	h->mask--;
	for (uint32_t i = 0; i < h->n; i++) {
		uint32_t k = (uint32_t)h->nodes[i].pid * 2654435761u & h->mask;

		while (h->by_pid[k] && h->nodes[h->by_pid[k] - 1].pid != h->nodes[i].pid)
			k = (k + 1) & h->mask;
		if (!h->by_pid[k])
			h->by_pid[k] = i + 1;
	}
}

static int32_t by_pid(const struct hang *h, int32_t pid);

/* A task that is reported again and again is one: what was seen of it first stays. */
static void forget_repeats(struct hang *h)
{
	for (uint32_t i = 0; i < h->n; i++) {
		struct node *node = &h->nodes[i];
		int32_t first = by_pid(h, node->pid);

		if (first < 0 || first == (int32_t)i)
			continue;
		if (!h->nodes[first].stack && node->stack) {
			h->nodes[first].stack = node->stack;
			h->nodes[first].hash = node->hash;
			h->nodes[first].state = node->state;
		}
		node->stack = NULL;
		node->hash = 0;
		node->state = '\0';
	}
}

static int32_t by_pid(const struct hang *h, int32_t pid)
{
	uint32_t k = (uint32_t)pid * 2654435761u & h->mask;

	if (pid < 0)
		return -1;
	while (h->by_pid[k] && h->nodes[h->by_pid[k] - 1].pid != pid)
		k = (k + 1) & h->mask;
	return (int32_t)h->by_pid[k] - 1;
}

static bool is_task(const struct od_stack *stack)
{
	return stack->aside && od_starts(stack->name, "task ");
}

/* "task comm:5" */
static void task_name(struct od_report *rep, const struct od_stack *stack, struct node *node)
{
	const char *s = stack->name + strlen("task "), *colon = strrchr(s, ':');
	struct od_cursor c;
	uint64_t pid;

	node->pid = -1;
	node->comm = s;
	if (!colon)
		return;
	c = od_cursor_init(colon + 1, strlen(colon + 1));
	if (od_cur_dec(&c, &pid) && pid <= INT32_MAX && od_cur_end(&c)) {
		node->pid = (int32_t)pid;
		node->comm = od_arena_strndup(&rep->arena, s, (size_t)(colon - s));
	}
}

static uint64_t trace_hash(const struct od_stack *stack)
{
	uint64_t h = 1469598103934665603ull;
	unsigned n = 0;

	for (uint32_t i = 0; i < stack->nframes && n < GROUP_FRAMES; i++) {
		const struct od_frame *f = &stack->frames[i];

		if (!f->function || (f->flags & OD_FRAME_UNRELIABLE))
			continue;
		for (const char *p = f->function; *p; p++)
			h = (h ^ (unsigned char)*p) * 1099511628211ull;
		h = (h ^ '\n') * 1099511628211ull;
		n++;
	}
	return n ? h | 1 : 0;
}

static bool just_waits(const struct od_frame *f, enum od_kind kind)
{
	const char *category = od_data_category(od_data_skip(f->function, f->module, kind));

	return !strcmp(category, "sleep") || !strcmp(category, "lock") || !strcmp(category, "wait");
}

/* The function in which it waits: the first that nothing passes over. */
static const char *place(const struct node *node)
{
	const struct od_stack *s = node->stack;
	const char *first = NULL;

	for (uint32_t i = 0; s && i < s->nframes; i++) {
		const struct od_frame *f = &s->frames[i];

		if (!f->function || (f->flags & OD_FRAME_UNRELIABLE))
			continue;
		if (!first && !just_waits(f, OD_KIND_HUNG_TASK))
			first = f->function;
		if (!od_data_skip(f->function, f->module, OD_KIND_HUNG_TASK))
			return f->function;
	}
	return first ? first : "no trace";
}

static void add_tasks(struct hang *h, struct od_report *rep)
{
	for (uint32_t i = 0; i < rep->nstacks; i++) {
		const struct od_stack *s = &rep->stacks[i];
		struct node node = { .rep = rep, .stack = s, .state = s->state };

		if (is_task(s)) {
			task_name(rep, s, &node);
		} else if (!i && !s->aside && rep->kind == OD_KIND_HUNG_TASK) {
			node.comm = rep->comm;
			node.pid = rep->pid;
			node.state = 'D';
		} else {
			continue;
		}
		node.hash = trace_hash(s);
		add_node(h, &node);
	}
	/* Those that are only known by their locks. */
	for (uint32_t i = 0; i < rep->nlocks; i++)
		if (!i || rep->locks[i].pid != rep->locks[i - 1].pid) {
			struct node node = { .rep = rep, .comm = rep->locks[i].comm, .pid = rep->locks[i].pid };

			add_node(h, &node);
		}
}

/* The same task twice: the one with a trace stays where by_pid() finds it. */
static void set_edge(struct hang *h, int32_t from, int32_t to, const char *lock)
{
	if (from < 0 || to < 0 || from == to || h->nodes[from].waits >= 0)
		return;
	h->nodes[from].waits = to;
	h->nodes[from].lock = lock;
	h->nodes[to].waiters++;
}

struct claim {
	uint64_t addr;
	const struct od_lock *lock;
	bool last; /* on its task's list */
};

static int by_addr(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->lock->lineno < y->lock->lineno ? -1 : x->lock->lineno > y->lock->lineno;
}

/* Readers share a lock: only a task that is known to be blocked can wait for it. */
static bool blocked(const struct hang *h, int32_t i)
{
	return i >= 0 && h->nodes[i].state == 'D';
}

static void lock_edges(struct hang *h, const struct od_report *rep)
{
	struct claim *claims = od_calloc(rep->nlocks + 1, sizeof(*claims));
	uint32_t n = 0;

	for (uint32_t i = 0; i < rep->nlocks; i++) {
		const struct od_lock *l = &rep->locks[i];

		if (l->addr && !strstr(l->name, "rcu_read_lock"))
			claims[n++] = (struct claim){ l->addr, l, i + 1 == rep->nlocks ||
								   rep->locks[i + 1].pid != l->pid };
	}
	qsort(claims, n, sizeof(*claims), by_addr);
	for (uint32_t i = 0, end; i < n; i = end) {
		int32_t holder = -1;

		for (end = i; end < n && claims[end].addr == claims[i].addr; end++)
			;
		if (end - i < 2)
			continue;
		/* Who has taken more locks since, or does not sleep, has this one. */
		for (uint32_t k = i; k < end && holder < 0; k++) {
			int32_t t = by_pid(h, claims[k].lock->pid);

			if (!claims[k].last || !blocked(h, t))
				holder = t;
		}
		for (uint32_t k = i; k < end && holder >= 0; k++)
			if (claims[k].last && blocked(h, by_pid(h, claims[k].lock->pid)))
				set_edge(h, by_pid(h, claims[k].lock->pid), holder, claims[k].lock->name);
	}
	free(claims);
}

/* "owner" of a hung-task report: "comm:5", since 6.14 */
static void owner_edge(struct hang *h, const struct od_report *rep)
{
	const struct od_detail *owner = od_report_detail(rep, "owner");
	const struct od_detail *type = od_report_detail(rep, "lock_type");
	const char *colon = owner && owner->string ? strrchr(owner->string, ':') : NULL;
	int32_t pid, to;

	if (!colon)
		return;
	pid = (int32_t)strtol(colon + 1, NULL, 10);
	to = by_pid(h, pid);
	if (to >= 0)
		set_edge(h, by_pid(h, rep->pid), to, type ? type->string : NULL);
}

static void add_name(struct od_buf *buf, const struct node *node)
{
	od_buf_printf(buf, "%s:%d", node->comm ? node->comm : "?", node->pid);
}

/* --- what is told ------------------------------------------------------------------------ */

static int by_hash(const void *a, const void *b)
{
	const struct node *x = *(const struct node *const *)a, *y = *(const struct node *const *)b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x < y ? -1 : x > y;
}

struct group {
	const struct node *const *first;
	uint32_t n;
};

static int by_size(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	bool dx = (*x->first)->state == 'D', dy = (*y->first)->state == 'D';

	if (dx != dy)
		return dx ? -1 : 1;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return *x->first < *y->first ? -1 : 1;
}

static void tell_groups(const struct hang *h, struct od_report *rep)
{
	const struct node **sorted = od_calloc(h->n + 1, sizeof(*sorted));
	struct group *groups = od_calloc(h->n + 1, sizeof(*groups));
	uint32_t n = 0, ngroups = 0;

	for (uint32_t i = 0; i < h->n; i++)
		if (h->nodes[i].hash)
			sorted[n++] = &h->nodes[i];
	qsort(sorted, n, sizeof(*sorted), by_hash);
	for (uint32_t i = 0, end; i < n; i = end) {
		for (end = i; end < n && sorted[end]->hash == sorted[i]->hash; end++)
			;
		groups[ngroups++] = (struct group){ sorted + i, end - i };
	}
	qsort(groups, ngroups, sizeof(*groups), by_size);
	for (uint32_t g = 0; g < ngroups && g < MAX_TOLD; g++) {
		struct od_buf buf = OD_BUF_INIT;
		char state[4] = "";

		if ((*groups[g].first)->state) {
			state[0] = (*groups[g].first)->state;
			state[1] = ' ';
		}
		od_buf_printf(&buf, "%u x %sin %s: ", groups[g].n, state, place(*groups[g].first));
		for (uint32_t k = 0; k < groups[g].n && k < NAMED_TASKS; k++) {
			if (k)
				od_buf_addstr(&buf, ", ");
			add_name(&buf, groups[g].first[k]);
		}
		if (groups[g].n > NAMED_TASKS)
			od_buf_printf(&buf, " and %u more", groups[g].n - NAMED_TASKS);
		od_report_detail_item(rep, "task_groups", od_buf_str(&buf), buf.len);
		od_buf_deinit(&buf);
	}
	free(sorted);
	free(groups);
}

static void tell_waits(const struct hang *h, struct od_report *rep)
{
	uint32_t told = 0;

	for (uint32_t i = 0; i < h->n && told < MAX_TOLD; i++) {
		struct od_buf buf = OD_BUF_INIT;

		if (h->nodes[i].waits < 0)
			continue;
		add_name(&buf, &h->nodes[i]);
		od_buf_addstr(&buf, " waits for ");
		if (h->nodes[i].lock)
			od_buf_printf(&buf, "%s of ", h->nodes[i].lock);
		add_name(&buf, &h->nodes[h->nodes[i].waits]);
		od_report_detail_item(rep, "waits", od_buf_str(&buf), buf.len);
		od_buf_deinit(&buf);
		told++;
	}
}

/* Each node has one edge at most: walk them once, a mark that is ours closes a circle. */
static bool tell_cycle(struct hang *h, struct od_report *rep)
{
	for (uint32_t i = 0; i < h->n; i++) {
		int32_t k = (int32_t)i;
		struct od_buf buf = OD_BUF_INIT;

		while (k >= 0 && !h->nodes[k].mark) {
			h->nodes[k].mark = 1;
			k = h->nodes[k].waits;
		}
		if (k >= 0 && h->nodes[k].mark == 1 && h->nodes[k].waits >= 0) {
			int32_t m = k;

			do {
				add_name(&buf, &h->nodes[m]);
				od_buf_addstr(&buf, " -> ");
				m = h->nodes[m].waits;
			} while (m != k);
			add_name(&buf, &h->nodes[k]);
			od_report_detail_str(rep, "cycle", od_buf_str(&buf), buf.len);
			od_report_note(rep, 0, "deadlock: %s", od_buf_str(&buf));
			od_buf_deinit(&buf);
			return true;
		}
		for (k = (int32_t)i; k >= 0 && h->nodes[k].mark == 1; k = h->nodes[k].waits)
			h->nodes[k].mark = 2;
	}
	return false;
}

/* The end of the chains that most tasks hang on. */
static void tell_waited_for(const struct hang *h, struct od_report *rep)
{
	uint32_t *all = od_calloc(h->n + 1, sizeof(*all)), best = 0;

	for (uint32_t i = 0; i < h->n; i++) {
		int32_t k = (int32_t)i;

		for (uint32_t steps = 0; h->nodes[k].waits >= 0 && steps < 64; steps++)
			k = h->nodes[k].waits;
		if (k != (int32_t)i && ++all[k] > all[best])
			best = (uint32_t)k;
	}
	if (all[best] >= 1) {
		struct od_buf buf = OD_BUF_INIT;

		add_name(&buf, &h->nodes[best]);
		od_report_detail_str(rep, "waited_for", od_buf_str(&buf), buf.len);
		od_report_note(rep, 0, "%u task%s wait%s for %s, which is in %s", all[best],
			       all[best] == 1 ? "" : "s", all[best] == 1 ? "s" : "", od_buf_str(&buf),
			       place(&h->nodes[best]));
		od_buf_deinit(&buf);
	}
	free(all);
}

static void conclude(struct hang *h, struct od_report *rep)
{
	uint32_t blocked = 0;

	for (uint32_t i = 0; i < h->n; i++)
		blocked += h->nodes[i].state == 'D' && h->nodes[i].stack;
	if (blocked)
		od_report_detail_num(rep, "blocked_tasks", blocked);
	if (h->n > 1)
		tell_groups(h, rep);
	tell_waits(h, rep);
	if (!tell_cycle(h, rep))
		tell_waited_for(h, rep);
}

static void deinit(struct hang *h)
{
	free(h->nodes);
	free(h->by_pid);
}

void od_hang_report(struct od_report *rep)
{
	struct hang h = { 0 };
	uint32_t tasks = 0;

	for (uint32_t i = 0; i < rep->nstacks; i++)
		tasks += is_task(&rep->stacks[i]);
	if (tasks < 2 && rep->nlocks < 2)
		return;
	add_tasks(&h, rep);
	index_pids(&h);
	forget_repeats(&h);
	owner_edge(&h, rep);
	lock_edges(&h, rep);
	conclude(&h, rep);
	deinit(&h);
}

void od_hang_input(struct od_input *in)
{
	for (uint32_t i = 0, end; i < in->nreports; i = end) {
		struct od_report *first = NULL;
		struct hang h = { 0 };
		uint32_t n = 0;

		for (end = i; end < in->nreports && in->reports[end]->boot == in->reports[i]->boot; end++) {
			struct od_report *rep = in->reports[end];

			if (rep->kind != OD_KIND_HUNG_TASK)
				continue;
			first = first ? first : rep;
			n++;
			add_tasks(&h, rep);
		}
		if (n > 1) {
			index_pids(&h);
			forget_repeats(&h);
			for (uint32_t k = i; k < end; k++) {
				if (in->reports[k]->kind != OD_KIND_HUNG_TASK)
					continue;
				owner_edge(&h, in->reports[k]);
				lock_edges(&h, in->reports[k]);
			}
			conclude(&h, first);
		}
		deinit(&h);
	}
}
