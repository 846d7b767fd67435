/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report for another engine: whatever is read can be written and is then read alike, byte for byte. */
#include <string.h>

#include "shell/wire.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct od_buf once = OD_BUF_INIT, twice = OD_BUF_INIT;
	const char *input = NULL;
	struct od_report *rep;
	size_t used = 0;

	rep = od_wire_get((const char *)data, size, &used, &input);
	if (!rep)
		return 0;
	FUZZ_CHECK(used > 0 && used <= size);
	od_wire_put(&once, rep, input);
	od_report_destroy(rep);
	rep = od_wire_get(once.data, once.len, &used, &input);
	FUZZ_CHECK(rep && used == once.len);
	od_wire_put(&twice, rep, input);
	FUZZ_CHECK(once.len == twice.len && !memcmp(once.data, twice.data, once.len));
	od_report_destroy(rep);
	od_buf_deinit(&once);
	od_buf_deinit(&twice);
	return 0;
}
