/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names as compilers mangle them. C++ (Itanium ABI) and Rust (legacy and v0) through libiberty's
 * callback interface only: its plain interface is exponential in time and memory for hostile
 * names, so the output is capped and the attempt given up there.
 */
#ifndef OD_SYMBOLS_DEMANGLE_H
#define OD_SYMBOLS_DEMANGLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * A symbol taken apart: [prefix]base[suffix], all pointing into the name.
 * prefix: "__pfx_" or "__cfi_" of the kernel's padding and CFI stubs.
 * suffix: clone marks of the compiler, from the first of .isra .part .constprop .cold .llvm
 *         .lto_priv .localalias or ".<digits>" on.
 */
struct od_name_parts {
	const char *base;
	size_t base_len, prefix_len, suffix_len;
};

void od_name_split(const char *name, size_t len, struct od_name_parts *ret);

enum od_demangle_style {
	OD_DEMANGLE_FULL,     /* with parameters: "Foo::bar(int)" */
	OD_DEMANGLE_FUNCTION, /* name alone: "Foo::bar", also of Rust's "<Foo>::bar" */
};

/*
 * Append the demangled form of name (without prefix and suffix) to out. False, and out unchanged,
 * if it is not a mangled name, is longer than OD_MAX_NAME, would demangle to more than
 * OD_MAX_DEMANGLED bytes, or libiberty is not built in.
 */
bool od_demangle_style(const char *name, size_t len, enum od_demangle_style style,
		       struct od_buf *out);
/* With parameters. */
bool od_demangle(const char *name, size_t len, struct od_buf *out);

/* False if libiberty is not built in: names then stay as they are. */
bool od_demangle_available(void);

#endif
