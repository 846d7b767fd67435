/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A task that waits for a lock has a struct mutex_waiter (rwsem_waiter, semaphore_waiter) in a
 * frame of its stack: a list_head on the lock's list, then a pointer to the task itself. So every
 * word of the stack that is the task's own address may be in one. It is one if both neighbours on
 * the list point back to it; then the one entry of the list that is nobody's waiter is the head,
 * within the lock.
 */
#include "target/kernel/locks.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "target/kernel/field.h"

enum {
	MAX_WAITERS = 100000, /* entries of one list */
	OWNER_FLAGS = 7,      /* low bits of mutex.owner and rw_semaphore.owner, kernel/locking */
	READER_OWNED = 1,     /* of rw_semaphore.owner */
	MAX_STACK = 256 * 1024,
};

/* Kinds of waiters; the functions that put one on the stack tell them apart. */
static const struct kind {
	enum od_lock_kind kind;
	const char *waiter, *lock;	   /* types */
	const char *functions[3];	   /* names begin with */
} kinds[] = {
	{ OD_LOCK_MUTEX, "struct mutex_waiter", "struct mutex", { "__mutex_lock", "__ww_mutex_lock" } },
	{ OD_LOCK_RWSEM_WRITE,
	 "struct rwsem_waiter",
	 "struct rw_semaphore",
	 { "rwsem_down_", "__rwsem_down_" } },
	{ OD_LOCK_SEMAPHORE, "struct semaphore_waiter", "struct semaphore", { "__down", "___down" } },
};

enum { NKINDS = sizeof(kinds) / sizeof(*kinds) };

const char *od_lock_kind_name(enum od_lock_kind kind)
{
	static const char *const names[] = {
		[OD_LOCK_MUTEX] = "mutex",
		[OD_LOCK_RWSEM_READ] = "rw_semaphore (for reading)",
		[OD_LOCK_RWSEM_WRITE] = "rw_semaphore (for writing)",
		[OD_LOCK_SEMAPHORE] = "semaphore",
		[OD_LOCK_RTMUTEX] = "rt_mutex",
	};

	return (unsigned)kind < sizeof(names) / sizeof(*names) ? names[kind] : "lock";
}

struct scan {
	struct od_kernel *k;
	const struct od_task *task;
	uint64_t base;	/* of bytes */
	uint8_t *bytes;	/* of its stack, from sp on */
	size_t len;
	uint64_t list, owner_task; /* offsets in the waiter: of its list_head, of its task */
};

static uint64_t word_at(const struct scan *s, size_t at)
{
	return od_mem_number(s->k->mem, s->bytes + at, s->k->mem->pointer_size);
}

/* Both neighbours of a list_head point back to it, and it is not alone. */
static bool is_linked(struct od_kernel *k, uint64_t node)
{
	uint32_t width = k->mem->pointer_size;
	uint64_t next, prev, back, forth;

	return od_mem_pointer(k->mem, node, &next) == OD_MEM_OK &&
	       od_mem_pointer(k->mem, node + width, &prev) == OD_MEM_OK && next != node &&
	       od_mem_pointer(k->mem, next + width, &back) == OD_MEM_OK && back == node &&
	       od_mem_pointer(k->mem, prev, &forth) == OD_MEM_OK && forth == node;
}

/* Is this entry of the list a waiter: does it name a task whose stack it lies on? */
static bool is_waiter(const struct scan *s, uint64_t node)
{
	struct od_task task;
	uint64_t addr;

	return od_mem_pointer(s->k->mem, node - s->list + s->owner_task, &addr) == OD_MEM_OK &&
	       od_kernel_task(s->k, addr, &task) && task.stack && node > task.stack &&
	       node - task.stack < od_kernel_stack_size(s->k);
}

/* The head of the list that node is on; 0: there is none. */
static uint64_t head_of(const struct scan *s, uint64_t node)
{
	uint64_t at = node;

	for (uint32_t i = 0; i < MAX_WAITERS; i++) {
		if (od_mem_pointer(s->k->mem, at, &at) != OD_MEM_OK || at == node)
			return 0;
		if (!is_waiter(s, at))
			return at;
	}
	return 0;
}

/*
 * The kind by the innermost function below the waiter that makes such: the waiter is in its frame,
 * so the address that its callee returns to is just below. NULL: none of them is there.
 */
static const struct kind *kind_by_function(const struct scan *s, size_t end)
{
	uint64_t first = od_kernel_symbol(s->k, "_stext"), last = od_kernel_symbol(s->k, "_etext");
	struct od_symbol sym;

	for (size_t at = 0; at < end; at += s->k->mem->pointer_size) {
		uint64_t word = word_at(s, at);

		if (word < first || (last && word >= last) || !first ||
		    !od_symtab_at(s->k->symtab, word - 1, &sym))
			continue;
		for (unsigned i = 0; i < NKINDS; i++)
			for (unsigned j = 0; j < 3 && kinds[i].functions[j]; j++)
				if (!strncmp(sym.name, kinds[i].functions[j],
					     strlen(kinds[i].functions[j])))
					return &kinds[i];
	}
	return NULL;
}

