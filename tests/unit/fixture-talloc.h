/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built talloc plugin, run by the real host on what the gdb reader makes of text. */
#ifndef FIXTURE_TALLOC_H
#define FIXTURE_TALLOC_H

#include "model/input.h"

/* For cmocka: the plugins of OD_TEST_PLUGINS are loaded once. */
int fixture_talloc_setup(void **state);
int fixture_talloc_teardown(void **state);
/* What the plugins say of a text; of a process with that memory, if it is not NULL. */
struct od_input *fixture_run(const char *text, size_t len);
struct od_input *fixture_run_text(const char *text);
struct od_input *fixture_run_memory(const char *text, struct od_memory *memory);
/* The finding of the only report, or NULL. */
const struct od_finding *fixture_find(const struct od_input *in, const char *id);
/* The evidence that holds text; the test fails without. */
const struct od_evidence *fixture_proof(const struct od_finding *f, const char *text);

#endif
