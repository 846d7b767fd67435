/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fuzz target: one function. libFuzzer drives it, or replay.c with files where there is no clang. */
#ifndef OD_TESTS_FUZZ_H
#define OD_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An invariant: broken, it is a finding like any crash. */
#define FUZZ_CHECK(cond)                                                                           \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond);   \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
