/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands that speak of types and lists, over a small kernel made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "shell/commands.h"
#include "shell/session.h"
#include "target/kernel/kernel.h"
#include "tests/unit/fixture-btf.h"
#include "tests/unit/fixture-memory.h"

enum { BASE = 0x10000, HEAD = BASE, TASK = BASE + 0x100, STEP = 0x40, NTASKS = 3 };

static const char note[] =
	"OSRELEASE=6.1.0\nPAGESIZE=4096\nSYMBOL(init_task)=10100\nSYMBOL(modules)=10000\n"
	"SYMBOL(tainted_mask)=10010\nSYMBOL(odd)=10020\n";

struct kernel {
	struct od_fixture_memory mem;
	struct maker mk;
	struct od_session s;
};

/*
 *	struct list_head { struct list_head *next, *prev; };
 *	enum state { ASLEEP, AWAKE };
 *	struct task_struct {
 *		int pid;
 *		enum state st : 8;
 *		char comm[8];
 *		struct list_head tasks;
 *		struct task_struct *up;
 *	};
 */
static void make_types(struct maker *mk)
{
	uint32_t s32, ch, list, lptr, state, comm, task;

	maker_init(mk, false);
	s32 = maker_int(mk, "int", 4, true);
	maker_int(mk, "long unsigned int", 8, false);
	ch = maker_int(mk, "char", 1, true);
	comm = maker_array(mk, ch, 8);
	lptr = mk->id + 1;
	list = mk->id + 2;
	maker_type(mk, "", OD_TYPE_PTR, false, 0, list);
	maker_type(mk, "list_head", OD_TYPE_STRUCT, false, 2, 16);
	maker_member(mk, "next", lptr, 0, 0);
	maker_member(mk, "prev", lptr, 64, 0);
	state = maker_type(mk, "state", OD_TYPE_ENUM, false, 2, 4);
	maker_pair(mk, "ASLEEP", 0);
	maker_pair(mk, "AWAKE", 1);
	task = mk->id + 1;
	maker_type(mk, "task_struct", OD_TYPE_STRUCT, true, 5, 40);
	maker_member(mk, "pid", s32, 0, 0);
	maker_member(mk, "st", state, 32, 8);
	maker_member(mk, "comm", comm, 64, 0);
	maker_member(mk, "tasks", list, 128, 0);
	maker_member(mk, "up", task + 1, 256, 0);
	maker_type(mk, "", OD_TYPE_PTR, false, 0, task);
	maker_type(mk, "wake_up", OD_TYPE_FUNC, false, 0, mk->id + 2);
	maker_type(mk, "", OD_TYPE_FUNC_PROTO, false, 1, s32);
	maker_pair(mk, "p", task + 1);
}

static uint64_t task(unsigned n)
{
	return TASK + (uint64_t)n * STEP;
}

/* Three tasks on a ring with a head, and hanging together by "up". */
static void make_memory(struct od_fixture_memory *m)
{
	od_fixture_memory_init(m);
	od_fixture_map(m, BASE, 0x1000);
	od_fixture_put(m, HEAD, task(0) + 16, 8);
	od_fixture_put(m, HEAD + 8, task(NTASKS - 1) + 16, 8);
	od_fixture_put(m, HEAD + 16, 4097, 8);
	for (unsigned i = 0; i < NTASKS; i++) {
		char comm[8] = "task0";

		comm[4] = (char)('0' + i);
		od_fixture_put(m, task(i), i + 1, 4);
		od_fixture_put(m, task(i) + 4, i == 1, 1);
		od_fixture_bytes(m, task(i) + 8, comm, sizeof(comm));
		od_fixture_put(m, task(i) + 16, i + 1 < NTASKS ? task(i + 1) + 16 : HEAD, 8);
		od_fixture_put(m, task(i) + 24, i ? task(i - 1) + 16 : HEAD, 8);
		od_fixture_put(m, task(i) + 32, i + 1 < NTASKS ? task(i + 1) : 0, 8);
	}
}

