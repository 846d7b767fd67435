/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbols/vmcoreinfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { MAX_LINES = 4096, MAX_KEY = 256 };

struct line {
	const char *key, *value;
};

struct od_vmcoreinfo {
	char *text;
	struct line *lines; /* in the order of the note */
	size_t nlines;
};

struct od_vmcoreinfo *od_vmcoreinfo_create(const char *s, size_t len)
{
	struct od_vmcoreinfo *info = od_calloc(1, sizeof(*info));
	char *p, *end;

	if (len > OD_MAX_VMCOREINFO)
		len = OD_MAX_VMCOREINFO;
	info->text = od_malloc(len + 1);
	memcpy(info->text, s, len);
	info->text[len] = '\0';
	info->lines = od_calloc(MAX_LINES, sizeof(*info->lines));
	for (p = info->text, end = p + strlen(p); p < end && info->nlines < MAX_LINES;) {
		char *nl = strchr(p, '\n'), *eq;

		if (nl)
			*nl = '\0';
		eq = strchr(p, '=');
		if (eq && eq > p && eq - p < MAX_KEY) {
			*eq = '\0';
			info->lines[info->nlines++] = (struct line){ p, eq + 1 };
		}
		p = nl ? nl + 1 : end;
	}
	return info;
}

void od_vmcoreinfo_destroy(struct od_vmcoreinfo *info)
{
	if (!info)
		return;
	free(info->text);
	free(info->lines);
	free(info);
}

/* Some 150 lines, asked for some 50 times: no index is worth its code. */
const char *od_vmcoreinfo_value(const struct od_vmcoreinfo *info, const char *key)
{
	for (size_t i = 0; i < info->nlines; i++)
		if (!strcmp(info->lines[i].key, key))
			return info->lines[i].value;
	return NULL;
}

static const char *value_of(const struct od_vmcoreinfo *info, const char *what, const char *name)
{
	char key[MAX_KEY];

	if (snprintf(key, sizeof(key), "%s(%s)", what, name) >= (int)sizeof(key))
		return NULL;
	return od_vmcoreinfo_value(info, key);
}

static bool number(const char *s, int base, uint64_t *ret)
{
	char *end;

	if (!s || *s == '-' || *s == '+' || *s == ' ' || !*s)
		return false;
	errno = 0;
	*ret = strtoull(s, &end, base);
	return !errno && !*end;
}

bool od_vmcoreinfo_symbol(const struct od_vmcoreinfo *info, const char *name, uint64_t *ret)
{
	return number(value_of(info, "SYMBOL", name), 16, ret);
}

bool od_vmcoreinfo_offset(const struct od_vmcoreinfo *info, const char *name, uint64_t *ret)
{
	return number(value_of(info, "OFFSET", name), 10, ret);
}

bool od_vmcoreinfo_size(const struct od_vmcoreinfo *info, const char *name, uint64_t *ret)
{
	return number(value_of(info, "SIZE", name), 10, ret);
}

bool od_vmcoreinfo_length(const struct od_vmcoreinfo *info, const char *name, uint64_t *ret)
{
	return number(value_of(info, "LENGTH", name), 10, ret);
}

bool od_vmcoreinfo_number(const struct od_vmcoreinfo *info, const char *name, int64_t *ret)
{
	const char *s = value_of(info, "NUMBER", name);
	bool minus = s && *s == '-';
	uint64_t n;

	if (!s || !number(s + minus, s[minus] == '0' && (s[minus + 1] | 32) == 'x' ? 16 : 10, &n))
		return false;
	*ret = minus ? (int64_t)(0 - n) : (int64_t)n;
	return true;
}

bool od_vmcoreinfo_kaslr(const struct od_vmcoreinfo *info, uint64_t *ret)
{
	return number(od_vmcoreinfo_value(info, "KERNELOFFSET"), 16, ret);
}

const char *od_vmcoreinfo_release(const struct od_vmcoreinfo *info)
{
	return od_vmcoreinfo_value(info, "OSRELEASE");
}

/* Stable kernels whose BUILD-ID is not that of the kernel; last 0: all from first on. */
static const struct {
	unsigned major, minor, first, last;
} garbage[] = {
	{ 6, 11, 3, 9 }, { 6, 10, 14, 0 }, { 6, 6, 55, 62 }, { 6, 1, 113, 118 }, { 5, 15, 168, 0 },
};

const char *od_vmcoreinfo_build_id(const struct od_vmcoreinfo *info)
{
	const char *id = od_vmcoreinfo_value(info, "BUILD-ID"),
		   *release = od_vmcoreinfo_release(info);
	unsigned major, minor, patch;

	if (!id || strlen(id) != 40 || strspn(id, "0123456789abcdef") != 40 ||
	    strspn(id, "0") == 40)
		return NULL;
	if (release && sscanf(release, "%3u.%5u.%5u", &major, &minor, &patch) == 3)
		for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++)
			if (major == garbage[i].major && minor == garbage[i].minor &&
			    patch >= garbage[i].first &&
			    (!garbage[i].last || patch <= garbage[i].last))
				return NULL;
	return id;
}

bool od_vmcoreinfo_line(const struct od_vmcoreinfo *info, size_t n, const char **key,
			const char **value)
{
	if (n >= info->nlines)
		return false;
	*key = info->lines[n].key;
	*value = info->lines[n].value;
	return true;
}

bool od_vmcoreinfo_each_symbol(const struct od_vmcoreinfo *info, size_t *n, char *name,
			       uint64_t *ret)
{
	static const char what[] = "SYMBOL(";
	const size_t prefix = sizeof(what) - 1;

	while (*n < info->nlines) {
		const struct line *line = &info->lines[(*n)++];
		size_t len = strlen(line->key);

		if (len < prefix + 2 || len - prefix - 1 >= OD_VMCOREINFO_NAME ||
		    memcmp(line->key, what, prefix) != 0 || line->key[len - 1] != ')' ||
		    !number(line->value, 16, ret))
			continue;
		memcpy(name, line->key + prefix, len - prefix - 1);
		name[len - prefix - 1] = '\0';
		return true;
	}
	return false;
}
