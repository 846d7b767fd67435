/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "model/hwerr.h"

struct od_report *od_report_create(void)
{
	struct od_report *rep = od_calloc(1, sizeof(*rep));

	od_arena_init(&rep->arena);
	rep->kind = OD_KIND_OTHER;
	rep->time_us = OD_TS_NONE;
	rep->cpu = -1;
	rep->pid = -1;
	rep->code_trap = -1;
	rep->guilty_stack = -1;
	rep->guilty_frame = -1;
	rep->count = 1;
	rep->severity = OD_SEV_HIGH;
	return rep;
}

void od_report_destroy(struct od_report *rep)
{
	if (!rep)
		return;
	od_arena_deinit(&rep->arena);
	free(rep);
}

/* Say once per limit that it was reached: a full list must not be taken for the whole. */
static void over_limit(struct od_report *rep, const char *what, unsigned limit)
{
	const char *text = od_arena_printf(&rep->arena, "more than %u %s: the rest is left out",
					   limit, what);

	for (uint32_t i = 0; i < rep->nnotes; i++)
		if (!strcmp(rep->notes[i].text, text))
			return;
	od_report_note(rep, 0, "%s", text);
}

struct od_stack *od_report_add_stack(struct od_report *rep, const char *name)
{
	struct od_stack *stack;

	if (rep->nstacks >= OD_MAX_STACKS) {
		over_limit(rep, "stacks", OD_MAX_STACKS);
		return NULL;
	}
	stack = od_push(&rep->arena, rep->stacks, rep->nstacks, rep->stacks_cap);
	stack->name = od_arena_strdup(&rep->arena, name);
	return stack;
}

struct od_frame *od_stack_add_frame(struct od_report *rep, struct od_stack *stack)
{
	if (stack->nframes >= OD_MAX_FRAMES) {
		over_limit(rep, "frames in a stack", OD_MAX_FRAMES);
		return NULL;
	}
	return od_push(&rep->arena, stack->frames, stack->nframes, stack->frames_cap);
}

struct od_var *od_frame_add_var(struct od_report *rep, struct od_frame *frame)
{
	if (frame->nvars >= OD_MAX_VARS) {
		over_limit(rep, "variables in a frame", OD_MAX_VARS);
		return NULL;
	}
	return od_push(&rep->arena, frame->vars, frame->nvars, frame->vars_cap);
}

struct od_register *od_report_add_register(struct od_report *rep, const char *name, size_t len,
					   uint64_t value, uint32_t lineno)
{
	struct od_register *reg;

	if (rep->nregisters >= OD_MAX_REGISTERS) {
		over_limit(rep, "registers", OD_MAX_REGISTERS);
		return NULL;
	}
	reg = od_push(&rep->arena, rep->registers, rep->nregisters, rep->registers_cap);
	reg->name = od_arena_strndup(&rep->arena, name, len);
	reg->value = value;
	reg->lineno = lineno;
	return reg;
}

struct od_module *od_report_add_module(struct od_report *rep, const char *name, size_t len)
{
	struct od_module *mod;

	if (rep->nmodules >= OD_MAX_MODULES) {
		over_limit(rep, "modules", OD_MAX_MODULES);
		return NULL;
	}
	mod = od_push(&rep->arena, rep->modules, rep->nmodules, rep->modules_cap);
	mod->name = od_arena_strndup(&rep->arena, name, len);
	return mod;
}

struct od_lock *od_report_add_lock(struct od_report *rep)
{
	if (rep->nlocks >= OD_MAX_LOCKS) {
		over_limit(rep, "locks", OD_MAX_LOCKS);
		return NULL;
	}
	return od_push(&rep->arena, rep->locks, rep->nlocks, rep->locks_cap);
}

struct od_hw_error *od_report_add_hw(struct od_report *rep, enum od_hw_source source,
				     uint32_t lineno)
{
	struct od_hw_error *err;

	if (rep->nhw >= OD_MAX_HW) {
		over_limit(rep, "hardware errors", OD_MAX_HW);
		return NULL;
	}
	err = od_push(&rep->arena, rep->hw, rep->nhw, rep->hw_cap);
	err->source = source;
	err->lineno = lineno;
	err->count = 1;
	err->cpu = err->bank = err->socket = -1;
	return err;
}

struct od_link *od_report_add_link(struct od_report *rep, enum od_kind kind, const char *text,
				   size_t len, uint32_t lineno)
{
	struct od_link *link;

	if (rep->nchain >= OD_MAX_CHAIN) {
		over_limit(rep, "links in the chain", OD_MAX_CHAIN);
		return NULL;
	}
	link = od_push(&rep->arena, rep->chain, rep->nchain, rep->chain_cap);
	link->kind = kind;
	link->text = od_arena_strndup(&rep->arena, text, len);
	link->lineno = lineno;
	return link;
}

