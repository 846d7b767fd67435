/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kvm: the virtual machines of a dump of their host. */
#include <inttypes.h>

#include "analyze/kvm.h"
#include "base/escape.h"
#include "render/json-writer.h"
#include "shell/commands.h"
#include "shell/session.h"
#include "target/kernel/kvm.h"
#include "target/kernel/system.h"

struct host {
	struct od_kvm_vms vms;
	struct od_system sys;
	enum od_kvm_fate fate;
	struct od_buf why;
};

static const char *const level_words[] = {
	"", "near 2^31", "beyond 2^31",
};

static void print_comm(const struct od_task *task, struct od_buf *out)
{
	const size_t start = out->len;

	od_escape_str(out, OD_ESCAPE_TEXT, task ? task->comm : "?");
	while (out->len - start < OD_COMM)
		od_buf_addch(out, ' ');
}

static void print_number(struct od_buf *out, int width, int64_t v)
{
	if (v < 0)
		od_buf_printf(out, "  %*s", width, "?");
	else
		od_buf_printf(out, "  %*" PRId64, width, v);
}

static void print_vm(const struct od_kvm_vm *vm, struct od_buf *out)
{
	od_buf_printf(out, "%016" PRIx64, vm->addr);
	print_number(out, 7, vm->pid);
	od_buf_addstr(out, "  ");
	print_comm(vm->task, out);
	print_number(out, 5, vm->online);
	print_number(out, 5, vm->users);
	if (vm->has_seq)
		od_buf_printf(out, "  %18" PRIx64 "  %s", vm->seq, level_words[od_kvm_seq_level(vm->seq)]);
	else
		od_buf_printf(out, "  %18s  ", "?");
	if (vm->bugged || vm->dead)
		od_buf_addstr(out, vm->bugged ? " KVM gave it up (vm_bugged)" : " dead (vm_dead)");
	while (out->len && out->data[out->len - 1] == ' ')
		out->len--;
	od_buf_addch(out, '\n');
	if (vm->has_running && vm->running && vm->has_range)
		od_buf_printf(out, "    %" PRId64 " invalidations run, of %" PRIx64 " to %" PRIx64 "\n",
			      (int64_t)vm->running, vm->start, vm->end);
}

static void print_vcpus(const struct od_kvm_vms *vms, uint32_t vm, struct od_buf *out)
{
	for (uint32_t i = 0; i < vms->nvcpus; i++) {
		const struct od_kvm_vcpu *v = &vms->vcpu[i];

		if (v->vm != vm)
			continue;
		od_buf_addstr(out, "    vCPU");
		print_number(out, 3, v->id);
		od_buf_printf(out, "  task %d (", v->task->pid);
		od_escape_str(out, OD_ESCAPE_TEXT, v->task->comm);
		od_buf_printf(out, ") %c", v->task->state);
		if (v->task->running)
			od_buf_printf(out, " on CPU %d", v->task->cpu);
		if (v->has_faults)
			od_buf_printf(out, "  faults %" PRIu64 ", mapped %" PRIu64, v->taken, v->fixed);
		od_buf_addch(out, '\n');
	}
}

static void judge(const struct host *h, struct od_buf *out)
{
	enum od_kvm_level worst = OD_KVM_LEVEL_FINE;

	for (uint32_t i = 0; i < h->vms.n; i++)
		if (h->vms.vm[i].has_seq && od_kvm_seq_level(h->vms.vm[i].seq) > worst)
			worst = od_kvm_seq_level(h->vms.vm[i].seq);
	if (h->vms.seq_name)
		od_buf_printf(out, "\n%s: from 2^31 on kernels of 5.16 to 6.2 take each fault of the VM as stale, and "
			      "its vCPUs hang.\nThis kernel: %s (%s).\n", h->vms.seq_name,
			      h->fate == OD_KVM_AFFECTED ? "has that defect" :
			      h->fate == OD_KVM_UNKNOWN ? "may have it" : "has not got it", od_buf_str(&h->why));
	if (worst != OD_KVM_LEVEL_FINE && (h->fate == OD_KVM_AFFECTED || h->fate == OD_KVM_UNKNOWN))
		od_buf_addstr(out, worst == OD_KVM_LEVEL_BEYOND ?
			      "What to do: migrate or restart the VMs that are beyond it, the count begins at 0 again.\n" :
			      "What to do: migrate or restart the VMs that are near it in time, the count begins at 0 again.\n");
}

