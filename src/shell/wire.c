/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/wire.h"

#include <string.h>

#include "model/limits.h"

/* In this order: texts with their length, which NULL has none of, then numbers, then lists. */
static const size_t texts[] = {
	offsetof(struct od_report, title),	     offsetof(struct od_report, signature),
	offsetof(struct od_report, subject),	     offsetof(struct od_report, guilty_function),
	offsetof(struct od_report, guilty_module),   offsetof(struct od_report, release),
	offsetof(struct od_report, kernel_build_id), offsetof(struct od_report, hardware),
	offsetof(struct od_report, taint),	     offsetof(struct od_report, comm),
};

enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

static const uint32_t NO_TEXT = UINT32_MAX; /* the length of NULL */

static const char magic[8] = "odwire1\n";

/* --- writing -------------------------------------------------------------------------- */

static void put(struct od_buf *buf, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		od_buf_addch(buf, (char)(value >> 8 * i));
}

static void put_text(struct od_buf *buf, const char *s)
{
	put(buf, s ? (uint32_t)strlen(s) : NO_TEXT, 4);
	od_buf_addstr(buf, s ? s : "");
}

/* The nth item of a list. */
typedef void put_item(struct od_buf *buf, const struct od_report *rep, uint32_t n);

static void put_finding(struct od_buf *buf, const struct od_report *rep, uint32_t n)
{
	put_text(buf, rep->findings[n].id);
}

static void put_frame(struct od_buf *buf, const struct od_report *rep, uint32_t n)
{
	const struct od_frame *f = &rep->stacks[0].frames[n];

	put_text(buf, f->function);
	put_text(buf, f->symbol);
	put_text(buf, f->module);
	put(buf, f->flags, 2);
	put(buf, f->offset, 4);
	put(buf, f->size, 4);
	put(buf, f->addr, 8);
}

static void put_register(struct od_buf *buf, const struct od_report *rep, uint32_t n)
{
	put_text(buf, rep->registers[n].name);
	put(buf, rep->registers[n].value, 8);
}

static void put_module(struct od_buf *buf, const struct od_report *rep, uint32_t n)
{
	put_text(buf, rep->modules[n].name);
}

/* No more items than max, nor than there is room for before limit; their number goes ahead of them. */
static void put_list(struct od_buf *buf, const struct od_report *rep, uint32_t n, uint32_t max, size_t limit,
		     put_item *item)
{
	const size_t at = buf->len;
	uint32_t done = 0;

	put(buf, 0, 4);
	for (; done < n && done < max && buf->len < limit; done++)
		item(buf, rep, done);
	for (unsigned i = 0; i < 4; i++)
		buf->data[at + i] = (char)(done >> 8 * i);
}

void od_wire_put(struct od_buf *buf, const struct od_report *rep, const char *input)
{
	const size_t limit = buf->len + OD_WIRE_MAX / 2;

	od_buf_add(buf, magic, sizeof(magic));
	put_text(buf, input);
	for (size_t i = 0; i < TEXTS; i++)
		put_text(buf, *(const char *const *)((const char *)rep + texts[i]));
	put(buf, rep->id, 4);
	put(buf, rep->kind, 4);
	put(buf, rep->severity, 4);
	put(buf, (uint32_t)rep->pid, 4);
	put(buf, (uint32_t)rep->cpu, 4);
	put(buf, rep->has_fault_address, 1);
	put(buf, rep->fault_address, 8);
	put_list(buf, rep, rep->nfindings, OD_MAX_FINDINGS, limit, put_finding);
	put_list(buf, rep, rep->nstacks ? rep->stacks[0].nframes : 0, OD_WIRE_FRAMES, limit, put_frame);
	put_list(buf, rep, rep->nregisters, OD_WIRE_REGISTERS, limit, put_register);
	put_list(buf, rep, rep->nmodules, OD_WIRE_MODULES, limit, put_module);
}

/* --- reading --------------------------------------------------------------------------- */

struct reader {
	const char *p, *end;
	struct od_report *rep;
	bool bad; /* from then on everything is 0 */
};

