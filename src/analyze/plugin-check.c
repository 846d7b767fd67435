/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of argsz in one place, and what a plugin may say of itself. */
#include <string.h>

#include "base/alloc.h"
#include "analyze/plugin-internal.h"

static bool argsz_of(const void *p, size_t first, uint32_t *ret)
{
	if (!p)
		return false;
	memcpy(ret, p, sizeof(*ret));
	return *ret >= first && *ret <= OD_PLUGIN_MAX_ARGSZ;
}

bool od_plugin_take(void *dst, size_t size, const void *src, size_t first)
{
	uint32_t argsz;

	if (!argsz_of(src, first, &argsz))
		return false;
	if (argsz > size)
		argsz = (uint32_t)size;
	memset(dst, 0, size);
	memcpy(dst, src, argsz);
	memcpy(dst, &argsz, sizeof(argsz));
	return true;
}

bool od_plugin_fill(void *dst, const void *src, size_t size, size_t first)
{
	const size_t head = sizeof(uint32_t);
	uint32_t argsz;

	if (!argsz_of(dst, first, &argsz))
		return false;
	if (argsz > size)
		argsz = (uint32_t)size;
	memcpy((char *)dst + head, (const char *)src + head, argsz - head);
	return true;
}

static bool name_ok(const char *name)
{
	size_t len = strnlen(name, OD_PLUGIN_NAME_MAX + 1);

	return len > 0 && len <= OD_PLUGIN_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static const char *check_interest(const char *const *list, struct od_plugin_slot *slot)
{
	if (!list)
		return NULL;
	for (unsigned i = 0; list[i]; i++) {
		size_t len;

		if (i >= OD_PLUGIN_INTEREST_MAX)
			return "more than 16 literals of interest";
		len = strnlen(list[i], OD_PLUGIN_LITERAL_MAX + 1);
		if (len < OD_PLUGIN_LITERAL_MIN || len > OD_PLUGIN_LITERAL_MAX)
			return "a literal of interest is not 4 to 64 bytes long";
		slot->interest[i] = od_strdup(list[i]);
	}
	return NULL;
}

const char *od_plugin_check(const struct od_plugin *raw, struct od_plugin_slot *slot)
{
	struct od_plugin p;

	if (!raw)
		return "it declined";
	if (!od_plugin_take(&p, sizeof(p), raw, OD_V1_PLUGIN))
		return "argsz of its description is below version 1 or absurd";
	if (p.abi != OD_PLUGIN_ABI)
		return "built for another version of the interface";
	if (p.flags & ~OD_PLUGIN_FLAGS)
		return "unknown flags";
	if (!(p.flags & OD_PLUGIN_FLAGS))
		return "it wants neither kernel nor user reports";
	if (p.padding)
		return "padding is not zero";
	if (!p.analyze)
		return "it has no analyze function";
	if (!p.name || !name_ok(p.name))
		return "its name is not [a-z0-9-]{1,32}";
	slot->wants = p.flags;
	slot->analyze = p.analyze;
	strncpy(slot->name, p.name, OD_PLUGIN_NAME_MAX);
	if (p.version)
		strncpy(slot->version, p.version, OD_PLUGIN_LINE_MAX);
	if (p.summary)
		strncpy(slot->summary, p.summary, OD_PLUGIN_LINE_MAX);
	return check_interest(p.interest, slot);
}
