/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Notes of a process, one row a sort: struct elf_prstatus and elf_prpsinfo (include/linux/elfcore.h),
 * siginfo_t, the auxiliary vector, the table of mapped files (fill_files_note() of fs/binfmt_elf.c).
 */
#include <elf.h>

#include "target/core/core-internal.h"

enum { HEADER = 12, MAX_PATH = 4096 };

static uint64_t number(const struct od_core *c, const uint8_t *p, size_t size)
{
	return od_get(p, size, c->mem.big_endian);
}

static uint64_t word(const struct od_core *c, const uint8_t *p)
{
	return od_get(p, c->mem.pointer_size, c->mem.big_endian);
}

/* --- threads ---------------------------------------------------------------------------------- */

/* Where pr_cursig, pr_pid and pr_reg are in elf_prstatus, and what follows pr_reg. */
static const struct prstatus_layout {
	uint8_t pointer_size, cursig, pid, regs, tail;
} prstatus_layouts[] = { { 8, 12, 32, 112, 8 }, { 4, 12, 24, 72, 4 } };

static void take_registers(struct od_core *c, struct od_core_thread *t)
{
	const struct od_core_arch *arch = c->arch;
	const unsigned w = c->mem.pointer_size;

	if (!arch || t->raw_size < (size_t)arch->nregs * w)
		return;
	for (unsigned i = 0; i < arch->nregs; i++)
		if (arch->regs[i].dwarf >= 0)
			od_dwarf_reg_set(&t->regs, (unsigned)arch->regs[i].dwarf, word(c, t->raw + i * w));
	t->pc = word(c, t->raw + arch->pc * w);
	t->has_regs = true;
}

static void take_prstatus(struct od_core *c, const uint8_t *p, size_t size)
{
	const struct prstatus_layout *l = &prstatus_layouts[c->mem.pointer_size == 8 ? 0 : 1];
	struct od_core_thread *t;

	if (size < (size_t)l->regs + l->tail || c->nthreads == OD_CORE_THREADS) {
		od_core_say(c, size < (size_t)l->regs + l->tail ? "a note of a thread that is cut" :
								  "more threads than are read");
		return;
	}
	t = od_push(&c->arena, c->threads, c->nthreads, c->threads_cap);
	t->tid = (int32_t)number(c, p + l->pid, 4);
	t->signal = (int)number(c, p + l->cursig, 2);
	t->raw = p + l->regs;
	t->raw_size = size - l->regs - l->tail;
	take_registers(c, t);
}

/* --- the process -------------------------------------------------------------------------------- */

static const char *text(struct od_core *c, const uint8_t *p, size_t size)
{
	size_t len = strnlen((const char *)p, size);

	while (len && p[len - 1] == ' ')
		len--;
	return len ? od_arena_strndup(&c->arena, (const char *)p, len) : NULL;
}

/* uid and gid have 2 or 4 bytes, so what is wanted is counted from the end. */
static void take_prpsinfo(struct od_core *c, const uint8_t *p, size_t size)
{
	enum { ARGS = 80, NAME = 16, IDS = 16, LEAST = 12 + IDS + NAME + ARGS };
	const uint8_t *name, *ids;

	if (size < LEAST || c->facts.pid >= 0)
		return;
	name = p + size - ARGS - NAME;
	ids = name - IDS;
	c->facts.pid = (int32_t)number(c, ids, 4);
	c->facts.ppid = (int32_t)number(c, ids + 4, 4);
	c->facts.comm = text(c, name, NAME);
	c->facts.args = text(c, name + NAME, ARGS);
	/* pr_uid: behind pr_flag, a word. */
	if (c->mem.pointer_size == 8)
		c->facts.uid = (uint32_t)number(c, p + 16, 4);
	else
		c->facts.uid = (uint32_t)number(c, p + 8, size == LEAST ? 2 : 4);
}

/* Signals whose siginfo holds an address (siginfo_layout() of kernel/signal.c). */
static bool has_address(int signal)
{
	return signal == 4 || signal == 5 || signal == 7 || signal == 8 || signal == 11;
}

static void take_siginfo(struct od_core *c, const uint8_t *p, size_t size)
{
	const bool swapped = c->arch && c->arch->swapped;
	const size_t at = c->mem.pointer_size == 8 ? 16 : 12; /* of the union */
	struct od_core_facts *f = &c->facts;

	if (size < at + 8 || f->has_siginfo)
		return;
	f->has_siginfo = true;
	f->signal = (int)number(c, p, 4);
	f->si_code = (int32_t)number(c, p + (swapped ? 4 : 8), 4);
	/* SI_USER, SI_QUEUE, SI_TKILL: not from the kernel, whatever signal it is. */
	if (f->si_code == 0 || f->si_code == -1 || f->si_code == -6) {
		f->has_sender = true;
		f->sender_pid = (int32_t)number(c, p + at, 4);
		f->sender_uid = (uint32_t)number(c, p + at + 4, 4);
	} else if (f->si_code > 0 && f->si_code < 0x80 && has_address(f->signal)) {
		f->has_address = true;
		f->address = word(c, p + at);
	}
}

