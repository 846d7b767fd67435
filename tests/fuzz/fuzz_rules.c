/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any file of rules: read, complained of, made a block, and tried on reports. A block says of itself what is in it; a
 * complaint has its place; a regular expression fits only lines with its literal; a rule that holds is found.
 */
#define _GNU_SOURCE
#include <string.h>

#include "analyze/rule-find.h"
#include "analyze/rule-regex.h"
#include "analyze/rule-write.h"
#include "pipeline.h"
#include "tests/fuzz/fuzz.h"

static void check_errors(const struct od_buf *errors)
{
	for (const char *line = od_buf_str(errors), *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		FUZZ_CHECK(end && !strncmp(line, "f:", 2));
	}
}

/* A sample of the file is the line that its expressions are tried on. */
static void check_regex(const struct od_rule_set *set, const struct od_rule_cond *c)
{
	const char *literal = set->strings + c->b;
	struct od_regex *re = od_regex_compile(set->strings + c->a, NULL);

	for (uint32_t i = 0; re && i < set->head->parts[OD_RULE_SAMPLES].n && i < 4; i++) {
		const char *text = set->strings + set->samples[i].text;
		const size_t len = strnlen(text, 4096);

		if (od_regex_match(re, text, len) == OD_REGEX_YES)
			FUZZ_CHECK(memmem(text, len, literal, strlen(literal)));
	}
	od_regex_free(re);
}

static void check_block(const struct od_rule_set *set)
{
	for (uint32_t i = 0; i < set->nrules; i++) {
		const struct od_rule *rule = &set->rules[i];

		FUZZ_CHECK(rule->id && rule->title && rule->when && rule->confidence && rule->confidence <= 100);
		FUZZ_CHECK(rule->when < set->head->parts[OD_RULE_CONDS].n);
		FUZZ_CHECK(od_rule_find(set, set->strings + rule->id) <= i);
	}
	for (uint32_t i = 0; i < set->head->parts[OD_RULE_CONDS].n && i < 64; i++)
		if (set->conds[i].type == OD_COND_TEXT)
			check_regex(set, &set->conds[i]);
}

/* Whatever holds when all rules are gone through is among the candidates, by any way that leads to it. */
static void check_report(struct od_rule_set *set)
{
	struct od_input *in = od_input_create("-");
	struct od_report *rep = od_report_create();
	struct od_rule_view view;

	rep->kind = OD_KIND_GPF;
	for (uint32_t i = 0; i < set->head->parts[OD_RULE_SAMPLES].n && i < 8; i++) {
		const struct od_rule_sample *s = &set->samples[i];
		struct od_record rec = { .text = set->strings + s->text, .len = s->len, .lineno = 1 };

		od_report_add_record(rep, &rec);
	}
	od_report_add_stack(rep, "task");
	for (uint32_t i = 0; i < set->head->parts[OD_RULE_NAMES].n && i < 8; i++) {
		struct od_frame *f = od_stack_add_frame(rep, &rep->stacks[0]);

		f->symbol = f->function = set->strings + set->names[i].function;
		f->flags = i ? 0 : OD_FRAME_PC;
	}
	od_input_add_report(in, rep);
	od_rule_view_init(&view, in, rep);
	for (uint32_t i = 0; i < set->nrules && i < 32; i++)
		od_rule_try(set, &set->rules[i], &view);
	od_rule_view_deinit(&view);
	FUZZ_CHECK(rep->nfindings <= set->nrules);
	for (uint32_t i = 0; i < rep->nfindings; i++)
		FUZZ_CHECK(rep->findings[i].title && rep->findings[i].score <= 100 && rep->findings[i].nreferences);
	od_input_destroy(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct od_rule_writer *w = od_rule_writer_create();
	struct od_buf errors = OD_BUF_INIT;
	struct od_lint lint = { "f", &errors, 0 };
	struct od_arena arena;
	struct od_yaml *root;
	struct od_rule_set set;
	uint32_t *block;
	size_t n;

	od_arena_init(&arena);
	root = od_yaml_read(&arena, (const char *)data, size, &lint);
	if (root)
		od_rule_read(w, root, &lint);
	od_arena_deinit(&arena);
	check_errors(&errors);
	od_rule_index(w);
	block = od_rule_finish(w, &n);
	FUZZ_CHECK(od_rule_set_init(&set, block, n));
	set.regexes = calloc(set.head->regexes + 1u, sizeof(*set.regexes));
	check_block(&set);
	check_report(&set);
	for (uint32_t i = 0; i < set.head->regexes; i++)
		od_regex_free(set.regexes[i]);
	free(set.regexes);
	free(block);
	od_rule_writer_destroy(w);
	od_buf_deinit(&errors);
	return 0;
}
