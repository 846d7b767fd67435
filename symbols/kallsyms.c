/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens and names: one pass over the names finds where each begins and what it hashes to. */
#include "symbols/kallsyms.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/cursor.h"

enum {
	MAX_TOKENS = 65536 + 1024, /* bytes of the token table: u16 offsets, and the last string */
	MAX_MEAN_NAME = 64,	   /* bytes of a compressed name, in the mean; kernels have 13 */
	MAX_SAME_NAME = 4096, /* symbols of one name, or one hash, that a look-up goes through */
};

void od_kallsyms_deinit(struct od_kallsyms *ks)
{
	free(ks->names);
	free(ks->token_text);
	free(ks->off);
	free(ks->addr);
	od_name_index_deinit(&ks->index);
	memset(ks, 0, sizeof(*ks));
}

static bool sane_token(struct od_kallsyms_token *t, const char *s)
{
	t->power = 1;
	for (; s[t->len]; t->len++) {
		unsigned char c = (unsigned char)s[t->len];

		if (c <= ' ' || c > '~')
			return false;
		t->hash = od_hash_add(t->hash, c);
		t->power *= OD_HASH_BASE;
		if (t->len)
			t->tail = od_hash_add(t->tail, c);
	}
	return true;
}

struct od_error *od_kallsyms_read_tokens(struct od_kallsyms *ks, struct od_memory *mem,
					 uint64_t table, uint64_t index)
{
	uint8_t raw[512];
	enum od_mem_status status = od_mem_read(mem, index, raw, sizeof(raw));
	size_t got, pos = 0, size = MAX_TOKENS;
	bool done = false;

	if (status != OD_MEM_OK)
		return od_error_new(OD_ERR_UNSUPPORTED,
				    "kallsyms_token_index at 0x%" PRIx64 " is %s", index,
				    od_mem_status_text(status));
	/*
	 * The index follows the table; where it does not, the table's end is found by the strings.
	 */
	if (index > table && index - table < size)
		size = index - table;
	free(ks->token_text);
	ks->token_text = od_malloc(size + 1);
	status = mem->read(mem, OD_VIRT, table, ks->token_text, size, &got);
	ks->token_text[got] = '\0';
	memset(ks->tokens, 0, sizeof(ks->tokens));
	for (unsigned i = 0; i < 256 && pos < got; i++) {
		struct od_kallsyms_token *t = &ks->tokens[i];

		if (od_mem_number(mem, raw + 2 * i, 2) != pos ||
		    !sane_token(t, ks->token_text + pos))
			return od_error_new(OD_ERR_UNSUPPORTED,
					    "kallsyms_token_table at 0x%" PRIx64
					    " makes no sense at token %u", table, i);
		t->pos = (uint32_t)pos;
		pos += t->len + 1;
		done = i == 255 && pos <= got;
	}
	if (done)
		return NULL;
	if (status != OD_MEM_OK)
		return od_error_new(OD_ERR_UNSUPPORTED,
				    "kallsyms_token_table at 0x%" PRIx64 " is %s", table + got,
				    od_mem_status_text(status));
	return od_error_new(OD_ERR_UNSUPPORTED, "kallsyms_token_table at 0x%" PRIx64
			    " has no 256 tokens", table);
}

/* The tokens of the symbol whose entry is at p; NULL if they reach beyond end. */
static const uint8_t *entry(const uint8_t *p, const uint8_t *end, bool uleb, uint32_t *len)
{
	if (p >= end)
		return NULL;
	*len = *p++;
	if (uleb && *len & 0x80) {
		if (p >= end)
			return NULL;
		*len = (*len & 0x7f) | (uint32_t)*p++ << 7;
	}
	return *len <= (size_t)(end - p) ? p : NULL;
}

/*
 * Where the first entry is that makes no sense, NULL if there is none. *ran_out: its end is
 * missing.
 */
static const uint8_t *walk(struct od_kallsyms *ks, const uint8_t *end, size_t *used, bool *ran_out)
{
	const struct od_kallsyms_token *tokens = ks->tokens;
	const uint8_t *p = ks->names;

	*ran_out = false;
	for (uint32_t i = 0; i < ks->n; i++) {
		uint32_t len, bytes;
		const uint8_t *start = p;
		uint64_t hash;

		ks->has_long |= p < end && *p & 0x80;
		p = entry(p, end, ks->uleb, &len);
		if (!p) {
			*ran_out = true;
			return start;
		}
		if (!len || !tokens[*p].len || !od_is_alpha(ks->token_text[tokens[*p].pos]))
			return start;
		hash = tokens[*p].tail;
		bytes = tokens[*p].len;
		for (uint32_t j = 1; j < len; j++) {
			const struct od_kallsyms_token *t = &tokens[p[j]];

			hash = hash * t->power + t->hash;
			bytes += t->len;
		}
		if (bytes < 2 || bytes > OD_MAX_KALLSYM)
			return start;
		ks->off[i] = (uint32_t)(start - ks->names);
		ks->index.hash[i] = od_hash_finish(hash);
		p += len;
	}
	*used = (size_t)(p - ks->names);
	return NULL;
}

