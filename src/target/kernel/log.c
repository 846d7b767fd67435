/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "model/limits.h"

enum {
	MAX_COUNT_BITS = 24,	/* 16 million records */
	MAX_SIZE_BITS = 31,
	MAX_LOG = 1 << 30,	/* bytes of the older buffers */
	MAX_STRUCT = 4096,	/* bytes of one description */
};

struct log {
	struct od_kernel *k;
	void (*line)(void *ctx, const char *s, size_t len);
	void *ctx;
	struct od_kernel_log *ret;
	struct od_buf text; /* the line at hand */
};

struct record {
	uint64_t ts_nsec;
	uint32_t caller; /* bit 31: a CPU, else a thread; valid with has_caller */
	bool has_caller;
	uint8_t level;
	const char *text;
	size_t len;
};

/* What a kernel without types tells nowhere else. Only the first such line is the kernel's own. */
static void remember(struct od_kernel *k, const struct record *r)
{
	static const char mark[] = "Kernel command line: ";
	const size_t len = sizeof(mark) - 1;

	if (r->ts_nsec > k->log_last_ns)
		k->log_last_ns = r->ts_nsec;
	if (!k->log_cmdline && r->len > len && !memcmp(r->text, mark, len))
		k->log_cmdline = od_arena_strndup(&k->arena, r->text + len, r->len - len);
}

static void tell(struct log *l, const struct record *r)
{
	const char *p = r->text, *end = p + r->len;
	char prefix[64], caller[16];
	int n = snprintf(prefix, sizeof(prefix), "<%u>[%5llu.%06llu]", r->level & 7u,
			 (unsigned long long)(r->ts_nsec / 1000000000),
			 (unsigned long long)(r->ts_nsec / 1000 % 1000000));

	if (r->has_caller) {
		snprintf(caller, sizeof(caller), "%c%u", r->caller >> 31 ? 'C' : 'T',
			 r->caller & 0x7fffffff);
		n += snprintf(prefix + n, sizeof(prefix) - (size_t)n, "[%6s]", caller);
	}
	l->ret->records++;
	remember(l->k, r);
	do {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl ? nl : end) - p);

		od_buf_reset(&l->text);
		od_buf_add(&l->text, prefix, (size_t)n);
		od_buf_addch(&l->text, ' ');
		od_buf_add(&l->text, p, len);
		l->line(l->ctx, od_buf_str(&l->text), l->text.len);
		p = nl ? nl + 1 : end;
	} while (p < end);
}

static void lost(struct log *l, enum od_mem_status why)
{
	if (!l->ret->unreadable++)
		l->ret->why = why;
}

/* --- the ring buffer, 5.10 on ------------------------------------------------------------- */

/* Rows: where VMCOREINFO says what lies. */
struct ring {
	uint64_t desc_ring, text_ring;			      /* in printk_ringbuffer */
	uint64_t count_bits, descs, infos, head_id, tail_id;  /* in prb_desc_ring */
	uint64_t size_bits, data;			      /* in prb_data_ring */
	uint64_t desc_size, state_var, blk, begin, next;      /* prb_desc */
	uint64_t info_size, ts, text_len, caller;	      /* printk_info */
};

