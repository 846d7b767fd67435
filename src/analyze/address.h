/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an address is, as far as the report proves it. x86-64 so far; the layout is a table. */
#ifndef OD_ANALYZE_ADDRESS_H
#define OD_ANALYZE_ADDRESS_H

#include "base/buf.h"
#include "model/region.h"
#include "model/report.h"

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
