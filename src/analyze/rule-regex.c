/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The only place of PCRE2. Bytes, never UTF; no JIT, which would need memory that is written and run.
 * A match may take so many steps and no more, so that no pattern and no line cost more than about a
 * millisecond; whoever asks stops asking a pattern that ran into its limit too often.
 */
#include "config.h"

#include "analyze/rule-regex.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/load.h"

#ifdef PCRE2_SONAME
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
	MAX_SUBJECT = 4096, /* bytes */
	MAX_STEPS = 100000,
	MAX_DEPTH = 2000,
	MAX_HEAP_KIB = 1024,
	MAX_NESTING = 32, /* of parentheses */
};

#define FUNCTIONS(x)                                                                               \
	x(pcre2_compile_8) x(pcre2_code_free_8) x(pcre2_compile_context_create_8)                  \
	x(pcre2_set_parens_nest_limit_8) x(pcre2_match_context_create_8) x(pcre2_set_match_limit_8) \
	x(pcre2_set_depth_limit_8) x(pcre2_set_heap_limit_8) x(pcre2_match_8)                      \
	x(pcre2_match_data_create_from_pattern_8) x(pcre2_match_data_free_8)                       \
	x(pcre2_get_ovector_pointer_8) x(pcre2_get_ovector_count_8)                                \
	x(pcre2_substring_nametable_scan_8) x(pcre2_get_error_message_8)

static struct {
#define POINTER(name) __typeof__(&name) name;
	FUNCTIONS(POINTER)
} lib;

static const struct od_function functions[] = {
#define ROW(name) { #name, (void **)&lib.name },
	FUNCTIONS(ROW)
};

struct od_regex {
	pcre2_code_8 *code;
	pcre2_match_data_8 *data;
	int n; /* pairs in the last match */
};

static char library_path[PATH_MAX];
static pcre2_compile_context_8 *compile_context;
static pcre2_match_context_8 *match_context;

bool od_regex_built(void)
{
	return true;
}

/* It stands where the C library does. */
const char *od_regex_library(void)
{
	const char *slash;
	Dl_info info;

	if (*library_path)
		return library_path;
	if (!dladdr((void *)(uintptr_t)memcpy, &info) || !info.dli_fname || *info.dli_fname != '/')
		return NULL;
	slash = strrchr(info.dli_fname, '/');
	snprintf(library_path, sizeof(library_path), "%.*s/%s", (int)(slash - info.dli_fname), info.dli_fname,
		 PCRE2_SONAME);
	if (access(library_path, R_OK) == 0)
		return library_path;
	*library_path = '\0';
	return NULL;
}

bool od_regex_prepare(void)
{
	static bool tried, done;

	if (tried)
		return done;
	tried = true;
	if (!od_load_functions(*library_path ? library_path : PCRE2_SONAME, functions,
			       sizeof(functions) / sizeof(*functions)))
		return false;
	compile_context = lib.pcre2_compile_context_create_8(NULL);
	match_context = lib.pcre2_match_context_create_8(NULL);
	if (!compile_context || !match_context)
		return false;
	lib.pcre2_set_parens_nest_limit_8(compile_context, MAX_NESTING);
	lib.pcre2_set_match_limit_8(match_context, MAX_STEPS);
	lib.pcre2_set_depth_limit_8(match_context, MAX_DEPTH);
	lib.pcre2_set_heap_limit_8(match_context, MAX_HEAP_KIB);
	return done = true;
}

struct od_regex *od_regex_compile(const char *pattern, struct od_buf *why)
{
	const uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;
	PCRE2_UCHAR8 text[256];
	struct od_regex *re;
	pcre2_code_8 *code;
	PCRE2_SIZE at;
	int error;

	if (!od_regex_prepare()) {
		if (why)
			od_buf_addstr(why, "PCRE2, which reads regular expressions, cannot be loaded");
		return NULL;
	}
	code = lib.pcre2_compile_8((PCRE2_SPTR8)pattern, strlen(pattern), options, &error, &at, compile_context);
	if (!code) {
		if (why && lib.pcre2_get_error_message_8(error, text, sizeof(text)) > 0)
			od_buf_printf(why, "%s, at byte %zu", (const char *)text, (size_t)at);
		else if (why)
			od_buf_addstr(why, "it cannot be read");
		return NULL;
	}
	re = od_calloc(1, sizeof(*re));
	re->code = code;
	re->data = lib.pcre2_match_data_create_from_pattern_8(code, NULL);
	if (!re->data)
		od_out_of_memory();
	return re;
}

void od_regex_free(struct od_regex *re)
{
	if (!re)
		return;
	lib.pcre2_match_data_free_8(re->data);
	lib.pcre2_code_free_8(re->code);
	free(re);
}

enum od_regex_result od_regex_match(struct od_regex *re, const char *s, size_t len)
{
	re->n = lib.pcre2_match_8(re->code, (PCRE2_SPTR8)s, len < MAX_SUBJECT ? len : MAX_SUBJECT, 0, 0, re->data,
				  match_context);
	if (re->n > 0)
		return OD_REGEX_YES;
	return re->n == PCRE2_ERROR_NOMATCH ? OD_REGEX_NO : OD_REGEX_LIMIT;
}

bool od_regex_capture(const struct od_regex *re, const char *name, size_t *start, size_t *end)
{
	const PCRE2_SIZE *pairs = lib.pcre2_get_ovector_pointer_8(re->data);
	PCRE2_SPTR8 first, last;
	int size = lib.pcre2_substring_nametable_scan_8(re->code, (PCRE2_SPTR8)name, &first, &last);

	/* Several groups of one name: (?|...). */
	for (; size > 0 && first <= last; first += size) {
		const int i = first[0] << 8 | first[1];

		if (i >= re->n || pairs[2 * i] == PCRE2_UNSET || pairs[2 * i] > pairs[2 * i + 1])
			continue;
		*start = pairs[2 * i];
		*end = pairs[2 * i + 1];
		return true;
	}
	return false;
}
#else
bool od_regex_built(void)
{
	return false;
}

const char *od_regex_library(void)
{
	return NULL;
}

bool od_regex_prepare(void)
{
	return false;
}

struct od_regex *od_regex_compile(const char *pattern, struct od_buf *why)
{
	(void)pattern;
	if (why)
		od_buf_addstr(why, "this program was built without PCRE2, which reads regular expressions");
	return NULL;
}

void od_regex_free(struct od_regex *re)
{
	(void)re;
}

enum od_regex_result od_regex_match(struct od_regex *re, const char *s, size_t len)
{
	(void)re, (void)s, (void)len;
	return OD_REGEX_NO;
}

bool od_regex_capture(const struct od_regex *re, const char *name, size_t *start, size_t *end)
{
	(void)re, (void)name, (void)start, (void)end;
	return false;
}
#endif