static const char *ring_layout(const struct od_vmcoreinfo *info, struct ring *r)
{
	const struct {
		const char *name;
		uint64_t *to;
		bool size;
	} rows[] = {
		{ "printk_ringbuffer.desc_ring", &r->desc_ring, false },
		{ "printk_ringbuffer.text_data_ring", &r->text_ring, false },
		{ "prb_desc_ring.count_bits", &r->count_bits, false },
		{ "prb_desc_ring.descs", &r->descs, false },
		{ "prb_desc_ring.infos", &r->infos, false },
		{ "prb_desc_ring.head_id", &r->head_id, false },
		{ "prb_desc_ring.tail_id", &r->tail_id, false },
		{ "prb_data_ring.size_bits", &r->size_bits, false },
		{ "prb_data_ring.data", &r->data, false },
		{ "prb_desc", &r->desc_size, true },
		{ "prb_desc.state_var", &r->state_var, false },
		{ "prb_desc.text_blk_lpos", &r->blk, false },
		{ "prb_data_blk_lpos.begin", &r->begin, false },
		{ "prb_data_blk_lpos.next", &r->next, false },
		{ "printk_info", &r->info_size, true },
		{ "printk_info.ts_nsec", &r->ts, false },
		{ "printk_info.text_len", &r->text_len, false },
		{ "printk_info.caller_id", &r->caller, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool ok = rows[i].size ? od_vmcoreinfo_size(info, rows[i].name, rows[i].to)
				       : od_vmcoreinfo_offset(info, rows[i].name, rows[i].to);

		if (!ok || *rows[i].to > MAX_STRUCT)
			return "VMCOREINFO lacks the layout of the log's ring buffer";
	}
	if (!r->desc_size || !r->info_size || r->text_len + 4 > r->info_size ||
	    r->ts + 8 > r->info_size || r->caller + 4 > r->info_size)
		return "VMCOREINFO has a layout of the log's ring buffer that cannot be";
	return NULL;
}

struct ring_at { /* one ring as it was */
	uint64_t descs, infos, data, head, tail;
	uint32_t count_bits, size_bits;
};

static const char *ring_read(struct od_kernel *k, uint64_t rb, const struct ring *r, struct ring_at *at)
{
	struct od_memory *mem = k->mem;
	uint64_t desc_ring = rb + r->desc_ring, text_ring = rb + r->text_ring;
	enum od_mem_status st;

	/* The counters are atomic_long_t, whose one member lies at offset 0. */
	if ((st = od_mem_u32(mem, desc_ring + r->count_bits, &at->count_bits)) ||
	    (st = od_mem_pointer(mem, desc_ring + r->descs, &at->descs)) ||
	    (st = od_mem_pointer(mem, desc_ring + r->infos, &at->infos)) ||
	    (st = od_mem_pointer(mem, desc_ring + r->head_id, &at->head)) ||
	    (st = od_mem_pointer(mem, desc_ring + r->tail_id, &at->tail)) ||
	    (st = od_mem_u32(mem, text_ring + r->size_bits, &at->size_bits)) ||
	    (st = od_mem_pointer(mem, text_ring + r->data, &at->data)))
		return od_arena_printf(&k->arena, "the log's ring buffer is %s", od_mem_status_text(st));
	if (!at->count_bits || at->count_bits > MAX_COUNT_BITS || at->size_bits < 3 ||
	    at->size_bits > MAX_SIZE_BITS)
		return "the log's ring buffer has sizes that cannot be";
	return NULL;
}

/* The text of a block between two logical positions; both odd: there is none. */
static enum od_mem_status ring_text(struct od_memory *mem, const struct ring_at *at, uint64_t begin,
				    uint64_t next, char *buf, size_t *len)
{
	uint64_t size = 1ull << at->size_bits, from = begin & (size - 1), to = next & (size - 1);
	unsigned word = mem->pointer_size;

	if (begin & next & 1) {
		*len = 0;
		return OD_MEM_OK;
	}
	/* What would wrap starts again at the beginning of the ring (data_block in the kernel). */
	if ((begin >> at->size_bits) != (next >> at->size_bits) && to)
		from = 0;
	else if (!to && next != begin)
		to = size;
	if (from + word > to) {
		*len = 0;
		return OD_MEM_DAMAGED;
	}
	from += word; /* the id of the block's owner */
	if (*len > to - from)
		*len = (size_t)(to - from);
	return od_mem_read(mem, at->data + from, buf, *len);
}

static void ring_record(struct log *l, const struct ring *r, const struct ring_at *at, uint64_t id,
			unsigned char *desc, unsigned char *info, char *text)
{
	struct od_memory *mem = l->k->mem;
	uint64_t i = id & ((1ull << at->count_bits) - 1), state, ids;
	unsigned word = mem->pointer_size, shift = word * 8 - 2;
	struct record rec = { .has_caller = true, .text = text };
	enum od_mem_status st;

	st = od_mem_read(mem, at->descs + i * r->desc_size, desc, r->desc_size);
	if (st == OD_MEM_OK)
		st = od_mem_read(mem, at->infos + i * r->info_size, info, r->info_size);
	if (st != OD_MEM_OK) {
		lost(l, st);
		return;
	}
	state = od_mem_number(mem, desc + r->state_var, word);
	ids = (1ull << shift) - 1;
	/* Committed or finalized, and still this record. */
	if ((state & ids) != (id & ids) || ((state >> shift) != 1 && (state >> shift) != 2))
		return;
	rec.ts_nsec = od_mem_number(mem, info + r->ts, 8);
	rec.len = (size_t)od_mem_number(mem, info + r->text_len, 2);
	/* After text_len: facility, and a byte of flags:5 and level:3. */
	rec.level = mem->big_endian ? info[r->text_len + 3] & 7 : info[r->text_len + 3] >> 5;
	rec.caller = (uint32_t)od_mem_number(mem, info + r->caller, 4);
	st = ring_text(mem, at, od_mem_number(mem, desc + r->blk + r->begin, word),
		       od_mem_number(mem, desc + r->blk + r->next, word), text, &rec.len);
	if (st != OD_MEM_OK)
		lost(l, st);
	else
		tell(l, &rec);
}

static const char *ring_log(struct log *l, uint64_t prb)
{
	od_autofree unsigned char *desc = NULL, *info = NULL;
	od_autofree char *text = NULL;
	struct ring r;
	struct ring_at at;
	uint64_t rb, n;
	enum od_mem_status st;
	const char *why = ring_layout(l->k->info, &r);

	if (why)
		return why;
	st = od_mem_pointer(l->k->mem, prb, &rb);
	if (st != OD_MEM_OK)
		return od_arena_printf(&l->k->arena, "the pointer to the log is %s",
				       od_mem_status_text(st));
	why = ring_read(l->k, rb, &r, &at);
	if (why)
		return why;
	if (r.blk + r.begin + 8 > r.desc_size || r.blk + r.next + 8 > r.desc_size ||
	    r.state_var + 8 > r.desc_size)
		return "VMCOREINFO has a layout of the log's ring buffer that cannot be";
	desc = od_malloc(r.desc_size);
	info = od_malloc(r.info_size);
	text = od_malloc(OD_MAX_LINE);
	/* Ids wrap; there are never more than the ring has places. */
	n = at.head - at.tail;
	if (n >= 1ull << at.count_bits)
		n = (1ull << at.count_bits) - 1;
	for (uint64_t i = 0; i <= n; i++)
		ring_record(l, &r, &at, at.head - n + i, desc, info, text);
	return NULL;
}

/* --- the buffer of records, 3.5 to 5.9 ---------------------------------------------------- */

/* struct log until 3.10, struct printk_log after. */
static bool record_layout(const struct od_vmcoreinfo *info, uint64_t *size, uint64_t *ts, uint64_t *len,
			  uint64_t *text_len)
{
	static const char *const types[] = { "printk_log", "log" };
	char name[32];

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		const struct {
			const char *member;
			uint64_t *to;
			unsigned width;
		} rows[] = { { "ts_nsec", ts, 8 }, { "len", len, 2 }, { "text_len", text_len, 2 } };
		bool ok = od_vmcoreinfo_size(info, types[i], size) && *size >= 16 && *size <= MAX_STRUCT;

		for (size_t j = 0; ok && j < sizeof(rows) / sizeof(*rows); j++) {
			snprintf(name, sizeof(name), "%s.%s", types[i], rows[j].member);
			ok = od_vmcoreinfo_offset(info, name, rows[j].to) && *size >= rows[j].width &&
			     *rows[j].to <= *size - rows[j].width;
		}
		if (ok)
			return true;
	}
	return false;
}

