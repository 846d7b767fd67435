/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/devices.h"

#include "target/kernel/field.h"

/*
 * Both tables have 255 heads of chains (fs/char_dev.c, CHRDEV_MAJOR_HASH_SIZE; block/genhd.c,
 * BLKDEV_MAJOR_HASH_SIZE), by the major number modulo 255.
 */
enum { HEADS = 255, MAX_CHAIN = 4096 };

static const struct table {
	const char *symbol, *type;
	bool block;
} tables[] = {
	{ "chrdevs", "struct char_device_struct", false },
	{ "major_names", "struct blk_major_name", true },
};

struct row {
	struct od_field next, major, minor, minors, name;
};

static bool read_row(struct od_kernel *k, const struct row *r, uint64_t at,
		     struct od_device_major *ret)
{
	uint64_t value;

	if (!od_field_read(k, &r->major, at, &value))
		return false;
	ret->major = (uint32_t)value;
	od_field_read(k, &r->minor, at, &value);
	ret->minor = (uint32_t)value;
	od_field_read(k, &r->minors, at, &value);
	ret->minors = (uint32_t)value;
	return od_mem_string(k->mem, at + r->name.offset, ret->name,
			     r->name.size < 64 ? r->name.size + 1 : 65) == OD_MEM_OK;
}

static const char *read_table(struct od_kernel *k, const struct table *t,
			      bool (*fn)(void *ctx, const struct od_device_major *dev), void *ctx)
{
	struct od_device_major dev = { .block = t->block };
	uint64_t head = od_kernel_symbol(k, t->symbol), at;
	struct row r;

	od_kernel_field(k, t->type, "baseminor", &r.minor);
	od_kernel_field(k, t->type, "minorct", &r.minors);
	if (!head || !od_kernel_field(k, t->type, "next", &r.next) ||
	    !od_kernel_field(k, t->type, "major", &r.major) ||
	    !od_kernel_field(k, t->type, "name", &r.name))
		return "the table or its layout is not known";
	for (uint32_t i = 0; i < HEADS; i++) {
		if (od_mem_pointer(k->mem, head + (uint64_t)i * k->mem->pointer_size, &at) !=
		    OD_MEM_OK)
			return "the table cannot be read";
		for (uint32_t n = 0; at; n++) {
			if (n == MAX_CHAIN)
				return "a chain is endless";
			if (!read_row(k, &r, at, &dev))
				return "an entry cannot be read";
			if (!fn(ctx, &dev))
				return NULL;
			od_field_read(k, &r.next, at, &at);
		}
	}
	return NULL;
}

const char *od_kernel_devices(struct od_kernel *k,
			      bool (*fn)(void *ctx, const struct od_device_major *dev), void *ctx)
{
	const char *why = NULL;

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		const char *one = read_table(k, &tables[i], fn, ctx);

		why = why ? why : one;
	}
	return why;
}
