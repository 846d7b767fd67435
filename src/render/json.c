/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "render/json.h"

#include <stdio.h>
#include <string.h>

#include "model/taint.h"
#include "render/render.h"

static void addr_or_null(struct od_json *w, const char *key, bool has, uint64_t value)
{
	if (has)
		od_json_addr(w, key, value);
	else
		od_json_null(w, key);
}

static void guilty(struct od_json *w, const struct od_report *rep)
{
	const struct od_frame *f = od_report_guilty(rep);

	od_json_object(w, "guilty", true);
	od_json_str(w, "function", rep->guilty_function);
	od_json_str(w, "symbol", f ? f->symbol : NULL);
	od_json_str(w, "module", rep->guilty_module);
	od_json_int(w, "stack", rep->guilty_stack);
	od_json_int(w, "frame", rep->guilty_frame);
	od_json_str(w, "why", rep->guilty_why);
	od_json_end(w);
}

static void pc(struct od_json *w, const struct od_report *rep)
{
	const struct od_frame *f = od_report_pc(rep);

	if (!f) {
		od_json_null(w, "pc");
		return;
	}
	od_json_object(w, "pc", true);
	od_json_str(w, "symbol", f->symbol);
	od_json_int(w, "offset", f->flags & OD_FRAME_HAS_OFFSET ? (int64_t)f->offset : -1);
	od_json_int(w, "size", f->size ? (int64_t)f->size : -1);
	od_json_str(w, "module", f->module);
	addr_or_null(w, "address", f->addr != 0, f->addr);
	od_json_end(w);
}

static void kernel(struct od_json *w, const struct od_report *rep)
{
	od_json_object(w, "kernel", true);
	od_json_str(w, "release", rep->release);
	od_json_str(w, "arch", rep->arch);
	addr_or_null(w, "kaslr_offset", rep->has_kaslr_offset, rep->kaslr_offset);
	od_json_str(w, "hardware", rep->hardware);
	od_json_str(w, "build_id", rep->kernel_build_id);
	od_json_end(w);
}

static void taint(struct od_json *w, const struct od_report *rep)
{
	if (!rep->taint) {
		od_json_null(w, "taint");
		return;
	}
	od_json_object(w, "taint", true);
	od_json_str(w, "letters", rep->taint);
	od_json_array(w, "flags", true);
	for (const char *p = rep->taint; *p; p++) {
		const char *word = od_taint_word(*p);
		char unknown[] = "unknown-X";

		if (*p == 'G')
			continue; /* says only that 'P' is not set */
		unknown[8] = *p;
		od_json_str(w, NULL, word ? word : unknown);
	}
	od_json_end(w);
	od_json_end(w);
}

static void bug_and_fault(struct od_json *w, const struct od_report *rep)
{
	if (rep->bug_file) {
		od_json_object(w, "bug", true);
		od_json_str(w, "file", rep->bug_file);
		od_json_num(w, "line", rep->bug_line);
		od_json_end(w);
	} else {
		od_json_null(w, "bug");
	}
	od_json_object(w, "fault", true);
	addr_or_null(w, "address", rep->has_fault_address, rep->fault_address);
	od_json_str(w, "access", rep->fault_access);
	addr_or_null(w, "error_code", rep->has_error_code, rep->error_code);
	od_json_end(w);
}

static void registers(struct od_json *w, const struct od_report *rep)
{
	od_json_object(w, "registers", false);
	for (uint32_t i = 0; i < rep->nregisters; i++)
		if (od_report_register(rep, rep->registers[i].name) == &rep->registers[i])
			od_json_addr(w, rep->registers[i].name, rep->registers[i].value);
	od_json_end(w);
}

/* What the trapping instruction accesses, and whether that is the fault address. */
static void operands(struct od_json *w, const struct od_report *rep)
{
	od_json_array(w, "memory", false);
	for (uint32_t i = 0; i < rep->noperands; i++) {
		const struct od_code_operand *op = &rep->operands[i];

		od_json_object(w, NULL, true);
		od_json_str(w, "expression", op->expression);
		addr_or_null(w, "address", op->has_addr, op->addr);
		od_json_int(w, "size", op->size ? op->size : -1);
		od_json_str(w, "access", op->access);
		if (op->fault == OD_FAULT_UNKNOWN)
			od_json_null(w, "is_fault_address");
		else
			od_json_bool(w, "is_fault_address", op->fault == OD_FAULT_HERE);
		od_json_end(w);
	}
	od_json_end(w);
}