static void take_auxv(struct od_core *c, const uint8_t *p, size_t size)
{
	const unsigned w = c->mem.pointer_size;
	const struct {
		uint64_t type;
		uint64_t *to;
	} rows[] = { { AT_SYSINFO_EHDR, &c->vdso }, { AT_ENTRY, &c->entry }, { AT_PHDR, &c->phdr },
		     { AT_EXECFN, &c->execfn }, { AT_PAGESZ, &c->page_size } };

	for (; size >= 2 * w; p += 2 * w, size -= 2 * w) {
		uint64_t type = word(c, p);

		if (type == AT_NULL)
			return;
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
			if (rows[i].type == type)
				*rows[i].to = word(c, p + w);
	}
}

/* count, page size, count times start, end, offset in pages; then as many names. */
static void take_files(struct od_core *c, const uint8_t *p, size_t size)
{
	const unsigned w = c->mem.pointer_size;
	uint64_t n, page;
	const uint8_t *name, *end = p + size;

	if (size < 2 * w || c->nmappings)
		return;
	n = word(c, p);
	page = word(c, p + w);
	p += 2 * w;
	if (n > (uint64_t)(end - p) / (3 * w)) {
		od_core_say(c, "the table of mapped files is cut");
		return;
	}
	if (n > OD_CORE_MAPPINGS)
		od_core_say(c, "%llu mapped files, of which %u were read", (unsigned long long)n,
			    (unsigned)OD_CORE_MAPPINGS);
	name = p + n * 3 * w;
	for (uint64_t i = 0; i < n && i < OD_CORE_MAPPINGS && name < end; i++, p += 3 * w) {
		const uint8_t *nul = memchr(name, '\0', (size_t)(end - name));
		struct od_core_mapping m = { word(c, p), word(c, p + w), word(c, p + 2 * w), NULL };

		if (!nul)
			return;
		if (m.start < m.end && nul - name < MAX_PATH && !__builtin_mul_overflow(m.offset, page, &m.offset)) {
			m.path = od_arena_strndup(&c->arena, (const char *)name, (size_t)(nul - name));
			*od_push(&c->arena, c->mappings, c->nmappings, c->mappings_cap) = m;
		}
		name = nul + 1;
	}
}

/* --- all of them ------------------------------------------------------------------------------------- */

static const struct {
	uint32_t type;
	void (*take)(struct od_core *c, const uint8_t *p, size_t size);
} rows[] = {
	{ NT_PRSTATUS, take_prstatus }, { NT_PRPSINFO, take_prpsinfo }, { NT_SIGINFO, take_siginfo },
	{ NT_AUXV, take_auxv },		{ NT_FILE, take_files },
};

bool od_core_next_note(const uint8_t **p, size_t *size, bool big_endian, struct od_core_note_at *ret, bool *cut)
{
	uint64_t name, body, body_at, end;

	if (*size < HEADER)
		return false;
	name = od_get(*p, 4, big_endian);
	body = od_get(*p + 4, 4, big_endian);
	body_at = HEADER + ((name + 3) & ~3ull);
	end = body_at + ((body + 3) & ~3ull);
	if (body_at > *size || body > *size - body_at) {
		if (cut)
			*cut = true;
		return false;
	}
	*ret = (struct od_core_note_at){ (uint32_t)od_get(*p + 8, 4, big_endian), (const char *)*p + HEADER, (size_t)name,
			      *p + body_at, (size_t)body };
	if (end > *size)
		end = *size;
	*p += end;
	*size -= (size_t)end;
	return true;
}

bool od_core_note_named(const struct od_core_note_at *n, const char *want)
{
	size_t len = strlen(want);

	return (n->name_len == len || (n->name_len == len + 1 && !n->name[len])) && !memcmp(n->name, want, len);
}

void od_core_take_notes(struct od_core *c, const uint8_t *p, size_t size)
{
	bool cut = false;
	struct od_core_note_at n;

	while (od_core_next_note(&p, &size, c->mem.big_endian, &n, &cut)) {
		if (!od_core_note_named(&n, "CORE"))
			continue;
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
			if (rows[i].type == n.type)
				rows[i].take(c, n.body, n.size);
	}
	if (cut)
		od_core_say(c, "a note that goes beyond the end of all notes");
}

void od_core_look_notes(const uint8_t *p, size_t size, bool big_endian, struct od_core_look *ret)
{
	struct od_core_note_at n;

	while (od_core_next_note(&p, &size, big_endian, &n, NULL)) {
		if (od_core_note_named(&n, "VMCOREINFO") || od_core_note_named(&n, "QEMU"))
			ret->kernel = true;
		else if (od_core_note_named(&n, "CORE") && (n.type == NT_PRPSINFO || n.type == NT_AUXV || n.type == NT_FILE ||
					       n.type == NT_SIGINFO))
			ret->process = true;
	}
}
