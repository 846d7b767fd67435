/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ELF notes of a dump: registers of each CPU (NT_PRSTATUS), VMCOREINFO, what QEMU adds. Each has a
 * header of three 32-bit words, a name and a body, both padded to 4 bytes (gABI), in 32- and 64-bit
 * files alike.
 */
#include <elf.h>

#include "symbols/vmcoreinfo.h"
#include "target/dump-internal.h"

enum { HEADER = 12, MAX_PRSTATUS = 65536, NT_QEMU = 0 };

/*
 * struct elf_prstatus (include/linux/elfcore.h): where pr_pid and pr_reg are, and what follows pr_reg
 * (pr_fpvalid with its padding).
 */
static const struct {
	uint8_t pointer_size;
	uint8_t pid, regs, tail;
} layouts[] = { { 8, 32, 112, 8 }, { 4, 24, 72, 4 } };

/* What elf_prstatus is as a whole tells who wrote it. */
static const struct {
	const char *arch;
	uint8_t pointer_size;
	bool big_endian;
	uint16_t size;
} sizes[] = {
	{ "x86_64", 8, false, 336 },  { "aarch64", 8, false, 392 }, { "s390x", 8, true, 336 },
	{ "ppc64", 8, true, 504 },    { "ppc64le", 8, false, 504 }, { "riscv64", 8, false, 376 },
	{ "loongarch64", 8, false, 480 }, { "i386", 4, false, 144 }, { "arm", 4, false, 148 },
};

/* A key that only one architecture's VMCOREINFO has; the first that is there decides. */
static const struct {
	const char *key, *arch;
} keys[] = {
	{ "NUMBER(pgtable_l5_enabled)", "x86_64" }, { "NUMBER(sme_mask)", "x86_64" },
	{ "SYMBOL(init_top_pgt)", "x86_64" },	    { "NUMBER(KERNEL_IMAGE_SIZE)", "x86_64" },
	{ "SYMBOL(init_level4_pgt)", "x86_64" },    { "NUMBER(kimage_voffset)", "aarch64" },
	{ "NUMBER(phys_ram_base)", "riscv64" },	    { "SYMBOL(lowcore_ptr)", "s390x" },
	{ "NUMBER(phys_base)", "x86_64" },
};

static const char *const known[] = {
	"x86_64", "aarch64", "i386",	"i486",	   "i586", "i686",   "arm",  "armv5tel", "armv6l",
	"armv7l", "ppc",     "ppc64",	"ppc64le", "s390", "s390x",  "mips", "mips64",	 "riscv32",
	"riscv64", "ia64",   "loongarch64", "alpha", "sparc64",
};

const char *od_dump_arch(const char *machine)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(known[i], machine))
			return known[i];
	return NULL;
}

static void take_prstatus(struct od_dump *d, const uint8_t *body, size_t size)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts); i++) {
		if (layouts[i].pointer_size != d->mem.pointer_size ||
		    size < (size_t)layouts[i].regs + layouts[i].tail || d->facts.nprstatus == MAX_PRSTATUS)
			continue;
		*od_push(&d->arena, d->prstatus, d->facts.nprstatus, d->prstatus_cap) =
			(struct od_prstatus){
				.pid = (int32_t)od_get(body + layouts[i].pid, 4, d->mem.big_endian),
				.regs = body + layouts[i].regs,
				.size = size - layouts[i].regs - layouts[i].tail,
			};
	}
}

static bool named(const uint8_t *name, size_t len, const char *want)
{
	/* With or without the NUL: both are written. */
	size_t n = strlen(want);

	return (len == n || (len == n + 1 && !name[n])) && !memcmp(name, want, n);
}

static void take_note(struct od_dump *d, uint32_t type, const uint8_t *name, size_t name_len,
		      const uint8_t *body, size_t size)
{
	if (named(name, name_len, "VMCOREINFO")) {
		if (size && !d->vmcoreinfo) {
			d->vmcoreinfo = (const char *)body;
			d->vmcoreinfo_len = size < OD_MAX_VMCOREINFO ? size : OD_MAX_VMCOREINFO;
		}
	} else if (named(name, name_len, "QEMU") && type == NT_QEMU) {
		if (!d->qemu) {
			d->qemu = body;
			d->qemu_size = size;
		}
	} else if (named(name, name_len, "CORE") || named(name, name_len, "LINUX")) {
		if (type == NT_PRSTATUS)
			take_prstatus(d, body, size);
		else if (type == NT_PRPSINFO || type == NT_AUXV || type == NT_FILE)
			d->process = true;
	}
}

void od_dump_take_notes(struct od_dump *d, const uint8_t *p, size_t size)
{
	bool be = d->mem.big_endian;

	while (size >= HEADER) {
		uint64_t name = od_get(p, 4, be), body = od_get(p + 4, 4, be);
		uint64_t body_at = HEADER + ((name + 3) & ~3ull), end = body_at + ((body + 3) & ~3ull);
		uint32_t type = (uint32_t)od_get(p + 8, 4, be);

		if (!name && !body && !type)
			break; /* the kernel ends each CPU's notes with an empty one, and merges them */
		if (body_at > size || body > size - body_at) {
			od_dump_say(d, "a note that goes beyond the end of all notes");
			break;
		}
		take_note(d, type, p + HEADER, name, p + body_at, body);
		if (end > size)
			break;
		p += end;
		size -= end;
	}
}

void od_dump_guess_arch(struct od_dump *d)
{
	struct od_vmcoreinfo *info;

	if (d->facts.arch)
		return;
	if (d->vmcoreinfo) {
		info = od_vmcoreinfo_create(d->vmcoreinfo, d->vmcoreinfo_len);
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys) && !d->facts.arch; i++)
			if (od_vmcoreinfo_value(info, keys[i].key))
				d->facts.arch = keys[i].arch;
		od_vmcoreinfo_destroy(info);
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes) && !d->facts.arch && d->prstatus; i++) {
		const struct od_prstatus *first = &d->prstatus[0];
		size_t whole = first->size + (d->mem.pointer_size == 8 ? 120 : 76);

		if (sizes[i].pointer_size == d->mem.pointer_size && whole == sizes[i].size &&
		    sizes[i].big_endian == d->mem.big_endian)
			d->facts.arch = sizes[i].arch;
	}
}
