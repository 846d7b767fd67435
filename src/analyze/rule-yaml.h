/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A YAML file as a tree: of YAML only what rules are written in. */
#ifndef OD_ANALYZE_RULE_YAML_H
#define OD_ANALYZE_RULE_YAML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum {
	OD_YAML_DEPTH = 24,	    /* of lists and maps in each other */
	OD_YAML_NODES = 400000,	    /* of one file */
	OD_YAML_SCALAR = 64 * 1024, /* bytes of one */
	OD_YAML_COMPLAINTS = 50,    /* of one file; then there are "more" */
};

enum od_yaml_type { OD_YAML_TEXT, OD_YAML_LIST, OD_YAML_MAP };

struct od_yaml {
	enum od_yaml_type type;
	uint32_t line, column;		   /* 1-based, of its beginning */
	const char *key;		   /* in a map; else NULL */
	uint32_t key_line, key_column;
	const char *text;		   /* without NUL bytes inside; "" in lists and maps */
	uint32_t len;
	uint32_t n;			   /* children */
	struct od_yaml *first, *last, *next;
};

/* Where complaints about a file go: "NAME:LINE:COLUMN: what is wrong", a line each. */
struct od_lint {
	const char *name;
	struct od_buf *out;
	unsigned n;
};

void od_lint(struct od_lint *lint, uint32_t line, uint32_t column, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * The tree of a text, in the arena. NULL if there is none: the complaint says why. Aliases, anchors, tags,
 * keys that are no plain text or stand twice, a second document, and whatever exceeds the limits are
 * complained of; all of them that can be found in one reading.
 */
struct od_yaml *od_yaml_read(struct od_arena *arena, const char *text, size_t len, struct od_lint *lint);
/* The child of that key, or NULL. */
const struct od_yaml *od_yaml_get(const struct od_yaml *map, const char *key);
/* Was libyaml there at build time, and can it be loaded? */
bool od_yaml_built(void);

#endif
