/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/kvm.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "target/kernel/field.h"
#include "target/kernel/globals.h"
#include "target/kernel/modules.h"

struct fields {
	struct od_field list, seq, running, start, end, pid, users, created, online, bugged, dead;
};

/* Older names behind '|'; kernels before 5.16 have no ranges, before 5.12 no userspace_pid of use. */
static const struct od_field_row rows[] = {
	{ "vm_list", offsetof(struct fields, list) },
	{ "mmu_invalidate_seq|mmu_notifier_seq", offsetof(struct fields, seq) },
	{ "mmu_invalidate_in_progress|mmu_notifier_count", offsetof(struct fields, running) },
	{ "mmu_invalidate_range_start|mmu_notifier_range_start", offsetof(struct fields, start) },
	{ "mmu_invalidate_range_end|mmu_notifier_range_end", offsetof(struct fields, end) },
	{ "userspace_pid", offsetof(struct fields, pid) },
	{ "users_count.refs.counter|users_count.counter", offsetof(struct fields, users) },
	{ "created_vcpus", offsetof(struct fields, created) },
	{ "online_vcpus.counter", offsetof(struct fields, online) },
	{ "vm_bugged", offsetof(struct fields, bugged) },
	{ "vm_dead", offsetof(struct fields, dead) },
};

struct reader {
	struct od_kernel *k;
	struct od_arena *arena;
	struct od_kvm_vms *ret;
	uint32_t cap;
	struct fields f;
	struct od_field mm;
};

static int64_t small(struct reader *r, const struct od_field *f, uint64_t addr)
{
	uint64_t v;

	return od_field_read(r->k, f, addr, &v) ? (int32_t)v : -1;
}

static bool flag(struct reader *r, const struct od_field *f, uint64_t addr)
{
	uint64_t v;

	return od_field_read(r->k, f, addr, &v) && v;
}

static bool read_vm(void *ctx, uint64_t addr)
{
	struct reader *r = ctx;
	struct od_kvm_vm *vm = od_push(r->arena, r->ret->vm, r->ret->n, r->cap);
	const struct fields *f = &r->f;
	uint64_t mm;

	*vm = (struct od_kvm_vm){ .addr = addr };
	vm->has_seq = od_field_read(r->k, &f->seq, addr, &vm->seq);
	vm->has_running = od_field_read(r->k, &f->running, addr, &vm->running);
	vm->has_range = od_field_read(r->k, &f->start, addr, &vm->start) &&
			od_field_read(r->k, &f->end, addr, &vm->end);
	vm->pid = (int32_t)small(r, &f->pid, addr);
	vm->users = small(r, &f->users, addr);
	vm->created = small(r, &f->created, addr);
	vm->online = small(r, &f->online, addr);
	vm->bugged = flag(r, &f->bugged, addr);
	vm->dead = flag(r, &f->dead, addr);
	if (vm->pid <= 0 && od_field_read(r->k, &r->mm, addr, &mm))
		vm->mm = mm;
	return true;
}

/* Of the module if there is one: a symbol of the kernel of that name would be another's. */
static uint64_t list_of(struct od_kernel *k, bool *present)
{
	const struct od_kmodule *m = od_kmodule_named(od_kernel_modules(k), "kvm");
	struct od_symbol sym;
	uint64_t addr;

	*present = m != NULL;
	if (m && od_symtab_find(k->symtab, "vm_list", m->name, &sym))
		return sym.addr;
	addr = m ? 0 : od_kernel_symbol(k, "vm_list");
	*present |= addr != 0;
	return addr;
}

static bool find_fields(struct reader *r)
{
	struct od_field unused;
	struct od_typed t;

	if (!od_kernel_type(r->k, "struct kvm", &t))
		return false;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		od_typed_field(r->k, t.btf, t.type, rows[i].paths,
			       (struct od_field *)((char *)&r->f + rows[i].at));
	od_typed_field(r->k, t.btf, t.type, "mm", &r->mm);
	if (od_typed_field(r->k, t.btf, t.type, "mmu_invalidate_seq", &unused))
		r->ret->seq_name = "mmu_invalidate_seq";
	else if (r->f.seq.known)
		r->ret->seq_name = "mmu_notifier_seq";
	if (od_kernel_type(r->k, "struct kvm_page_fault", &t)) {
		r->ret->snapshot_known = true;
		r->ret->snapshot_long = od_typed_field(r->k, t.btf, t.type, "mmu_seq", &unused) &&
					unused.size == 8;
	}
	return r->f.list.known;
}

/* VMs in the order of a number that is theirs. */
struct key {
	uint64_t key;
	uint32_t vm;
};