static void print_text(const struct host *h, struct od_buf *out)
{
	const struct od_kvm_vms *vms = &h->vms;

	if (!vms->present)
		od_buf_addstr(out, "KVM is not in this kernel.\n");
	else if (!vms->n && !vms->why)
		od_buf_addstr(out, "KVM is there, without a virtual machine.\n");
	if (vms->n)
		od_buf_printf(out, "%-16s  %7s  %-16s  %5s  %5s  %18s\n", "VM", "PID", "COMM", "VCPUS", "USERS",
			      "INVALIDATIONS");
	for (uint32_t i = 0; i < vms->n; i++) {
		print_vm(&vms->vm[i], out);
		print_vcpus(vms, i, out);
	}
	if (vms->n)
		judge(h, out);
	if (vms->why)
		od_buf_printf(out, "Not all virtual machines: %s.\n", vms->why);
}

static void json_vm(struct od_json *w, const struct od_kvm_vms *vms, uint32_t i)
{
	const struct od_kvm_vm *vm = &vms->vm[i];

	od_json_object(w, NULL, false);
	od_json_addr(w, "address", vm->addr);
	od_json_int(w, "pid", vm->pid);
	od_json_str(w, "comm", vm->task ? vm->task->comm : NULL);
	od_json_int(w, "vcpus", vm->online);
	od_json_int(w, "users", vm->users);
	if (vm->has_seq) {
		od_json_addr(w, "invalidations", vm->seq);
		od_json_addr(w, "as_int", od_kvm_seq_as_int(vm->seq));
		od_json_word(w, "level", od_kvm_level_name(od_kvm_seq_level(vm->seq)));
	} else {
		od_json_null(w, "invalidations");
		od_json_null(w, "as_int");
		od_json_null(w, "level");
	}
	od_json_int(w, "running", vm->has_running ? (int64_t)vm->running : -1);
	od_json_bool(w, "bugged", vm->bugged);
	od_json_bool(w, "dead", vm->dead);
	od_json_array(w, "threads", false);
	for (uint32_t n = 0; n < vms->nvcpus; n++) {
		const struct od_kvm_vcpu *v = &vms->vcpu[n];

		if (v->vm != i)
			continue;
		od_json_object(w, NULL, true);
		od_json_int(w, "vcpu", v->id);
		od_json_num(w, "pid", (uint64_t)v->task->pid);
		od_json_str(w, "comm", v->task->comm);
		od_json_int(w, "cpu", v->task->running ? v->task->cpu : -1);
		od_json_int(w, "faults", v->has_faults ? (int64_t)v->taken : -1);
		od_json_int(w, "mapped", v->has_faults ? (int64_t)v->fixed : -1);
		od_json_end(w);
	}
	od_json_end(w);
	od_json_end(w);
}

static void print_json(const struct host *h, struct od_buf *out)
{
	struct od_json w = { .buf = out };

	od_json_object(&w, NULL, false);
	od_json_bool(&w, "kvm", h->vms.present);
	od_json_word(&w, "counter", h->vms.seq_name);
	od_json_word(&w, "defect", od_kvm_fate_name(h->fate));
	od_json_str(&w, "defect_why", od_buf_str(&h->why));
	od_json_array(&w, "vms", false);
	for (uint32_t i = 0; i < h->vms.n; i++)
		json_vm(&w, &h->vms, i);
	od_json_end(&w);
	od_json_str(&w, "incomplete", h->vms.why);
	od_json_end(&w);
	od_buf_addch(out, '\n');
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct host h = { .why = OD_BUF_INIT };
	struct od_arena arena;
	struct od_error *err;
	struct od_kernel *k = od_session_kernel(s, &err);

	if (!k)
		return err;
	od_arena_init(&arena);
	od_kernel_system(k, &h.sys);
	od_kernel_vms(k, &arena, &h.vms);
	od_kernel_vcpus(k, &arena, NULL, &h.vms);
	h.fate = od_kvm_seq_fate(&(struct od_kvm_host){ h.sys.release, h.sys.version, h.vms.snapshot_known,
							h.vms.snapshot_long }, &h.why);
	if (od_args_has(args, 'j'))
		print_json(&h, out);
	else
		print_text(&h, out);
	od_buf_deinit(&h.why);
	od_arena_deinit(&arena);
	return NULL;
}

const struct od_command od_cmd_kvm = {
	.name = "kvm",
	.options = "j",
	.usage = "kvm [-j]",
	.help = "List the virtual machines of a dump of their host",
	.details = "Each with its process, its vCPUs and the threads that run them, and how often pages of it were "
		   "invalidated (mmu_invalidate_seq), which makes VMs hang on some kernels. -j prints JSON.",
	.needs = OD_NEED_INPUT,
	.exec = exec,
	.examples = "kvm\tvirtual machines of a host's dump\n",
};