static int setup(void **state)
{
	struct kernel *t = od_calloc(1, sizeof(*t));
	struct od_kernel *k;

	make_types(&t->mk);
	make_memory(&t->mem);
	k = od_kernel_create_memory(&t->mem.mem, note, sizeof(note) - 1, "x86_64");
	k->btf = maker_btf(&t->mk, NULL);
	k->types_tried = true;
	t->s.in = od_input_create("memory");
	t->s.target.kernel = k;
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct kernel *t = *state;

	od_kernel_destroy(t->s.target.kernel);
	od_input_destroy(t->s.in);
	od_fixture_memory_deinit(&t->mem);
	maker_deinit(&t->mk);
	free(t);
	return 0;
}

/* What a line prints, or "error: " and why not. */
static const char *run(struct kernel *t, const char *line)
{
	static struct od_buf out;
	const struct od_command *cmd = NULL;
	struct od_args args;
	struct od_error *err = od_args_parse(&args, line, strlen(line));

	od_buf_reset(&out);
	if (!err)
		err = od_command_find(args.argv[0], &cmd);
	if (!err)
		err = od_args_options(&args, cmd);
	if (!err)
		err = cmd->exec(&t->s, &args, &out);
	if (err)
		od_buf_printf(&out, "error: %s", err->message);
	od_error_free(err);
	od_args_deinit(&args);
	return od_buf_str(&out);
}

#define WHOLE                                                                                      \
	"struct task_struct {\n  pid = 2,\n  st = AWAKE,\n  comm = \"task1\",\n  tasks = {\n"      \
	"    next = 0x10190,\n    prev = 0x10110\n  },\n  up = 0x10180\n}\n"

static const struct {
	const char *line, *text;
} cases[] = {
	{ "struct list_head",
	  "struct list_head {\n    struct list_head *next;\n    struct list_head *prev;\n}\n"
	  "SIZE: 16\n" },
	{ "struct -o task_struct",
	  "struct task_struct {\n     [0] int pid;\n   [4.0] enum state st : 8;\n"
	  "     [8] char comm[8];\n"
	  "    [16] struct list_head tasks;\n    [32] struct task_struct *up;\n}\nSIZE: 40\n" },
	{ "struct -ox task_struct.tasks.prev",
	  "struct task_struct {\n  [0x18] struct list_head *prev;\n}\n" },
	{ "struct -o task_struct.comm 10140",
	  "struct task_struct {\n             [0x10148] char comm[8];\n}\n" },
	{ "struct task_struct 0x10140", WHOLE },
	{ "struct task_struct -l task_struct.tasks 10150", WHOLE },
	{ "struct task_struct -l16 10150", WHOLE },
	{ "struct task_struct.pid,comm init_task", "  pid = 1\n  comm = \"task0\"\n" },
	{ "struct task_struct.pid init_task+0x80", "  pid = 3\n" },
	{ "struct -x task_struct.pid,tasks.next 10100 2",
	  "  pid = 0x1\n  tasks.next = 0x10150\n\n  pid = 0x0\n  tasks.next = 0x0\n" },
	{ "struct task_struct 20000", "struct task_struct <not mapped>\n" },
	{ "struct task_struct.pid 20000", "  pid = <not mapped>\n" },
	{ "struct nothing", "error: neither the kernel nor a module has a type 'nothing'" },
	{ "struct task_struct.nothing", "error: 'task_struct' has no member 'nothing'" },
	{ "struct task_struct.pid,,comm", "error: 'task_struct' has no member ''" },
	{ "struct task_struct nowhere",
	  "error: 'nowhere' is neither an address nor a symbol of the dump" },
	{ "struct task_struct 10100 many", "error: 'many' is not a number of up to 65536" },
	{ "struct task_struct -l",
	  "error: option -l needs a value; usage: struct [-ox] [-l OFFSET] [-c COUNT] "
	  "TYPE[.MEMBER[,MEMBER...]] [ADDRESS|SYMBOL [COUNT]]" },
	{ "struct -l task_struct task_struct 10100",
	  "error: 'task_struct' is neither a number nor TYPE.MEMBER" },
	{ "struct -l task_struct.st task_struct 10100", "error: 'task_struct.st' is a bit field" },
	{ "whatis task_struct.tasks", "struct list_head tasks;\n" },
	{ "whatis task_struct.st", "enum state st : 8;\n" },
	{ "whatis enum state", "enum state {\n    ASLEEP = 0,\n    AWAKE = 1\n}\nSIZE: 4\n" },
	{ "whatis AWAKE", "enum state { AWAKE = 1 };\n" },
	{ "whatis wake_up", "int wake_up(struct task_struct *p);\n" },
	{ "whatis init_task", "struct task_struct init_task;\n" },
	{ "whatis unsigned long", "unsigned long;\nSIZE: 8\n" },
	{ "whatis nothing",
	  "error: no type, function, variable or enumerator is called 'nothing'" },
	{ "p init_task.comm", "init_task.comm = \"task0\"\n" },
	{ "p -x tainted_mask", "tainted_mask = 0x1001\n" },
	{ "p init_task.nothing", "error: 'init_task' has no member 'nothing'" },
	{ "p odd",
	  "error: the dump does not tell the type of 'odd'; struct TYPE odd prints it as one" },
	{ "list -H modules -o task_struct.tasks", "10100\n10140\n10180\n" },
	{ "list -H modules -o 16 -s task_struct.pid",
	  "10100\n  pid = 1\n10140\n  pid = 2\n10180\n  pid = 3\n" },
	{ "list -rH task_struct.tasks 10000", "10180\n10140\n10100\n" },
	{ "list -H -o16 -n 2 10000", "10100\n10140\n(2 entries, and there are more)\n" },
	{ "list -H -o16 -n 3 10000", "10100\n10140\n10180\n" },
	{ "list -h task_struct.tasks init_task -e modules", "10100\n10140\n10180\n" },
	{ "list task_struct.up init_task", "10100\n10140\n10180\n" },
	{ "list -o 32 init_task -e 10180", "10100\n10140\n" },
	{ "list 10110", "10110\n10150\n10190\n10000\n" },
	{ "list -H 10010", "1001\n(after 1 entries: an entry cannot be read)\n" },
	{ "list -H 20000", "error: there is no list at 0x20000: it cannot be read" },
	{ "list -s task_struct.nothing 10110", "error: 'task_struct' has no member 'nothing'" },
};

