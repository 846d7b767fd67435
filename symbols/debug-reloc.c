/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbols/debug-reloc.h"

#include "base/cleanup.h"

enum { MAX_RELOCS = 64 << 20, LOONGARCH = 258 };

/* What a relocation does with the value of its symbol and addend. */
enum op {
	SET,
	RELATIVE, /* less its own address */
	ADD,	  /* to what is there */
	SUB,
	SET_LEB, /* an unsigned LEB128 that keeps its length */
	SUB_LEB,
};

struct kind {
	uint16_t machine, type;
	uint8_t width, op;
};

/*
 * From the processor supplements of the ELF ABI. Assemblers whose linker may shorten code write
 * differences as an addition and a subtraction.
 */
static const struct kind kinds[] = {
	{ EM_X86_64, R_X86_64_64, 8, SET },
	{ EM_X86_64, R_X86_64_32, 4, SET },
	{ EM_X86_64, R_X86_64_32S, 4, SET },
	{ EM_X86_64, R_X86_64_PC32, 4, RELATIVE },
	{ EM_X86_64, R_X86_64_PC64, 8, RELATIVE },
	{ EM_AARCH64, R_AARCH64_ABS64, 8, SET },
	{ EM_AARCH64, R_AARCH64_ABS32, 4, SET },
	{ EM_AARCH64, R_AARCH64_PREL64, 8, RELATIVE },
	{ EM_AARCH64, R_AARCH64_PREL32, 4, RELATIVE },
	{ EM_386, R_386_32, 4, SET },
	{ EM_386, R_386_PC32, 4, RELATIVE },
	{ EM_ARM, R_ARM_ABS32, 4, SET },
	{ EM_ARM, R_ARM_REL32, 4, RELATIVE },
	{ EM_S390, R_390_64, 8, SET },
	{ EM_S390, R_390_32, 4, SET },
	{ EM_S390, R_390_PC32, 4, RELATIVE },
	{ EM_PPC64, R_PPC64_ADDR64, 8, SET },
	{ EM_PPC64, R_PPC64_ADDR32, 4, SET },
	{ EM_PPC64, R_PPC64_REL32, 4, RELATIVE },
	{ EM_PPC, R_PPC_ADDR32, 4, SET },
	{ EM_PPC, R_PPC_REL32, 4, RELATIVE },
	{ EM_RISCV, R_RISCV_64, 8, SET },
	{ EM_RISCV, R_RISCV_32, 4, SET },
	{ EM_RISCV, R_RISCV_ADD8, 1, ADD },
	{ EM_RISCV, R_RISCV_ADD16, 2, ADD },
	{ EM_RISCV, R_RISCV_ADD32, 4, ADD },
	{ EM_RISCV, R_RISCV_ADD64, 8, ADD },
	{ EM_RISCV, R_RISCV_SUB8, 1, SUB },
	{ EM_RISCV, R_RISCV_SUB16, 2, SUB },
	{ EM_RISCV, R_RISCV_SUB32, 4, SUB },
	{ EM_RISCV, R_RISCV_SUB64, 8, SUB },
	{ EM_RISCV, R_RISCV_SET8, 1, SET },
	{ EM_RISCV, R_RISCV_SET16, 2, SET },
	{ EM_RISCV, R_RISCV_SET32, 4, SET },
	{ EM_RISCV, 60, 1, SET_LEB }, /* R_RISCV_SET_ULEB128, newer than some <elf.h> */
	{ EM_RISCV, 61, 1, SUB_LEB },
	{ LOONGARCH, 1, 4, SET }, /* R_LARCH_32, 64, ADD8 to SUB64 */
	{ LOONGARCH, 2, 8, SET },
	{ LOONGARCH, 47, 1, ADD },
	{ LOONGARCH, 48, 2, ADD },
	{ LOONGARCH, 50, 4, ADD },
	{ LOONGARCH, 51, 8, ADD },
	{ LOONGARCH, 52, 1, SUB },
	{ LOONGARCH, 53, 2, SUB },
	{ LOONGARCH, 55, 4, SUB },
	{ LOONGARCH, 56, 8, SUB },
};

static const struct kind *kind_of(uint16_t machine, uint32_t type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].machine == machine && kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

struct reloc {
	uint64_t offset, addend;
	uint32_t type, symbol;
};

static size_t width_of(const struct od_relocs *r)
{
	return (r->elf->is64 ? 16 : 8) + (r->addend ? (r->elf->is64 ? 8 : 4) : 0);
}

static uint64_t offset_of(const struct od_relocs *r, uint32_t i)
{
	return od_elf_number(r->elf->big, r->table->data + i * width_of(r),
			     r->elf->is64 ? 8 : 4);
}

