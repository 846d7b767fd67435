/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "model/limits.h"
#include "symbols/demangle.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *name = (const char *)data;
	struct od_name_parts parts;
	struct od_buf buf = OD_BUF_INIT;

	if (!size)
		return 0;
	od_name_split(name, size, &parts);
	FUZZ_CHECK(parts.prefix_len + parts.base_len + parts.suffix_len == size);
	FUZZ_CHECK(parts.base == name + parts.prefix_len);
	for (int style = OD_DEMANGLE_FULL; style <= OD_DEMANGLE_FUNCTION; style++) {
		od_buf_reset(&buf);
		od_buf_addstr(&buf, "before");
		if (od_demangle_style(name, size, (enum od_demangle_style)style, &buf))
			FUZZ_CHECK(buf.len > 6 && buf.len <= OD_MAX_DEMANGLED + 6);
		else
			FUZZ_CHECK(buf.len == 6);
		FUZZ_CHECK(!memcmp(buf.data, "before", 6));
	}
	od_buf_deinit(&buf);
	return 0;
}
