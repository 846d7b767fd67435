/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline-kvm.h"

#include <inttypes.h>
#include <string.h>

#include "analyze/kvm.h"
#include "pipeline-internal.h"
#include "target/kernel/kvm.h"
#include "target/kernel/memreport.h"
#include "target/kernel/system.h"

enum {
	TOLD = 16,	  /* VMs of a report */
	TOLD_VCPUS = 4,	  /* of a report, of which the stacks are told */
	LOOKED_AT = 1024, /* reports of the log that are looked at */
};

struct host {
	struct pipeline *p;
	struct od_arena arena;
	struct od_kvm_vms vms;
	enum od_kvm_fate fate;
	struct od_buf why;
};

/* "the VM of task 113 (od-vmm), 2 vCPUs, has mmu_invalidate_seq 0x8002dc25, beyond 2^31" */
static void say_vm(const struct host *h, const struct od_kvm_vm *vm, struct od_buf *out)
{
	const enum od_kvm_level level = od_kvm_seq_level(vm->seq);

	od_buf_printf(out, "the VM of task %d", vm->pid);
	if (vm->task)
		od_buf_printf(out, " (%s)", vm->task->comm);
	if (vm->online >= 0)
		od_buf_printf(out, ", %" PRId64 " vCPU%s,", vm->online, vm->online == 1 ? "" : "s");
	od_buf_printf(out, " has %s 0x%" PRIx64, h->vms.seq_name, vm->seq);
	if (level != OD_KVM_LEVEL_FINE)
		od_buf_addstr(out, level == OD_KVM_LEVEL_BEYOND ? ", beyond 2^31" : ", near 2^31");
}

static void add_item(struct od_report *rep, const char *key, const struct od_buf *text)
{
	od_report_detail_item(rep, key, od_buf_str(text), text->len);
}

/* Who runs its vCPUs, and where the first of them are. told: stacks, of all VMs of the report. */
static void add_threads(const struct host *h, struct od_report *rep, uint32_t vm, uint32_t *told)
{
	struct od_kernel *k = h->p->target->kernel;
	struct od_buf text = OD_BUF_INIT;

	for (uint32_t i = 0; i < h->vms.nvcpus; i++) {
		const struct od_kvm_vcpu *v = &h->vms.vcpu[i];
		struct od_arena arena;
		struct od_trace trace;

		if (v->vm != vm)
			continue;
		od_buf_reset(&text);
		od_buf_printf(&text, "VM of %d, vCPU %d: task %d (%s)", h->vms.vm[vm].pid, v->id, v->task->pid,
			      v->task->comm);
		add_item(rep, "kvm_threads", &text);
		if (*told == TOLD_VCPUS)
			continue;
		od_buf_reset(&text);
		od_buf_printf(&text, "vcpu %d of %d", v->id, h->vms.vm[vm].pid);
		od_arena_init(&arena);
		if (!od_memreport_trace(k, v->task, &arena, &trace) &&
		    od_memreport_add_trace(k, rep, &trace, od_buf_str(&text), true))
			++*told;
		od_arena_deinit(&arena);
	}
	od_buf_deinit(&text);
}

/* One report for all VMs of a level: what is to be done is the same. worst: the one with the highest count. */
static struct od_report *make_report(const struct host *h, enum od_kvm_level level, const struct od_kvm_vm *worst,
				     uint32_t others)
{
	struct od_report *rep = od_report_create();
	struct od_buf text = OD_BUF_INIT;

	say_vm(h, worst, &text);
	if (others)
		od_buf_printf(&text, ", and %u other%s", others, others == 1 ? "" : "s");
	od_buf_printf(&text, "; the kernel %s: %s",
		      h->fate == OD_KVM_AFFECTED ? "compares it as an int" : "may compare it as an int",
		      od_buf_str(&h->why));
	rep->kind = OD_KIND_KVM_STALL;
	rep->subkind = level == OD_KVM_LEVEL_BEYOND ? "beyond-limit" : "near-limit";
	rep->subject = od_arena_strdup(&rep->arena, od_buf_str(&text));
	rep->pid = worst->pid;
	rep->comm = worst->task ? od_arena_strdup(&rep->arena, worst->task->comm) : NULL;
	rep->release = od_arena_strdup(&rep->arena, h->p->in->release);
	rep->time_us = OD_TS_NONE;
	od_report_detail_str(rep, "verdict", od_buf_str(&text), text.len);
	if (worst->pid >= 0)
		od_report_detail_num(rep, "kvm_pid", (uint64_t)worst->pid);
	od_report_detail_addr(rep, "mmu_seq_last", worst->seq);
	od_report_detail_str(rep, "kvm_defect", od_kvm_fate_name(h->fate), strlen(od_kvm_fate_name(h->fate)));
	od_buf_deinit(&text);
	return rep;
}

