/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * struct task_struct without types. What is where follows from what must be true of all tasks; the
 * order of the members (include/linux/sched.h), which has not changed since 3.x, says where to look
 * for each. Offsets are from the list_head tasks until the beginning of the struct is known.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "target/kernel/infer-internal.h"
#include "target/kernel/tasks.h"

enum {
	BEFORE = 8192, /* bytes ahead of the tasks member, and behind it, that are looked at */
	WINDOW = 2 * BEFORE,
	SAMPLES = 64,
	MIN_SAMPLES = 4,
	SIGCHLD = 17,
	PF_KTHREAD = 0x200000,
	MAX_PID = 4 << 20,
	STACK_ALIGN = 4096,
	MAX_TRIED = 256, /* places where "swapper" stands; a kernel has a few */
};

struct sample {
	uint64_t node;	/* address of its list_head tasks */
	uint8_t *bytes; /* WINDOW, from node - BEFORE on; what cannot be read is zero */
};

struct search {
	struct od_kernel *k;
	struct sample sample[SAMPLES]; /* init_task first, then in the order of the list */
	unsigned n;
	unsigned tried; /* candidates for init_task */
	int comm, base, pid, leader, parent, stack, exit_state; /* from the list_head tasks */
};

static uint64_t word(const struct search *s, unsigned i, int at)
{
	if (at < -BEFORE || at + 8 > BEFORE)
		return 0;
	return od_mem_number(s->k->mem, s->sample[i].bytes + BEFORE + at, 8);
}

static uint32_t half(const struct search *s, unsigned i, int at)
{
	if (at < -BEFORE || at + 4 > BEFORE)
		return 0;
	return (uint32_t)od_mem_number(s->k->mem, s->sample[i].bytes + BEFORE + at, 4);
}

static uint64_t base_of(const struct search *s, unsigned i)
{
	return s->sample[i].node + (uint64_t)(int64_t)s->base;
}

/* --- the ring ------------------------------------------------------------------------ */

/* A name that a task may have: not empty, no control bytes, and an end. */
static bool is_comm(struct od_kernel *k, uint64_t addr)
{
	char text[OD_COMM];

	if (od_mem_read(k->mem, addr, text, sizeof(text)) != OD_MEM_OK || !text[0] ||
	    !memchr(text, '\0', sizeof(text)))
		return false;
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 && *p != '\033' && *p != '\t' && *p != '\n')
			return false;
	return true;
}

static void read_window(struct search *s, uint64_t node)
{
	struct sample *m = &s->sample[s->n++];

	m->node = node;
	m->bytes = od_arena_alloc(&s->k->arena, WINDOW);
	for (uint64_t at = 0; at < WINDOW;) {
		uint64_t addr = node - BEFORE + at, len = 4096 - addr % 4096;
		size_t got;

		if (len > WINDOW - at)
			len = WINDOW - at;
		s->k->mem->read(s->k->mem, OD_VIRT, addr, m->bytes + at, len, &got);
		at += len;
	}
}

/* Is there a ring through node whose every entry has a name at the same distance? */
static bool is_ring(struct od_kernel *k, uint64_t node, uint64_t comm)
{
	uint64_t next = node, back;
	unsigned n = 0;

	for (; n < SAMPLES; n++) {
		uint64_t at = next;

		if (od_mem_u64(k->mem, at, &next) != OD_MEM_OK || !od_is_kernel_pointer(next) ||
		    next == at || od_mem_u64(k->mem, next + 8, &back) != OD_MEM_OK || back != at)
			return false;
		if (next == node)
			break;
		if (!is_comm(k, next + (comm - node)))
			return false;
	}
	return n >= MIN_SAMPLES;
}

static void take_samples(struct search *s, uint64_t node)
{
	uint64_t at = node;

	do {
		read_window(s, at);
		od_mem_u64(s->k->mem, at, &at);
	} while (at != node && s->n < SAMPLES);
}

/* comm: address of "swapper" in init_task. The ring is ahead of it. */
static bool ring_at(struct search *s, uint64_t comm)
{
	for (uint64_t node = comm - 16; node > comm - BEFORE + 64; node -= 8)
		if (is_ring(s->k, node, comm)) {
			s->comm = (int)(comm - node);
			take_samples(s, node);
			return true;
		}
	return false;
}

