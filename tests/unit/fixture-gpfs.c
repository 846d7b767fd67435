/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/fixture-gpfs.h"

#include <string.h>

void fixture_frame(struct od_report *rep, struct od_stack *stack, const char *function,
		   const char *module, uint64_t addr, uint16_t flags, uint32_t line)
{
	struct od_frame *f = od_stack_add_frame(rep, stack);

	f->symbol = f->function = od_arena_strdup(&rep->arena, function);
	f->module = od_arena_strdup(&rep->arena, module);
	f->addr = addr;
	f->offset = 0x12;
	f->size = 0x20;
	f->flags = flags | OD_FRAME_HAS_OFFSET;
	f->lines = (struct od_lines){ line, line };
}

void fixture_reg(struct od_report *rep, const char *name, uint64_t value, uint32_t line)
{
	od_report_add_register(rep, name, strlen(name), value, line);
}

void fixture_record(struct od_report *rep, const char *text, uint32_t line)
{
	struct od_record rec = { .text = text, .len = (uint32_t)strlen(text), .lineno = line,
				 .lineno_last = line, .ts_us = OD_TS_NONE };

	od_report_add_record(rep, &rec);
}

void fixture_context(struct od_input *in, const char *text, uint32_t line, uint16_t depth)
{
	struct od_record rec = { .text = text, .len = (uint32_t)strlen(text), .lineno = line,
				 .lineno_last = line, .quote_depth = depth, .ts_us = OD_TS_NONE };

	od_input_add_context(in, &rec);
}

void fixture_env_mcr(struct od_input *in)
{
	fixture_context(in, "< #define LINUX_KERNEL_VERSION 31000999", 21, 1);
	fixture_context(in, "< #define LINUX_KERNEL_VERSION_VERBOSE 310001062009001", 22, 1);
	fixture_context(in, "#define LINUX_KERNEL_VERSION 31001062", 24, 2);
	fixture_context(in, "#define LINUX_KERNEL_VERSION_VERBOSE 31001062009001", 25, 2);
	fixture_context(in, "target LINUX_KERNEL_VERSION_VERBOSE? From what I can see of", 32, 1);
}

static void add_frames(struct od_report *rep)
{
	struct od_stack *s = od_report_add_stack(rep, "task");

	fixture_frame(rep, s, "kfree", NULL, 0xffffffffbbe23decull, OD_FRAME_PC, 239);
	fixture_frame(rep, s, "cxiInitInodeSecurityCleanup", "mmfslinux", 0xffffffffc0a1c562ull, 0,
		      256);
	fixture_frame(rep, s, "newInodeInitLinux", "mmfs26", 0xffffffffc0b50562ull, 0, 258);
	fixture_frame(rep, s, "gpfsMkdir", "mmfs26", 0xffffffffc0b5cdfaull, 0, 265);
	fixture_frame(rep, s, "BaseMutexClass::releaseLockHeld", "mmfs26", 0xffffffffc0bdb928ull,
		      OD_FRAME_UNRELIABLE, 271);
	fixture_frame(rep, s, "gpfs_i_lookup", "mmfslinux", 0xffffffffc0a36d96ull, 0, 300);
	fixture_frame(rep, s, "SyS_newstat", NULL, 0xffffffffbbe50bbeull, 0, 321);
	fixture_frame(rep, s, "system_call_fastpath", NULL, 0xffffffffbc38dedeull, 0, 322);
}

struct od_report *fixture_gpfs_report(void)
{
	struct od_report *rep = od_report_create();

	rep->kind = OD_KIND_KERNEL_BUG;
	rep->subkind = "slub";
	rep->subject = "kernel BUG at mm/slub.c:3772!";
	rep->bug_file = "mm/slub.c";
	rep->bug_line = 3772;
	rep->lines = (struct od_lines){ 218, 332 };
	rep->cpu = 3;
	rep->pid = 11826;
	rep->comm = "request_handle*";
	rep->release = "3.10.0-1062.9.1.el7.x86_64";
	rep->arch = "x86_64";
	rep->kaslr_offset = 0x3ac00000;
	rep->has_kaslr_offset = true;
	fixture_record(rep, "kernel BUG at mm/slub.c:3772!", 218);
	fixture_record(rep, "Modules linked in: ebtable_nat mmfs26(OE) mmfslinux(OE)", 219);
	fixture_record(rep, "RIP: 0010:[<ffffffffbbe23dec>] [<ffffffffbbe23dec>] kfree+0x13c/0x140",
		       239);
	add_frames(rep);
	fixture_reg(rep, "rax", 0x001fffff00000400, 241);
	fixture_reg(rep, "rbx", 0xffffffffbc6974bf, 241);
	fixture_reg(rep, "rdx", 0x001fffff00000000, 243);
	fixture_reg(rep, "rdi", 0xffffffffbc6974bf, 243);
	fixture_reg(rep, "r11", 0xffffdb5a82d125c0, 246);
	fixture_reg(rep, "r13", 0xffffffffc0a1c562, 248);
	fixture_reg(rep, "rsp", 0xffff8ae9f7a27278, 240);
	return rep;
}

struct od_report *fixture_user_report(void)
{
	struct od_report *rep = od_report_create();
	struct od_stack *s;

	rep->kind = OD_KIND_USER_CRASH;
	rep->subject = "Program terminated with signal SIGSEGV, Segmentation fault.";
	s = od_report_add_stack(rep, "thread 1");
	fixture_frame(rep, s, "main", NULL, 0x401136, OD_FRAME_PC, 5);
	return rep;
}
