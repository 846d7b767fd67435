/* SPDX-License-Identifier: GPL-3.0-or-later */
/* struct, union: what a type is made of, and what memory holds of it. */
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/session.h"
#include "shell/type-args.h"

enum { MAX_COUNT = 65536 };

struct job {
	struct od_kernel *k;
	struct od_type_word type;
	struct od_buf *out;
	uint64_t count;
	uint64_t member; /* bytes from one's beginning to what the address is of */
	bool hex, offsets;
};

static void add_name(struct od_buf *out, const struct od_type_word *w)
{
	od_btf_type_name(w->type.btf, w->type.type, out);
}

/* The definition, or the lines of some members, with offsets from base on. */
static void define(const struct job *j, uint64_t base)
{
	const struct od_layout layout = { .offsets = j->offsets, .hex = j->hex, .base = base };
	const struct od_btf *btf = j->type.type.btf;
	const char *paths = j->type.paths;
	char path[OD_TYPE_NAME];
	struct od_member m;

	if (!paths) {
		od_type_define(btf, j->type.type.type, &layout, j->out);
		od_buf_printf(j->out, j->hex ? "SIZE: 0x%" PRIx64 "\n" : "SIZE: %" PRIu64 "\n",
			      od_btf_size(btf, j->type.type.type));
		return;
	}
	add_name(j->out, &j->type);
	od_buf_addstr(j->out, " {\n");
	while (od_type_next_path(&paths, path) && od_btf_member(btf, j->type.type.type, path, &m))
		od_type_define_member(btf, &m, &layout, j->out);
	od_buf_addstr(j->out, "}\n");
}

static void print_at(void *ctx, int cpu, uint64_t addr)
{
	const struct job *j = ctx;
	uint64_t size = od_btf_size(j->type.type.btf, j->type.type.type);

	if (cpu >= 0 && od_type_room(j->out))
		od_buf_printf(j->out, "[CPU %d]: 0x%" PRIx64 "\n", cpu, addr);
	for (uint64_t i = 0; i < j->count && od_type_room(j->out); i++) {
		if (i && j->type.paths)
			od_buf_addch(j->out, '\n');
		if (j->offsets)
			define(j, addr - j->member + i * size);
		else
			od_type_print(j->k, &j->type, addr - j->member + i * size, j->hex, j->out);
	}
}

static struct od_error *parse(struct job *j, const struct od_args *args, const char *tag)
{
	const char *member = od_args_value(args, 'l'), *count = od_args_value(args, 'c');
	struct od_error *err = od_type_word(j->k, args->argv[1], tag, &j->type);
	bool is_list;

	if (!err)
		err = od_type_check(&j->type);
	if (!err && member)
		err = od_type_offset(j->k, member, &j->member, &is_list);
	if (args->argc > 3)
		count = args->argv[3];
	if (!err && count && (!od_parse_number(count, &j->count) || j->count > MAX_COUNT))
		err = od_error_new(OD_ERR_USAGE, "'%s' is not a number of up to %d", count,
				   MAX_COUNT);
	return err;
}

static struct od_error *print(struct od_session *s, const struct od_args *args, const char *tag,
			      struct od_buf *out)
{
	struct od_error *err;
	struct job j = { .k = od_session_kernel(s, &err), .out = out, .count = 1,
			 .hex = od_args_has(args, 'x'), .offsets = od_args_has(args, 'o') };

	if (!j.k)
		return err;
	err = parse(&j, args, tag);
	if (err)
		return err;
	if (args->argc > 2)
		return od_type_addresses(j.k, args->argv[2], print_at, &j);
	define(&j, 0);
	return NULL;
}

static struct od_error *exec_struct(struct od_session *s, const struct od_args *args,
				    struct od_buf *out)
{
	return print(s, args, "struct ", out);
}

static struct od_error *exec_union(struct od_session *s, const struct od_args *args,
				   struct od_buf *out)
{
	return print(s, args, "union ", out);
}

#define DETAILS											\
	"Without an address its definition, with offsets after -o; with one what is there, or "	\
	"after -o the addresses of its members. MEMBER may be a path, a.b[2].c. A per-CPU "	\
	"symbol stands for the variable of every CPU, with :N for that of one. -l OFFSET (or "	\
	"TYPE.MEMBER): the address is that of a member, such as a list_head. -c, or COUNT: so "	\
	"many in a row. -x: numbers in hex."

const struct od_command od_cmd_struct = {
	.name = "struct",
	.options = "oxl:c:",
	.usage = "struct [-ox] [-l OFFSET] [-c COUNT] TYPE[.MEMBER[,MEMBER...]] [ADDRESS|SYMBOL "
		 "[COUNT]]",
	.help = "Print a type, or what a dump has of it",
	.details = DETAILS,
	.needs = OD_NEED_INPUT | OD_TAKES_RADIX,
	.min_args = 1,
	.max_args = 3,
	.complete = od_complete_type_at,
	.exec = exec_struct,
	.examples = "struct task_struct\ta type\n"
		    "struct task_struct.comm,pid init_task\tmembers of one in memory\n",
};

const struct od_command od_cmd_union = {
	.name = "union",
	.options = "oxl:c:",
	.usage = "union [-ox] [-l OFFSET] [-c COUNT] TYPE[.MEMBER[,MEMBER...]] [ADDRESS|SYMBOL "
		 "[COUNT]]",
	.help = "As struct, and of several types with the name the union",
	.details = DETAILS,
	.needs = OD_NEED_INPUT | OD_TAKES_RADIX,
	.min_args = 1,
	.max_args = 3,
	.complete = od_complete_type_at,
	.exec = exec_union,
	.examples = "union sigval\ta type\n",
};