static bool search_piece(void *ctx, uint64_t addr, const uint8_t *bytes, size_t len)
{
	struct search *s = ctx;
	const uint8_t *p = bytes;

	while ((p = memmem(p, len - (size_t)(p - bytes), "swapper", 7)) != NULL) {
		if ((addr + (uint64_t)(p - bytes)) % 8 == 0 && s->tried++ < MAX_TRIED &&
		    ring_at(s, addr + (uint64_t)(p - bytes)))
			return false;
		p++;
	}
	return true;
}

/* --- members ------------------------------------------------------------------------- */

/* group_leader: the one member behind the ring that holds the address of the struct itself. */
static bool find_base(struct search *s)
{
	for (s->leader = 16; s->leader < s->comm; s->leader += 8) {
		int64_t delta = (int64_t)(word(s, 0, s->leader) - s->sample[0].node);
		unsigned i = 1;

		if (delta >= 0 || delta < -BEFORE)
			continue;
		while (i < s->n && word(s, i, s->leader) - s->sample[i].node == (uint64_t)delta)
			i++;
		if (i == s->n) {
			s->base = (int)delta;
			return true;
		}
	}
	return false;
}

/* pid and tgid: leaders have the same number twice; the first task has 1, the idle one 0. */
static bool find_pid(struct search *s)
{
	for (s->pid = 16; s->pid < s->leader; s->pid += 4) {
		unsigned i = 0;

		if (half(s, 0, s->pid) || half(s, 0, s->pid + 4) || half(s, 1, s->pid) != 1 ||
		    half(s, 2, s->pid) != 2)
			continue;
		while (i < s->n && half(s, i, s->pid) == half(s, i, s->pid + 4) &&
		       half(s, i, s->pid) <= MAX_PID && (i == 0 || half(s, i, s->pid) > 0))
			i++;
		if (i == s->n)
			return true;
	}
	return false;
}

static bool is_base(const struct search *s, uint64_t addr)
{
	for (unsigned i = 0; i < s->n; i++)
		if (base_of(s, i) == addr)
			return true;
	return false;
}

/*
 * real_parent: behind the pids; of the first two, init_task; of the others mostly one of the
 * samples.
 */
static bool find_parent(struct search *s)
{
	for (s->parent = (s->pid + 8 + 7) & ~7; s->parent < s->leader; s->parent += 8) {
		unsigned known = 0;

		for (unsigned i = 0; i < s->n; i++)
			known += is_base(s, word(s, i, s->parent));
		if (word(s, 0, s->parent) == base_of(s, 0) &&
		    word(s, 1, s->parent) == base_of(s, 0) &&
		    word(s, 2, s->parent) == base_of(s, 0) && known * 4 >= s->n * 3)
			return true;
	}
	return false;
}

/*
 * stack: near the beginning, each its own, aligned; 0 of what is dead. Ahead of it is the state and
 * behind it are a counter and the flags, which say of kthreadd, but not of init, that it is a
 * thread of the kernel.
 */
static bool find_stack(struct search *s)
{
	for (s->stack = s->base + 8; s->stack < s->base + 256; s->stack += 8) {
		unsigned i, zeros = 0;

		for (i = 0; i < s->n; i++) {
			uint64_t p = word(s, i, s->stack);

			zeros += p == 0;
			if (p && (!od_is_kernel_pointer(p) || p % STACK_ALIGN ||
				  (i && p == word(s, i - 1, s->stack))))
				break;
		}
		if (i == s->n && zeros * 4 <= s->n && !(half(s, 1, s->stack + 12) & PF_KTHREAD) &&
		    (half(s, 2, s->stack + 12) & PF_KTHREAD))
			return true;
	}
	return false;
}

/* exit_state, exit_code, exit_signal, pdeath_signal: ahead of the pids; most die with SIGCHLD. */
static bool find_exit(struct search *s)
{
	for (s->exit_state = 16; s->exit_state < s->pid; s->exit_state += 4) {
		unsigned i, children = 0;

		for (i = 0; i < s->n; i++) {
			uint32_t state = half(s, i, s->exit_state),
				 sig = half(s, i, s->exit_state + 8);

			if ((state != 0 && state != 16 && state != 32) ||
			    (sig && sig != SIGCHLD && sig != UINT32_MAX) ||
			    half(s, i, s->exit_state + 12) > 64)
				break;
			children += sig == SIGCHLD;
		}
		if (i == s->n && children * 2 >= s->n)
			return true;
	}
	return false;
}

