/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The printed trace against the stack in memory. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "target/kernel/compare.h"

/* "name+offset", "?" ahead: unreliable, or guessed; "!": the faulting pc; up to NULL. */
static void add(struct od_report *rep, bool memory, bool aside, const char *const *frames)
{
	struct od_stack *s = od_report_add_stack(rep, "task");

	s->from_memory = memory;
	s->aside = aside;
	for (; *frames; frames++) {
		struct od_frame *f = od_stack_add_frame(rep, s);
		const char *name = *frames, *plus;

		if (*name == '?')
			f->flags |= memory ? OD_FRAME_GUESSED | OD_FRAME_UNRELIABLE
					   : OD_FRAME_UNRELIABLE;
		if (*name == '!')
			f->flags |= OD_FRAME_PC;
		name += *name == '?' || *name == '!';
		plus = strchr(name, '+');
		f->symbol = od_arena_strndup(&rep->arena, name, (size_t)(plus - name));
		f->offset = (uint32_t)plus[1] - '0';
		f->flags |= OD_FRAME_HAS_OFFSET;
	}
}

#define FRAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void said(const struct od_comparison *c, const char *want)
{
	struct od_buf buf = OD_BUF_INIT;

	od_compare_say(c, &buf);
	assert_int_equal(buf.len, strlen(want));
	assert_memory_equal(buf.data, want, buf.len);
	od_buf_deinit(&buf);
}

static void the_kernel_goes_on_in_panic(void **state)
{
	struct od_report *rep = od_report_create();
	struct od_comparison c;

	(void)state;
	/* An earlier trace, that of another CPU, and the one that counts, in two stacks. */
	add(rep, false, false, FRAMES("!bad+1", "?stale+2", "op+3", "entry+4"));
	add(rep, false, true, FRAMES("idle+1", "start+2"));
	add(rep, false, false, FRAMES("dump_stack+1", "panic+2", "?old+1", "die+3"));
	add(rep, false, false, FRAMES("!bad+1", "op+3", "entry+4"));
	assert_false(od_compare_stacks(rep, &c));
	add(rep, true, false,
	    FRAMES("crash_kexec+5", "panic+6", "die+3", "bad+1", "op+3", "entry+4"));
	add(rep, true, true, FRAMES("idle+1", "start+2"));
	assert_true(od_compare_stacks(rep, &c));
	assert_int_equal(c.agree, 4);
	assert_int_equal(c.missing + c.extra + c.guessed, 0);
	assert_string_equal(c.printed->symbol, "panic");
	said(&c,
	     "4 frames of the stack in memory are those of the trace in the log; since then the "
	     "kernel went on in panic");
	od_report_destroy(rep);
}

static void differences_in_between(void **state)
{
	struct od_report *rep = od_report_create();
	struct od_comparison c;

	(void)state;
	add(rep, false, false, FRAMES("f+1", "gone+1", "gone+2", "g+2", "h+3", "entry+4"));
	add(rep, true, false,
	    FRAMES("!f+1", "g+2", "new+1", "?guess+1", "!hit+1", "?h+3", "entry+4"));
	assert_true(od_compare_stacks(rep, &c));
	assert_int_equal(c.agree, 4);
	assert_int_equal(c.guessed, 1);
	assert_int_equal(c.missing, 2);
	assert_int_equal(c.extra, 1);
	assert_null(c.printed);
	assert_null(c.unwound);
	said(&c,
	     "4 frames of the stack in memory are those of the trace in the log; 2 printed and not "
	     "in memory: gone+0x1 ...; 1 in memory and not printed: new+0x1");
	od_report_destroy(rep);
}

static void doubts_and_code_without_symbols(void **state)
{
	struct od_report *rep = od_report_create();
	struct od_comparison c;

	(void)state;
	add(rep, false, false, FRAMES("!kfree+1", "?m+2", "?stale+1", "?n+3", "op+3"));
	add(rep, true, false, FRAMES("!kfree+1", "m+2", "n+3", "op+3"));
	assert_true(od_compare_stacks(rep, &c));
	assert_int_equal(c.agree, 4);
	said(&c, "4 frames of the stack in memory are those of the trace in the log, 2 of them "
		 "printed with "
		 "a '?'");
	od_report_destroy(rep);

	/* The panic's own trace; the dump has no symbols of the module that n is in. */
	rep = od_report_create();
	add(rep, false, false, FRAMES("!old+1", "entry+4"));
	add(rep, false, true, FRAMES("panic+1", "?x+3", "n+3", "op+3"));
	rep->stacks[1].name = "panic";
	rep->stacks[1].frames[2].module = "mod";
	add(rep, true, false, FRAMES("panic+1", "n+3", "op+3"));
	rep->stacks[2].frames[1].symbol = NULL;
	assert_true(od_compare_stacks(rep, &c));
	said(&c, "3 frames of the stack in memory are those of the trace in the log, 1 as far as "
		 "can be "
		 "said without symbols");
	rep->stacks[1].frames[2].module = NULL; /* the kernel's own would have a name */
	assert_true(od_compare_stacks(rep, &c));
	assert_int_equal(c.missing, 1);
	assert_int_equal(c.extra, 1);
	od_report_destroy(rep);
}

static void the_name_of_the_next_function(void **state)
{
	struct od_report *rep = od_report_create();
	struct od_comparison c;

	(void)state;
	add(rep, false, false, FRAMES("panic+3", "next+0", "op+3"));
	add(rep, true, false, FRAMES("panic+5", "noreturn+8", "op+3"));
	assert_true(od_compare_stacks(rep, &c));
	assert_int_equal(c.agree, 1);
	rep->stacks[1].frames[1].size = 8;
	assert_true(od_compare_stacks(rep, &c));
	assert_int_equal(c.agree, 2);
	od_report_destroy(rep);
}

static void nothing_in_common(void **state)
{
	struct od_report *rep = od_report_create();
	struct od_comparison c;

	(void)state;
	assert_false(od_compare_stacks(rep, &c));
	add(rep, false, false, FRAMES("a+1", "b+1"));
	add(rep, true, false, FRAMES("c+1", "d+1"));
	assert_true(od_compare_stacks(rep, &c));
	said(&c, "the stack in memory has nothing in common with the trace in the log");
	od_report_destroy(rep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_goes_on_in_panic),
		cmocka_unit_test(differences_in_between),
		cmocka_unit_test(doubts_and_code_without_symbols),
		cmocka_unit_test(the_name_of_the_next_function),
		cmocka_unit_test(nothing_in_common),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
