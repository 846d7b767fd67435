/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objects of doc/json.md, keys in its order. */
#ifndef OD_RENDER_JSON_H
#define OD_RENDER_JSON_H

#include "model/input.h"
#include "render/json-writer.h"

/* type: "report" for --jsonl, where it is the first key; else NULL. */
void od_json_report(struct od_json *w, const struct od_report *rep, const char *type);
void od_json_input(struct od_json *w, const struct od_input *in, const char *type);
/* The array "stacks". */
void od_json_stacks(struct od_json *w, const struct od_report *rep);
void od_json_findings(struct od_json *w, const struct od_report *rep);

#endif