static bool is_kthread(const struct search *s, unsigned i)
{
	return half(s, i, s->stack + 12) & PF_KTHREAD;
}

/* mm, active_mm: threads of the kernel have none, and for the others both are the same. */
static int find_mm(const struct search *s)
{
	for (int at = 16; at < s->exit_state; at += 8) {
		unsigned i = 0;

		while (i < s->n &&
		       (is_kthread(s, i) ? word(s, i, at) == 0
					 : half(s, i, s->exit_state) ||
						   (od_is_kernel_pointer(word(s, i, at)) &&
						    word(s, i, at) == word(s, i, at + 8))))
			i++;
		if (i == s->n)
			return at;
	}
	return 0;
}

static bool on_own_stack(const struct search *s, unsigned i, uint64_t p)
{
	uint64_t stack = word(s, i, s->stack);

	return stack && p > stack && p <= stack + od_kernel_stack_size(s->k);
}

/*
 * thread: at the end of the struct. arm64: fp, sp and pc follow each other in cpu_context; x86: sp
 * is the first word that is an address of the task's own stack. One that runs may have stale ones.
 */
static int find_thread(const struct search *s)
{
	for (int at = s->comm + OD_COMM; at + 24 <= BEFORE; at += 8) {
		unsigned fits = 0, alive = 0;

		for (unsigned i = 1; i < s->n; i++) {
			alive += word(s, i, s->stack) != 0;
			if (!on_own_stack(s, i, word(s, i, at)))
				continue;
			fits += !s->k->arm64 || (on_own_stack(s, i, word(s, i, at + 8)) &&
						 word(s, i, at + 16) >> 56 == 0xff);
		}
		if (alive && fits * 10 >= alive * 8)
			return at;
	}
	return 0;
}

/*
 * start_time and start_boottime: nanoseconds that grow with the pids; of those that were made early
 * in the boot, while the clock only ticked, many are the same.
 */
static int find_start(const struct search *s)
{
	for (int at = s->leader + 8; at < s->comm; at += 8) {
		unsigned grows = 0, i;

		for (i = 1; i < s->n; i++) {
			uint64_t t = word(s, i, at), boot = word(s, i, at + 8);

			if (t < 1000000 || t >> 60 || boot < t || (i > 1 && t < word(s, i - 1, at)))
				break;
			grows += i > 1 && t > word(s, i - 1, at);
		}
		if (i == s->n && grows * 4 >= s->n)
			return at;
	}
	return 0;
}

/*
 * signal->thread_head and thread_node: with one thread each is the only entry of the other's list.
 * head is the offset in struct signal_struct. False: not found; then there are leaders alone.
 */
static bool thread_list(const struct search *s, int signal, int node, int head)
{
	unsigned alone = 0;

	for (unsigned i = 0; i < s->n; i++) {
		uint64_t at = s->sample[i].node + (uint64_t)(int64_t)node;
		uint64_t next = word(s, i, node), prev = word(s, i, node + 8), back;
		uint64_t list = word(s, i, signal) + (uint64_t)(int64_t)head;

		if (next == at || !od_is_kernel_pointer(next))
			return false;
		if (next != prev)
			continue;
		if (next != list || od_mem_u64(s->k->mem, list, &back) != OD_MEM_OK || back != at)
			return false;
		alone++;
	}
	return alone * 2 >= s->n;
}

static bool find_threads(struct search *s)
{
	for (int node = s->leader + 8; node < s->comm; node += 8)
		for (int signal = s->comm + OD_COMM; signal < s->comm + 256; signal += 8) {
			int64_t head = (int64_t)(word(s, 1, node) - word(s, 1, signal));

			if (head < 8 || head > 64 || !thread_list(s, signal, node, (int)head))
				continue;
			od_infer_add(s->k, "struct task_struct", "thread_node",
				     (uint64_t)(node - s->base), 16);
			od_infer_add(s->k, "struct task_struct", "signal",
				     (uint64_t)(signal - s->base), 8);
			od_infer_add(s->k, "struct signal_struct", "thread_head", (uint64_t)head,
				     16);
			return true;
		}
	return false;
}

/*
 * Does this member of a task lead to a struct whose member at offset is a longer name that begins
 * as comm?
 */
