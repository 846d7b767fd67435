/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Variables of frames: expressions made by hand, and the frames of this very program, whose debug
 * file it is itself: registers are caught in a function, and from there on callers, arguments and
 * locals are told by DWARF and compared with what they are.
 */
#define _GNU_SOURCE /* process_vm_readv, dl_iterate_phdr */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#ifdef LIBDW_SONAME
#include <dwarf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "symbols/vars-internal.h"

/* --- memory of our own ------------------------------------------------------------------------- */

static enum od_mem_status self_read(struct od_memory *mem, enum od_space space, uint64_t addr, void *buf,
				    size_t len, size_t *got)
{
	struct iovec to = { buf, len }, from = { (void *)(uintptr_t)addr, len };
	ssize_t n = process_vm_readv(getpid(), &to, 1, &from, 1, 0);

	(void)mem, (void)space;
	*got = n > 0 ? (size_t)n : 0;
	return *got == len ? OD_MEM_OK : OD_MEM_UNMAPPED;
}

static struct od_memory self = { .read = self_read, .pointer_size = 8, .page_size = 4096 };

/* --- expressions ------------------------------------------------------------------------------- */

static const uint64_t number = 0x1122334455667788;

static bool cfa(struct od_eval *e, uint64_t *ret, struct od_loc *why)
{
	(void)e, (void)why;
	*ret = 0x1000;
	return true;
}

static bool entry(struct od_eval *e, const Dwarf_Op *op, uint64_t *ret, struct od_loc *why)
{
	(void)e, (void)why;
	*ret = 77 + op->number;
	return true;
}

/* Type 4: int; 8: unsigned int. */
static bool type(struct od_eval *e, const Dwarf_Op *op, struct od_eval_type *ret)
{
	(void)e;
	*ret = (struct od_eval_type){ .size = 4, .is_signed = (op->atom == DW_OP_regval_type ? op->number2 :
							      op->number) == 4, .typed = true };
	return true;
}

#define ADDR(p) ((uint64_t)(uintptr_t)(p))

struct row {
	Dwarf_Op ops[8]; /* up to atom 0 */
	enum od_loc_kind kind;
	uint64_t number;
};

