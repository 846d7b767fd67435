/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any note: what the lines hold is what is found by key. */
#include <string.h>

#include "symbols/vmcoreinfo.h"
#include "tests/fuzz/fuzz.h"

static void check_lines(const struct od_vmcoreinfo *info, size_t size)
{
	const char *key, *value;
	size_t n = 0, sum = 0;

	for (; od_vmcoreinfo_line(info, n, &key, &value); n++) {
		FUZZ_CHECK(*key && !strchr(key, '=') && !strchr(key, '\n') && !strchr(value, '\n'));
		FUZZ_CHECK(n > 32 || od_vmcoreinfo_value(info, key)); /* each costs a pass */
		sum += strlen(key) + strlen(value) + 1;
	}
	FUZZ_CHECK(sum <= size && sum <= OD_MAX_VMCOREINFO);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct od_vmcoreinfo *info = od_vmcoreinfo_create((const char *)data, size);
	char name[OD_VMCOREINFO_NAME];
	const char *id;
	uint64_t addr, same;
	size_t n = 0, left = 32;
	int64_t number;

	check_lines(info, size);
	while (left-- && od_vmcoreinfo_each_symbol(info, &n, name, &addr)) {
		FUZZ_CHECK(*name && strlen(name) < sizeof(name));
		/* Of two lines with one key the first is found, which need not be a number. */
		if (od_vmcoreinfo_symbol(info, name, &same) && same != addr)
			FUZZ_CHECK(n > 1);
		od_vmcoreinfo_size(info, name, &same);
		if (od_vmcoreinfo_offset(info, name, &same))
			FUZZ_CHECK(od_vmcoreinfo_value(info, name) != name);
		od_vmcoreinfo_length(info, name, &same);
		od_vmcoreinfo_number(info, name, &number);
	}
	id = od_vmcoreinfo_build_id(info);
	FUZZ_CHECK(!id || strlen(id) == 40);
	FUZZ_CHECK(!od_vmcoreinfo_kaslr(info, &addr) || od_vmcoreinfo_value(info, "KERNELOFFSET"));
	od_vmcoreinfo_destroy(info);
	return 0;
}
