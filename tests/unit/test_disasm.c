/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instructions: texts and operands of bytes checked by hand (as objdump prints them), and where to begin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "analyze/code.h"
#include "shell/dis.h"
#include "symbols/disasm.h"

static const struct {
	const char *arch;
	uint8_t bytes[15];
	size_t len;
	const char *text;
	enum od_insn_trap trap;
	uint32_t imm;
} texts[] = {
	{ "x86_64", { 0x48, 0x8b, 0x50, 0x08 }, 4, "mov 0x8(%rax),%rdx", 0, 0 },
	{ "x86_64", { 0x48, 0x89, 0x45, 0x00 }, 4, "mov %rax,0x0(%rbp)", 0, 0 },
	{ "x86_64", { 0x65, 0x48, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0 }, 9, "mov %gs:0x28,%rax", 0, 0 },
	{ "x86_64", { 0xf3, 0x48, 0xa5 }, 3, "rep movsq %ds:(%rsi),%es:(%rdi)", 0, 0 },
	{ "x86_64", { 0xf3, 0xaa }, 2, "rep stos %al,%es:(%rdi)", 0, 0 },
	{ "x86_64", { 0x74, 0xfe }, 2, "je 0x1000", 0, 0 },
	{ "x86_64", { 0xff, 0xd0 }, 2, "call *%rax", 0, 0 },
	{ "x86_64", { 0xff, 0x60, 0x10 }, 3, "jmp *0x10(%rax)", 0, 0 },
	{ "x86_64", { 0xf0, 0xff, 0x4b, 0x34 }, 4, "lock decl 0x34(%rbx)", 0, 0 },
	{ "x86_64", { 0x0f, 0xb6, 0x07 }, 3, "movzbl (%rdi),%eax", 0, 0 },
	{ "x86_64", { 0x48, 0x63, 0xd0 }, 3, "movslq %eax,%rdx", 0, 0 },
	{ "x86_64", { 0x48, 0x98 }, 2, "cltq", 0, 0 },
	{ "x86_64", { 0x0f, 0x1f, 0x44, 0x00, 0x00 }, 5, "nopl 0x0(%rax,%rax,1)", 0, 0 },
	{ "x86_64", { 0x48, 0xb8, 0x00, 0x01, 0, 0, 0, 0, 0xad, 0xde }, 10, "movabs $0xdead000000000100,%rax", 0, 0 },
	{ "x86_64", { 0x0f, 0x0b }, 2, "ud2", OD_TRAP_UD2, 0 },
	{ "x86_64", { 0x67, 0x0f, 0xb9, 0x40, 0x12 }, 5, "ud1 0x12(%eax),%eax", OD_TRAP_UD1, 0x12 },
	{ "x86_64", { 0xcc }, 1, "int3", OD_TRAP_INT3, 0 },
	{ "x86_64", { 0x06 }, 1, ".byte 0x06", 0, 0 },
	{ "i386", { 0x8b, 0x40, 0x0c }, 3, "mov 0xc(%eax),%eax", 0, 0 },
	{ "i386", { 0x06 }, 1, "push %es", 0, 0 },
	{ "arm64", { 0x00, 0x0c, 0x40, 0xf9 }, 4, "ldr x0, [x0, #0x18]", 0, 0 },
	{ "arm64", { 0x00, 0x00, 0x21, 0xd4 }, 4, "brk #0x800", OD_TRAP_BRK, 0x800 },
	{ "arm", { 0xf2, 0x01, 0xf0, 0xe7 }, 4, "udf #0x12", OD_TRAP_OTHER, 0 },
	{ "thumb", { 0x02, 0xde }, 2, "udf #2", OD_TRAP_OTHER, 0 },
	{ "powerpc", { 0x0f, 0xe0, 0x00, 0x00 }, 4, "twui r0, 0", OD_TRAP_OTHER, 0 },
	{ "powerpcle", { 0x18, 0x00, 0x63, 0xe8 }, 4, "ld r3, 0x18(r3)", 0, 0 },
	{ "mips", { 0x8c, 0x82, 0x00, 0x0c }, 4, "lw $v0, 0xc($a0)", 0, 0 },
	{ "mips", { 0x00, 0x0c, 0x00, 0x0d }, 4, "break 0xc", OD_TRAP_OTHER, 0 },
	{ "s390", { 0xe3, 0x20, 0x20, 0x18, 0x00, 0x04 }, 6, "lg %r2, 0x18(%r2)", 0, 0 },
	{ "s390", { 0xaf, 0x00, 0x00, 0x00 }, 4, "mc 0,0", OD_TRAP_OTHER, 0 },
};

