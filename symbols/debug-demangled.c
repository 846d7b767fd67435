/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Symbols by the names that people see: logs that went through c++filt have "labfs::Ring<unsigned long>::sum()".
 * Made at the first question for such a name, which kernels do not print.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "symbols/debug-internal.h"
#include "symbols/demangle.h"

enum {
	MAX_MANGLED = 64 << 10, /* symbols that are demangled ... */
	MAX_BYTES = 16 << 20,	/* ... to as many bytes in all */
	MAX_SAME = 256,		/* symbols of one name that are looked at */
};

static int by_hash(const void *a, const void *b)
{
	const struct od_demangled *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->symbol < y->symbol ? -1 : x->symbol > y->symbol;
}

static bool is_mangled(const char *name)
{
	return name && name[0] == '_' && (name[1] == 'Z' || name[1] == 'R');
}

static void make(struct od_debug *dbg)
{
	struct od_buf plain = OD_BUF_INIT;
	size_t bytes = 0;
	uint32_t n = 0, cap = 0;

	dbg->has_demangled = true;
	for (uint32_t i = 1; i < dbg->syms.n && n < MAX_MANGLED && bytes < MAX_BYTES; i++) {
		const char *name = od_debug_symbol_name(dbg, i);

		od_buf_reset(&plain);
		if (!is_mangled(name) || !od_demangle(name, strlen(name), &plain))
			continue;
		bytes += plain.len;
		if (n == cap) {
			cap = cap ? cap * 2 : 256;
			dbg->demangled = od_realloc(dbg->demangled, cap * sizeof(*dbg->demangled));
		}
		dbg->demangled[n++] = (struct od_demangled){ od_hash_name(plain.data, plain.len), i };
	}
	if (n)
		qsort(dbg->demangled, n, sizeof(*dbg->demangled), by_hash);
	dbg->ndemangled = n;
	od_buf_deinit(&plain);
}

static bool is_called(struct od_debug *dbg, uint32_t symbol, const char *name)
{
	const char *mangled = od_debug_symbol_name(dbg, symbol);
	struct od_buf plain = OD_BUF_INIT;
	bool ret = od_demangle(mangled, strlen(mangled), &plain) && !strcmp(od_buf_str(&plain), name);

	od_buf_deinit(&plain);
	return ret;
}

size_t od_debug_find_demangled(struct od_debug *dbg, const char *name, struct od_debug_symbol *ret,
			       size_t max)
{
	const uint32_t hash = od_hash_name(name, strlen(name));
	uint32_t lo = 0, hi;
	size_t n = 0;

	/* No other names have these: a file without C++ is not gone through for them. */
	if (!strpbrk(name, ":(<"))
		return 0;
	if (!dbg->has_demangled)
		make(dbg);
	hi = dbg->ndemangled;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (dbg->demangled[mid].hash < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (hi = lo; hi < dbg->ndemangled && hi - lo < MAX_SAME && n < max; hi++) {
		if (dbg->demangled[hi].hash != hash)
			break;
		if (is_called(dbg, dbg->demangled[hi].symbol, name) &&
		    od_debug_symbol_nth(dbg, dbg->demangled[hi].symbol, &ret[n]))
			n++;
	}
	return n;
}