static const struct row rows[] = {
	{ { { 0 } }, OD_LOC_NONE, 0 },
	{ { { DW_OP_reg3, 0, 0, 0 } }, OD_LOC_REGISTER, 3 },
	{ { { DW_OP_regx, 40, 0, 0 } }, OD_LOC_REGISTER, 40 },
	{ { { DW_OP_breg5, (Dwarf_Word)-8, 0, 0 } }, OD_LOC_ADDRESS, 5000 - 8 },
	{ { { DW_OP_breg6, 0, 0, 0 } }, OD_LOC_LOST, 0 },
	{ { { DW_OP_lit31, 0, 0, 0 }, { DW_OP_stack_value, 0, 0, 1 } }, OD_LOC_VALUE, 31 },
	{ { { DW_OP_call_frame_cfa, 0, 0, 0 }, { DW_OP_plus_uconst, 16, 0, 1 } }, OD_LOC_ADDRESS, 0x1010 },
	{ { { DW_OP_entry_value, 1, 0, 0 }, { DW_OP_stack_value, 0, 0, 1 } }, OD_LOC_VALUE, 78 },
	{ { { DW_OP_lit1, 0, 0, 0 }, { DW_OP_lit0, 0, 0, 1 }, { DW_OP_div, 0, 0, 2 } }, OD_LOC_STRANGE, 0 },
	{ { { DW_OP_plus, 0, 0, 0 } }, OD_LOC_STRANGE, 0 },
	{ { { DW_OP_const1s, (Dwarf_Word)-6, 0, 0 }, { DW_OP_lit2, 0, 0, 2 }, { DW_OP_div, 0, 0, 3 },
	    { DW_OP_stack_value, 0, 0, 4 } }, OD_LOC_VALUE, (uint64_t)-3 },
	/* rot: the third from the top becomes the second, the top the third */
	{ { { DW_OP_lit1, 0, 0, 0 }, { DW_OP_lit2, 0, 0, 1 }, { DW_OP_lit3, 0, 0, 2 }, { DW_OP_rot, 0, 0, 3 },
	    { DW_OP_minus, 0, 0, 4 }, { DW_OP_minus, 0, 0, 5 }, { DW_OP_stack_value, 0, 0, 6 } },
	  OD_LOC_VALUE, 3 - (1 - 2) },
	/* -1 as int is less than 0, as unsigned it is not */
	{ { { DW_OP_regval_type, 1, 4, 0 }, { DW_OP_lit0, 0, 0, 3 }, { DW_OP_convert, 4, 0, 4 },
	    { DW_OP_lt, 0, 0, 6 }, { DW_OP_stack_value, 0, 0, 7 } }, OD_LOC_VALUE, 1 },
	{ { { DW_OP_regval_type, 1, 8, 0 }, { DW_OP_lit0, 0, 0, 3 }, { DW_OP_convert, 8, 0, 4 },
	    { DW_OP_lt, 0, 0, 6 }, { DW_OP_stack_value, 0, 0, 7 } }, OD_LOC_VALUE, 0 },
	/* of an int and a generic number there is no sum */
	{ { { DW_OP_regval_type, 1, 4, 0 }, { DW_OP_lit1, 0, 0, 3 }, { DW_OP_plus, 0, 0, 4 },
	    { DW_OP_stack_value, 0, 0, 5 } }, OD_LOC_STRANGE, 0 },
	/* bra over lit7 */
	{ { { DW_OP_lit5, 0, 0, 0 }, { DW_OP_lit1, 0, 0, 1 }, { DW_OP_bra, 1, 0, 2 }, { DW_OP_lit7, 0, 0, 5 },
	    { DW_OP_stack_value, 0, 0, 6 } }, OD_LOC_VALUE, 5 },
	/* into the middle of an operation */
	{ { { DW_OP_lit5, 0, 0, 0 }, { DW_OP_skip, 1, 0, 1 }, { DW_OP_const2u, 1, 0, 4 }, { DW_OP_nop, 0, 0, 7 } },
	  OD_LOC_STRANGE, 0 },
	/* for ever */
	{ { { DW_OP_lit1, 0, 0, 0 }, { DW_OP_bra, (Dwarf_Word)-4, 0, 1 } }, OD_LOC_STRANGE, 0 },
	/* after a register only a piece may come */
	{ { { DW_OP_reg1, 0, 0, 0 }, { DW_OP_lit1, 0, 0, 1 } }, OD_LOC_STRANGE, 0 },
	{ { { DW_OP_implicit_pointer, 0, 0, 0 } }, OD_LOC_NONE, 0 },
	{ { { 0xfe, 0, 0, 0 } }, OD_LOC_STRANGE, 0 },
};

static void test_expressions(void **state)
{
	struct od_dwarf_regs regs = { .known = 1 << 5 | 1 << 1, .v = { [5] = 5000, [1] = 0xffffffff } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct od_eval e = { .regs = &regs, .mem = &self, .steps = OD_EVAL_OPS, .cfa = cfa,
				     .entry = entry, .type = type };
		struct od_place_of place;
		size_t n = 0;

		while (n < 8 && rows[i].ops[n].atom)
			n++;
		od_eval(&e, rows[i].ops, n, NULL, &place);
		assert_int_equal(place.n, 1);
		if (place.piece[0].loc.kind != rows[i].kind || place.piece[0].loc.number != rows[i].number)
			fail_msg("row %zu: kind %d, number %llx", i, place.piece[0].loc.kind,
				 (unsigned long long)place.piece[0].loc.number);
	}
}