static void test_text(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct od_insn insn;

		if (!od_disasm_supported(texts[i].arch)) {
			assert_non_null(od_disasm_why_not(texts[i].arch));
			continue;
		}
		seen++;
		assert_true(od_disasm(texts[i].arch, texts[i].bytes, texts[i].len, 0x1000, &insn));
		assert_string_equal(insn.text, texts[i].text);
		assert_int_equal(insn.len, texts[i].len);
		assert_int_equal(insn.trap, texts[i].trap);
		assert_int_equal(insn.trap_imm, texts[i].imm);
		/* One byte less is no instruction, or a shorter one, and never reads beyond. */
		if (texts[i].len > 1) {
			assert_true(od_disasm(texts[i].arch, texts[i].bytes, texts[i].len - 1, 0x1000, &insn));
			assert_true(insn.len < texts[i].len);
			assert_true(insn.bad || insn.len);
		}
		assert_false(od_disasm(texts[i].arch, texts[i].bytes, 0, 0x1000, &insn));
	}
	if (!seen)
		skip();
}

static const struct {
	uint8_t bytes[8];
	size_t len;
	const char *base, *index, *segment;
	unsigned scale, size;
	int64_t displacement;
	bool read, write, implied;
} operands[] = {
	{ { 0x48, 0x8b, 0x50, 0x08 }, 4, "rax", NULL, NULL, 1, 8, 8, true, false, false },
	{ { 0x48, 0x8b, 0x04, 0xf7 }, 4, "rdi", "rsi", NULL, 8, 8, 0, true, false, false },
	{ { 0x65, 0xff, 0x0d, 0x10, 0, 0, 0 }, 7, "rip", NULL, "gs", 1, 4, 0x10, true, true, false },
	{ { 0xc6, 0x00, 0x78 }, 3, "rax", NULL, NULL, 1, 1, 0, false, true, false },
	{ { 0x55 }, 1, "rsp", NULL, NULL, 1, 8, -8, false, true, true },
	{ { 0xe8, 0, 0, 0, 0 }, 5, "rsp", NULL, NULL, 1, 8, -8, false, true, true },
	{ { 0xc3 }, 1, "rsp", NULL, NULL, 1, 8, 0, true, false, true },
	{ { 0xf3, 0xaa }, 2, "rdi", NULL, NULL, 1, 1, 0, false, true, true },
};

static void test_operands(void **state)
{
	static const uint8_t lea[] = { 0x48, 0x8d, 0x50, 0x08 }, nop[] = { 0x0f, 0x1f, 0x00 };
	struct od_insn insn;

	(void)state;
	if (!od_disasm_supported("x86_64"))
		skip();
	for (size_t i = 0; i < sizeof(operands) / sizeof(*operands); i++) {
		const struct od_insn_memory *m = &insn.memory[0];

		assert_true(od_disasm("x86_64", operands[i].bytes, operands[i].len, 0, &insn));
		assert_int_equal(insn.nmemory, 1);
		assert_string_equal(m->base, operands[i].base);
		assert_true(!m->index == !operands[i].index);
		if (m->index)
			assert_string_equal(m->index, operands[i].index);
		assert_true(!m->segment == !operands[i].segment);
		assert_int_equal(m->scale, operands[i].scale);
		assert_int_equal(m->size, operands[i].size);
		assert_true(m->displacement == operands[i].displacement);
		assert_int_equal(m->read, operands[i].read);
		assert_int_equal(m->write, operands[i].write);
		assert_int_equal(m->implied, operands[i].implied);
	}
	assert_true(od_disasm("x86_64", lea, sizeof(lea), 0, &insn) && insn.nmemory == 0);
	assert_true(od_disasm("x86_64", nop, sizeof(nop), 0, &insn) && insn.nmemory == 0);
}

