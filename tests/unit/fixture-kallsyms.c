/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/fixture-kallsyms.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { PAGE = 4096, IMAGE = 4 << 20, TABLES = 5 << 19 };

static enum od_mem_status image_read(struct od_memory *mem, enum od_space space, uint64_t addr,
				     void *buf, size_t len, size_t *got)
{
	struct ks_image *im = (struct ks_image *)mem;
	uint64_t n = len, off = addr - im->base;
	enum od_mem_status status = OD_MEM_OK;

	im->reads++;
	*got = 0;
	if (space != OD_VIRT || off >= im->len)
		return OD_MEM_UNMAPPED;
	if (n > im->len - off) {
		n = im->len - off;
		status = OD_MEM_UNMAPPED;
	}
	if (im->hole_len && addr < im->hole + im->hole_len && addr + n > im->hole) {
		n = addr < im->hole ? im->hole - addr : 0;
		status = OD_MEM_EXCLUDED;
	}
	memcpy(buf, im->data + off, n);
	*got = n;
	im->read_bytes += n;
	return status;
}

struct ks_image *ks_empty(uint64_t base, size_t len, uint8_t pointer_size, bool big_endian)
{
	struct ks_image *im = od_calloc(1, sizeof(*im));

	im->mem = (struct od_memory){ .read = image_read, .big_endian = big_endian,
				      .pointer_size = pointer_size, .page_size = PAGE };
	im->base = base;
	im->len = len;
	im->data = od_calloc(1, len);
	return im;
}

void ks_free(struct ks_image *im)
{
	if (!im)
		return;
	od_buf_deinit(&im->info);
	free(im->data);
	free(im);
}

uint8_t *ks_at(struct ks_image *im, uint64_t addr, size_t len)
{
	uint64_t off = addr - im->base;

	return off < im->len && len <= im->len - off ? im->data + off : NULL;
}