static bool is_of(const struct od_kvm_vm *vm, enum od_kvm_level level)
{
	return vm->has_seq && od_kvm_seq_level(vm->seq) == level;
}

static void report_level(struct host *h, enum od_kvm_level level)
{
	const struct od_kvm_vm *worst = NULL;
	struct od_buf text = OD_BUF_INIT;
	uint32_t n = 0, told = 0, stacks = 0;
	struct od_report *rep;

	for (uint32_t i = 0; i < h->vms.n; i++) {
		if (!is_of(&h->vms.vm[i], level))
			continue;
		n++;
		if (!worst || h->vms.vm[i].seq > worst->seq)
			worst = &h->vms.vm[i];
	}
	if (!worst)
		return;
	if (!h->vms.vcpu)
		od_kernel_vcpus(h->p->target->kernel, &h->arena, NULL, &h->vms);
	rep = make_report(h, level, worst, n - 1);
	for (uint32_t i = 0; i < h->vms.n && told < TOLD; i++) {
		if (!is_of(&h->vms.vm[i], level))
			continue;
		od_buf_reset(&text);
		od_buf_printf(&text, "struct kvm 0x%" PRIx64 ": ", h->vms.vm[i].addr);
		say_vm(h, &h->vms.vm[i], &text);
		add_item(rep, "kvm_vms", &text);
		add_threads(h, rep, i, &stacks);
		told++;
	}
	if (n > told)
		od_report_note(rep, 0, "%u more virtual machines are so: the command kvm lists all", n - told);
	od_buf_deinit(&text);
	od_pipeline_report(h->p, rep);
}

static void report_vms(struct host *h)
{
	if (h->fate != OD_KVM_AFFECTED && h->fate != OD_KVM_UNKNOWN)
		return;
	h->vms.vcpu = NULL;
	report_level(h, OD_KVM_LEVEL_BEYOND);
	report_level(h, OD_KVM_LEVEL_NEAR);
}

/* A lockup, a stall or an oops of a task that runs a vCPU: whose it is, and how its count stands. */
static void note_vcpus(struct host *h)
{
	struct od_kernel *k = h->p->target->kernel;
	const struct od_tasks *tasks = od_kernel_tasks(k);
	struct od_input *in = h->p->in;
	struct od_buf text = OD_BUF_INIT;

	for (uint32_t i = 0; i < in->nreports && i < LOOKED_AT; i++) {
		struct od_report *rep = in->reports[i];
		const struct od_task *task = rep->pid > 0 ? od_task_by_pid(tasks, rep->pid) : NULL;
		const struct od_kvm_vm *vm;

		/* A pid is taken again: the name must be the same. */
		if (!task || (rep->comm && strcmp(rep->comm, task->comm) != 0))
			continue;
		od_kernel_vcpus(k, &h->arena, task, &h->vms);
		if (!h->vms.nvcpus)
			continue;
		vm = &h->vms.vm[h->vms.vcpu[0].vm];
		if (!vm->has_seq)
			continue;
		od_buf_reset(&text);
		od_buf_printf(&text, "this task runs vCPU %d: ", h->vms.vcpu[0].id);
		say_vm(h, vm, &text);
		od_report_note(rep, 0, "%s", od_buf_str(&text));
	}
	od_buf_deinit(&text);
}

void od_pipeline_kvm(struct pipeline *p)
{
	struct od_kernel *k = p->target->kernel;
	struct host h = { .p = p, .why = OD_BUF_INIT };
	struct od_system sys;

	od_arena_init(&h.arena);
	od_kernel_vms(k, &h.arena, &h.vms);
	if (h.vms.n && h.vms.seq_name) {
		od_kernel_system(k, &sys);
		h.fate = od_kvm_seq_fate(&(struct od_kvm_host){ sys.release, sys.version, h.vms.snapshot_known,
								h.vms.snapshot_long }, &h.why);
		note_vcpus(&h);
		report_vms(&h);
	} else if (h.vms.why) {
		od_input_missing(p->in, "virtual machines", h.vms.why, NULL, NULL);
	}
	od_buf_deinit(&h.why);
	od_arena_deinit(&h.arena);
}