/* mov 0x8(%rdi),%rax; push %rbp; mov %rsp,%rbp; call; test %rax,%rax; <ud2> cut at every byte. */
static void test_sync(void **state)
{
	static const uint8_t code[] = { 0x48, 0x8b, 0x47, 0x08, 0x55, 0x48, 0x89, 0xe5, 0xe8, 0x10, 0x00,
					0x00, 0x00, 0x48, 0x85, 0xc0, 0x75, 0x02, 0x0f, 0x0b };
	static const bool starts[] = { [0] = true, [4] = true, [5] = true, [8] = true, [13] = true,
				       [16] = true, [18] = true };
	static const uint8_t words[8] = { 0 };
	const size_t mark = 18;

	(void)state;
	if (!od_disasm_supported("x86_64"))
		skip();
	assert_int_equal(od_disasm_sync("x86_64", code, sizeof(code), mark), 0);
	for (size_t cut = 1; cut < mark; cut++) {
		size_t start = cut + od_disasm_sync("x86_64", code + cut, sizeof(code) - cut, mark - cut);

		assert_true(start <= mark);
		assert_true(od_disasm_meets("x86_64", code, sizeof(code), start, mark));
		/* What is cut in its middle reads as something else, but falls into step. */
		if (start <= 16)
			assert_true(od_disasm_meets("x86_64", code, sizeof(code), start, 16));
		if (starts[cut])
			assert_int_equal(start, cut);
	}
	assert_int_equal(od_disasm_sync("x86_64", code, sizeof(code), sizeof(code)), sizeof(code));
	assert_int_equal(od_disasm_sync("vax", code, sizeof(code), 3), 3);
	/* Of words the mark tells where each begins. */
	assert_int_equal(od_disasm_sync("arm64", words, sizeof(words), 6), 2);
	assert_false(od_disasm_supported("vax"));
	assert_false(od_disasm_supported(NULL));
}

/* --- what the trapping instruction says --------------------------------------------- */

