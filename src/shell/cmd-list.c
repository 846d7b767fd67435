/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list: what hangs together by pointers, with the options of crash. */
#include <inttypes.h>
#include <string.h>

#include "render/json-writer.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/session.h"
#include "shell/type-args.h"

enum { MAX_ENTRIES = 1000000 };

struct listing {
	struct od_kernel *k;
	struct od_type_word type; /* of -s */
	bool show, hex;
	struct od_buf *out;
	struct od_json *json; /* NULL: text */
	uint64_t n;
};

static bool print_entry(void *ctx, uint64_t entry)
{
	struct listing *l = ctx;

	if (l->json ? l->out->len >= OD_TYPE_OUTPUT : !od_type_room(l->out))
		return false;
	l->n++;
	if (l->json) {
		od_json_object(l->json, NULL, true);
		od_json_addr(l->json, "entry", entry);
		od_type_json(l->json, l->k, l->show ? &l->type : NULL, entry, l->hex);
		od_json_end(l->json);
		return true;
	}
	od_buf_printf(l->out, "%" PRIx64 "\n", entry);
	if (l->show)
		od_type_print(l->k, &l->type, entry, l->hex, l->out);
	return true;
}

/*
 * -H: start is a head that is no entry itself; -h: an entry with a list_head in it; else the
 * entries are what the pointers lead to.
 */
static struct od_error *set_chain(struct od_kernel *k, const struct od_args *args, uint64_t offset,
				  uint64_t start, struct od_chain *c)
{
	bool inside = od_args_has(args, 'H') || od_args_has(args, 'h');

	c->delta = inside ? 0 : offset;
	if (od_args_has(args, 'r'))
		c->delta += k->mem->pointer_size;
	c->offset = inside ? offset : 0;
	c->first = od_args_has(args, 'h') ? start + offset : start;
	c->end = c->first;
	if (!od_args_has(args, 'H'))
		return NULL;
	if (od_mem_pointer(k->mem, start + c->delta, &c->first) != OD_MEM_OK)
		return od_error_new(OD_ERR_USAGE,
				    "there is no list at 0x%" PRIx64 ": it cannot be read", start);
	c->empty = c->first == c->end;
	return NULL;
}

static struct od_error *parse(struct listing *l, const struct od_args *args, struct od_chain *c)
{
	const char *offset = od_args_value(args, 'o'), *show = od_args_value(args, 's');
	const char *end = od_args_value(args, 'e'), *max = od_args_value(args, 'n');
	uint64_t bytes = 0, start, n = MAX_ENTRIES;
	bool is_list = false;
	struct od_error *err = NULL;

	if (!offset && args->argc > 2)
		offset = args->argv[1];
	if (offset)
		err = od_type_offset(l->k, offset, &bytes, &is_list);
	if (!err)
		err = od_memory_address(l->k, args->argv[args->argc - 1], &start);
	if (!err && show) {
		l->show = true;
		err = od_type_word(l->k, show, "struct ", &l->type);
		if (!err)
			err = od_type_check(&l->type);
	}
	if (!err && max && (!od_parse_number(max, &n) || n > MAX_ENTRIES))
		err = od_error_new(OD_ERR_USAGE, "'%s' is not a number of up to %d", max,
				   MAX_ENTRIES);
	if (!err)
		err = set_chain(l->k, args, bytes, start, c);
	/* hlist, llist and plain lists end in a null pointer, rings do not. */
	c->null_ends = !is_list;
	c->max = (uint32_t)n;
	if (!err && end)
		err = od_memory_address(l->k, end, &c->end);
	return err;
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_error *err;
	struct listing l = { .k = od_session_kernel(s, &err), .out = out };
	struct od_chain c = { 0 };
	struct od_json json = { .buf = out };
	const char *wrong;

	if (!l.k)
		return err;
	l.hex = od_args_has(args, 'x');
	err = parse(&l, args, &c);
	if (err)
		return err;
	if (od_args_has(args, 'j')) {
		l.json = &json;
		od_json_object(&json, NULL, false);
		od_json_array(&json, "entries", false);
	}
	wrong = od_kernel_chain(l.k, &c, print_entry, &l);
	if (l.json)
		od_type_json_end(&json, wrong && l.n == c.max ? "there are more" : c.empty ? NULL : wrong);
	else if (c.empty)
		od_buf_addstr(out, "(empty)\n");
	else if (wrong && l.n == c.max)
		od_buf_printf(out, "(%" PRIu64 " entries, and there are more)\n", l.n);
	else if (wrong)
		od_buf_printf(out, "(after %" PRIu64 " entries: %s)\n", l.n, wrong);
	return NULL;
}

const struct od_command od_cmd_list = {
	.name = "list",
	.options = "Hhjo:s:e:n:rx",
	.usage = "list [-H|-h] [-jrx] [-o OFFSET] [-s TYPE[.MEMBER,...]] [-e END] [-n MAX] [OFFSET] "
		 "START",
	.help = "Follow a list of a dump",
	.details = "START is an entry, and the pointer to the next one stands OFFSET bytes (or "
		   "TYPE.MEMBER) behind its beginning. -H: START is a list_head or hlist_head, and "
		   "entries have the like at OFFSET; -h: START is such an entry. -s: print each as "
		   "TYPE, or some members; -r: backwards; -e: stop before END; -n: after so many; "
		   "-x: numbers in hex; -j prints JSON. A list that is torn or runs in circles is said to be.",
	.needs = OD_NEED_INPUT | OD_TAKES_RADIX,
	.min_args = 1,
	.max_args = 2,
	.complete = od_complete_start,
	.exec = exec,
	.examples = "list -H tasks\tfollow a list from its head\n"
		    "list -h task_struct.tasks -s task_struct.comm init_task\tevery task and its name\n",
};