struct od_record *od_report_add_record(struct od_report *rep, const struct od_record *rec)
{
	struct od_record *copy;

	if (rep->nrecords >= OD_MAX_RECORDS || rep->record_bytes > OD_MAX_RECORD_BYTES) {
		over_limit(rep, "log records", rep->nrecords);
		return NULL;
	}
	copy = od_push(&rep->arena, rep->records, rep->nrecords, rep->records_cap);
	*copy = *rec;
	copy->text = od_arena_strndup(&rep->arena, rec->text, rec->len);
	copy->len = (uint32_t)strlen(copy->text);
	copy->raw = NULL;
	copy->raw_len = 0;
	copy->wall = od_arena_strdup(&rep->arena, rec->wall);
	copy->host = od_arena_strdup(&rep->arena, rec->host);
	rep->record_bytes += rec->len;
	return copy;
}

void od_report_note(struct od_report *rep, uint32_t lineno, const char *fmt, ...)
{
	struct od_buf buf = OD_BUF_INIT;
	struct od_note *note;
	va_list ap;

	if (rep->nnotes > OD_MAX_NOTES)
		return;
	note = od_push(&rep->arena, rep->notes, rep->nnotes, rep->notes_cap);
	note->lineno = lineno;
	if (rep->nnotes > OD_MAX_NOTES) {
		note->text = "more notes than are kept";
		return;
	}
	va_start(ap, fmt);
	od_buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	note->text = od_arena_strndup(&rep->arena, od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
}

static struct od_detail *detail(struct od_report *rep, const char *key)
{
	struct od_detail *d;

	if (rep->ndetails >= OD_MAX_DETAILS) {
		over_limit(rep, "details", OD_MAX_DETAILS);
		return NULL;
	}
	d = od_push(&rep->arena, rep->details, rep->ndetails, rep->details_cap);
	d->key = od_arena_strdup(&rep->arena, key);
	return d;
}

void od_report_detail_str(struct od_report *rep, const char *key, const char *value, size_t len)
{
	struct od_detail *d = detail(rep, key);

	if (d) {
		d->type = OD_DETAIL_STRING;
		d->string = od_arena_strndup(&rep->arena, value, len);
	}
}

void od_report_detail_num(struct od_report *rep, const char *key, uint64_t value)
{
	struct od_detail *d = detail(rep, key);

	if (d) {
		d->type = OD_DETAIL_NUMBER;
		d->number = value;
	}
}

void od_report_detail_addr(struct od_report *rep, const char *key, uint64_t value)
{
	struct od_detail *d = detail(rep, key);

	if (d) {
		d->type = OD_DETAIL_ADDRESS;
		d->number = value;
	}
}

void od_report_detail_item(struct od_report *rep, const char *key, const char *value, size_t len)
{
	struct od_detail *d = (struct od_detail *)od_report_detail(rep, key);

	if (!d) {
		d = detail(rep, key);
		if (!d)
			return;
		d->type = OD_DETAIL_LIST;
	}
	if (d->type != OD_DETAIL_LIST)
		return;
	if (d->nitems >= OD_MAX_ITEMS) {
		over_limit(rep, key, OD_MAX_ITEMS);
		return;
	}
	*od_push(&rep->arena, d->items, d->nitems, d->items_cap) =
		od_arena_strndup(&rep->arena, value, len);
}

const struct od_detail *od_report_detail(const struct od_report *rep, const char *key)
{
	for (uint32_t i = 0; i < rep->ndetails; i++)
		if (!strcmp(rep->details[i].key, key))
			return &rep->details[i];
	return NULL;
}

const struct od_register *od_report_register(const struct od_report *rep, const char *name)
{
	for (uint32_t i = 0; i < rep->nregisters; i++)
		if (!strcmp(rep->registers[i].name, name))
			return &rep->registers[i];
	return NULL;
}

const struct od_frame *od_report_pc(const struct od_report *rep)
{
	if (!rep->nstacks || !rep->stacks[0].nframes ||
	    !(rep->stacks[0].frames[0].flags & OD_FRAME_PC))
		return NULL;
	return &rep->stacks[0].frames[0];
}

const struct od_frame *od_report_guilty(const struct od_report *rep)
{
	if (rep->guilty_stack < 0 || rep->guilty_frame < 0)
		return NULL;
	return &rep->stacks[rep->guilty_stack].frames[rep->guilty_frame];
}

static int by_score(const void *a, const void *b)
{
	const struct od_finding *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return strcmp(x->id, y->id);
}

void od_report_sort_findings(struct od_report *rep)
{
	if (rep->nfindings)
		qsort(rep->findings, rep->nfindings, sizeof(*rep->findings), by_score);
	if (rep->nfindings <= OD_MAX_FINDINGS)
		return;
	rep->nfindings = OD_MAX_FINDINGS;
	od_report_note(rep, 0, "more than %d findings: those of the lowest score are left out", OD_MAX_FINDINGS);
}