static int by_key(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

/* The first of the n keys that is not below key; n: there is none. */
static uint32_t lower(const struct key *keys, uint32_t n, uint64_t key)
{
	uint32_t low = 0, high = n;

	while (low < high) {
		const uint32_t mid = low + (high - low) / 2;

		if (keys[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void give(struct od_kvm_vms *vms, const struct key *keys, uint64_t key, const struct od_task *task)
{
	for (uint32_t i = lower(keys, vms->n, key); key && i < vms->n && keys[i].key == key; i++) {
		struct od_kvm_vm *vm = &vms->vm[keys[i].vm];

		if (vm->task)
			return; /* an earlier task had that key: so had all that follow */
		vm->task = task;
	}
}

/* By the pid that the VM remembers; where it has none by whose memory it is. One pass for all VMs. */
static void find_owners(struct od_kernel *k, struct od_kvm_vms *vms)
{
	const struct od_tasks *tasks = od_kernel_tasks(k);
	struct key *keys = od_calloc(vms->n, sizeof(*keys));

	for (uint32_t i = 0; i < vms->n; i++) {
		keys[i].key = vms->vm[i].pid > 0 ? (uint64_t)vms->vm[i].pid : vms->vm[i].mm;
		keys[i].vm = i;
	}
	qsort(keys, vms->n, sizeof(*keys), by_key);
	for (uint32_t i = 0; i < tasks->n; i++) {
		const struct od_task *task = &tasks->task[i];

		if (task->pid <= 0 || task->kthread)
			continue;
		give(vms, keys, (uint64_t)task->pid, task);
		if (task->pid == task->tgid)
			give(vms, keys, task->mm, task);
	}
	for (uint32_t i = 0; i < vms->n; i++)
		if (vms->vm[i].pid <= 0)
			vms->vm[i].pid = vms->vm[i].task ? vms->vm[i].task->tgid : -1;
	free(keys);
}

void od_kernel_vms(struct od_kernel *k, struct od_arena *arena, struct od_kvm_vms *ret)
{
	struct reader r = { .k = k, .arena = arena, .ret = ret };
	uint64_t head, first;

	*ret = (struct od_kvm_vms){ 0 };
	head = list_of(k, &ret->present);
	if (!head) {
		if (ret->present)
			ret->why = "the module kvm has no symbol vm_list";
		return;
	}
	if (od_mem_pointer(k->mem, head, &first) == OD_MEM_OK && first == head)
		return;
	if (!find_fields(&r)) {
		ret->why = "no types describe struct kvm";
		return;
	}
	ret->why = od_kernel_list(k, head, r.f.list.offset, OD_MAX_VMS, read_vm, &r);
	if (ret->n)
		find_owners(k, ret);
}

/* --- vCPUs ------------------------------------------------------------------------------------- */

struct vcpu_fields {
	struct od_field notifier, kvm, id, taken, fixed;
};

static const struct od_field_row vcpu_rows[] = {
	{ "preempt_notifier.link", offsetof(struct vcpu_fields, notifier) },
	{ "kvm", offsetof(struct vcpu_fields, kvm) },
	{ "vcpu_id", offsetof(struct vcpu_fields, id) },
	{ "stat.pf_taken", offsetof(struct vcpu_fields, taken) },
	{ "stat.pf_fixed", offsetof(struct vcpu_fields, fixed) },
};

static bool vcpu_of(struct od_kernel *k, const struct vcpu_fields *f, uint64_t notifier, struct od_kvm_vcpu *v,
		    uint64_t *kvm)
{
	const uint64_t addr = notifier - f->notifier.offset;
	uint64_t id;

	if (!od_field_read(k, &f->kvm, addr, kvm))
		return false;
	v->id = od_field_read(k, &f->id, addr, &id) ? (int32_t)id : -1;
	v->has_faults = od_field_read(k, &f->taken, addr, &v->taken) && od_field_read(k, &f->fixed, addr, &v->fixed);
	return true;
}

void od_kernel_vcpus(struct od_kernel *k, struct od_arena *arena, const struct od_task *only,
		     struct od_kvm_vms *ret)
{
	const struct od_tasks *tasks = od_kernel_tasks(k);
	struct od_field first;
	struct vcpu_fields f;
	struct od_typed t;
	struct key *keys;
	uint32_t cap = 0;

	ret->vcpu = NULL;
	ret->nvcpus = 0;
	if (!ret->n || !od_kernel_field(k, "struct task_struct", "preempt_notifiers.first", &first) ||
	    !od_kernel_type(k, "struct kvm_vcpu", &t))
		return;
	for (size_t i = 0; i < sizeof(vcpu_rows) / sizeof(*vcpu_rows); i++)
		od_typed_field(k, t.btf, t.type, vcpu_rows[i].paths,
			       (struct od_field *)((char *)&f + vcpu_rows[i].at));
	if (!f.notifier.known || !f.kvm.known)
		return;
	keys = od_calloc(ret->n, sizeof(*keys));
	for (uint32_t i = 0; i < ret->n; i++)
		keys[i] = (struct key){ ret->vm[i].addr, i };
	qsort(keys, ret->n, sizeof(*keys), by_key);
	for (uint32_t i = 0; i < tasks->n && ret->nvcpus < OD_MAX_VCPUS; i++) {
		struct od_kvm_vcpu v = { .task = &tasks->task[i] };
		uint64_t notifier, kvm;
		uint32_t at;

		if (v.task->kthread || (only && only != v.task) || !od_field_read(k, &first, v.task->addr, &notifier) || !notifier ||
		    !vcpu_of(k, &f, notifier, &v, &kvm))
			continue;
		at = lower(keys, ret->n, kvm);
		if (at == ret->n || keys[at].key != kvm)
			continue;
		v.vm = keys[at].vm;
		*od_push(arena, ret->vcpu, ret->nvcpus, cap) = v;
	}
	free(keys);
}