static const struct {
	const char *arch;
	enum od_kind kind;
	const char *subject;
	uint8_t bytes[8];
	uint32_t ncode;
	const char *reg;
	uint64_t value, fault; /* fault 1: none */
	const char *why;
} reasons[] = {
	{ "x86_64", OD_KIND_PAGE_FAULT, NULL, { 0x48, 0x8b, 0x50, 0x08 }, 4, "rax", 0xffc02c6f01421780,
	  0xffc02c6f01421788, "mov reads 8 bytes at rax + 0x8 = 0xffc02c6f01421788, the fault address; "
			      "rax is 0xffc02c6f01421780" },
	{ "x86_64", OD_KIND_PAGE_FAULT, NULL, { 0x48, 0x8b, 0x50, 0x08 }, 4, "rax", 0xffff888000000ff4,
	  0xffff888000001000, "mov reads 8 bytes at rax + 0x8 = 0xffff888000000ffc, the fault address; "
			      "rax is 0xffff888000000ff4" },
	{ "x86_64", OD_KIND_NULL_DEREF, NULL, { 0x48, 0x8b, 0x50, 0x08 }, 4, "rax", 0, 8,
	  "mov reads 8 bytes at rax + 0x8 = 0x8, the fault address; rax is NULL, 0x8 the offset of a "
	  "member" },
	{ "x86_64", OD_KIND_PAGE_FAULT, NULL, { 0x48, 0x8b, 0x50, 0x08 }, 4, "rax", 0xffff888000001000,
	  0xffff888040001008, "mov reads 8 bytes at rax + 0x8 = 0xffff888000001008: not the fault address "
			      "0xffff888040001008, but for bit 30: damaged memory or a damaged register" },
	{ "x86_64", OD_KIND_PAGE_FAULT, NULL, { 0x48, 0x8b, 0x50, 0x08 }, 4, "rax", 0x1000, 0xffff888000001234,
	  "mov reads 8 bytes at rax + 0x8 = 0x1008: not the fault address 0xffff888000001234; the registers "
	  "are not those of the fault, or another instruction faulted" },
	{ "x86_64", OD_KIND_PAGE_FAULT, NULL, { 0x48, 0x8b, 0x50, 0x08 }, 4, "rbx", 0, 0x1008,
	  "mov reads 8 bytes at rax + 0x8; rax was not printed, by the fault address it was 0x1000" },
	{ "x86_64", OD_KIND_GPF, NULL, { 0x48, 0x8b, 0x50, 0x08 }, 4, "rax", 0xdead000000000100, 1,
	  "mov reads 8 bytes at rax + 0x8 = 0xdead000000000108, which is no canonical address; rax is "
	  "0xdead000000000100" },
	{ "x86_64", OD_KIND_GPF, NULL, { 0xff, 0xd0 }, 2, "rax", 0x6b6b6b6b6b6b6b6b, 1,
	  "the call goes to rax = 0x6b6b6b6b6b6b6b6b, which is no canonical address" },
	{ "x86_64", OD_KIND_GPF, NULL, { 0x0f, 0x30 }, 2, "rcx", 0x1b0, 1,
	  "wrmsr: the processor has no such MSR, or refuses that value (rcx, and rdx:rax)" },
	{ "x86_64", OD_KIND_GPF, NULL, { 0x80, 0x3c, 0x02, 0x00 }, 4, "rdx", 0xdffffc0000000003, 1,
	  "cmpb reads 1 byte at rdx + rax; not all of that was printed" },
	{ "x86_64", OD_KIND_TRAP, NULL, { 0xf7, 0xf9 }, 2, "rcx", 0xffffffff00000000, 1,
	  "idiv divides by rcx, which is 0" },
	{ "x86_64", OD_KIND_KERNEL_BUG, "kernel BUG at mm/slub.c:1!", { 0x0f, 0x0b }, 2, "rax", 0, 1,
	  "ud2: the kernel stopped itself here on purpose: a BUG()" },
	{ "x86_64", OD_KIND_WARNING, "WARNING: CPU: 0 PID: 1 at a.c:1 f+0x1/0x2", { 0x0f, 0x0b }, 2, "rax", 0,
	  1, "ud2: the kernel stopped itself here on purpose: a WARN()" },
	{ "x86_64", OD_KIND_UBSAN, NULL, { 0x67, 0x0f, 0xb9, 0x40, 0x12 }, 5, "rax", 0, 1,
	  "ud1: the compiler put it there for a check of UBSAN that failed: an array index out of bounds" },
	{ "x86_64", OD_KIND_PAGE_FAULT, NULL, { 0xc3 }, 1, "rip", 0x4242, 0x4242,
	  "the fault address is that of the instruction itself: the CPU went to memory that is no code, and "
	  "these bytes are data" },
	{ "x86_64", OD_KIND_NULL_DEREF, NULL, { 0 }, 0, "rip", 0, 0,
	  "no code could be read: the CPU went to 0x0, which is the fault address; a NULL function was "
	  "called" },
	{ "x86_64", OD_KIND_PAGE_FAULT, NULL, { 0x48, 0x8b }, 2, "rax", 0, 8,
	  "the bytes end within the instruction that trapped" },
	{ "x86_64", OD_KIND_SOFT_LOCKUP, NULL, { 0xeb, 0xfe }, 2, "rax", 0, 1, NULL },
	{ "i386", OD_KIND_PAGE_FAULT, NULL, { 0x8b, 0x40, 0x0c }, 3, "eax", 0x6e657474, 0x6e657480,
	  "mov reads 4 bytes at eax + 0xc = 0x6e657480, the fault address; eax is 0x6e657474, the text "
	  "\"tten\"" },
	{ "arm64", OD_KIND_OTHER, NULL, { 0x40, 0xa2, 0x2a, 0xd4 }, 4, "x0", 0, 1,
	  "brk: the kernel stopped itself here on purpose, number 0x5512: an array index out of bounds" },
	{ "arm64", OD_KIND_NULL_DEREF, NULL, { 0x00, 0x0c, 0x40, 0xf9 }, 4, "x0", 0, 0x18,
	  "ldr reads at x0 + 0x18 = 0x18, the fault address; x0 is NULL, 0x18 the offset of a member" },
	{ "riscv", OD_KIND_KERNEL_BUG, "kernel BUG at a.c:1!", { 0x02, 0x90 }, 2, "epc", 0x1000, 1,
	  "c.ebreak: the kernel stopped itself here on purpose: a BUG()" },
};

