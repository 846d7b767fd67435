/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the seeds of fuzz_kallsyms into the current folder: a small symbol table of each form. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/fixture-kallsyms.h"

static const struct {
	const char *name;
	struct ks_shape shape;
} seeds[] = {
	{ "absolute", { .encoding = OD_KALLSYMS_ABSOLUTE, .pointer_size = 8 } },
	{ "absolute-scan-32",
	  { .encoding = OD_KALLSYMS_ABSOLUTE, .pointer_size = 4, .no_keys = true } },
	{ "relative-new",
	  { .encoding = OD_KALLSYMS_RELATIVE,
	    .pointer_size = 8,
	    .new_order = true,
	    .uleb = true } },
	{ "percpu-scan",
	  { .encoding = OD_KALLSYMS_ABS_PERCPU, .pointer_size = 8, .no_keys = true } },
	{ "percpu-seqs-scan",
	  { .encoding = OD_KALLSYMS_ABS_PERCPU,
	    .pointer_size = 8,
	    .uleb = true,
	    .seqs = true,
	    .no_keys = true } },
	{ "percpu-long-big",
	  { .encoding = OD_KALLSYMS_ABS_PERCPU,
	    .pointer_size = 8,
	    .big_endian = true,
	    .long_words = true,
	    .no_keys = true } },
	{ "place",
	  { .encoding = OD_KALLSYMS_PLACE, .pointer_size = 8, .uleb = true, .new_order = true } },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(seeds) / sizeof(*seeds); i++) {
		struct ks_shape shape = seeds[i].shape;
		uint64_t base = shape.pointer_size == 4 ? KS_BASE32 : KS_BASE64;
		struct ks_symbol *syms;
		struct ks_image *im;
		FILE *f = fopen(seeds[i].name, "wb");
		size_t n;

		shape.tables = 512;
		syms = ks_symbols(base, 770, shape.encoding == OD_KALLSYMS_ABS_PERCPU, &n);
		im = ks_build(base, syms, n, &shape);
		if (!f)
			return 1;
		fputc((shape.pointer_size == 4) | shape.big_endian << 1 | (int)(i % 4) << 2, f);
		fputc(0, f);
		fputc((int)(im->info.len & 0xff), f);
		fputc((int)(im->info.len >> 8), f);
		fwrite(im->info.data, 1, im->info.len, f);
		fwrite(im->data, 1, im->len, f);
		if (fclose(f))
			return 1;
		ks_free(im);
		free(syms);
	}
	return 0;
}
