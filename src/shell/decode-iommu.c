/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a kernel does with a struct of the IOMMU user API, and what its bytes say. */
#include <string.h>

#include "analyze/iommu-uapi.h"
#include "base/cursor.h"
#include "shell/decode.h"

enum { MAX_BIND = 256 };

static struct od_error *number(const char *s, size_t len, uint64_t limit, uint64_t *ret)
{
	char text[32];
	struct od_error *err;

	if (!len || len >= sizeof(text))
		return od_error_new(OD_ERR_USAGE, "'%s' is not a number", s);
	memcpy(text, s, len);
	text[len] = '\0';
	err = od_decode_number(text, ret);
	if (!err && *ret > limit)
		return od_error_new(OD_ERR_USAGE, "%s is too large", text);
	return err;
}

/* "1", "1/0x3", "1/addr/4": up to three parts. */
static struct od_error *flag_parts(const char *s, uint64_t part[3], unsigned *n)
{
	static const char *const granularities[] = { "domain", "pasid", "addr" };

	for (*n = 0; *n < 3; s++) {
		const size_t len = strcspn(s, "/");
		bool word = false;

		for (unsigned i = 0; *n == 1 && i < 3; i++) {
			if (strlen(granularities[i]) != len || memcmp(s, granularities[i], len) != 0)
				continue;
			part[1] = i;
			word = true;
		}
		if (!word) {
			struct od_error *err = number(s, len, UINT64_MAX, &part[*n]);

			if (err)
				return err;
		}
		++*n;
		s += len;
		if (!*s)
			return NULL;
	}
	return od_error_new(OD_ERR_USAGE, "too many parts of flags");
}

struct od_error *od_decode_iommu_argsz(struct od_session *s, int argc, const char *const argv[], struct od_buf *out)
{
	static const struct {
		const char *name;
		enum od_uapi_struct type;
	} names[] = { { "bind", OD_UAPI_BIND },
		      { "iommu_gpasid_bind_data", OD_UAPI_BIND },
		      { "cache", OD_UAPI_CACHE },
		      { "iommu_cache_invalidate_info", OD_UAPI_CACHE } };
	struct od_uapi_call call = { 0 };
	uint64_t size, part[3] = { 0 };
	unsigned n = 0;
	size_t i = 0;
	struct od_error *err;

	(void)s;
	if (argc != 3)
		return od_error_new(OD_ERR_USAGE, "STRUCT, SIZE and FLAGS are needed");
	while (i < sizeof(names) / sizeof(*names) && strcmp(names[i].name, argv[0]) != 0)
		i++;
	if (i == sizeof(names) / sizeof(*names))
		return od_error_new(OD_ERR_USAGE, "'%s' is neither bind nor cache", argv[0]);
	err = number(argv[1], strlen(argv[1]), UINT32_MAX, &size);
	if (!err)
		err = flag_parts(argv[2], part, &n);
	if (err)
		return err;
	call.type = names[i].type;
	call.argsz = (uint32_t)size;
	if (call.type == OD_UAPI_BIND) {
		if (n > 2)
			return od_error_new(OD_ERR_USAGE, "the flags of bind are FLAGS or FLAGS/VTD");
		call.flags = part[0];
		call.vendor = part[1];
	} else {
		if (part[0] > UINT8_MAX || part[1] > UINT8_MAX)
			return od_error_new(OD_ERR_USAGE, "caches and granularity are a byte each");
		call.cache = (uint8_t)part[0];
		call.granu = (uint8_t)part[1];
		call.flags = part[2];
	}
	od_uapi_explain(&call, out);
	return NULL;
}

static int digit(char c)
{
	return od_is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

struct od_error *od_decode_iommu_bind(struct od_session *s, int argc, const char *const argv[], struct od_buf *out)
{
	uint8_t bytes[MAX_BIND];
	size_t n = 0;

	(void)s;
	for (int i = 0; i < argc; i++) {
		for (const char *p = argv[i]; *p; p += 2) {
			if (!od_is_hex(p[0]) || !od_is_hex(p[1]) || n == sizeof(bytes))
				return od_error_new(OD_ERR_USAGE, "HEX is up to %d bytes, two digits each",
						    MAX_BIND);
			bytes[n++] = (uint8_t)(digit(p[0]) << 4 | digit(p[1]));
		}
	}
	od_bind_explain(bytes, n, out);
	return NULL;
}
