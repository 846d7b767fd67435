/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The only place of libyaml, which is loaded when a file of rules comes. Events, not documents: an alias
 * is refused before anything is made of it, and nothing grows but by a node of the file.
 */
#include "config.h"

#include "analyze/rule-yaml.h"

#include <stdarg.h>
#include <string.h>

#include "base/escape.h"
#include "base/load.h"

void od_lint(struct od_lint *lint, uint32_t line, uint32_t column, const char *fmt, ...)
{
	struct od_buf words = OD_BUF_INIT;
	va_list ap;

	lint->n++;
	if (lint->n == OD_YAML_COMPLAINTS + 1)
		od_buf_printf(lint->out, "%s: there is more that is wrong\n", lint->name);
	if (lint->n > OD_YAML_COMPLAINTS)
		return;
	od_buf_printf(lint->out, "%s:%u:%u: ", lint->name, line, column);
	va_start(ap, fmt);
	od_buf_vprintf(&words, fmt, ap);
	va_end(ap);
	/* A key may have a newline in it; a complaint is a line. */
	od_escape_plain(lint->out, OD_ESCAPE_TEXT, od_buf_str(&words), words.len);
	od_buf_addch(lint->out, '\n');
	od_buf_deinit(&words);
}

const struct od_yaml *od_yaml_get(const struct od_yaml *map, const char *key)
{
	const struct od_yaml *child = map && map->type == OD_YAML_MAP ? map->first : NULL;

	while (child && strcmp(child->key, key) != 0)
		child = child->next;
	return child;
}

#ifdef YAML_SONAME
#include <yaml.h>

#define FUNCTIONS(x)                                                                               \
	x(yaml_parser_initialize) x(yaml_parser_set_input_string) x(yaml_parser_parse)             \
	x(yaml_parser_delete) x(yaml_event_delete)

static struct {
#define POINTER(name) __typeof__(&name) name;
	FUNCTIONS(POINTER)
} lib;

static const struct od_function functions[] = {
#define ROW(name) { #name, (void **)&lib.name },
	FUNCTIONS(ROW)
};

static bool prepare(void)
{
	static bool done;

	if (!done)
		done = od_load_functions(YAML_SONAME, functions, sizeof(functions) / sizeof(*functions));
	return done;
}

bool od_yaml_built(void)
{
	return true;
}

struct reader {
	struct od_arena *arena;
	struct od_lint *lint;
	struct od_yaml *root;
	struct od_yaml *open[OD_YAML_DEPTH]; /* lists and maps that have not ended */
	unsigned depth, nodes;
	const char *key; /* of a map: it came, its value did not */
	uint32_t key_line, key_column;
	bool stop;
};

static uint32_t line_of(const yaml_mark_t *mark)
{
	return (uint32_t)mark->line + 1;
}

static uint32_t column_of(const yaml_mark_t *mark)
{
	return (uint32_t)mark->column + 1;
}

#define COMPLAIN(r, mark, ...) od_lint((r)->lint, line_of(mark), column_of(mark), __VA_ARGS__)

static void give_up(struct reader *r, const yaml_mark_t *mark, const char *what)
{
	COMPLAIN(r, mark, "%s", what);
	r->stop = true;
}

static bool has_key(const struct od_yaml *map, const char *key)
{
	return od_yaml_get(map, key) != NULL;
}

/* Maps of rules have a dozen keys; of more a stranger could make work that grows by their square. */
enum { MAX_KEYS = 64 };

static void take_key(struct reader *r, const yaml_event_t *event)
{
	const struct od_yaml *map = r->open[r->depth - 1];
	const char *text = (const char *)event->data.scalar.value;
	const size_t len = event->data.scalar.length;

	if (len > 64 || map->n >= MAX_KEYS) {
		give_up(r, &event->start_mark, len > 64 ? "a key of more than 64 bytes" : "too many keys");
		return;
	}
	r->key = od_arena_strndup(r->arena, text, len);
	r->key_line = line_of(&event->start_mark);
	r->key_column = column_of(&event->start_mark);
	if (has_key(map, r->key))
		COMPLAIN(r, &event->start_mark, "the key '%s' stands there twice", r->key);
}

/* The new node hangs where it belongs. NULL: no more are taken. */
static struct od_yaml *add_node(struct reader *r, enum od_yaml_type type, const yaml_mark_t *mark)
{
	struct od_yaml *parent = r->depth ? r->open[r->depth - 1] : NULL, *node;

