/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A byte of flags, a page that is excluded, the length of VMCOREINFO (u16), VMCOREINFO, memory from
 * _stext on. Whatever it holds: loading ends, and look-ups agree with each other.
 */
#include <string.h>

#include "base/alloc.h"
#include "symbols/symtab.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/fixture-kallsyms.h"

enum { HEAD = 4, BITS32 = 1, BIG = 2, TYPETAB = 4, MODULE = 8 };

static void check_at(const struct od_symtab *tab, uint64_t addr)
{
	struct od_symbol sym;

	if (!od_symtab_at(tab, addr, &sym))
		return;
	FUZZ_CHECK(sym.addr <= addr);
	FUZZ_CHECK(!sym.size || addr - sym.addr < sym.size);
	FUZZ_CHECK(memchr(sym.name, '\0', sizeof(sym.name)) && *sym.name);
}

struct check {
	const struct od_symtab *tab;
	uint64_t last;
	uint32_t n;
};

static bool check_symbol(void *ctx, const struct od_symbol *sym)
{
	struct check *c = ctx;
	struct od_symbol other;

	FUZZ_CHECK(memchr(sym->name, '\0', sizeof(sym->name)) && *sym->name);
	for (const char *p = sym->name; *p; p++)
		FUZZ_CHECK((unsigned char)*p > ' ' && *p != 0x7f);
	if (!sym->module) {
		FUZZ_CHECK(!c->n || sym->addr >= c->last);
		c->last = sym->addr;
		c->n++;
	}
	check_at(c->tab, sym->addr);
	check_at(c->tab, sym->addr + sym->size);
	check_at(c->tab, sym->addr - 1);
	if (strlen(sym->name) + 1 < OD_SYMBOL_NAME) {
		FUZZ_CHECK(od_symtab_find(c->tab, sym->name, NULL, &other));
		FUZZ_CHECK(!strcmp(sym->name, other.name));
		FUZZ_CHECK(!sym->module || od_symtab_find(c->tab, sym->name, sym->module, &other));
	}
	return true;
}

static void modules(struct od_symtab *tab, struct ks_image *im, unsigned flags)
{
	const size_t third = im->len / 3;

	od_symtab_add_module(tab, "one", im->base, third / 16, im->base + third, 0,
			     flags & TYPETAB ? im->base + 2 * third : 0, im->base, im->len);
	od_symtab_add_module(tab, "two", im->base + third, UINT64_MAX, im->base, third, 0,
			     im->base + third, UINT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t info_len = size < HEAD ? 0 : data[2] | (size_t)data[3] << 8;
	struct od_vmcoreinfo *info;
	struct od_symtab *tab;
	struct od_error *err;
	struct ks_image *im;
	struct check c;

	if (size < HEAD || info_len > size - HEAD)
		return 0;
	im = ks_empty(data[0] & BITS32 ? KS_BASE32 : KS_BASE64, size - HEAD - info_len,
		      data[0] & BITS32 ? 4 : 8, data[0] & BIG);
	memcpy(im->data, data + HEAD + info_len, im->len);
	if (data[1]) {
		im->hole = im->base + (data[1] - 1u) * 4096u;
		im->hole_len = 4096;
	}
	info = od_vmcoreinfo_create((const char *)data + HEAD, info_len);
	tab = od_symtab_create(&im->mem);
	err = od_symtab_load_kernel(tab, info);
	FUZZ_CHECK(!err == (od_symtab_count(tab) != 0));
	FUZZ_CHECK(!err || (err->code == OD_ERR_UNSUPPORTED && *err->message));
	od_error_free(err);
	if (data[0] & MODULE)
		modules(tab, im, data[0]);
	c = (struct check){ tab, 0, 0 };
	od_symtab_each(tab, "", check_symbol, &c);
	FUZZ_CHECK(c.n == od_symtab_count(tab));
	check_at(tab, 0);
	check_at(tab, UINT64_MAX);
	od_symtab_destroy(tab);
	od_vmcoreinfo_destroy(info);
	ks_free(im);
	return 0;
}