void ks_put(struct ks_image *im, uint64_t addr, uint64_t value, size_t width)
{
	uint8_t *p = ks_at(im, addr, width);

	for (size_t i = 0; p && i < width; i++)
		p[im->mem.big_endian ? width - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

/* --- symbols ---------------------------------------------------------------------- */

enum { MADE_UP = 224 };

static char *made_up_name(char *name, size_t i)
{
	static const char *const parts[] = { "sys_", "tcp_", "do_",  "_init", "alloc",
					     "x64_", "page", "free", "Zq",    "lock" };
	size_t len = 0;

	if (i % 400 == 399) { /* more than 127 tokens */
		for (; len < 200; len++)
			name[len] = "QWXJVKYU"[(i + len * 7 + len / 3) % 8];
		snprintf(name + len, MADE_UP - len, "%zu", i);
	} else {
		snprintf(name, MADE_UP, "%s%s%s_%zu", parts[i % 10], parts[i / 10 % 10],
			 parts[i / 3 % 10], i);
	}
	return name;
}

struct ks_symbol *ks_symbols(uint64_t base, size_t count, bool numbers, size_t *n)
{
	const struct ks_symbol head[] = {
		{ 0, 'A', "fixed_percpu_data" }, { 0x1000, 'A', "cpu_debug_store" },
		{ 0x2f000, 'A', "__per_cpu_end" },
	};
	const struct ks_symbol first[] = {
		{ base, 'T', "startup_64" },	{ base, 'T', "_stext" },
		{ base, 'T', "_text" },		{ base + 0x40, 't', "a_local" },
		{ base + 0x40, 'T', "a_global" }, { base + 0x60, 't', "twice" },
		{ base + 0x70, 'T', "twice" },
	};
	const size_t nhead = numbers ? sizeof(head) / sizeof(*head) : 0;
	const size_t nfirst = sizeof(first) / sizeof(*first);
	const size_t total = nhead + nfirst + count + 2;
	struct ks_symbol *syms = od_malloc(total * sizeof(*syms) + count * MADE_UP);
	char *names = (char *)(syms + total);
	size_t k = nhead + nfirst;

	memcpy(syms, head, nhead * sizeof(*syms));
	memcpy(syms + nhead, first, sizeof(first));
	for (size_t i = 0; i < count; i++)
		syms[k++] = (struct ks_symbol){ base + 0x1000 + i * 0x30, "tTdDbBrRW"[i % 9],
						made_up_name(names + i * MADE_UP, i) };
	syms[k++] = (struct ks_symbol){ base + 0x300000, 'D', "init_uts_ns" };
	syms[k++] = (struct ks_symbol){ base + 0x300100, 'B', "_end" };
	*n = k;
	return syms;
}

/* --- tables ------------------------------------------------------------------------ */

static const char *const multi[] = { "Tsys_", "sys_", "tcp_", "do_",	"_init",
				     "alloc", "x64_", "page", "free",	"lock",
				     "lock_", "tdo_", "Ta",   "_stext", "percpu" };

/* Codes of printable bytes stand for themselves; multi[] begins at 1 and goes on from 200. */
static const char *token(unsigned code, char single[2])
{
	const unsigned n = sizeof(multi) / sizeof(*multi);

	single[0] = code > ' ' && code < 127 ? (char)code : '\0';
	single[1] = '\0';
	if (code && code <= n / 2)
		return multi[code - 1];
	if (code >= 200 && code - 200 + n / 2 < n)
		return multi[code - 200 + n / 2];
	return single;
}

static size_t compress(const char *s, uint8_t *out)
{
	size_t n = 0;

	while (*s) {
		unsigned best = (unsigned char)*s;
		size_t best_len = 1;

		for (unsigned code = 0; code < 256; code++) {
			char single[2];
			const char *t = token(code, single);
			size_t len = strlen(t);

			if (len > best_len && !strncmp(s, t, len)) {
				best = code;
				best_len = len;
			}
		}
		out[n++] = (uint8_t)best;
		s += best_len;
	}
	return n;
}

struct writer {
	struct ks_image *im;
	uint64_t p;
};

static uint64_t aligned(struct writer *w)
{
	const uint64_t to = w->im->mem.pointer_size;

	w->p = (w->p + to - 1) & ~(to - 1);
	return w->p;
}

static void put(struct writer *w, uint64_t value, size_t width)
{
	ks_put(w->im, w->p, value, width);
	w->p += width;
}

static void put_addresses(struct writer *w, const struct ks_symbol *syms, size_t n, uint64_t base,
			  const struct ks_shape *shape)
{
	const uint64_t table = aligned(w);

	if (shape->encoding == OD_KALLSYMS_ABSOLUTE)
		w->im->addresses = table;
	else
		w->im->offsets = table;
	for (size_t i = 0; i < n; i++) {
		uint64_t addr = syms[i].addr;

		switch (shape->encoding) {
		case OD_KALLSYMS_ABSOLUTE:
			put(w, addr, shape->pointer_size);
			break;
		case OD_KALLSYMS_RELATIVE:
			put(w, addr - base, 4);
			break;
		case OD_KALLSYMS_ABS_PERCPU:
			put(w, addr < base ? addr : base - 1 - addr, 4);
			break;
		case OD_KALLSYMS_PLACE:
			put(w, addr - w->p, 4);
			break;
		}
	}
	if (shape->encoding != OD_KALLSYMS_ABSOLUTE && shape->encoding != OD_KALLSYMS_PLACE) {
		w->im->relative_base = aligned(w);
		put(w, base, shape->pointer_size);
	}
}

static void put_names(struct writer *w, const struct ks_symbol *syms, size_t n,
		      const struct ks_shape *shape)
{
	const size_t word = shape->long_words ? shape->pointer_size : 4;
	uint64_t *markers = od_calloc(n / 256 + 1, sizeof(*markers));
	uint8_t tokens[2048];

	w->im->num_syms = aligned(w);
	put(w, n, word);
	w->im->names = aligned(w);
	for (size_t i = 0; i < n; i++) {
		char text[2048];
		size_t len;

		if (i % 256 == 0)
			markers[i / 256] = w->p - w->im->names;
		snprintf(text, sizeof(text), "%c%s", syms[i].type, syms[i].name);
		len = compress(text, tokens);
		if (shape->uleb && len > 127) {
			put(w, (len & 0x7f) | 0x80, 1);
			put(w, len >> 7, 1);
		} else {
			if (len > 255) { /* before 6.1 names are shorter */
				fprintf(stderr, "%s: too long\n", text);
				abort();
			}
			put(w, len, 1);
		}
		memcpy(ks_at(w->im, w->p, len), tokens, len);
		w->p += len;
	}
	w->im->names_end = w->p;
	w->im->markers = aligned(w);
	for (size_t i = 0; i < (n + 255) / 256; i++)
		put(w, markers[i], word);
	free(markers);
	if (!shape->seqs || shape->new_order)
		return;
	aligned(w);
	for (size_t i = 0; i < n; i++) {
		put(w, i * 7919 % n >> 16, 1);
		put(w, i * 7919 % n >> 8 & 0xff, 1);
		put(w, i * 7919 % n & 0xff, 1);
	}
}

static void put_tokens(struct writer *w)
{
	uint32_t index[256];

	w->im->token_table = aligned(w);
	for (unsigned code = 0; code < 256; code++) {
		char single[2];
		const char *t = token(code, single);

		index[code] = (uint32_t)(w->p - w->im->token_table);
		memcpy(ks_at(w->im, w->p, 32), t, strlen(t) + 1);
		w->p += strlen(t) + 1;
	}
	w->im->token_index = aligned(w);
	for (unsigned code = 0; code < 256; code++)
		put(w, index[code], 2);
}

static void put_info(struct ks_image *im, const struct ks_shape *shape)
{
	const struct {
		const char *name;
		uint64_t addr;
	} keys[] = {
		{ "kallsyms_names", im->names },
		{ "kallsyms_num_syms", im->num_syms },
		{ "kallsyms_token_table", im->token_table },
		{ "kallsyms_token_index", im->token_index },
		{ "kallsyms_offsets", im->offsets },
		{ "kallsyms_relative_base", im->relative_base },
		{ "kallsyms_addresses", im->addresses },
	};

	od_buf_printf(&im->info, "OSRELEASE=1.2.3\nSYMBOL(init_uts_ns)=%" PRIx64 "\n",
		      im->base + 0x300000);
	od_buf_printf(&im->info, "SYMBOL(swapper_pg_dir)=%" PRIx64 "\n", im->base + 0x301000);
	od_buf_printf(&im->info, "SYMBOL(_stext)=%" PRIx64 "\n", im->base);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (keys[i].addr && !shape->no_keys)
			od_buf_printf(&im->info, "SYMBOL(%s)=%" PRIx64 "\n", keys[i].name,
				      keys[i].addr);
}

struct ks_image *ks_build(uint64_t base, const struct ks_symbol *syms, size_t n,
			  const struct ks_shape *shape)
{
	struct ks_image *im = ks_empty(base, IMAGE, shape->pointer_size, shape->big_endian);
	const uint32_t tables = shape->tables ? shape->tables : TABLES;
	struct writer w = { im, base + tables };

	/*
	 * Digits, as in a token table, but none; and numbers that may look like markers or a count.
	 */
	for (size_t i = 0; i < tables; i++)
		im->data[i] = (uint8_t)(i % 4 ? 0 : i >> 8);
	for (size_t i = 1000; i + 100 < tables; i += tables / 20)
		memcpy(im->data + i, "0\0001\0002\0003\0004\0005\0006\0007\0008\0009", 20);
	if (!shape->new_order)
		put_addresses(&w, syms, n, base, shape);
	put_names(&w, syms, n, shape);
	put_tokens(&w);
	if (shape->new_order)
		put_addresses(&w, syms, n, base, shape);
	put_info(im, shape);
	if (shape->tables)
		im->len = (size_t)(w.p - base);
	return im;
}
