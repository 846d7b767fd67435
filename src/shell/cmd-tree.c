/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tree: entries of red-black trees, maple trees and xarrays, with the options of crash. */
#include <inttypes.h>
#include <string.h>

#include "render/json-writer.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/session.h"
#include "shell/type-args.h"
#include "target/kernel/tree.h"

enum { MAX_ENTRIES = 1000000, LOOK_EVERY = 1024 };

struct job {
	struct od_session *s;
	struct od_kernel *k;
	struct od_type_word type; /* of -s */
	struct od_tree tree;
	bool show, hex, index;
	struct od_buf *out;
	struct od_json *json; /* NULL: text */
	uint64_t n;
};

static const struct {
	const char *name;
	enum od_tree_kind kind;
} kinds[] = {
	{ "rbtree", OD_TREE_RBTREE }, { "maple", OD_TREE_MAPLE }, { "xarray", OD_TREE_XARRAY },
	{ "radix", OD_TREE_XARRAY }, /* the same since 4.20 */
};

static struct od_error *set_kind(const char *word, enum od_tree_kind *ret)
{
	const size_t len = word ? strlen(word) : 0;

	*ret = OD_TREE_RBTREE;
	for (size_t i = 0; len && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strncmp(kinds[i].name, word, len)) {
			*ret = kinds[i].kind;
			return NULL;
		}
	return word ? od_error_new(OD_ERR_USAGE, "a tree is of rbtree, maple, xarray or radix, not '%s'", word) : NULL;
}

static bool print_entry(void *ctx, uint64_t entry, uint64_t first, uint64_t last)
{
	struct job *j = ctx;

	if ((j->json ? j->out->len >= OD_TYPE_OUTPUT : !od_type_room(j->out)) || (j->n % LOOK_EVERY == 0 && od_session_must_stop(j->s)))
		return false;
	j->n++;
	if (j->json) {
		od_json_object(j->json, NULL, true);
		od_json_addr(j->json, "entry", entry);
		if (j->tree.kind != OD_TREE_RBTREE) {
			od_json_addr(j->json, "first", first);
			od_json_addr(j->json, "last", last);
		}
		od_type_json(j->json, j->k, j->show ? &j->type : NULL, entry, j->hex);
		od_json_end(j->json);
		return true;
	}
	od_buf_printf(j->out, "%" PRIx64, entry);
	if (j->index)
		od_buf_printf(j->out, first == last ? "  %" PRIx64 : "  %" PRIx64 "-%" PRIx64, first, last);
	od_buf_addch(j->out, '\n');
	if (j->show)
		od_type_print(j->k, &j->type, entry, j->hex, j->out);
	return true;
}

static struct od_error *parse(struct job *j, const struct od_args *args)
{
	const char *offset = od_args_value(args, 'o'), *root = od_args_value(args, 'r');
	const char *show = od_args_value(args, 's');
	struct od_error *err = set_kind(od_args_value(args, 't'), &j->tree.kind);
	uint64_t bytes = 0;
	bool is_list;

	j->tree.node = od_args_has(args, 'N');
	j->tree.sorted = od_args_has(args, 'l');
	j->hex = od_args_has(args, 'x');
	j->index = od_args_has(args, 'p');
	if (!err && offset)
		err = od_type_offset(j->k, offset, &j->tree.offset, &is_list);
	if (!err && root)
		err = od_type_offset(j->k, root, &bytes, &is_list);
	if (!err && j->tree.kind != OD_TREE_RBTREE)
		err = od_type_need(j->k);
	if (!err && j->index && j->tree.kind == OD_TREE_RBTREE)
		err = od_error_new(OD_ERR_USAGE, "-p: only entries of maple trees and xarrays have indices");
	if (!err)
		err = od_memory_address(j->k, args->argv[1], &j->tree.start);
	j->tree.start += bytes;
	if (!err && show) {
		j->show = true;
		err = od_type_word(j->k, show, "struct ", &j->type);
		if (!err)
			err = od_type_check(&j->type);
	}
	return err;
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_error *err;
	struct job j = { .s = s, .k = od_session_kernel(s, &err), .out = out, .tree = { .max = MAX_ENTRIES } };
	struct od_json json = { .buf = out };
	const char *wrong;

	if (!j.k)
		return err;
	err = parse(&j, args);
	if (err)
		return err;
	if (od_args_has(args, 'j')) {
		j.json = &json;
		od_json_object(&json, NULL, false);
		od_json_array(&json, "entries", false);
	}
	wrong = od_kernel_tree(j.k, &j.tree, print_entry, &j);
	if (j.json)
		od_type_json_end(&json, wrong);
	else if (wrong)
		od_buf_printf(out, "(%" PRIu64 " entries; %s)\n", j.n, wrong);
	else if (!j.n)
		od_buf_addstr(out, "(empty)\n");
	return NULL;
}

static void complete(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	if (!od_complete_behind(args, "t")) {
		od_complete_start(s, args, words);
		return;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		od_words_add(words, od_args_word(args), kinds[i].name);
}

const struct od_command od_cmd_tree = {
	.name = "tree",
	.options = "jlNo:pr:s:t:x",
	.usage = "tree [-t rbtree|maple|xarray|radix] [-jlNpx] [-r OFFSET] [-o OFFSET] [-s TYPE[.MEMBER,...]] START",
	.help = "List the entries of a tree of a dump",
	.details = "START is the root (struct rb_root, maple_tree, xarray), with -r that of a struct that has the root "
		   "OFFSET bytes (or TYPE.MEMBER) behind its beginning, with -N a node. -o: where the rb_node is in an "
		   "entry; -s: print each as TYPE, or some members; -l: a red-black tree from left to right, else each "
		   "node is ahead of those below it; -p: the indices of each entry; -x: numbers in hex. A damaged tree "
		   "is said to be, and what can be reached is listed. -j prints JSON.",
	.needs = OD_NEED_INPUT | OD_TAKES_RADIX,
	.min_args = 1,
	.max_args = 1,
	.complete = complete,
	.exec = exec,
	.examples = "tree -o 16 vmap_area_root\twhat vmalloc() gave away\n"
		    "tree -t maple -r mm_struct.mm_mt MM\tthe areas of a process's memory\n",
};
