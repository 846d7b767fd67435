/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of a variable, from wherever they are, and what is known of each. */
#include "config.h"

#ifdef LIBDW_SONAME
#include <stdio.h>
#include <string.h>

#include "symbols/vars-internal.h"

const char *od_value_state_text(unsigned state)
{
	static char text[OD_MEM_UNMAPPED + 1][64];

	_Static_assert(OD_STATE_MEMORY + OD_MEM_UNMAPPED <= UINT8_MAX, "states are bytes");
	switch (state) {
	case OD_STATE_KNOWN: return "";
	case OD_STATE_NONE: return "<optimized out>";
	case OD_STATE_LOST: return "<not saved>";
	case OD_STATE_STRANGE: return "<location not understood>";
	}
	state -= OD_STATE_MEMORY;
	if (state > OD_MEM_UNMAPPED)
		return "<unavailable>";
	if (!*text[state])
		snprintf(text[state], sizeof(text[state]), "<%s>",
			 od_mem_status_text((enum od_mem_status)state));
	return text[state];
}

struct filler {
	const struct od_eval *e;
	struct od_value *v;
	uint64_t at; /* bits of the value that are done */
};

static void set_state(struct od_value *v, uint64_t at, uint64_t len, unsigned state)
{
	if (at < v->size)
		memset(v->state + at, (int)state, len < v->size - at ? len : v->size - at);
}

/* A page after the other, so that one which is not there does not spoil the rest. */
static void from_memory(struct filler *f, uint64_t addr, uint64_t at, uint64_t len)
{
	enum { PAGE = 4096 };
	struct od_memory *mem = f->e->mem;

	for (uint64_t done = 0; done < len;) {
		uint64_t n = PAGE - (addr + done) % PAGE;
		enum od_mem_status status;

		n = n < len - done ? n : len - done;
		status = mem ? od_mem_read(mem, addr + done, f->v->data + at + done, n) : OD_MEM_OK;
		if (!mem)
			set_state(f->v, at + done, n, OD_STATE_LOST);
		else if (status != OD_MEM_OK)
			set_state(f->v, at + done, n, OD_STATE_MEMORY + status);
		done += n;
	}
}

/* The low bytes of a number, which is what a register or the stack holds of a smaller value. */
static void from_number(struct filler *f, uint64_t number, uint64_t at, uint64_t len)
{
	for (uint64_t i = 0; i < len && i < 8; i++)
		f->v->data[f->v->big_endian ? at + (len < 8 ? len : 8) - 1 - i : at + i] =
			(uint8_t)(number >> 8 * i);
	/* A value larger than the register: what comes next is nowhere. */
	if (len > 8)
		set_state(f->v, at + 8, len - 8, OD_STATE_NONE);
}

static void from_register(struct filler *f, uint64_t reg, uint64_t shift, uint64_t at, uint64_t len)
{
	const struct od_dwarf_regs *regs = f->e->regs;

	if (reg >= OD_DWARF_REGS || !(regs->known >> reg & 1) || shift > 56)
		set_state(f->v, at, len, OD_STATE_LOST);
	else
		from_number(f, regs->v[reg] >> shift, at, len);
}

static void from_bytes(struct filler *f, const struct od_loc *loc, uint64_t skip, uint64_t at,
		       uint64_t len)
{
	uint64_t n = skip < loc->len ? loc->len - skip : 0;

	n = n < len ? n : len;
	memcpy(f->v->data + at, loc->bytes + (skip < loc->len ? skip : 0), n);
	if (n < len)
		set_state(f->v, at + n, len - n, OD_STATE_NONE);
}

/* len bytes of the value at at, from byte skip of the place on. */
static void fill(struct filler *f, const struct od_loc *loc, uint64_t skip, uint64_t at, uint64_t len)
{
	if (at >= f->v->size)
		return;
	len = len < f->v->size - at ? len : f->v->size - at;
	set_state(f->v, at, len, OD_STATE_KNOWN);
	switch (loc->kind) {
	case OD_LOC_NONE: set_state(f->v, at, len, OD_STATE_NONE); break;
	case OD_LOC_LOST: set_state(f->v, at, len, OD_STATE_LOST); break;
	case OD_LOC_STRANGE: set_state(f->v, at, len, OD_STATE_STRANGE); break;
	case OD_LOC_UNREAD: set_state(f->v, at, len, OD_STATE_MEMORY + loc->status); break;
	case OD_LOC_ADDRESS: from_memory(f, loc->number + skip, at, len); break;
	case OD_LOC_REGISTER: from_register(f, loc->number, 8 * skip, at, len); break;
	case OD_LOC_VALUE:
		if (skip > 7)
			set_state(f->v, at, len, OD_STATE_NONE);
		else
			from_number(f, loc->number >> 8 * skip, at, len);
		break;
	case OD_LOC_BYTES: from_bytes(f, loc, skip, at, len); break;
	}
}

void od_value_fetch(const struct od_eval *e, const struct od_place_of *place, struct od_value *v)
{
	struct filler f = { .e = e, .v = v };

	memset(v->data, 0, sizeof(v->data));
	memset(v->state, OD_STATE_NONE, sizeof(v->state));
	v->has_address = !place->pieces && place->n && place->piece[0].loc.kind == OD_LOC_ADDRESS;
	v->address = v->has_address ? place->piece[0].loc.number : 0;
	if (!place->pieces) {
		if (place->n)
			fill(&f, &place->piece[0].loc, 0, 0, v->size);
		return;
	}
	for (unsigned i = 0; i < place->n && f.at / 8 < v->size; i++) {
		const struct od_piece *p = &place->piece[i];

		/* Pieces of bits within bytes: compilers make them for bit fields that were split. */
		if (f.at % 8 || p->bits % 8 || p->at % 8 || p->bits > UINT32_MAX || p->at > UINT32_MAX) {
			set_state(v, f.at / 8, v->size, OD_STATE_STRANGE);
			return;
		}
		fill(&f, &p->loc, p->at / 8, f.at / 8, p->bits / 8);
		f.at += p->bits;
	}
}
#endif