static void test_memory(void **state)
{
	struct od_dwarf_regs regs = { .known = 0 };
	struct od_eval e = { .regs = &regs, .mem = &self, .steps = OD_EVAL_OPS };
	const Dwarf_Op ops[] = { { DW_OP_const8u, ADDR(&number), 0, 0 }, { DW_OP_deref_size, 2, 0, 9 },
				 { DW_OP_stack_value, 0, 0, 11 } };
	const Dwarf_Op bad[] = { { DW_OP_lit8, 0, 0, 0 }, { DW_OP_deref, 0, 0, 1 } };
	struct od_loc why;
	uint64_t v;

	(void)state;
	assert_true(od_eval_number(&e, ops, 3, NULL, &v, &why));
	assert_int_equal(v, 0x7788);
	assert_false(od_eval_number(&e, bad, 2, NULL, &v, &why));
	assert_int_equal(why.kind, OD_LOC_UNREAD);
	assert_int_equal(why.status, OD_MEM_UNMAPPED);
	e.mem = NULL;
	assert_false(od_eval_number(&e, ops, 3, NULL, &v, &why));
	assert_int_equal(why.kind, OD_LOC_LOST);
}

/* A struct of 16 bytes: 4 in a register, 4 nowhere, 4 in one that is lost, 4 in memory. */
static void test_pieces(void **state)
{
	struct od_dwarf_regs regs = { .known = 1 << 2, .v = { [2] = 0xaabbccdd } };
	struct od_eval e = { .regs = &regs, .mem = &self, .steps = OD_EVAL_OPS };
	const Dwarf_Op ops[] = {
		{ DW_OP_reg2, 0, 0, 0 }, { DW_OP_piece, 4, 0, 1 }, { DW_OP_piece, 4, 0, 3 },
		{ DW_OP_reg9, 0, 0, 5 }, { DW_OP_piece, 4, 0, 6 }, { DW_OP_const8u, ADDR(&number), 0, 8 },
		{ DW_OP_piece, 4, 0, 17 },
	};
	struct od_place_of place;
	struct od_value v = { .size = 16 };

	(void)state;
	od_eval(&e, ops, 7, NULL, &place);
	assert_true(place.pieces);
	assert_int_equal(place.n, 4);
	od_value_fetch(&e, &place, &v);
	assert_memory_equal(v.data, "\xdd\xcc\xbb\xaa", 4);
	assert_memory_equal(v.data + 12, "\x88\x77\x66\x55", 4);
	assert_int_equal(v.state[0], OD_STATE_KNOWN);
	assert_int_equal(v.state[4], OD_STATE_NONE);
	assert_int_equal(v.state[11], OD_STATE_LOST);
	assert_int_equal(v.state[15], OD_STATE_KNOWN);
	/* Without the last piece the last four bytes are nowhere. */
	od_eval(&e, ops, 5, NULL, &place);
	od_value_fetch(&e, &place, &v);
	assert_int_equal(v.state[12], OD_STATE_NONE);
	/* A register has no more than 8 bytes. */
	od_eval(&e, ops, 1, NULL, &place);
	od_value_fetch(&e, &place, &v);
	assert_int_equal(v.state[7], OD_STATE_KNOWN);
	assert_int_equal(v.state[8], OD_STATE_NONE);
}

/* --- this program ------------------------------------------------------------------------------ */

#if defined(__x86_64__) && defined(__OPTIMIZE__)
enum colour { RED, GREEN = 5, BLUE };
struct pair {
	int first;
	short second;
	unsigned low : 3, high : 5;
	const char *name;
};

static struct {
	uint64_t rip, rsp, rbp, rbx, r12, r13, r14, r15;
} caught;

/* The call that it is in must not become a jump, nor variables die before it: use() sees to both. */
static __attribute__((noinline, noclone)) void use(const void *a, long b, long c)
{
	__asm__ volatile("" : : "r"(a), "r"(b), "r"(c) : "memory");
}

/* What looks at the frames while they are there. */
static void (*hook)(void);

