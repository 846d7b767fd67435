/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbols/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

uint32_t od_hash_name(const char *name, size_t len)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < len; i++)
		hash = od_hash_add(hash, (unsigned char)name[i]);
	return od_hash_finish(hash);
}

void od_name_index_build(struct od_name_index *index, uint32_t n)
{
	uint32_t size = 1;

	while (size < n && size < 1u << 22)
		size <<= 1;
	free(index->next);
	free(index->heads);
	index->next = od_malloc(n * sizeof(*index->next));
	index->heads = od_malloc(size * sizeof(*index->heads));
	index->mask = size - 1;
	memset(index->heads, 0xff, size * sizeof(*index->heads));
	/* From the end, so that a chain begins with the first symbol of the table. */
	for (uint32_t i = n; i-- > 0;) {
		uint32_t *head = &index->heads[index->hash[i] & index->mask];

		index->next[i] = *head;
		*head = i;
	}
}

void od_name_index_deinit(struct od_name_index *index)
{
	free(index->hash);
	free(index->next);
	free(index->heads);
	memset(index, 0, sizeof(*index));
}

static uint32_t same_hash(const struct od_name_index *index, uint32_t i, uint32_t hash)
{
	while (i != OD_INDEX_END && index->hash[i] != hash)
		i = index->next[i];
	return i;
}

uint32_t od_name_index_first(const struct od_name_index *index, uint32_t hash)
{
	return index->heads ? same_hash(index, index->heads[hash & index->mask], hash)
			    : OD_INDEX_END;
}

uint32_t od_name_index_next(const struct od_name_index *index, uint32_t i)
{
	return same_hash(index, index->next[i], index->hash[i]);
}

/*
 * Least significant byte first; bytes that are the same in all addresses (half of them) cost
 * nothing.
 */
void od_sort_addresses(const uint64_t *addr, uint32_t *order, uint32_t n)
{
	uint32_t (*count)[256] = od_calloc(8, sizeof(*count));
	uint32_t *from = order, *to = od_malloc(n * sizeof(*to)), *spare = to;

	for (uint32_t i = 0; i < n; i++) {
		order[i] = i;
		for (unsigned b = 0; b < 8; b++)
			count[b][addr[i] >> 8 * b & 0xff]++;
	}
	for (unsigned b = 0; b < 8 && n; b++) {
		uint32_t sum = 0, *swap = from;

		if (count[b][addr[0] >> 8 * b & 0xff] == n)
			continue;
		for (unsigned v = 0; v < 256; v++) {
			uint32_t c = count[b][v];

			count[b][v] = sum;
			sum += c;
		}
		for (uint32_t i = 0; i < n; i++)
			to[count[b][addr[from[i]] >> 8 * b & 0xff]++] = from[i];
		from = to;
		to = swap;
	}
	if (from != order)
		memcpy(order, from, n * sizeof(*order));
	free(spare);
	free(count);
}
