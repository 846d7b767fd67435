/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's own types: where its BTF is, and members by name. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "target/kernel/field.h"
#include "target/kernel/infer.h"
#include "target/kernel/kernel.h"

enum { BTF_HEADER = 24, BTF_MAGIC = 0xeb9f, CHUNK = 64 * 1024, MAX_BTF = 64 << 20 };

/* Bytes of the BTF that starts with this header; 0: it is none. include/uapi/linux/btf.h */
static uint64_t btf_length(const struct od_memory *mem, const uint8_t *h)
{
	uint64_t header = od_mem_number(mem, h + 4, 4);
	uint64_t types = od_mem_number(mem, h + 8, 4) + od_mem_number(mem, h + 12, 4);
	uint64_t strings = od_mem_number(mem, h + 16, 4) + od_mem_number(mem, h + 20, 4);

	if (od_mem_number(mem, h, 2) != BTF_MAGIC || h[2] != 1 || header < BTF_HEADER)
		return 0;
	return header + (types > strings ? types : strings);
}

/*
 * Search the image for a header. The types of the kernel begin with a header of 24 bytes and types
 * at offset 0, page aligned or not: in a kernel of 6.1 these 12 bytes stand there once.
 */
static uint64_t scan_btf(struct od_kernel *k, uint64_t from)
{
	const uint8_t *magic =
		(const uint8_t *)(k->mem->big_endian ? "\xeb\x9f\x01\0\0\0\0\x18\0\0\0\0"
						     : "\x9f\xeb\x01\0\x18\0\0\0\0\0\0\0");
	uint8_t *chunk = od_malloc(CHUNK + BTF_HEADER);
	uint64_t ret = 0;

	for (uint64_t at = 0; at < OD_MAX_SCAN && !ret; at += CHUNK) {
		size_t got = 0;

		k->mem->read(k->mem, OD_VIRT, from + at, chunk, CHUNK + BTF_HEADER, &got);
		for (const uint8_t *p = chunk; got >= BTF_HEADER && !ret; p++) {
			p = memmem(p, got - (size_t)(p - chunk), magic, 12);
			if (!p || p + BTF_HEADER > chunk + got)
				break;
			if (btf_length(k->mem, p) > 64 * 1024)
				ret = from + at + (uint64_t)(p - chunk);
		}
	}
	free(chunk);
	return ret;
}

static const char *load_btf(struct od_kernel *k)
{
	uint64_t start = od_kernel_symbol(k, "__start_BTF"),
		 stop = od_kernel_symbol(k, "__stop_BTF");
	uint64_t stext = od_kernel_symbol(k, "_stext"), len;
	uint8_t header[BTF_HEADER], *data;
	enum od_mem_status status;
	struct od_error *err;
	const char *why;

	if (!start && od_symtab_count(k->symtab) > 0)
		return "the kernel has none (CONFIG_DEBUG_INFO_BTF is off)";
	if (!start && stext)
		start = scan_btf(k, stext);
	if (!start)
		return k->why_no_symbols ? k->why_no_symbols : "nothing says where they are";
	status = od_mem_read(k->mem, start, header, sizeof(header));
	len = status == OD_MEM_OK ? btf_length(k->mem, header) : 0;
	if (status != OD_MEM_OK)
		return od_mem_status_text(status);
	if (len == 0 || len > MAX_BTF || (stop && len > stop - start))
		return "what is there is no BTF";
	data = od_malloc(len);
	status = od_mem_read(k->mem, start, data, len);
	if (status != OD_MEM_OK) {
		free(data);
		return od_mem_status_text(status);
	}
	err = od_btf_create(data, len, NULL, &k->btf);
	if (!err)
		return NULL;
	why = od_arena_strdup(&k->arena, err->message);
	od_error_free(err);
	return why;
}

const struct od_btf *od_kernel_types(struct od_kernel *k)
{
	if (!k->types_tried) {
		k->types_tried = true;
		k->why_no_types = load_btf(k);
	}
	return k->btf;
}

/* "struct task_struct" -> "task_struct": VMCOREINFO writes no keyword. */
static const char *bare(const char *type)
{
	const char *blank = strrchr(type, ' ');

	return blank ? blank + 1 : type;
}

bool od_kernel_offset(struct od_kernel *k, const char *type, const char *member, uint64_t *ret)
{
	uint64_t size;
	char key[256];

	if (k->info &&
	    snprintf(key, sizeof(key), "%s.%s", bare(type), member) < (int)sizeof(key) &&
	    od_vmcoreinfo_offset(k->info, key, ret))
		return true;
	if (od_kernel_types(k))
		return od_btf_offset(k->btf, type, member, ret);
	return od_inferred(k, type, member, ret, &size);
}

uint64_t od_kernel_size(struct od_kernel *k, const char *type)
{
	uint64_t size, offset;

	if (k->info && od_vmcoreinfo_size(k->info, bare(type), &size))
		return size;
	if (od_kernel_types(k))
		return od_btf_size(k->btf, od_btf_find(k->btf, type));
	return od_inferred(k, type, "", &offset, &size) ? size : 0;
}

bool od_kernel_member(struct od_kernel *k, uint64_t addr, const char *type, const char *member,
		      uint64_t *ret)
{
	struct od_field f;

	return od_kernel_field(k, type, member, &f) && od_field_read(k, &f, addr, ret);
}
