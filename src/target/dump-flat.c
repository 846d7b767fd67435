/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The flattened format: a dump written to a pipe (makedumpfile -F, QEMU's dump-guest-memory -z, virsh
 * dump --memory-only --format). After a block of 4096 bytes come records of offset, size (both be64)
 * and data in the order they were written; the last is -1, -1 (makedumpfile.h, struct
 * makedumpfile_header and makedumpfile_data_header; format type 1, version 1). It is read where it
 * stands, through a table of its records.
 */
#include "target/dump-internal.h"

enum { HEADER = 4096, RECORD = 16 };

bool od_flat_is(const void *head, size_t len)
{
	return len >= 16 && !memcmp(head, "makedumpfile\0\0\0\0", 16);
}

struct od_error *od_flat_open(struct od_source *src)
{
	uint64_t pos = HEADER, end = 0;
	uint8_t head[32], record[RECORD];
	bool ended = false;

	src->flattened = true;
	if (od_source_pread(src->fd, 0, head, sizeof(head)) < sizeof(head))
		return od_error_new(OD_ERR_UNSUPPORTED, "a flattened dump of which only the name is there");
	if (od_get(head + 16, 8, true) != 1 || od_get(head + 24, 8, true) != 1)
		return od_error_new(OD_ERR_UNSUPPORTED, "a flattened dump of an unknown type or version");
	while (od_source_pread(src->fd, pos, record, RECORD) == RECORD) {
		uint64_t offset = od_get(record, 8, true), size = od_get(record + 8, 8, true), left;

		ended = offset == UINT64_MAX && size == UINT64_MAX;
		/* A negative number, or nothing at all (a hole of zeros): damage, and no way on. */
		if (ended || offset > INT64_MAX || !size || size > INT64_MAX - offset)
			break;
		if (src->flat.n == OD_DUMP_MAX_RECORDS) {
			src->limited = true;
			break;
		}
		pos += RECORD;
		left = pos < src->file_size ? src->file_size - pos : 0;
		od_extents_add(&src->flat, offset, size < left ? size : left, pos);
		end = offset + size > end ? offset + size : end;
		if (size > left)
			break;
		pos += size;
	}
	src->truncated = !ended;
	src->size = end;
	od_extents_sort(&src->flat);
	return NULL;
}

/* A gap is a hole of zeros in the file that this stands for, unless what was to fill it may be lost. */
size_t od_flat_read(struct od_source *src, uint64_t offset, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		uint64_t at = offset + done, next, n;
		const struct od_extent *x = od_extents_find(&src->flat, at, &next);

		if (x)
			n = x->end - at;
		else if (src->truncated)
			break;
		else
			n = next - at;
		if (n > len - done)
			n = len - done;
		if (!x)
			memset((char *)buf + done, 0, n);
		else if (od_source_pread(src->fd, x->pos + (at - x->start), (char *)buf + done, n) != n)
			break;
		done += n;
	}
	return done;
}