static void read_owner(struct od_kernel *k, const char *type, struct od_wait *ret)
{
	uint64_t owner = 0;
	struct od_task task;

	if (!od_kernel_member(k, ret->lock, type, "owner", &owner) ||
	    !(owner & ~(uint64_t)OWNER_FLAGS))
		return;
	ret->reader_owned = ret->kind != OD_LOCK_MUTEX && (owner & READER_OWNED);
	owner &= ~(uint64_t)OWNER_FLAGS;
	if (od_kernel_task(k, owner, &task))
		ret->owner = owner;
}

/* enum rwsem_waiter_type: RWSEM_WAITING_FOR_WRITE, RWSEM_WAITING_FOR_READ */
static enum od_lock_kind rwsem_kind(struct od_kernel *k, uint64_t waiter)
{
	int64_t reading = 1;
	uint64_t type = 0;

	if (od_kernel_types(k))
		od_btf_enumerator(k->btf, "RWSEM_WAITING_FOR_READ", &reading);
	return od_kernel_member(k, waiter, "struct rwsem_waiter", "type", &type) &&
	       (int64_t)type == reading ? OD_LOCK_RWSEM_READ : OD_LOCK_RWSEM_WRITE;
}

/* A waiter whose pointer to its task is at this offset of the stack. */
static bool waiter_at(struct scan *s, size_t at, struct od_wait *ret)
{
	const struct kind *kind = kind_by_function(s, at);
	uint64_t head, wait_list;

	if (!kind || !od_kernel_offset(s->k, kind->waiter, "task", &s->owner_task) ||
	    !od_kernel_offset(s->k, kind->waiter, "list", &s->list) ||
	    !od_kernel_offset(s->k, kind->lock, "wait_list", &wait_list) || at < s->owner_task)
		return false;
	ret->waiter = s->base + at - s->owner_task;
	if (!is_linked(s->k, ret->waiter + s->list))
		return false;
	head = head_of(s, ret->waiter + s->list);
	if (!head)
		return false;
	ret->lock = head - wait_list;
	ret->kind = kind->kind == OD_LOCK_RWSEM_WRITE ? rwsem_kind(s->k, ret->waiter) : kind->kind;
	read_owner(s->k, kind->lock, ret);
	/* The layout is that of most kernels, not known: an owner proves it. */
	return ret->owner || od_kernel_types(s->k);
}

static bool scan_stack(struct od_kernel *k, const struct od_task *task, struct od_wait *ret)
{
	uint64_t end = task->stack + od_kernel_stack_size(k);
	struct scan s = { .k = k, .task = task, .base = task->sp };
	size_t width = k->mem->pointer_size;
	bool found = false;

	if (!task->stack || task->sp < task->stack || task->sp >= end || task->sp % width ||
	    end - task->sp > MAX_STACK)
		return false;
	s.bytes = od_malloc(end - task->sp);
	k->mem->read(k->mem, OD_VIRT, task->sp, s.bytes, end - task->sp, &s.len);
	for (size_t at = 0; at + width <= s.len && !found; at += width)
		if (word_at(&s, at) == task->addr)
			found = waiter_at(&s, at, ret);
	free(s.bytes);
	return found;
}

/* task_struct.pi_blocked_on: CONFIG_RT_MUTEXES, and all sleeping locks of PREEMPT_RT. */
static bool by_rt_mutex(struct od_kernel *k, const struct od_task *task, struct od_wait *ret)
{
	uint64_t owner = 0;
	struct od_task holder;

	if (!od_kernel_member(k, task->addr, "struct task_struct", "pi_blocked_on", &ret->waiter) ||
	    !ret->waiter ||
	    !od_kernel_member(k, ret->waiter, "struct rt_mutex_waiter", "lock", &ret->lock) ||
	    !ret->lock)
		return false;
	ret->kind = OD_LOCK_RTMUTEX;
	if (od_kernel_member(k, ret->lock, "struct rt_mutex_base", "owner", &owner) ||
	    od_kernel_member(k, ret->lock, "struct rt_mutex", "owner", &owner))
		owner &= ~1ull;
	if (owner && od_kernel_task(k, owner, &holder))
		ret->owner = owner;
	return true;
}

bool od_kernel_wait(struct od_kernel *k, const struct od_task *task, struct od_wait *ret)
{
	*ret = (struct od_wait){ .task = task->addr };
	if (task->running || task->state == 'R')
		return false;
	if (by_rt_mutex(k, task, ret) || scan_stack(k, task, ret))
		return true;
	*ret = (struct od_wait){ .task = task->addr };
	return false;
}
