/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What both kinds of symbol tables need: numbers by hash of their name, numbers by address. */
#ifndef OD_SYMBOLS_INDEX_H
#define OD_SYMBOLS_INDEX_H

#include <stddef.h>
#include <stdint.h>

enum { OD_INDEX_END = UINT32_MAX };

/*
 * The hash of a name is a polynomial over its bytes (not 0), modulo 2^64, so that the hash of a
 * name can be had from those of the pieces it is made of: hash(ab) = hash(a) * power(b) + hash(b).
 */
#define OD_HASH_BASE 0x9e3779b97f4a7c15u

static inline uint64_t od_hash_add(uint64_t hash, unsigned char c)
{
	return hash * OD_HASH_BASE + c;
}

/* The polynomial's low bits know only the last bytes: spread them. */
static inline uint32_t od_hash_finish(uint64_t hash)
{
	return (uint32_t)(((hash ^ hash >> 29) * 0xbf58476d1ce4e5b9u) >> 32);
}

/* Of a whole name: finished. */
uint32_t od_hash_name(const char *name, size_t len);

/* Chains of the symbols whose hashes share low bits, each in the order of the table. */
struct od_name_index {
	uint32_t *hash; /* of each symbol; from malloc(), filled in by the owner of the table */
	uint32_t *next, *heads;
	uint32_t mask;
};

/* (Re)build the chains over the n hashes; n is below OD_INDEX_END. */
void od_name_index_build(struct od_name_index *index, uint32_t n);
void od_name_index_deinit(struct od_name_index *index);
/* The first symbol with exactly that hash, and the next after i; OD_INDEX_END: no more. */
uint32_t od_name_index_first(const struct od_name_index *index, uint32_t hash);
uint32_t od_name_index_next(const struct od_name_index *index, uint32_t i);

/* The numbers 0 to n - 1 by ascending addr[], equal ones in their order, into order[n]. */
void od_sort_addresses(const uint64_t *addr, uint32_t *order, uint32_t n);

#endif
