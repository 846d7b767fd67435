/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>

#include "shell/decode.h"

/* arch/x86/include/asm/trap_pf.h; 31: AMD's RMP check. */
static const struct {
	unsigned bit;
	const char *set, *clear;
} pf_bits[] = {
	{ 0, "protection violation: the page is present", "the page is not present" },
	{ 1, "write", "read" },
	{ 2, "from user mode", "from kernel mode" },
	{ 3, "a reserved bit is set in a page table entry", NULL },
	{ 4, "instruction fetch", NULL },
	{ 5, "refused by a protection key", NULL },
	{ 6, "shadow stack access", NULL },
	{ 15, "refused by SGX", NULL },
	{ 31, "refused by the RMP table (SEV-SNP)", NULL },
};

struct od_error *od_decode_pf_error(struct od_session *s, int argc, const char *const argv[],
				    struct od_buf *out)
{
	uint64_t bits, known = 0;
	struct od_error *err = od_decode_number(argv[0], &bits);

	(void)s, (void)argc;
	if (err)
		return err;
	for (unsigned i = 0; i < sizeof(pf_bits) / sizeof(pf_bits[0]); i++) {
		const char *text = bits >> pf_bits[i].bit & 1 ? pf_bits[i].set : pf_bits[i].clear;

		known |= UINT64_C(1) << pf_bits[i].bit;
		/* A fetch is no read, though bit 1 is clear. */
		if (pf_bits[i].bit == 1 && !(bits & 2) && (bits & 16))
			continue;
		if (text)
			od_buf_printf(out, "bit %-2u %s\n", pf_bits[i].bit, text);
	}
	if (bits & ~known)
		od_buf_printf(out, "unknown bits: 0x%" PRIx64 "\n", bits & ~known);
	return NULL;
}
