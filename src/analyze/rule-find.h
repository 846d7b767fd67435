/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a rule that holds to a finding; from one that nearly does to what is missing. Only rule*.c include this. */
#ifndef OD_ANALYZE_RULE_FIND_H
#define OD_ANALYZE_RULE_FIND_H

#include "analyze/rule-eval.h"

/* rules.c: the sets in force, those of the user first; how many. */
unsigned od_rule_sets(const struct od_rule_set **ret);
/* Index of the rule of that id, UINT32_MAX if there is none. */
uint32_t od_rule_find(const struct od_rule_set *set, const char *id);
/* False if a rule of the user's replaces it. */
bool od_rule_in_force(unsigned nth, const struct od_rule *rule);

/* A finding in the report of the view, if the rule holds for it and its kernel may be affected. */
void od_rule_try(const struct od_rule_set *set, const struct od_rule *rule, struct od_rule_view *view);

#endif