struct od_error *od_kallsyms_read_names(struct od_kallsyms *ks, struct od_memory *mem,
					uint64_t addr, uint32_t n, uint64_t limit, bool uleb)
{
	enum od_mem_status status;
	size_t got, used = 0;
	const uint8_t *bad;
	bool ran_out;

	if (limit > OD_MAX_KALLSYMS_NAMES)
		limit = OD_MAX_KALLSYMS_NAMES;
	if (limit > n * (uint64_t)MAX_MEAN_NAME + 4096)
		limit = n * (uint64_t)MAX_MEAN_NAME + 4096;
	if (!n || n > OD_MAX_KALLSYMS || n > limit / 2)
		return od_error_new(OD_ERR_UNSUPPORTED, "kallsyms_num_syms: %" PRIu32
				    " symbols make no sense", n);
	ks->n = n;
	ks->uleb = uleb;
	ks->has_long = false;
	free(ks->names);
	ks->names = od_malloc(limit);
	status = mem->read(mem, OD_VIRT, addr, ks->names, limit, &got);
	ks->off = od_realloc(ks->off, n * sizeof(*ks->off));
	ks->index.hash = od_realloc(ks->index.hash, n * sizeof(*ks->index.hash));
	bad = walk(ks, ks->names + got, &used, &ran_out);
	if (bad && ran_out && status != OD_MEM_OK)
		return od_error_new(OD_ERR_UNSUPPORTED, "kallsyms_names at 0x%" PRIx64 " is %s",
				    addr + got, od_mem_status_text(status));
	if (bad)
		return od_error_new(OD_ERR_UNSUPPORTED, "kallsyms_names at 0x%" PRIx64
				    " makes no sense", addr + (uint64_t)(bad - ks->names));
	ks->names = od_realloc(ks->names, used);
	od_name_index_build(&ks->index, n);
	return NULL;
}

/* walk() has seen every entry: none reaches beyond the end. */
static const uint8_t *tokens_of(const struct od_kallsyms *ks, uint32_t i, uint32_t *len)
{
	const uint8_t *p = ks->names + ks->off[i];

	*len = *p++;
	if (ks->uleb && *len & 0x80)
		*len = (*len & 0x7f) | (uint32_t)*p++ << 7;
	return p;
}

char od_kallsyms_type(const struct od_kallsyms *ks, uint32_t i)
{
	uint32_t len;

	return ks->token_text[ks->tokens[*tokens_of(ks, i, &len)].pos];
}

size_t od_kallsyms_name(const struct od_kallsyms *ks, uint32_t i, char *buf, size_t size)
{
	uint32_t len;
	const uint8_t *p = tokens_of(ks, i, &len);
	size_t total = 0, kept = 0;

	for (uint32_t j = 0; j < len; j++) {
		const struct od_kallsyms_token *t = &ks->tokens[p[j]];
		size_t skip = !j, n = t->len - skip; /* the type is the first byte */

		total += n;
		if (n > size - 1 - kept)
			n = size - 1 - kept;
		memcpy(buf + kept, ks->token_text + t->pos + skip, n);
		kept += n;
	}
	buf[kept] = '\0';
	return total;
}

bool od_kallsyms_is(const struct od_kallsyms *ks, uint32_t i, const char *name, size_t len,
		    bool prefix)
{
	uint32_t ntokens;
	const uint8_t *p = tokens_of(ks, i, &ntokens);

	for (uint32_t j = 0; j < ntokens; j++) {
		const struct od_kallsyms_token *t = &ks->tokens[p[j]];
		size_t skip = !j, n = t->len - skip;

		if (n > len && prefix)
			n = len;
		if (n > len || memcmp(name, ks->token_text + t->pos + skip, n) != 0)
			return false;
		name += n;
		len -= n;
		if (!len && prefix)
			return true;
	}
	return !len;
}

static bool is_global(char type)
{
	return type >= 'A' && type <= 'Z';
}

uint32_t od_kallsyms_find(const struct od_kallsyms *ks, const char *name)
{
	size_t len = strlen(name);
	uint32_t first = OD_INDEX_END, left = MAX_SAME_NAME;
	uint32_t i = od_name_index_first(&ks->index, od_hash_name(name, len));

	for (; i != OD_INDEX_END && left; i = od_name_index_next(&ks->index, i), left--) {
		if (!od_kallsyms_is(ks, i, name, len, false))
			continue;
		if (is_global(od_kallsyms_type(ks, i)))
			return i;
		if (first == OD_INDEX_END)
			first = i;
	}
	return first;
}