static const char *record_log(struct log *l, uint64_t buf, uint32_t buf_len, uint32_t first, uint32_t next)
{
	struct od_memory *mem = l->k->mem;
	uint64_t size, ts, len, text_len, done = 0;
	od_autofree unsigned char *head = NULL;
	od_autofree char *text = NULL;

	if (!record_layout(l->k->info, &size, &ts, &len, &text_len))
		return "VMCOREINFO lacks the layout of the log's records";
	if (first >= buf_len || next > buf_len)
		return "the log's first or next record lies outside of its buffer";
	head = od_malloc(size);
	text = od_malloc(OD_MAX_LINE);
	for (uint32_t at = first; at != next && done <= buf_len;) {
		struct record rec = { .text = text };
		enum od_mem_status st = at + size <= buf_len ? od_mem_read(mem, buf + at, head, size)
							     : OD_MEM_DAMAGED;
		uint64_t n;

		if (st != OD_MEM_OK) {
			lost(l, st);
			break;
		}
		n = od_mem_number(mem, head + len, 2);
		if (!n) { /* the rest of the buffer is not used */
			done += buf_len - at;
			at = 0;
			continue;
		}
		rec.ts_nsec = od_mem_number(mem, head + ts, 8);
		rec.len = (size_t)od_mem_number(mem, head + text_len, 2);
		/* text_len, dict_len, facility, then flags:5 and level:3. */
		rec.level = mem->big_endian ? head[text_len + 5] & 7 : head[text_len + 5] >> 5;
		if (n < size || at + n > buf_len || rec.len > n - size) {
			lost(l, OD_MEM_DAMAGED);
			break;
		}
		st = od_mem_read(mem, buf + at + size, text, rec.len);
		if (st != OD_MEM_OK)
			lost(l, st);
		else
			tell(l, &rec);
		done += n;
		at += (uint32_t)n;
		if (at == buf_len)
			at = 0;
	}
	return NULL;
}

