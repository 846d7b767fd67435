/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a pointer is, in words. */
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "symbols/demangle.h"
#include "target/kernel/pointer.h"

const char *od_pointer_kind_name(enum od_pointer_kind kind)
{
	static const char *const names[OD_POINTER_KINDS] = {
		[OD_POINTER_UNKNOWN] = "unknown",	[OD_POINTER_NULL] = "null",
		[OD_POINTER_ERROR] = "error",		[OD_POINTER_USER] = "user",
		[OD_POINTER_NON_CANONICAL] = "non-canonical", [OD_POINTER_TASK] = "task",
		[OD_POINTER_STACK] = "task-stack",	[OD_POINTER_CPU_STACK] = "cpu-stack",
		[OD_POINTER_TEXT] = "text",		[OD_POINTER_RODATA] = "rodata",
		[OD_POINTER_DATA] = "data",		[OD_POINTER_PERCPU] = "percpu",
		[OD_POINTER_SLAB] = "slab",		[OD_POINTER_VMALLOC] = "vmalloc",
		[OD_POINTER_PAGE] = "page",
	};

	return (unsigned)kind < OD_POINTER_KINDS ? names[kind] : "unknown";
}

static void add_symbol(const struct od_symbol *sym, uint64_t offset, struct od_buf *out)
{
	struct od_buf plain = OD_BUF_INIT;

	if (od_demangle_style(sym->name, strlen(sym->name), OD_DEMANGLE_FULL, &plain))
		od_escape(out, OD_ESCAPE_TEXT, plain.data, plain.len);
	else
		od_escape_str(out, OD_ESCAPE_TEXT, sym->name);
	od_buf_printf(out, "+0x%" PRIx64, offset);
	od_buf_deinit(&plain);
}

static void say_image(const struct od_pointer *p, const char *what, struct od_buf *out)
{
	if (p->string[0]) {
		od_buf_addstr(out, "the constant \"");
		od_escape_str(out, OD_ESCAPE_TEXT, p->string);
		od_buf_addstr(out, p->string_cut ? "\"... in " : "\" in ");
	}
	od_buf_printf(out, "%s of ", what);
	if (p->module) {
		od_buf_addstr(out, "module ");
		od_escape_str(out, OD_ESCAPE_TEXT, p->module->name);
	} else {
		od_buf_addstr(out, "the kernel");
	}
	if (p->has_symbol) {
		od_buf_addstr(out, p->string[0] ? ", in " : ": ");
		add_symbol(&p->symbol, p->addr - p->symbol.addr, out);
	}
}

static void say_task(const struct od_task *t, struct od_buf *out)
{
	od_buf_printf(out, "task %d (", t->pid);
	od_escape_str(out, OD_ESCAPE_TEXT, t->comm);
	od_buf_addch(out, ')');
}

static void say_slab(const struct od_pointer *p, struct od_buf *out)
{
	static const char *const states[] = {
		[OD_OBJECT_UNKNOWN] = "", [OD_OBJECT_ALLOCATED] = ", allocated",
		[OD_OBJECT_FREE] = ", free", [OD_OBJECT_NONE] = "",
	};
	const struct od_slab_object *o = &p->slab;

	if (o->state == OD_OBJECT_NONE) {
		od_buf_addstr(out, "in the padding of slab cache ");
		od_escape_str(out, OD_ESCAPE_TEXT, o->name);
		return;
	}
	if (p->addr == o->object)
		od_buf_addstr(out, "an object");
	else
		od_buf_printf(out, "byte 0x%" PRIx64 " of the object at 0x%" PRIx64,
			      p->addr - o->object, o->object);
	od_buf_addstr(out, " of slab cache ");
	od_escape_str(out, OD_ESCAPE_TEXT, o->name);
	od_buf_printf(out, " (%" PRIu64 " bytes)%s", o->size, states[o->state]);
	if (o->damage)
		od_buf_printf(out, "; the list of free objects is damaged: %s", o->damage);
}

static void say_vmalloc(struct od_kernel *k, const struct od_vmalloc *v, struct od_buf *out)
{
	struct od_symbol sym;

	od_buf_printf(out, "vmalloc area 0x%" PRIx64 "-0x%" PRIx64, v->start, v->end);
	if (!v->caller || !od_symtab_at(k->symtab, v->caller, &sym))
		return;
	od_buf_addstr(out, ", allocated by ");
	add_symbol(&sym, v->caller - sym.addr, out);
}

static void say_percpu(const struct od_pointer *p, struct od_buf *out)
{
	od_buf_printf(out, "per-cpu memory of CPU %d", p->cpu);
	if (!p->has_symbol)
		return;
	od_buf_addstr(out, ": ");
	add_symbol(&p->symbol, p->offset, out);
}

void od_pointer_text(struct od_kernel *k, const struct od_pointer *p, struct od_buf *out)
{
	switch (p->kind) {
	case OD_POINTER_NULL:
		od_buf_printf(out,
			      p->addr ? "0x%" PRIx64 " bytes off a null pointer" : "a null pointer",
			      p->addr);
		break;
	case OD_POINTER_ERROR:
		od_buf_printf(out, "an error pointer: -%d", p->error);
		break;
	case OD_POINTER_USER:
		od_buf_addstr(out, "an address of user space");
		return;
	case OD_POINTER_NON_CANONICAL:
		od_buf_addstr(out, "no address: it is not canonical");
		return;
	case OD_POINTER_TASK:
		od_buf_printf(out, "task_struct+0x%" PRIx64 " of ", p->offset);
		say_task(p->task, out);
		break;
	case OD_POINTER_STACK:
		od_buf_printf(out, "0x%" PRIx64 " bytes into the stack of ", p->offset);
		say_task(p->task, out);
		break;
	case OD_POINTER_CPU_STACK:
		od_buf_printf(out, "%s stack of CPU %d", od_stack_kind_name(p->stack), p->cpu);
		break;
	case OD_POINTER_TEXT:
		say_image(p, "code", out);
		break;
	case OD_POINTER_RODATA:
		say_image(p, "read-only data", out);
		break;
	case OD_POINTER_DATA:
		say_image(p, "data", out);
		break;
	case OD_POINTER_PERCPU:
		say_percpu(p, out);
		break;
	case OD_POINTER_SLAB:
		say_slab(p, out);
		break;
	case OD_POINTER_VMALLOC:
		say_vmalloc(k, &p->vmalloc, out);
		break;
	case OD_POINTER_PAGE:
		od_buf_printf(out, "%spage frame 0x%" PRIx64 ", flags ",
			      p->page.slab ? "slab objects in " : "", p->page.pfn);
		if (!od_page_flags(k, p->page.flags, out))
			od_buf_printf(out, "0x%" PRIx64, p->page.flags);
		break;
	default:
		od_buf_addstr(out, "an address of the kernel");
		break;
	}
	if (p->status != OD_MEM_OK && p->kind > OD_POINTER_NON_CANONICAL)
		od_buf_printf(out, " (%s)", od_mem_status_text(p->status));
	else if (p->status != OD_MEM_OK && p->kind == OD_POINTER_UNKNOWN)
		od_buf_printf(out, ", %s", od_mem_status_text(p->status));
}