	if (++r->nodes > OD_YAML_NODES) {
		give_up(r, mark, "too much for one file: no more is read");
		return NULL;
	}
	if (!parent && r->root) {
		give_up(r, mark, "a second document: one is read");
		return NULL;
	}
	node = od_arena_alloc(r->arena, sizeof(*node));
	*node = (struct od_yaml){ .type = type, .line = line_of(mark), .column = column_of(mark), .text = "" };
	if (!parent) {
		r->root = node;
		return node;
	}
	if (parent->type == OD_YAML_MAP) {
		node->key = r->key;
		node->key_line = r->key_line;
		node->key_column = r->key_column;
		r->key = NULL;
	}
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	parent->n++;
	return node;
}

static bool wants_key(const struct reader *r)
{
	return r->depth && r->open[r->depth - 1]->type == OD_YAML_MAP && !r->key;
}

static void take_scalar(struct reader *r, const yaml_event_t *event)
{
	struct od_yaml *node;

	if (wants_key(r)) {
		take_key(r, event);
		return;
	}
	node = add_node(r, OD_YAML_TEXT, &event->start_mark);
	if (!node)
		return;
	if (event->data.scalar.length > OD_YAML_SCALAR) {
		COMPLAIN(r, &event->start_mark, "a text of more than %d bytes", OD_YAML_SCALAR);
		return;
	}
	if (memchr(event->data.scalar.value, '\0', event->data.scalar.length)) {
		COMPLAIN(r, &event->start_mark, "a NUL byte in a text");
		return;
	}
	node->len = (uint32_t)event->data.scalar.length;
	node->text = od_arena_strndup(r->arena, (const char *)event->data.scalar.value, node->len);
}

static void take_start(struct reader *r, enum od_yaml_type type, const yaml_mark_t *mark)
{
	struct od_yaml *node;

	if (wants_key(r)) {
		give_up(r, mark, "a key is a plain word");
	} else if (r->depth == OD_YAML_DEPTH) {
		give_up(r, mark, "nested too deeply");
	} else {
		node = add_node(r, type, mark);
		if (node)
			r->open[r->depth++] = node;
	}
}

static void refuse_dress(struct reader *r, const yaml_event_t *event, const yaml_char_t *anchor,
			 const yaml_char_t *tag)
{
	if (anchor)
		COMPLAIN(r, &event->start_mark, "anchors are not taken");
	/* A "!" alone says: a plain text. */
	if (tag)
		COMPLAIN(r, &event->start_mark, "tags are not taken");
}

static void take(struct reader *r, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		give_up(r, &event->start_mark, "aliases are not taken");
		break;
	case YAML_SCALAR_EVENT:
		refuse_dress(r, event, event->data.scalar.anchor, event->data.scalar.tag);
		take_scalar(r, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		refuse_dress(r, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
		take_start(r, OD_YAML_LIST, &event->start_mark);
		break;
	case YAML_MAPPING_START_EVENT:
		refuse_dress(r, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
		take_start(r, OD_YAML_MAP, &event->start_mark);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		r->depth -= r->depth > 0;
		break;
	case YAML_STREAM_END_EVENT:
		r->stop = true;
		break;
	default:
		break;
	}
}

struct od_yaml *od_yaml_read(struct od_arena *arena, const char *text, size_t len, struct od_lint *lint)
{
	struct reader r = { .arena = arena, .lint = lint };
	yaml_parser_t parser;
	yaml_event_t event;

	if (!prepare() || !lib.yaml_parser_initialize(&parser)) {
		od_lint(lint, 1, 1, "libyaml, which reads rules, cannot be loaded");
		return NULL;
	}
	lib.yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	while (!r.stop) {
		if (!lib.yaml_parser_parse(&parser, &event)) {
			COMPLAIN(&r, &parser.problem_mark, "no YAML: %s",
				 parser.problem ? parser.problem : "it cannot be read");
			r.root = NULL;
			break;
		}
		take(&r, &event);
		lib.yaml_event_delete(&event);
	}
	lib.yaml_parser_delete(&parser);
	/* What was left in the middle is no tree. */
	return r.depth ? NULL : r.root;
}
#else
bool od_yaml_built(void)
{
	return false;
}

struct od_yaml *od_yaml_read(struct od_arena *arena, const char *text, size_t len, struct od_lint *lint)
{
	(void)arena, (void)text, (void)len;
	od_lint(lint, 1, 1, "this program was built without libyaml, which reads rules");
	return NULL;
}
#endif
