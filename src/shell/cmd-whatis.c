/* SPDX-License-Identifier: GPL-3.0-or-later */
/* whatis, p: the type of a name, and the value of a variable. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/session.h"
#include "shell/type-args.h"
#include "target/kernel/modules.h"

static void add_line(const struct od_typed *t, const char *name, struct od_buf *out)
{
	od_type_declare(t->btf, t->type, name, out);
	od_buf_addstr(out, ";\n");
}

static bool as_type(struct od_kernel *k, const char *name, struct od_buf *out)
{
	const struct od_layout layout = { 0 };
	struct od_typed t;

	if (!od_kernel_type(k, name, &t))
		return false;
	od_type_define(t.btf, t.type, &layout, out);
	od_buf_printf(out, "SIZE: %" PRIu64 "\n", od_btf_size(t.btf, t.type));
	return true;
}

static bool as_symbol(struct od_kernel *k, const char *name, struct od_buf *out)
{
	struct od_typed t;

	if (!od_kernel_variable(k, name, &t) && !od_kernel_function(k, name, &t))
		return false;
	add_line(&t, name, out);
	return true;
}

static bool as_enumerator(struct od_kernel *k, const char *name, struct od_buf *out)
{
	struct od_typed t;
	int64_t value;

	if (!od_kernel_enumerator(k, name, &t, &value))
		return false;
	od_btf_type_name(t.btf, t.type, out);
	od_buf_addstr(out, " { ");
	od_escape_plain(out, OD_ESCAPE_TEXT, name, strlen(name));
	od_buf_printf(out, " = %" PRId64 " };\n", value);
	return true;
}

/* "struct x.member.path" */
static struct od_error *as_member(struct od_kernel *k, const char *word, struct od_buf *out)
{
	struct od_type_word w;
	struct od_member m;
	struct od_error *err = od_type_word(k, word, "", &w);

	if (!err)
		err = od_type_member(&w, w.paths, &m);
	if (err)
		return err;
	od_type_declare(w.type.btf, m.type, *m.name ? m.name : w.paths, out);
	if (m.bits)
		od_buf_printf(out, " : %" PRIu32, m.bits);
	od_buf_addstr(out, ";\n");
	return NULL;
}

/* A name that has an address and no type, or none of both. */
static struct od_error *as_address(struct od_kernel *k, const char *name, struct od_buf *out)
{
	struct od_symbol sym;

	od_kernel_modules(k); /* with their symbols */
	if (!od_symtab_find(k->symtab, name, NULL, &sym)) {
		struct od_error *err = od_type_need(k);

		if (err)
			return err;
		return od_error_new(OD_ERR_USAGE,
				    "no type, function, variable or enumerator is called '%s'",
				    name);
	}
	od_escape_str(out, OD_ESCAPE_TEXT, sym.name);
	od_buf_printf(out,
		      ": a symbol (%c) at 0x%" PRIx64 " of a type that the dump does not tell\n",
		      sym.type, sym.addr);
	return NULL;
}

static struct od_error *whatis(struct od_kernel *k, const char *word, struct od_buf *out)
{
	if (strchr(word, '.'))
		return as_member(k, word, out);
	if (od_kernel_types(k) && (as_type(k, word, out) || as_symbol(k, word, out) ||
				   as_enumerator(k, word, out)))
		return NULL;
	return as_address(k, word, out);
}

static struct od_error *exec_whatis(struct od_session *s, const struct od_args *args,
				    struct od_buf *out)
{
	struct od_buf word = OD_BUF_INIT;
	struct od_error *err;
	struct od_kernel *k = od_session_kernel(s, &err);

	if (!k)
		return err;
	for (int i = 1; i < args->argc; i++)
		od_buf_printf(&word, "%s%s", i > 1 ? " " : "", args->argv[i]);
	err = whatis(k, od_buf_str(&word), out);
	od_buf_deinit(&word);
	return err;
}

struct printing {
	struct od_kernel *k;
	struct od_typed type;
	struct od_member member;
	const char *label;
	struct od_buf *out;
	bool hex;
};

static void print_one(void *ctx, int cpu, uint64_t addr)
{
	const struct printing *p = ctx;

	if (!od_type_room(p->out))
		return;
	if (cpu >= 0)
		od_buf_printf(p->out, "[CPU %d]: 0x%" PRIx64 "\n", cpu, addr);
	od_escape_plain(p->out, OD_ESCAPE_TEXT, p->label, strlen(p->label));
	od_buf_addstr(p->out, " = ");
	od_type_print_value(p->k, p->type.btf, addr, &p->member, 0, p->hex, p->out);
	od_buf_addch(p->out, '\n');
}

/* "init_task.comm", "runqueues:0.curr": a variable, maybe that of one CPU, maybe a member of it. */
static struct od_error *exec_p(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const char *word = args->argv[1], *path = strchr(word, '.');
	struct printing p = { .label = word, .out = out, .hex = od_args_has(args, 'x') };
	size_t len = path ? (size_t)(path - word) : strlen(word), name_len;
	char where[OD_TYPE_NAME], name[OD_TYPE_NAME];
	struct od_error *err;

	p.k = od_session_kernel(s, &err);
	if (!p.k || (err = od_type_need(p.k)))
		return err;
	if (len >= sizeof(where))
		return od_error_new(OD_ERR_USAGE, "no symbol has a name of %zu bytes", len);
	memcpy(where, word, len);
	where[len] = '\0';
	name_len = strcspn(where, ":");
	memcpy(name, where, name_len);
	name[name_len] = '\0';
	if (!od_kernel_variable(p.k, name, &p.type))
		return od_error_new(OD_ERR_USAGE,
				    "the dump does not tell the type of '%s'; "
				    "struct TYPE %s prints it as one", name, where);
	p.member = (struct od_member){ .type = p.type.type, .name = "" };
	if (path && !od_btf_member(p.type.btf, p.type.type, path + 1, &p.member))
		return od_error_new(OD_ERR_USAGE, "'%s' has no member '%s'", name, path + 1);
	return od_type_addresses(p.k, where, print_one, &p);
}

const struct od_command od_cmd_whatis = {
	.name = "whatis",
	.options = "",
	.usage = "whatis TYPE|TYPE.MEMBER|FUNCTION|VARIABLE|ENUMERATOR",
	.help = "Say of which type a name of a dump is",
	.details = "Kernels describe all their functions, but of their variables only those that "
		   "each CPU has; the types of some others are known to the program.",
	.needs = OD_NEED_INPUT,
	.min_args = 1,
	.max_args = 3,
	.complete = od_complete_names,
	.exec = exec_whatis,
	.examples = "whatis jiffies\tof a variable\n"
		    "whatis task_struct.comm\tof a member\n",
};

const struct od_command od_cmd_p = {
	.name = "p",
	.options = "x",
	.usage = "p [-x] VARIABLE[:CPU][.MEMBER]",
	.help = "Print a variable of a dump whose type is known",
	.details = "A variable that each CPU has is printed for all of them, or for CPU. -x: "
		   "numbers in hex. What 'whatis' says of VARIABLE is its type.",
	.needs = OD_NEED_INPUT | OD_TAKES_RADIX,
	.min_args = 1,
	.max_args = 1,
	.complete = od_complete_variables,
	.exec = exec_p,
	.examples = "p jiffies\ta variable\n"
		    "p -x runqueues:0.nr_running\ta member of the first CPU's\n",
};
