/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a rule hold for a report? Only rule*.c include this. */
#ifndef OD_ANALYZE_RULE_EVAL_H
#define OD_ANALYZE_RULE_EVAL_H

#include "analyze/rule-version.h"
#include "analyze/rule.h"

enum { OD_HITS_MAX = 64, OD_HIT_FRAMES = 8 };

/* What a condition held by; texts are only made of it once the whole rule holds. */
struct od_rule_hit {
	const struct od_rule_cond *cond;
	int32_t stack;
	uint32_t frames[OD_HIT_FRAMES], nframes; /* the first few */
	uint32_t lineno;
	const char *text; /* a line, a name, a value */
	size_t len;
	uint64_t value;
};

struct od_rule_capture {
	const char *name; /* of the set's strings */
	const char *text;
	size_t len;
};

/* One report, as all rules look at it. */
struct od_rule_view {
	struct od_input *in;
	struct od_report *rep;
	const struct od_frame *pc, *guilty;
	char *said;	   /* what the kernel printed of its version; NULL until asked for */
	bool has_said;
	bool context_told; /* "context" conditions could not be judged */
	bool no_regex;	   /* too many were, on this input */
	unsigned limits;   /* matches that were given up */
};

/* One rule at work. */
struct od_rule_eval {
	const struct od_rule_set *set;
	struct od_rule_view *view;
	const struct od_rule *rule; /* for its captures; NULL: none are taken */
	struct od_rule_hit hits[OD_HITS_MAX];
	unsigned nhits;
	struct od_rule_capture captures[OD_RULE_VARS];
	unsigned ncaptures;
	bool unreliable; /* a frame counted that the kernel marked with '?' */
};

/* rule: for its captures; NULL: none are taken. The room for hits is large and stays as it is. */
static inline void od_rule_eval_init(struct od_rule_eval *e, const struct od_rule_set *set, struct od_rule_view *view,
				     const struct od_rule *rule)
{
	e->set = set;
	e->view = view;
	e->rule = rule;
	e->nhits = e->ncaptures = 0;
	e->unreliable = false;
}

void od_rule_view_init(struct od_rule_view *view, struct od_input *in, struct od_report *rep);
void od_rule_view_deinit(struct od_rule_view *view);
/* Does the condition hold? What for is added to the hits if it does. */
bool od_rule_holds(struct od_rule_eval *e, const struct od_rule_cond *c);
/* What the kernel said of its version, for od_rule_affects(); or NULL. */
const char *od_rule_said(struct od_rule_view *view);
const char *od_rule_release(const struct od_rule_view *view);
bool od_rule_name_fits(const struct od_rule_set *set, const struct od_rule_name *name, const char *function,
		       const char *symbol, const char *module);

#endif