static bool leads_to_name(const struct search *s, unsigned i, int at, uint64_t offset)
{
	const char *comm = (const char *)s->sample[i].bytes + BEFORE + s->comm;
	uint64_t thread = word(s, i, at), name;
	char text[64];

	return od_is_kernel_pointer(thread) &&
	       od_mem_u64(s->k->mem, thread + offset, &name) == OD_MEM_OK && name &&
	       od_mem_string(s->k->mem, name, text, sizeof(text)) == OD_MEM_OK &&
	       !strncmp(text, comm, OD_COMM - 1) && strlen(text) >= OD_COMM;
}

/*
 * worker_private and struct kthread.full_name (5.17 on): by the threads whose name comm has no room
 * for.
 */
static bool find_full_name(struct search *s)
{
	unsigned cut[SAMPLES], n = 0;

	for (unsigned i = 0; i < s->n; i++)
		if (is_kthread(s, i) && strnlen((const char *)s->sample[i].bytes + BEFORE + s->comm,
						OD_COMM) == OD_COMM - 1)
			cut[n++] = i;
	for (int at = s->leader + 8; n && at < s->comm; at += 8)
		for (uint64_t offset = 0; offset < 256; offset += 8) {
			unsigned fits = 0;

			while (fits < n && leads_to_name(s, cut[fits], at, offset))
				fits++;
			if (fits < n)
				continue;
			od_infer_add(s->k, "struct task_struct", "worker_private",
				     (uint64_t)(at - s->base), 8);
			od_infer_add(s->k, "struct kthread", "full_name", offset, 8);
			return true;
		}
	return false;
}

static void add(const struct search *s, const char *member, int at, uint64_t size)
{
	od_infer_add(s->k, "struct task_struct", member, (uint64_t)(at - s->base), size);
}

/*
 * Locks, as kernels without debug options have them: struct mutex since 4.10, rw_semaphore
 * since 5.3, and what waits for them. od_kernel_wait() only takes it for one if its owner is a
 * task.
 */
static void add_locks(struct od_kernel *k)
{
	static const struct od_inferred_member rows[] = {
		{ "struct mutex", "owner", 0, 8 },
		{ "struct mutex", "wait_list", 16, 16 },
		{ "struct mutex_waiter", "list", 0, 16 },
		{ "struct mutex_waiter", "task", 16, 8 },
		{ "struct rw_semaphore", "owner", 8, 8 },
		{ "struct rw_semaphore", "wait_list", 24, 16 },
		{ "struct rwsem_waiter", "list", 0, 16 },
		{ "struct rwsem_waiter", "task", 16, 8 },
		{ "struct rwsem_waiter", "type", 24, 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		od_infer_add(k, rows[i].type, rows[i].member, rows[i].offset, rows[i].size);
}

static bool find_tasks(struct od_kernel *k, struct search *s)
{
	uint64_t first, last;
	int at;

	od_infer_scan(k, search_piece, s, &first, &last);
	if (s->n < MIN_SAMPLES || !find_base(s) || !find_pid(s) || !find_parent(s) ||
	    !find_stack(s))
		return false;
	od_kernel_add_symbol(k, "init_task", base_of(s, 0));
	add(s, "tasks", 0, 16);
	add(s, "comm", s->comm, OD_COMM);
	add(s, "pid", s->pid, 4);
	add(s, "tgid", s->pid + 4, 4);
	add(s, "real_parent", s->parent, 8);
	add(s, "stack", s->stack, 8);
	add(s, "__state", s->stack - 8, 4);
	add(s, "flags", s->stack + 12, 4);
	if (find_exit(s)) {
		add(s, "exit_state", s->exit_state, 4);
		at = find_mm(s);
		if (at)
			add(s, "mm", at, 8);
	}
	at = find_start(s);
	if (at)
		add(s, "start_time", at, 8);
	at = find_thread(s);
	if (at && k->arm64) {
		add(s, "thread.cpu_context.fp", at, 8);
		add(s, "thread.cpu_context.sp", at + 8, 8);
		add(s, "thread.cpu_context.pc", at + 16, 8);
	} else if (at) {
		add(s, "thread.sp", at, 8);
	}
	find_threads(s);
	find_full_name(s);
	add_locks(k);
	return true;
}

bool od_infer_tasks(struct od_kernel *k)
{
	struct od_inferred *state = od_infer_state(k);

	if (!state->tasks_tried && !od_kernel_types(k) && k->mem->pointer_size == 8) {
		struct search *s = od_calloc(1, sizeof(*s));

		state->tasks_tried = true;
		s->k = k;
		state->tasks_found = find_tasks(k, s);
		free(s);
	}
	return state->tasks_found;
}