/* --- plain text, before 3.5 --------------------------------------------------------------- */

static const char *plain_log(struct log *l, uint64_t buf, uint32_t buf_len, uint32_t end)
{
	struct od_memory *mem = l->k->mem;
	uint32_t n = end < buf_len ? end : buf_len;
	od_autofree char *text = od_malloc((size_t)n + 1);
	const char *p = text;

	for (uint32_t done = 0; done < n;) {
		uint32_t at = (end - n + done) % buf_len, part = buf_len - at < n - done ? buf_len - at : n - done;
		enum od_mem_status st = od_mem_read(mem, buf + at, text + done, part);

		if (st != OD_MEM_OK)
			return od_arena_printf(&l->k->arena, "the log is %s", od_mem_status_text(st));
		done += part;
	}
	text[n] = '\0';
	while (p < text + n) {
		const char *nl = memchr(p, '\n', (size_t)(text + n - p));
		size_t len = nl ? (size_t)(nl - p) : (size_t)(text + n - p);

		l->ret->records++;
		l->line(l->ctx, p, len);
		p += len + 1;
	}
	return NULL;
}

static const char *old_log(struct log *l)
{
	struct od_memory *mem = l->k->mem;
	uint64_t log_buf, log_buf_len, first, next, end, buf;
	uint32_t len, a, b;

	if (!od_vmcoreinfo_symbol(l->k->info, "log_buf", &log_buf) ||
	    !od_vmcoreinfo_symbol(l->k->info, "log_buf_len", &log_buf_len))
		return "VMCOREINFO does not say where the log is";
	if (od_mem_pointer(mem, log_buf, &buf) || od_mem_u32(mem, log_buf_len, &len))
		return "the pointer to the log cannot be read";
	if (!len || len > MAX_LOG)
		return "the log has a size that cannot be";
	if (od_vmcoreinfo_symbol(l->k->info, "log_first_idx", &first)) {
		if (!od_vmcoreinfo_symbol(l->k->info, "log_next_idx", &next) ||
		    od_mem_u32(mem, first, &a) || od_mem_u32(mem, next, &b))
			return "the log's first and next record are not known";
		return record_log(l, buf, len, a, b);
	}
	if (!od_vmcoreinfo_symbol(l->k->info, "log_end", &end) || od_mem_u32(mem, end, &a))
		return "VMCOREINFO does not say where the log ends";
	return plain_log(l, buf, len, a);
}

const char *od_kernel_log(struct od_kernel *k, void (*line)(void *ctx, const char *s, size_t len),
			  void *ctx, struct od_kernel_log *ret)
{
	struct log l = { .k = k, .line = line, .ctx = ctx, .ret = ret };
	uint64_t prb;
	const char *why;

	*ret = (struct od_kernel_log){ 0 };
	if (!k->info)
		return "the dump has no VMCOREINFO";
	why = od_vmcoreinfo_symbol(k->info, "prb", &prb) ? ring_log(&l, prb) : old_log(&l);
	od_buf_deinit(&l.text);
	if (!why && !ret->records && ret->unreadable)
		why = od_arena_printf(&k->arena, "the log is %s", od_mem_status_text(ret->why));
	return why;
}