static __attribute__((noinline, noclone)) void catch_registers(void)
{
	__asm__ volatile("lea 0f(%%rip), %%rax\n0:\n\tmov %%rax, (%0)\n\tmov %%rsp, 8(%0)\n\tmov %%rbp, 16(%0)\n\t"
			 "mov %%rbx, 24(%0)\n\tmov %%r12, 32(%0)\n\tmov %%r13, 40(%0)\n\t"
			 "mov %%r14, 48(%0)\n\tmov %%r15, 56(%0)"
			 : : "c"(&caught) : "rax", "memory");
	hook();
	use(&caught, 0, 0);
}

static __attribute__((noinline, noclone)) long inner(long first, enum colour colour, const char *text)
{
	struct pair pair = { -3, 7, 5, 17, "pair" };
	long local = first * 3;

	use(&pair, local, colour);
	catch_registers();
	use(&pair, local, colour);
	use(text, first, 0);
	return local;
}

/* Its argument is nowhere any more when registers are caught. */
static __attribute__((noinline, noclone)) long gone(long first)
{
	use(NULL, first, 0);
	catch_registers();
	return 5;
}

/* Leaves no frame: gone() then seems to be called by who called this. */
static __attribute__((noinline, noclone)) long jumps(long first)
{
	use(NULL, first, 0);
	return gone(first - 11);
}

static __attribute__((noinline, noclone)) long calls(int way)
{
	long ret = way ? gone(4711) : jumps(4722);

	use(NULL, ret, way);
	return ret;
}

static __attribute__((noinline, noclone)) long outer(int count, const char *name)
{
	long sum = inner(count + 1000L, BLUE, name);

	use(name, count, sum);
	return sum;
}

/* As they come: "inner:first=1042". */
struct told {
	const char *function;
	char text[4096];
};

static void tell(void *ctx, const struct od_variable *v)
{
	struct told *t = ctx;
	size_t len = strlen(t->text);

	if (!v->function)
		snprintf(t->text + len, sizeof(t->text) - len, "%s%s%s=%s;", t->function, v->is_arg ? "(" : ":",
			 v->name, v->text);
}

static int load_base(struct dl_phdr_info *info, size_t size, void *ret)
{
	(void)size;
	*(uint64_t *)ret = info->dlpi_addr;
	return 1; /* the first one is the program */
}

static struct od_debug *open_self(void)
{
	struct od_debug *ret;
	struct od_error *err = od_debug_open(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), "self", &ret);

	assert_null(err);
	if (!od_debug_has_lines(ret)) {
		od_debug_close(ret);
		skip(); /* not built with -g */
	}
	return ret;
}

static void frame_of(struct od_var_frame *f, struct od_debug *file, uint64_t at)
{
	*f = (struct od_var_frame){ .dbg = file, .pc = caught.rip - at };
	od_dwarf_reg_set(&f->regs, 7, caught.rsp);
	od_dwarf_reg_set(&f->regs, 6, caught.rbp);
	od_dwarf_reg_set(&f->regs, 3, caught.rbx);
	od_dwarf_reg_set(&f->regs, 12, caught.r12);
	od_dwarf_reg_set(&f->regs, 13, caught.r13);
	od_dwarf_reg_set(&f->regs, 14, caught.r14);
	od_dwarf_reg_set(&f->regs, 15, caught.r15);
}

static void to_caller(struct od_var_frame *f, struct od_var_frame *caller, uint64_t at)
{
	uint64_t pc;

	*caller = (struct od_var_frame){ .dbg = f->dbg };
	assert_true(od_debug_caller(f, &self, &caller->regs, &f->cfa));
	f->has_cfa = true;
	assert_int_equal(od_mem_u64(&self, f->cfa - 8, &pc), OD_MEM_OK);
	caller->return_pc = pc - at;
	caller->pc = caller->return_pc - 1;
	f->caller = caller;
}

static void has(const struct told *t, const char *what)
{
	if (!strstr(t->text, what))
		fail_msg("no %s in %s", what, t->text);
}