static void test_commands(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = run(*state, cases[i].line);

		if (strcmp(text, cases[i].text) != 0)
			fail_msg("%s:\n%s\nexpected:\n%s", cases[i].line, text, cases[i].text);
	}
}

/* Lists as dumps have them: torn, freed, in circles that miss the head, of null pointers. */
static void test_bad_lists(void **state)
{
	struct kernel *t = *state;

	od_fixture_put(&t->mem, task(2) + 16, task(1) + 16, 8);
	assert_non_null(strstr(run(t, "list -H modules -o task_struct.tasks"),
			       "it runs in a circle past its head"));
	od_fixture_put(&t->mem, task(2) + 16, 0xdead000000000100, 8);
	assert_string_equal(
		run(t, "list -H modules -o task_struct.tasks"),
		"10100\n10140\n10180\n(after 3 entries: it leads to an entry that was deleted)\n");
	od_fixture_put(&t->mem, task(2) + 16, 0, 8);
	assert_string_equal(run(t, "list -H modules -o task_struct.tasks"),
			    "10100\n10140\n10180\n(after 3 entries: it ends in a null pointer)\n");
	/* That of an hlist is its proper end. */
	assert_string_equal(run(t, "list -H modules -o 16"), "10100\n10140\n10180\n");
	od_fixture_put(&t->mem, HEAD, HEAD, 8);
	assert_string_equal(run(t, "list -H modules -o task_struct.tasks"), "(empty)\n");
	od_fixture_put(&t->mem, HEAD, 0, 8);
	assert_string_equal(run(t, "list -H modules -o 16"), "");
}

/* Without types each command says why. */
static void test_no_types(void **state)
{
	struct kernel *t = *state;
	struct od_kernel *k = t->s.target.kernel;

	od_btf_destroy(k->btf);
	k->btf = NULL;
	k->why_no_types = "the kernel has none";
	assert_string_equal(run(t, "struct task_struct"),
			    "error: there are no types to read: the kernel has none");
	assert_string_equal(run(t, "p init_task"),
			    "error: there are no types to read: the kernel has none");
	assert_string_equal(run(t, "whatis init_task"),
			    "error: there are no types to read: the kernel has none");
	assert_string_equal(run(t, "list -H modules -o 16"), "10100\n10140\n10180\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_commands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_types, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
