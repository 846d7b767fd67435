/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a report means: names, guilty frame, title, signature, confidence, annotated registers. */
#ifndef OD_ANALYZE_ANALYZE_H
#define OD_ANALYZE_ANALYZE_H

#include "model/input.h"

/* Fill the analyze section of a report that the text stage finished. kernel: --kernel or NULL. */
void od_analyze_report(struct od_report *rep, const char *kernel);

/*
 * Is b another copy of a (the same crash quoted twice, or printed on two consoles)? True only if
 * both prove it: the same time and signature, or the same registers throughout.
 */
bool od_analyze_same(const struct od_report *a, const struct od_report *b);
/* How complete a report is; of two copies the greater one is kept. */
unsigned od_analyze_weight(const struct od_report *rep);

/* A name as "guilty.function" shows it: into the arena of the report. */
const char *od_canonical_name(struct od_report *rep, const char *symbol, const char **suffix_ret);

/* Steps of od_analyze_report, in their order. */
void od_analyze_names(struct od_report *rep);
/* infer.c: a kind for a report whose head is lost, if the functions of its trace tell it. */
void od_analyze_infer(struct od_report *rep);
void od_analyze_guilty(struct od_report *rep);
void od_analyze_title(struct od_report *rep);
void od_analyze_signature(struct od_report *rep);
void od_analyze_confidence(struct od_report *rep);
void od_analyze_registers(struct od_report *rep);

/*
 * The module that a title or a signature names with the function of f. Of a program's frame gdb prints the library
 * only where it has no line, and the same crash in a core has the same signature.
 */
static inline const char *od_blamed_module(const struct od_report *rep, const struct od_frame *f)
{
	const bool program = rep->kind == OD_KIND_USER_CRASH || rep->kind == OD_KIND_USER_ABORT;

	return program && f->file ? NULL : f->module;
}

#endif
