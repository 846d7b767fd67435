/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules: known problems as data (doc/rules.md). The built-in ones are a constant of the program, those of
 * --rules are read before an engine is forked. Reports get findings of a plugin "rules".
 */
#ifndef OD_ANALYZE_RULES_H
#define OD_ANALYZE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/input.h"

/*
 * Read a file of rules and add them to those of the user. False if anything in it is wrong: a line each, with
 * file, line and column, in errors; what was right before is there. After the last file od_rules_ready().
 */
bool od_rules_add(const char *name, const char *text, size_t len, struct od_buf *errors);
/* All files were read. False as above: ids that stand there twice. */
bool od_rules_ready(struct od_buf *errors);
/* Leave the built-in rules out. */
void od_rules_no_builtin(void);
/* Does this build have rules: libyaml; and regular expressions: PCRE2. */
bool od_rules_have_yaml(void);
bool od_rules_have_regex(void);

/* What rules need a library for is loaded: the sandbox closes. */
void od_rules_prepare(void);

/*
 * Literals of lines that rules look at though they stand ahead of a report: NULL-terminated, valid for good.
 * Such records are to become context of the input.
 */
const char *const *od_rules_interest(void);

/* Findings for the reports [first, first + n) of the input, ahead of what plugins find. */
void od_rules_run(struct od_input *in, uint32_t first, uint32_t n);

/* Fill in rep->near, if that was not done: rules that nearly match, and what is missing. */
void od_rules_near(struct od_input *in, struct od_report *rep);

/* All rules as lines: id, confidence, title, fix. */
void od_rules_list(struct od_buf *out);

/* A sample of a rule: the lines, and whether they must match. */
struct od_rule_case {
	const char *id, *file, *from, *text;
	uint32_t line;
	size_t len;
	bool refuse;
};

/* How many samples there are, and each of them; id is NULL if its rule is not in force. */
size_t od_rules_samples(size_t *rules);
void od_rules_sample(size_t i, struct od_rule_case *ret);
/* Why the rule does not match any report of the input, for people: per report what is missing. */
void od_rules_why_not(const char *id, struct od_input *in, struct od_buf *out);

#endif