static struct od_debug *dbg;
static uint64_t base;

static void look(void)
{
	const struct od_var_world world = { .mem = &self };
	struct od_var_frame f[4];
	struct told told = { "inner", "" };

	frame_of(&f[0], dbg, base);
	for (int i = 0; i < 3; i++)
		to_caller(&f[i], &f[i + 1], base);
	od_debug_vars(&f[1], &world, tell, &told);
	has(&told, "inner(first=1042;");
	has(&told, "inner(colour=BLUE;");
	has(&told, "\"walnut\";");
	has(&told, "inner:local=3126;");
#ifndef __SANITIZE_ADDRESS__ /* which moves it to where DWARF does not follow */
	has(&told, "inner:pair={first = -3, second = 7, low = 5, high = 17, name = 0x");
	has(&told, "\"pair\"};");
#endif
	told = (struct told){ "outer", "" };
	od_debug_vars(&f[2], &world, tell, &told);
	has(&told, "outer(count=42;");
	has(&told, "\"walnut\";");
	/* It has no value yet: the call that gives one has not returned. */
	has(&told, "outer:sum=<");
}

static void look_blindly(void)
{
	const struct od_var_world world = { .mem = NULL };
	struct od_var_frame f[2];
	struct told told = { "inner", "" };

	frame_of(&f[0], dbg, base);
	to_caller(&f[0], &f[1], base);
	f[1].regs.known = 0;
	od_debug_vars(&f[1], &world, tell, &told);
	has(&told, "inner(first=<");
	has(&told, "inner:local=<");
	assert_null(strstr(told.text, "1042"));
	/* An address that no function has. */
	f[1].pc = 1;
	told.text[0] = '\0';
	od_debug_vars(&f[1], &world, tell, &told);
	assert_string_equal(told.text, "");
}

static struct told told_of_gone;

static void look_at_gone(void)
{
	const struct od_var_world world = { .mem = &self };
	struct od_var_frame f[3];

	frame_of(&f[0], dbg, base);
	to_caller(&f[0], &f[1], base);
	to_caller(&f[1], &f[2], base);
	told_of_gone = (struct told){ "gone", "" };
	od_debug_args(&f[1], &world, tell, &told_of_gone);
}

/* What only the caller knows is told, but not if it called somebody else. */
static void test_entry(void **state)
{
	(void)state;
	dbg = open_self();
	dl_iterate_phdr(load_base, &base);
	hook = look_at_gone;
	calls(1);
#if !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
	has(&told_of_gone, "gone(first=4711;");
#endif
	calls(0);
	if (!strstr(told_of_gone.text, "gone(first=4711;"))
		has(&told_of_gone, "gone(first=<");
#if !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
	has(&told_of_gone, "gone(first=<not saved>;");
#endif
	od_debug_close(dbg);
}

static void run(void (*fn)(void))
{
	dbg = open_self();
	dl_iterate_phdr(load_base, &base);
	hook = fn;
	assert_int_equal(outer(42, "walnut"), 3126);
	od_debug_close(dbg);
}

static void test_self(void **state)
{
	(void)state;
	run(look);
}

/* With registers unknown nothing may be told that only they have. */
static void test_unknown(void **state)
{
	(void)state;
	run(look_blindly);
}

static void test_names(void **state)
{
	(void)state;
	dbg = open_self();
	assert_string_equal(od_debug_register(dbg, 5), "rdi");
	assert_string_equal(od_debug_register(dbg, 7), "rsp");
	assert_null(od_debug_register(dbg, 16));
	od_debug_close(dbg);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expressions), cmocka_unit_test(test_memory), cmocka_unit_test(test_pieces),
#if defined(__x86_64__) && defined(__OPTIMIZE__)
		cmocka_unit_test(test_self), cmocka_unit_test(test_unknown), cmocka_unit_test(test_names),
		cmocka_unit_test(test_entry),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
int main(void)
{
	return 77; /* no libdw, no variables */
}
#endif
