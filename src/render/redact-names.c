/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The numbers that were given. Names themselves are not kept, only their hashes under a key that is
 * drawn anew each time: nobody can make names that meet in the table, or read them out of it.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "render/redact-internal.h"

enum { SLOTS = 1 << 15, MAX_PROBES = 64, NO_SLOT = SLOTS, MAX_NAME = 255 };

struct od_redact {
	uint64_t key[2];
	uint32_t given[OD_PRIVATE_COUNT]; /* the highest number of each kind */
	struct {
		uint64_t hash;	 /* 0: free */
		uint32_t same;	 /* 1 + the slot whose number this one has, 0: its own */
		uint32_t number; /* 0: not printed yet */
	} slot[SLOTS];
};

struct od_redact *od_redact_create(void)
{
	struct od_redact *r =
		mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (r == MAP_FAILED)
		od_out_of_memory();
	if (getrandom(r->key, sizeof(r->key), GRND_NONBLOCK) != sizeof(r->key)) {
		r->key[0] = (uint64_t)time(NULL);
		r->key[1] = (uint64_t)getpid();
	}
	return r;
}

void od_private_keep(struct od_redact *r)
{
	madvise(r, sizeof(*r), MADV_DONTFORK);
}

static uint64_t rotate(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void sip_rounds(uint64_t v[4], unsigned n)
{
	while (n--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32) + v[3];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

/* SipHash-2-4 (Aumasson, Bernstein 2012) of the kind and the name in lower case. */
static uint64_t hash(const struct od_redact *r, enum od_private kind, const char *s, size_t len)
{
	unsigned char text[MAX_NAME + 1 + 8] = {(unsigned char)kind};
	uint64_t v[4] = {
		r->key[0] ^ UINT64_C(0x736f6d6570736575), r->key[1] ^ UINT64_C(0x646f72616e646f6d),
		r->key[0] ^ UINT64_C(0x6c7967656e657261), r->key[1] ^ UINT64_C(0x7465646279746573)};
	size_t n = 1;

	for (size_t i = 0; i < len && i < MAX_NAME; i++, n++)
		text[n] = (unsigned char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] | 0x20 : s[i]);
	for (size_t i = 0; i <= n / 8; i++) {
		uint64_t m;

		memcpy(&m, text + 8 * i, sizeof(m));
		if (i == n / 8)
			m |= (uint64_t)n << 56;
		v[3] ^= m;
		sip_rounds(v, 2);
		v[0] ^= m;
	}
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return (v[0] ^ v[1] ^ v[2] ^ v[3]) | 1;
}

bool od_private_find(struct od_redact *r, enum od_private kind, const char *s, size_t len, bool add,
		     unsigned *slot)
{
	const uint64_t h = hash(r, kind, s, len);

	*slot = NO_SLOT;
	for (unsigned i = 0; i < MAX_PROBES; i++) {
		unsigned k = (unsigned)((h >> 8) + i) % SLOTS;

		if (r->slot[k].hash && r->slot[k].hash != h)
			continue;
		if (!r->slot[k].hash && !add)
			return false;
		r->slot[k].hash = h;
		*slot = k;
		return true;
	}
	return add;
}

void od_private_alias(struct od_redact *r, unsigned slot, const char *s, size_t len)
{
	unsigned other;

	if (od_private_find(r, OD_PRIVATE_HOST, s, len, false, &other) ||
	    !od_private_find(r, OD_PRIVATE_HOST, s, len, true, &other) || other == NO_SLOT)
		return;
	r->slot[other].same = slot < SLOTS ? slot + 1 : 0;
}

void od_private_print(struct od_redact *r, struct od_buf *out, enum od_private kind, unsigned slot)
{
	static const char *const names[OD_PRIVATE_COUNT] = {"HOST", "IP",   "IP6",
							    "MAC",  "MAIL", "USER"};
	uint32_t number = 0;

	/* Another engine may have written anything here: all is checked that leads somewhere. */
	if (slot < SLOTS && r->slot[slot].same - 1 < SLOTS)
		slot = r->slot[slot].same - 1;
	if (slot < SLOTS && !r->slot[slot].number)
		r->slot[slot].number = ++r->given[kind];
	if (slot < SLOTS)
		number = r->slot[slot].number;
	/* 0: one of more than fit into the table. */
	od_buf_printf(out, "%s-%u", names[kind], number);
}
