/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "symbols/demangle.h"

#include <setjmp.h>
#include <string.h>

#include "base/cursor.h"
#include "model/limits.h"

void od_name_split(const char *name, size_t len, struct od_name_parts *ret)
{
	static const char *const prefixes[] = { "__pfx_", "__cfi_" };
	static const char *const marks[] = { "isra", "part", "constprop", "cold", "llvm",
					     "lto_priv", "localalias" };
	const char *end = name + len;

	*ret = (struct od_name_parts){ .base = name, .base_len = len };
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		size_t n = strlen(prefixes[i]);

		if (len > n && !memcmp(name, prefixes[i], n)) {
			ret->prefix_len = n;
			ret->base += n;
			break;
		}
	}
	for (const char *p = ret->base + (ret->base < end); p < end; p++) {
		size_t left = (size_t)(end - p - 1);

		if (*p != '.')
			continue;
		if (left && od_is_digit(p[1]))
			end = p;
		for (size_t i = 0; p < end && i < sizeof(marks) / sizeof(*marks); i++) {
			size_t n = strlen(marks[i]);

			if (left >= n && !memcmp(p + 1, marks[i], n) &&
			    (left == n || p[1 + n] == '.'))
				end = p;
		}
	}
	ret->base_len = (size_t)(end - ret->base);
	ret->suffix_len = (size_t)(name + len - end);
}

#ifdef HAVE_LIBIBERTY
#include <libiberty/demangle.h>

struct sink {
	struct od_buf *out;
	size_t start;
	jmp_buf full;
};

static void sink_add(const char *s, size_t len, void *opaque)
{
	struct sink *sink = opaque;

	if (sink->out->len - sink->start + len > OD_MAX_DEMANGLED)
		longjmp(sink->full, 1);
	od_buf_add(sink->out, s, len);
}

/* libiberty keeps its state on the stack, so jumping out of its callback leaks nothing. */
static bool run(const char *name, int options, struct od_buf *out)
{
	struct sink sink = { .out = out, .start = out->len };
	volatile int ok = 0; /* survives the jump */

	if (setjmp(sink.full) == 0) {
		ok = rust_demangle_callback(name, options, sink_add, &sink);
		if (!ok) {
			out->len = sink.start;
			ok = cplus_demangle_v3_callback(name, options, sink_add, &sink);
		}
	}
	if (!ok || out->len == sink.start) {
		out->len = sink.start;
		if (out->data)
			out->data[out->len] = '\0';
		return false;
	}
	return true;
}

static bool mangled(const char *s, size_t len)
{
	while (len && *s == '_' && len > 2 && s[1] == '_' && s[2] != '_')
		s++, len--; /* "__Z": an extra underscore of some object formats */
	return len > 2 && s[0] == '_' && (s[1] == 'Z' || s[1] == 'R');
}

/*
 * Rust writes a function of a type's own as "<walnut::Shell>::crack": the brackets are no part of its
 * name. "<walnut::Shell as Nut>::crack" needs them.
 */
static void unwrap_type(struct od_buf *out, size_t start)
{
	char *s = out->data + start;
	const size_t len = out->len - start;
	size_t close = 0;

	if (!len || *s != '<')
		return;
	for (size_t i = 0, depth = 0; i < len && !close; i++) {
		depth += s[i] == '<';
		if (depth == 1 && len - i > 4 && !memcmp(s + i, " as ", 4))
			return;
		if (s[i] == '>' && s[i - 1] != '-' && !--depth)
			close = i;
	}
	if (!close || len - close < 3 || s[close + 1] != ':')
		return;
	memmove(s, s + 1, close - 1);
	memmove(s + close - 1, s + close + 1, len - close - 1);
	out->len -= 2;
	out->data[out->len] = '\0';
}

bool od_demangle_style(const char *name, size_t len, enum od_demangle_style style,
		       struct od_buf *out)
{
	const size_t start = out->len;
	struct od_name_parts parts;
	char copy[OD_MAX_NAME + 1];

	od_name_split(name, len, &parts);
	if (parts.base_len > OD_MAX_NAME || !mangled(parts.base, parts.base_len) ||
	    memchr(parts.base, '\0', parts.base_len))
		return false;
	memcpy(copy, parts.base, parts.base_len);
	copy[parts.base_len] = '\0';
	if (!run(copy, style == OD_DEMANGLE_FULL ? DMGL_PARAMS | DMGL_ANSI : DMGL_NO_OPTS, out))
		return false;
	if (style == OD_DEMANGLE_FUNCTION)
		unwrap_type(out, start);
	return true;
}

bool od_demangle_available(void)
{
	return true;
}
#else
bool od_demangle_style(const char *name, size_t len, enum od_demangle_style style,
		       struct od_buf *out)
{
	(void)name;
	(void)len;
	(void)style;
	(void)out;
	return false;
}

bool od_demangle_available(void)
{
	return false;
}
#endif

bool od_demangle(const char *name, size_t len, struct od_buf *out)
{
	return od_demangle_style(name, len, OD_DEMANGLE_FULL, out);
}