static void code(struct od_json *w, const struct od_report *rep)
{
	char bytes[OD_MAX_CODE * 3 + 1];

	if (!rep->ncode) {
		od_json_null(w, "code");
		return;
	}
	for (uint32_t i = 0; i < rep->ncode; i++)
		snprintf(bytes + 3 * i, 4, "%02x ", rep->code[i]);
	bytes[3 * rep->ncode - 1] = '\0';
	od_json_object(w, "code", false);
	od_json_str(w, "bytes", bytes);
	od_json_int(w, "trap_index", rep->code_trap);
	od_json_array(w, "disassembly", false);
	for (uint32_t i = 0; i < rep->ninsns; i++) {
		const struct od_code_insn *insn = &rep->insns[i];

		od_json_object(w, NULL, true);
		addr_or_null(w, "address", rep->code_has_addr, insn->addr);
		od_json_str(w, "text", insn->text);
		od_json_bool(w, "trap", insn->trap);
		od_json_end(w);
	}
	od_json_end(w);
	operands(w, rep);
	od_json_str(w, "explanation", rep->code_why);
	od_json_end(w);
}

static void modules(struct od_json *w, const struct od_report *rep)
{
	od_json_array(w, "modules", false);
	for (uint32_t i = 0; i < rep->nmodules; i++) {
		od_json_object(w, NULL, true);
		od_json_str(w, "name", rep->modules[i].name);
		od_json_str(w, "taint", rep->modules[i].taint);
		od_json_str(w, "build_id", rep->modules[i].build_id);
		od_json_end(w);
	}
	od_json_end(w);
}

static void details(struct od_json *w, const struct od_report *rep)
{
	od_json_object(w, "details", false);
	for (uint32_t i = 0; i < rep->ndetails; i++) {
		const struct od_detail *d = &rep->details[i];

		/* The first of a name stays. */
		if (od_report_detail(rep, d->key) != d)
			continue;
		if (d->type == OD_DETAIL_STRING)
			od_json_str(w, d->key, d->string);
		else if (d->type == OD_DETAIL_NUMBER)
			od_json_num(w, d->key, d->number);
		else if (d->type == OD_DETAIL_LIST) {
			od_json_array(w, d->key, true);
			for (uint32_t k = 0; k < d->nitems; k++)
				od_json_str(w, NULL, d->items[k]);
			od_json_end(w);
		}
		else
			od_json_addr(w, d->key, d->number);
	}
	od_json_end(w);
}

static void chain(struct od_json *w, const struct od_report *rep)
{
	od_json_array(w, "chain", false);
	for (uint32_t i = 0; i < rep->nchain; i++) {
		od_json_object(w, NULL, true);
		od_json_word(w, "kind", od_kind_name(rep->chain[i].kind));
		od_json_str(w, "text", rep->chain[i].text);
		od_json_num(w, "line", rep->chain[i].lineno);
		od_json_end(w);
	}
	od_json_end(w);
}

static void notes(struct od_json *w, const struct od_note *list, uint32_t n)
{
	od_json_array(w, "notes", false);
	for (uint32_t i = 0; i < n + w->lossy; i++) {
		od_json_object(w, NULL, true);
		od_json_int(w, "line", i < n && list[i].lineno ? (int64_t)list[i].lineno : -1);
		od_json_str(w, "text", i < n ? list[i].text :
					       "bytes that are not UTF-8 are shown as U+FFFD");
		od_json_end(w);
	}
	od_json_end(w);
}

