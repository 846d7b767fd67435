/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Types: the input is BTF, and also the memory that values are read from. After a byte 0xff and a
 * length come two: the kernel's and that of a module. Whatever it is, ids stay below the count,
 * what is found can be read, and text stays within its bounds.
 */
#include <string.h>

#include "base/alloc.h"
#include "symbols/typeprint.h"
#include "tests/fuzz/fuzz.h"

enum { MEMORY = 0x20000, MAX_TEXT = 64 * 1024, MAX_IDS = 48 };

struct bytes {
	struct od_memory mem;
	const uint8_t *data;
	size_t size;
};

/* The input over and over; every third page is missing. */
static enum od_mem_status read_bytes(struct od_memory *mem, enum od_space space, uint64_t addr,
				     void *buf, size_t len, size_t *got)
{
	struct bytes *b = (struct bytes *)(void *)mem;

	(void)space;
	for (*got = 0; *got < len;) {
		size_t at = (addr + *got) % b->size, n = b->size - at;
		size_t page = 4096 - (addr + *got) % 4096;

		if ((addr + *got) / 4096 % 3 == 2)
			return OD_MEM_EXCLUDED;
		if (addr + *got < 4096)
			return OD_MEM_UNMAPPED;
		n = n < page ? n : page;
		n = n < len - *got ? n : len - *got;
		memcpy((uint8_t *)buf + *got, b->data + at, n);
		*got += n;
	}
	return OD_MEM_OK;
}

static bool symbol(void *ctx, uint64_t addr, struct od_buf *out)
{
	(void)ctx;
	if (addr % 2)
		return false;
	od_buf_addstr(out, "symbol+0x10");
	return true;
}

static bool each(void *ctx, const char *name, uint32_t id)
{
	const struct od_btf *btf = ctx;
	struct od_type t;

	FUZZ_CHECK(od_btf_type(btf, id, &t) && !strcmp(t.name, name));
	/* Not all: each is a pass over a chain. "enum x" is what asks for an enum, no name. */
	if (id > 4 * MAX_IDS || strchr(name, ' '))
		return false;
	FUZZ_CHECK(od_btf_find(btf, name) > 0);
	return true;
}

static void check_names(const struct od_btf *btf)
{
	static const char *const names[] = { "task", "struct list", "union u", "enum state",
					     "unsigned long" };
	int64_t value;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		FUZZ_CHECK(od_btf_find(btf, names[i]) < od_btf_count(btf));
	od_btf_variable(btf, "runq");
	od_btf_function(btf, "wake");
	od_btf_enumerator(btf, "DEAD", &value);
	od_btf_each(btf, "", each, (void *)(uintptr_t)btf);
}

/* A path that was put together of its members leads to where the members say. */
static void check_path(const struct od_btf *btf, const struct od_type *t)
{
	struct od_member first, found;

	if ((t->kind != OD_TYPE_STRUCT && t->kind != OD_TYPE_UNION) || !t->count)
		return;
	od_btf_nth_member(t, 0, &first);
	if (!*first.name || strpbrk(first.name, ".["))
		return;
	FUZZ_CHECK(od_btf_member(btf, t->id, first.name, &found));
	FUZZ_CHECK(found.bit_offset == first.bit_offset && found.type == first.type);
}

static void check_type(const struct od_btf *btf, uint32_t id, struct bytes *b, struct od_buf *buf)
{
	const struct od_layout layout = { .offsets = id & 1, .base = id & 2 ? MEMORY : 0 };
	const struct od_value_style style = { .hex = id & 1, .symbol = id & 2 ? symbol : NULL };
	struct od_type t;
	struct od_member m;

	FUZZ_CHECK(od_btf_type(btf, id, &t) && t.id == id);
	check_path(btf, &t);
	od_btf_enumerator_name(btf, id, (int64_t)id - 1);
	od_buf_reset(buf);
	buf->cut = false;
	od_type_define(btf, id, &layout, buf);
	od_btf_type_name(btf, id, buf);
	if (od_btf_member(btf, id, "tab[1][2].next", &m))
		od_type_define_member(btf, &m, &layout, buf);
	FUZZ_CHECK(buf->len <= MAX_TEXT);
	od_buf_reset(buf);
	buf->cut = false;
	m = (struct od_member){ .type = id, .bit_offset = id % 5 };
	m.bits = id % 7 == 6 ? id % 65 : 0;
	if (od_value_print(btf, &b->mem, MEMORY + 4000, &m, 1, &style, buf) != OD_MEM_OK)
		FUZZ_CHECK(buf->len == 0);
	FUZZ_CHECK(buf->len <= MAX_TEXT);
}

static struct od_btf *create(const uint8_t *data, size_t size, const struct od_btf *base)
{
	uint8_t *copy = od_malloc(size);
	struct od_btf *btf;
	struct od_error *err;

	memcpy(copy, data, size);
	err = od_btf_create(copy, size, base, &btf);
	FUZZ_CHECK(!err == !!btf);
	od_error_free(err);
	return btf;
}

static void check_all(const struct od_btf *btf, struct bytes *b)
{
	struct od_buf buf = { .limit = MAX_TEXT };
	uint32_t count = od_btf_count(btf);

	FUZZ_CHECK(count > 1);
	check_names(btf);
	for (uint32_t id = 0; id < count && id < MAX_IDS; id++)
		check_type(btf, id, b, &buf);
	/* Those of a module are at the end. */
	for (uint32_t id = count > 2 * MAX_IDS ? count - MAX_IDS : MAX_IDS; id < count; id++)
		check_type(btf, id, b, &buf);
	od_buf_deinit(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { .data = data, .size = size };
	struct od_btf *btf, *module = NULL;
	size_t first = size;

	if (size < 4)
		return 0;
	if (data[0] == 0xff) {
		first = (size_t)(data[1] | data[2] << 8);
		data += 3;
		size -= 3;
		if (first > size)
			first = size;
	}
	b.mem = (struct od_memory){ .read = read_bytes, .pointer_size = 8, .page_size = 4096,
				    .big_endian = data[0] == 0xeb };
	btf = create(data, first < size ? first : size, NULL);
	if (btf && first < size)
		module = create(data + first, size - first, btf);
	if (btf)
		check_all(btf, &b);
	if (module)
		check_all(module, &b);
	od_btf_destroy(module);
	od_btf_destroy(btf);
	return 0;
}
