/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making a block of rules (rule.h). Only rule-*.c include this. */
#ifndef OD_ANALYZE_RULE_WRITE_H
#define OD_ANALYZE_RULE_WRITE_H

#include "analyze/rule-yaml.h"
#include "analyze/rule.h"

struct od_rule_writer {
	struct od_buf parts[OD_RULE_PARTS]; /* what is made so far of each */
	uint32_t *strings;		    /* hash of all short strings: offsets; 0: free */
	uint32_t nstrings, cap_strings;
	uint32_t regexes;
};

struct od_rule_writer *od_rule_writer_create(void);
void od_rule_writer_destroy(struct od_rule_writer *w);

/* The offset of a string, which is kept once; "" is 0. */
uint32_t od_rule_string(struct od_rule_writer *w, const char *s, size_t len);
/* Room for n rows in a part, zeroed; the index of the first. */
uint32_t od_rule_rows(struct od_rule_writer *w, enum od_rule_part part, uint32_t n);
/* A row by its index; valid until the next od_rule_rows(). */
void *od_rule_row(struct od_rule_writer *w, enum od_rule_part part, uint32_t i);
uint32_t od_rule_count(const struct od_rule_writer *w, enum od_rule_part part);
const char *od_rule_str(const struct od_rule_writer *w, uint32_t string);

/* rule-read.c: the rules of a tree. All that is wrong is complained of; what is right is taken. */
void od_rule_read(struct od_rule_writer *w, const struct od_yaml *root, struct od_lint *lint);
/* rule-when.c: the conditions of "when"; the index of its condition. */
uint32_t od_rule_read_when(struct od_rule_writer *w, const struct od_yaml *when, struct od_rule *rule,
			   struct od_lint *lint);
/* rule-literal.c: what stands in every text that a regular expression fits; its length, 0: nothing known. */
size_t od_rule_literal(const char *pattern, size_t len, char *ret, size_t size);
/* rule-index.c: the keys and grams by which rules are found. */
void od_rule_index(struct od_rule_writer *w);
/* All parts in one block, which the caller frees; words in *n. */
uint32_t *od_rule_finish(struct od_rule_writer *w, size_t *n);

/* A list of strings from a text or a list of texts; how many. */
uint32_t od_rule_list(struct od_rule_writer *w, const struct od_yaml *node, size_t max, uint32_t *first,
		      struct od_lint *lint);

#endif