void od_json_report(struct od_json *w, const struct od_report *rep, const char *type)
{
	od_json_object(w, NULL, false);
	if (type)
		od_json_word(w, "type", type);
	od_json_num(w, "id", rep->id);
	od_json_num(w, "input", rep->input);
	od_json_word(w, "kind", od_kind_name(rep->kind));
	od_json_str(w, "subkind", rep->subkind);
	od_json_str(w, "title", rep->title);
	od_json_word(w, "signature", rep->signature);
	od_json_str(w, "stack_hash", rep->stack_hash[0] ? rep->stack_hash : NULL);
	od_json_word(w, "severity", od_severity_name(rep->severity));
	od_json_num(w, "count", rep->count);
	od_json_array(w, "related", true);
	for (uint32_t i = 0; i < rep->nrelated; i++) {
		od_json_object(w, NULL, true);
		od_json_num(w, "id", rep->related[i].id);
		od_json_word(w, "relation", rep->related[i].relation);
		od_json_end(w);
	}
	od_json_end(w);
	od_json_str(w, "truncated", rep->truncated);
	od_json_str(w, "wall_time", rep->wall_time);
	od_json_word(w, "confidence", od_confidence_name(rep->confidence));
	if (rep->lines.first) {
		od_json_array(w, "lines", true);
		od_json_num(w, NULL, rep->lines.first);
		od_json_num(w, NULL, rep->lines.last);
		od_json_end(w);
	} else {
		od_json_null(w, "lines");
	}
	if (rep->time_us != OD_TS_NONE)
		od_json_num(w, "time_us", rep->time_us);
	else
		od_json_null(w, "time_us");
	guilty(w, rep);
	pc(w, rep);
	kernel(w, rep);
	od_json_int(w, "cpu", rep->cpu);
	od_json_int(w, "pid", rep->pid);
	od_json_str(w, "comm", rep->comm);
	taint(w, rep);
	bug_and_fault(w, rep);
	registers(w, rep);
	code(w, rep);
	od_json_stacks(w, rep);
	modules(w, rep);
	details(w, rep);
	chain(w, rep);
	od_json_findings(w, rep);
	notes(w, rep->notes, rep->nnotes);
	od_json_end(w);
}

static void timeline(struct od_json *w, const struct od_input *in)
{
	od_json_array(w, "timeline", false);
	for (uint32_t i = 0; i < in->ntimeline; i++) {
		const struct od_event *e = &in->timeline[i];

		od_json_object(w, NULL, true);
		od_json_num(w, "line", e->lineno);
		if (e->time_us != OD_TS_NONE)
			od_json_num(w, "time_us", e->time_us);
		else
			od_json_null(w, "time_us");
		od_json_str(w, "severity", od_severity_name(e->severity));
		od_json_str(w, "text", e->text);
		if (e->count > 1) {
			od_json_num(w, "count", e->count);
			od_json_num(w, "last_line", e->lineno_last);
		}
		od_json_end(w);
	}
	od_json_end(w);
}

static void missing(struct od_json *w, const struct od_input *in)
{
	od_json_array(w, "missing", true);
	for (uint32_t i = 0; i < in->nmissing; i++) {
		const struct od_missing *m = &in->missing[i];

		od_json_object(w, NULL, true);
		od_json_str(w, "what", m->what);
		od_json_str(w, "why", m->why);
		od_json_str(w, "build_id", m->build_id);
		od_json_str(w, "path", m->path);
		od_json_end(w);
	}
	od_json_end(w);
}

void od_json_input(struct od_json *w, const struct od_input *in, const char *type)
{
	od_json_object(w, NULL, false);
	if (type)
		od_json_word(w, "type", type);
	od_json_str(w, "name", in->name);
	od_json_word(w, "kind", od_input_kind_name(in->kind));
	od_json_word(w, "status", od_input_status_name(in->status));
	od_json_str(w, "error", in->error);
	od_json_object(w, "system", true);
	od_json_str(w, "release", in->release);
	od_json_str(w, "hostname", in->hostname);
	if (in->has_uptime)
		od_json_num(w, "uptime_s", in->uptime_s);
	else
		od_json_null(w, "uptime_s");
	od_json_str(w, "cmdline", in->cmdline);
	if (in->memory_bytes)
		od_json_num(w, "memory_bytes", in->memory_bytes);
	else
		od_json_null(w, "memory_bytes");
	if (in->panic_cpu >= 0)
		od_json_num(w, "panic_cpu", (uint64_t)in->panic_cpu);
	else
		od_json_null(w, "panic_cpu");
	od_json_end(w);
	missing(w, in);
	timeline(w, in);
	notes(w, in->notes, in->nnotes);
	od_json_end(w);
}