static uint64_t get(struct reader *r, unsigned bytes)
{
	uint64_t value = 0;

	if (r->bad || (size_t)(r->end - r->p) < bytes) {
		r->bad = true;
		return 0;
	}
	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)(unsigned char)*r->p++ << 8 * i;
	return value;
}

static const char *get_text(struct reader *r)
{
	const uint64_t len = get(r, 4);
	const char *s = r->p;

	if (r->bad || len == NO_TEXT)
		return NULL;
	if (len > (size_t)(r->end - r->p)) {
		r->bad = true;
		return NULL;
	}
	r->p += len;
	return od_arena_strndup(&r->rep->arena, s, len);
}

/* A list's number of items; each takes four bytes at least. */
static uint32_t get_count(struct reader *r, uint32_t max)
{
	const uint64_t n = get(r, 4);

	if (n > max || n > (size_t)(r->end - r->p) / 4)
		r->bad = true;
	return r->bad ? 0 : (uint32_t)n;
}

static void get_frame(struct reader *r, struct od_frame *f)
{
	f->function = get_text(r);
	f->symbol = get_text(r);
	f->module = get_text(r);
	f->flags = (uint16_t)get(r, 2);
	f->offset = (uint32_t)get(r, 4);
	f->size = (uint32_t)get(r, 4);
	f->addr = get(r, 8);
}

static void get_lists(struct reader *r)
{
	struct od_report *rep = r->rep;
	struct od_arena *arena = &rep->arena;
	struct od_stack *st = od_arena_alloc(arena, sizeof(*st));

	rep->nfindings = get_count(r, OD_MAX_FINDINGS);
	rep->findings = od_arena_alloc(arena, (rep->nfindings + 1) * sizeof(*rep->findings));
	for (uint32_t i = 0; i < rep->nfindings; i++)
		rep->findings[i].id = get_text(r);
	rep->stacks = st;
	rep->nstacks = 1;
	st->nframes = get_count(r, OD_WIRE_FRAMES);
	st->frames = od_arena_alloc(arena, (st->nframes + 1) * sizeof(*st->frames));
	for (uint32_t i = 0; i < st->nframes; i++)
		get_frame(r, &st->frames[i]);
	rep->nregisters = get_count(r, OD_WIRE_REGISTERS);
	rep->registers = od_arena_alloc(arena, (rep->nregisters + 1) * sizeof(*rep->registers));
	for (uint32_t i = 0; i < rep->nregisters; i++) {
		rep->registers[i].name = get_text(r);
		rep->registers[i].value = get(r, 8);
		r->bad |= !rep->registers[i].name;
	}
	rep->nmodules = get_count(r, OD_WIRE_MODULES);
	rep->modules = od_arena_alloc(arena, (rep->nmodules + 1) * sizeof(*rep->modules));
	for (uint32_t i = 0; i < rep->nmodules; i++) {
		rep->modules[i].name = get_text(r);
		r->bad |= !rep->modules[i].name;
	}
}

struct od_report *od_wire_get(const char *data, size_t len, size_t *used, const char **input_ret)
{
	struct od_report *rep;
	struct reader r = { .p = data, .end = data + len };

	if (len < sizeof(magic) || memcmp(data, magic, sizeof(magic)) != 0)
		return NULL;
	r.p += sizeof(magic);
	r.rep = rep = od_report_create();
	*input_ret = get_text(&r);
	for (size_t i = 0; i < TEXTS; i++)
		*(const char **)((char *)rep + texts[i]) = get_text(&r);
	rep->id = (uint32_t)get(&r, 4);
	rep->kind = (enum od_kind)get(&r, 4);
	rep->severity = (enum od_severity)get(&r, 4);
	rep->pid = (int32_t)get(&r, 4);
	rep->cpu = (int32_t)get(&r, 4);
	rep->has_fault_address = get(&r, 1);
	rep->fault_address = get(&r, 8);
	get_lists(&r);
	r.bad |= rep->kind > OD_KIND_COUNT || rep->severity > OD_SEV_CRITICAL;
	if (r.bad) {
		od_report_destroy(rep);
		return NULL;
	}
	*used = (size_t)(r.p - data);
	return rep;
}