static void read_reloc(const struct od_relocs *r, uint32_t i, struct reloc *ret)
{
	const uint8_t *p = r->table->data + i * width_of(r);
	const unsigned w = r->elf->is64 ? 8 : 4;
	uint64_t info = od_elf_number(r->elf->big, p + w, w);

	ret->offset = od_elf_number(r->elf->big, p, w);
	ret->symbol = (uint32_t)(r->elf->is64 ? info >> 32 : info >> 8);
	ret->type = (uint32_t)(r->elf->is64 ? info & 0xffffffff : info & 0xff);
	ret->addend = r->addend ? od_elf_number(r->elf->big, p + 2 * w, w) : 0;
}

struct od_relocs od_relocs_find(const struct od_elf *elf, uint32_t target)
{
	struct od_relocs r = { .elf = elf, .target = &elf->sections[target], .sorted = true };

	if (elf->type != ET_REL)
		return r;
	for (uint32_t i = 1; i < elf->nsections && !r.table; i++) {
		const struct od_elf_section *sec = &elf->sections[i];

		if ((sec->type != SHT_RELA && sec->type != SHT_REL) || sec->info != target ||
		    !sec->data || sec->link >= elf->nsections ||
		    !elf->sections[sec->link].data)
			continue;
		r.table = sec;
		r.symbols = &elf->sections[sec->link];
		r.addend = sec->type == SHT_RELA;
	}
	if (!r.table)
		return r;
	r.n = (uint32_t)(r.table->len / width_of(&r) < MAX_RELOCS ? r.table->len / width_of(&r)
								  : MAX_RELOCS);
	/* Assemblers and ld -r write them in order; if somebody did not, each use goes over all. */
	for (uint32_t i = 1; i < r.n && r.sorted; i++)
		r.sorted = offset_of(&r, i - 1) <= offset_of(&r, i);
	return r;
}

/* The value of a symbol, if it lies in a section that is there. */
static bool symbol_value(const struct od_relocs *r, uint32_t i, uint64_t *ret)
{
	const size_t width = od_elf_symbol_size(r->elf);
	struct od_elf_symbol sym;

	if (i >= r->symbols->len / width)
		return false;
	od_elf_symbol(r->elf, r->symbols->data + i * width, &sym);
	*ret = sym.value;
	if (sym.section == SHN_ABS)
		return true;
	if (!sym.section || sym.section >= r->elf->nsections)
		return false;
	*ret += r->elf->sections[sym.section].addr; /* 0 where it has no place: debug sections */
	return true;
}

static uint64_t get(bool big, const uint8_t *p, unsigned width)
{
	return width == 1 ? *p : od_elf_number(big, p, width);
}

static void put(bool big, uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[big ? width - 1 - i : i] = (uint8_t)(v >> 8 * i);
}

/* In as many bytes as it has; `end` is behind the last byte there is. */
static void change_leb(uint8_t *p, const uint8_t *end, uint64_t v, bool subtract)
{
	uint64_t old = 0;
	unsigned n = 0;

	do {
		if (p + n == end || n == 10)
			return;
		old |= n < 9 ? (uint64_t)(p[n] & 0x7f) << 7 * n : 0;
	} while (p[n++] & 0x80);
	v = subtract ? old - v : v;
	for (unsigned i = 0; i < n; i++, v >>= 7)
		p[i] = (uint8_t)((v & 0x7f) | (i + 1 < n ? 0x80 : 0));
}

static void apply_one(const struct od_relocs *r, const struct reloc *rel, uint8_t *buf,
		      uint64_t from, size_t len)
{
	const struct kind *kind = kind_of(r->elf->machine, rel->type);
	const bool big = r->elf->big;
	uint64_t value;
	uint8_t *p;

	if (!kind || len < kind->width || rel->offset - from > len - kind->width ||
	    !symbol_value(r, rel->symbol, &value))
		return;
	p = buf + (rel->offset - from);
	value += r->addend ? rel->addend : get(big, p, kind->width);
	switch ((enum op)kind->op) {
	case SET:
		break;
	case RELATIVE:
		value -= r->target->addr + rel->offset;
		break;
	case ADD:
		value = get(big, p, kind->width) + value;
		break;
	case SUB:
		value = get(big, p, kind->width) - value;
		break;
	case SET_LEB:
	case SUB_LEB:
		change_leb(p, buf + len, value, kind->op == SUB_LEB);
		return;
	}
	put(big, p, value, kind->width);
}

void od_relocs_apply(const struct od_relocs *r, uint8_t *buf, uint64_t from, size_t len)
{
	uint32_t lo = 0, hi = r->n;

	if (!r->table)
		return;
	while (r->sorted && lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (offset_of(r, mid) < from)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (uint32_t i = lo; i < r->n; i++) {
		struct reloc rel;

		read_reloc(r, i, &rel);
		if (rel.offset >= from && rel.offset - from < len)
			apply_one(r, &rel, buf, from, len);
		else if (r->sorted)
			break;
	}
}
