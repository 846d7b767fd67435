/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Code bytes of any architecture with any registers: a byte says the architecture, one the kind, two
 * where the mark and the function begin, one what is printed; then numbers of 8 bytes for the
 * registers and the fault address, and last the code. Instructions follow each other without a gap,
 * within the bytes, from one that leads to the mark; texts are ASCII of a bounded length.
 */
#include <string.h>

#include "analyze/code.h"
#include "tests/fuzz/fuzz.h"

enum { HEAD = 5, NUMBERS = 6 };

static const char *const archs[] = { "x86_64", "i386", "arm64", "arm", "powerpc", "s390", "mips", "riscv",
				     "loongarch", NULL };
static const char *const registers[][NUMBERS - 1] = {
	{ "rip", "rax", "rdi", "rsp", "gs_base" }, { "eip", "eax", "edi", "esp", "ecx" },
	{ "pc", "x0", "x1", "sp", "x29" },	   { "pc", "r0", "r3", "sp", "psr" },
	{ "nip", "r1", "r3", "r9", "r31" },	   { "psw_addr", "r1", "r2", "r15", "r0" },
	{ "epc", "r2", "r4", "r29", "cause" },	   { "epc", "a0", "sp", "cause", "ra" },
	{ "pc", "a0", "sp", "ra", "t0" },	   { "rip", "rax", "pc", "r1", "sp" },
};

static void check_text(const char *text, size_t max)
{
	size_t len = strlen(text);

	FUZZ_CHECK(len < max);
	for (size_t i = 0; i < len; i++)
		FUZZ_CHECK(text[i] >= ' ' && text[i] <= '~');
}

static void each_offset(const char *arch, const uint8_t *code, size_t len)
{
	for (size_t at = 0; at < len && at < OD_MAX_CODE; at++) {
		/* That looks at all that is ahead: not everywhere. */
		size_t start = at % 16 ? at : od_disasm_sync(arch, code, len, at);
		struct od_insn insn;

		FUZZ_CHECK(start <= at);
		FUZZ_CHECK(start == at || od_disasm_meets(arch, code, len, start, at));
		if (!od_disasm(arch, code + at, len - at, at, &insn))
			continue;
		FUZZ_CHECK(insn.len && insn.len <= len - at && insn.len <= OD_INSN_MAX);
		FUZZ_CHECK(insn.nmemory <= OD_INSN_OPERANDS && (!insn.cut || insn.bad));
		check_text(insn.text, OD_INSN_TEXT);
		FUZZ_CHECK(*insn.text);
	}
}

static void check_report(const struct od_report *rep)
{
	uint32_t traps = 0;

	for (uint32_t i = 0; i < rep->ninsns; i++) {
		const struct od_code_insn *insn = &rep->insns[i];

		FUZZ_CHECK(insn->len && insn->at + insn->len <= rep->ncode);
		FUZZ_CHECK(!i || rep->insns[i - 1].at + rep->insns[i - 1].len == insn->at);
		check_text(insn->text, 2 * OD_INSN_TEXT + 64);
		traps += insn->trap;
	}
	if (rep->ninsns) {
		const struct od_code_insn *last = &rep->insns[rep->ninsns - 1];

		FUZZ_CHECK(last->at + last->len == rep->ncode);
		FUZZ_CHECK(traps == (rep->code_trap >= 0));
	}
	FUZZ_CHECK(rep->noperands <= OD_CODE_OPERANDS);
	for (uint32_t i = 0; i < rep->noperands; i++)
		check_text(rep->operands[i].expression, 256);
	if (rep->code_why)
		check_text(rep->code_why, 1024);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t head = HEAD + 8 * NUMBERS;
	struct od_report *rep;
	uint8_t code[OD_MAX_CODE];
	uint64_t numbers[NUMBERS];
	unsigned arch;

	if (size < head)
		return 0;
	arch = data[0] % (sizeof(archs) / sizeof(*archs));
	memcpy(numbers, data + HEAD, sizeof(numbers));
	rep = od_report_create();
	rep->arch = archs[arch];
	rep->kind = data[1] % OD_KIND_COUNT;
	rep->subkind = data[1] & 0x80 ? "invalid-opcode" : NULL;
	rep->ncode = size - head < sizeof(code) ? (uint32_t)(size - head) : sizeof(code);
	memcpy(code, data + head, rep->ncode);
	rep->code = code;
	rep->code_trap = rep->ncode && data[2] != 0xff ? (int32_t)(data[2] % rep->ncode) : -1;
	for (unsigned i = 0; i < NUMBERS - 1; i++)
		if (data[4] >> i & 1)
			od_report_add_register(rep, registers[arch][i], strlen(registers[arch][i]), numbers[i], 1);
	rep->has_fault_address = data[4] & 0x20;
	rep->fault_address = numbers[NUMBERS - 1];
	if (data[4] & 0x40) {
		struct od_frame *f = od_stack_add_frame(rep, od_report_add_stack(rep, "task"));

		f->symbol = "function";
		f->flags = OD_FRAME_PC | OD_FRAME_HAS_OFFSET;
		f->offset = data[3];
		f->size = data[3] + 16u;
	}
	if (data[4] & 0x80)
		od_report_detail_str(rep, "byte_order", "little", 6);
	od_analyze_code(rep);
	check_report(rep);
	each_offset(od_code_arch(rep), code, rep->ncode);
	od_report_destroy(rep);
	return 0;
}