static void test_reasons(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		struct od_report *rep = od_report_create();
		uint8_t bytes[sizeof(reasons[0].bytes)];

		memcpy(bytes, reasons[i].bytes, sizeof(bytes));
		rep->arch = reasons[i].arch;
		rep->kind = reasons[i].kind;
		rep->subject = reasons[i].subject;
		rep->code = bytes;
		rep->ncode = reasons[i].ncode;
		rep->code_trap = rep->ncode ? 0 : -1;
		od_report_add_register(rep, reasons[i].reg, strlen(reasons[i].reg), reasons[i].value, 1);
		rep->has_fault_address = reasons[i].fault != 1;
		rep->fault_address = reasons[i].fault;
		od_analyze_code(rep);
		if (rep->ninsns || *reasons[i].arch == 'r') {
			seen++;
			if (reasons[i].why)
				assert_non_null(rep->code_why);
			if (rep->code_why)
				assert_string_equal(rep->code_why, reasons[i].why);
		}
		od_report_destroy(rep);
	}
	assert_true(seen > 0);
	assert_true(seen > 15 || !od_disasm_supported("x86_64"));
}

/* --- memory against the file ---------------------------------------------------------- */

static void test_same(void **state)
{
	/* KASLR by 0x27600000; mov $sym,%rdi; incl %gs:x(%rip); movabs $sym,%rax; call. */
	static const struct {
		uint8_t mem[10], file[10];
		size_t len;
		bool blank, same;
	} rows[] = {
		{ { 0x48, 0xc7, 0xc7, 0x00, 0x10, 0x60, 0xa8 }, { 0x48, 0xc7, 0xc7, 0x00, 0x10, 0x00, 0x81 }, 7,
		  false, true },
		{ { 0x48, 0xc7, 0xc7, 0x01, 0x10, 0x60, 0xa8 }, { 0x48, 0xc7, 0xc7, 0x00, 0x10, 0x00, 0x81 }, 7,
		  false, false },
		{ { 0x65, 0xff, 0x05, 0xb4, 0x92, 0x77, 0x57 }, { 0x65, 0xff, 0x05, 0xb4, 0x92, 0xd7, 0x7e }, 7,
		  false, true },
		{ { 0x48, 0xb8, 0x00, 0x10, 0x60, 0xa8, 0xff, 0xff, 0xff, 0xff },
		  { 0x48, 0xb8, 0x00, 0x10, 0x00, 0x81, 0xff, 0xff, 0xff, 0xff }, 10, false, true },
		{ { 0x0f, 0x1f, 0x44, 0x00, 0x00 }, { 0xe8, 0x6b, 0x4e, 0xdc, 0xff }, 5, false, false },
		{ { 0xe8, 0x6b, 0x4e, 0xdc, 0xff }, { 0xe8, 0x6b, 0x4e, 0xdc, 0xff }, 5, false, true },
		{ { 0xe8, 0x6b, 0x4e, 0xdc, 0xff }, { 0xe8, 0, 0, 0, 0 }, 5, true, true },
		{ { 0x0f, 0x1f, 0x44, 0x00, 0x00 }, { 0xe8, 0, 0, 0, 0 }, 5, true, false },
		{ { 0xc3 }, { 0xe9 }, 1, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(od_dis_same(0x27600000, rows[i].blank, rows[i].mem, rows[i].file, rows[i].len),
				 rows[i].same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_operands),
		cmocka_unit_test(test_sync),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
