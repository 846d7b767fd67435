/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an address is, as far as the report proves it. x86-64 so far; the layout is a table. */
#ifndef OD_ANALYZE_ADDRESS_H
#define OD_ANALYZE_ADDRESS_H

#include "base/buf.h"
#include "model/report.h"

enum od_region {
	OD_ADDR_UNKNOWN,
	OD_ADDR_SMALL,
	OD_ADDR_ERR_PTR,
	OD_ADDR_POISON,
	OD_ADDR_USER,
	OD_ADDR_NONCANONICAL,
	OD_ADDR_KERNEL_IMAGE,
	OD_ADDR_MODULES,
	OD_ADDR_DIRECT_MAP,
	OD_ADDR_STACK,
	OD_ADDR_VMALLOC,
	OD_ADDR_VMEMMAP,
	OD_ADDR_KERNEL,
	OD_ADDR_TEXT,
	OD_ADDR_FIXMAP,
};

struct od_address {
	enum od_region region;
	uint64_t link; /* valid if has_link: run time address minus the KASLR offset */
	bool has_link;
	const struct od_frame *frame; /* function that holds it, NULL if the report names none */
	uint64_t frame_offset;
};

void od_address_classify(const struct od_report *rep, uint64_t value, struct od_address *ret);
/* One phrase: "core kernel image, link address 0xffffffff81a974bf". Nothing if nothing is known. */
void od_address_describe(const struct od_report *rep, uint64_t value, struct od_buf *buf);

#endif
