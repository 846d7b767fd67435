/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The architectures that are not x86, through capstone. It has a megabyte of tables that must be
 * relocated, 0.8 ms of any start of the program, so it is loaded when code of another architecture
 * comes. 4.0 knows no riscv, and neither 4.0 nor 5.0 loongarch.
 */
#include "config.h"

#include "base/load.h"
#include "symbols/disasm-internal.h"

#ifdef CAPSTONE_SONAME
#include <capstone/capstone.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define FUNCTIONS(x)                                                                               \
	x(cs_open) x(cs_option) x(cs_malloc) x(cs_disasm_iter) x(cs_insn_group) x(cs_reg_name)     \
	x(cs_support) x(cs_version)

static struct {
#define POINTER(name) __typeof__(&name) name;
	FUNCTIONS(POINTER)
} lib;

static const struct od_function functions[] = {
#define ROW(name) { #name, (void **)&lib.name },
	FUNCTIONS(ROW)
};

/* What is alike in the operands of all architectures. */
struct operand {
	enum { REG, IMM, MEM, OTHER } type;
	unsigned reg, base, index, shift;
	int64_t value; /* the number, or the displacement */
};

enum { MAX_OPERANDS = 8 };

static int type_of(int type)
{
	return type == CS_OP_REG ? REG : type == CS_OP_IMM ? IMM : type == CS_OP_MEM ? MEM : OTHER;
}

#define TAKE(name, member, INDEX, SHIFT)                                                           \
	static unsigned name(const cs_detail *d, struct operand *ret)                              \
	{                                                                                          \
		unsigned n = d->member.op_count < MAX_OPERANDS ? d->member.op_count : MAX_OPERANDS; \
                                                                                                   \
		for (unsigned i = 0; i < n; i++) {                                                 \
			const __typeof__(d->member.operands[0]) *op = &d->member.operands[i];      \
                                                                                                   \
			ret[i] = (struct operand){ .type = type_of((int)op->type) };               \
			if (ret[i].type == REG) {                                                  \
				ret[i].reg = (unsigned)op->reg;                                    \
			} else if (ret[i].type == IMM) {                                           \
				ret[i].value = op->imm;                                            \
			} else if (ret[i].type == MEM) {                                           \
				ret[i].base = (unsigned)op->mem.base;                              \
				ret[i].index = INDEX;                                              \
				ret[i].shift = SHIFT;                                              \
				ret[i].value = op->mem.disp;                                       \
			}                                                                          \
		}                                                                                  \
		return n;                                                                          \
	}

TAKE(take_arm64, arm64, (unsigned)op->mem.index, op->shift.type == ARM64_SFT_LSL ? op->shift.value : 0)
TAKE(take_arm, arm, (unsigned)op->mem.index, (unsigned)op->mem.lshift)
TAKE(take_ppc, ppc, 0, 0)
TAKE(take_sysz, sysz, op->mem.index, 0)
TAKE(take_mips, mips, 0, 0)

/* A register of capstone's that reports call by another name. */
struct alias {
	const char *from, *to;
};

static const struct alias arm64_names[] = { { "x30", "lr" }, { "fp", "x29" }, { 0 } };
static const struct alias arm_names[] = { { "sb", "r9" }, { "sl", "r10" }, { 0 } };
static const struct alias mips_names[] = {
	{ "zero", "r0" }, { "at", "r1" }, { "v0", "r2" }, { "v1", "r3" }, { "a0", "r4" },
	{ "a1", "r5" },	  { "a2", "r6" }, { "a3", "r7" }, { "t0", "r8" }, { "t1", "r9" },
	{ "t2", "r10" },  { "t3", "r11" }, { "t4", "r12" }, { "t5", "r13" }, { "t6", "r14" },
	{ "t7", "r15" },  { "s0", "r16" }, { "s1", "r17" }, { "s2", "r18" }, { "s3", "r19" },
	{ "s4", "r20" },  { "s5", "r21" }, { "s6", "r22" }, { "s7", "r23" }, { "t8", "r24" },
	{ "t9", "r25" },  { "gp", "r28" }, { "sp", "r29" }, { "fp", "r30" }, { "s8", "r30" },
	{ "ra", "r31" },  { 0 },
};
static const struct alias no_names[] = { { 0 } };

/* Names of the instructions that the kernel stops itself by: asm/bug.h, asm/brk-imm.h of each. */
static struct arch {
	const char *name;
	cs_arch arch;
	cs_mode mode;
	unsigned (*take)(const cs_detail *d, struct operand *ret);
	const struct alias *names;
	const char *load, *store; /* what names of such instructions begin with */
	const char *trap[2];	  /* its name begins with one of them; disasm.c tells others by bytes */
	csh handle;
	enum { UNTRIED, READY, REFUSED } state;
} archs[] = {
	{ "arm64", CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, take_arm64, arm64_names, "ld", "st", { "brk" }, 0, 0 },
	{ "arm", CS_ARCH_ARM, CS_MODE_ARM, take_arm, arm_names, "ld", "st", { NULL }, 0, 0 },
	{ "thumb", CS_ARCH_ARM, CS_MODE_THUMB, take_arm, arm_names, "ld", "st", { NULL }, 0, 0 },
	{ "powerpc", CS_ARCH_PPC, (cs_mode)(CS_MODE_64 | CS_MODE_BIG_ENDIAN), take_ppc, no_names, "l", "st",
	  { "tw", "td" }, 0, 0 },
	{ "powerpcle", CS_ARCH_PPC, CS_MODE_64, take_ppc, no_names, "l", "st", { "tw", "td" }, 0, 0 },
	{ "s390", CS_ARCH_SYSZ, CS_MODE_BIG_ENDIAN, take_sysz, no_names, "l", "st", { NULL }, 0, 0 },
	{ "mips", CS_ARCH_MIPS, (cs_mode)(CS_MODE_MIPS64 | CS_MODE_BIG_ENDIAN), take_mips, mips_names, "l", "s",
	  { "tne" }, 0, 0 },
};

static cs_insn *insn;
static char library_path[PATH_MAX]; /* "": wherever the loader finds it */

/* It stands where the C library does; beside it we only need that. */
const char *od_capstone_path(void)
{
	Dl_info info;
	const char *slash;

	/* mmap() of 32 bits cannot be asked about (src/front/confine-seccomp.c). */
	if (sizeof(long) < 8)
		return NULL;
	if (lib.cs_open || !dladdr((void *)(uintptr_t)&snprintf, &info) || !info.dli_fname ||
	    !(slash = strrchr(info.dli_fname, '/')))
		return NULL;
	snprintf(library_path, sizeof(library_path), "%.*s/%s", (int)(slash - info.dli_fname), info.dli_fname,
		 CAPSTONE_SONAME);
	if (*library_path == '/' && access(library_path, R_OK) == 0)
		return library_path;
	library_path[0] = '\0';
	return NULL;
}

bool od_capstone_load(void)
{
	static enum { UNTRIED_YET, LOADED, MISSING } state;
	const char *path = library_path[0] ? library_path : CAPSTONE_SONAME;
	bool found, hidden = prctl(PR_GET_DUMPABLE) == 0;

	if (state != UNTRIED_YET)
		return state == LOADED;
	state = MISSING;
	/* The front looks which file is mapped; who is not root may look only at a process that can be dumped. */
	if (hidden)
		prctl(PR_SET_DUMPABLE, 1);
	found = od_load_functions(path, functions, sizeof(functions) / sizeof(*functions));
	if (hidden)
		prctl(PR_SET_DUMPABLE, 0);
	/* The layout of its structs is that of the header that we were built with. */
	if (!found || lib.cs_version(NULL, NULL) >> 8 != CS_API_MAJOR)
		return false;
	state = LOADED;
	return true;
}

static struct arch *find(const char *name)
{
	for (size_t i = 0; i < sizeof(archs) / sizeof(*archs); i++)
		if (!strcmp(archs[i].name, name))
			return &archs[i];
	return NULL;
}

bool od_capstone_built(void)
{
	return true;
}

bool od_capstone_ready(const char *name)
{
	struct arch *a = find(name);

	if (!a || a->state == REFUSED)
		return false;
	if (a->state == READY)
		return true;
	a->state = REFUSED;
	if (!od_capstone_load() || lib.cs_open(a->arch, a->mode, &a->handle) != CS_ERR_OK ||
	    lib.cs_option(a->handle, CS_OPT_DETAIL, CS_OPT_ON) != CS_ERR_OK)
		return false;
	if (!insn)
		insn = lib.cs_malloc(a->handle);
	if (!insn)
		return false;
	a->state = READY;
	return true;
}

static const char *reg_name(const struct arch *a, unsigned reg)
{
	static char made[8][8]; /* of one instruction: enough for all its operands */
	static unsigned turn;
	const char *name = reg ? lib.cs_reg_name(a->handle, reg) : NULL;

	if (!name)
		return NULL;
	/* w3 is the lower half of x3; s390 has no letters. */
	if ((a->arch == CS_ARCH_ARM64 && *name == 'w') || (*name >= '0' && *name <= '9')) {
		turn = (turn + 1) % (sizeof(made) / sizeof(*made));
		snprintf(made[turn], sizeof(made[0]), "%c%.6s", *name == 'w' ? 'x' : 'r',
			 name + (*name == 'w'));
		return made[turn];
	}
	for (const struct alias *n = a->names; n->from; n++)
		if (!strcmp(n->from, name))
			return n->to;
	return name;
}

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static void take_operands(const struct arch *a, const struct operand *op, unsigned n, struct od_insn *ret)
{
	if (n && op[0].type == REG)
		ret->reg = reg_name(a, op[0].reg);
	for (unsigned i = 0; i < n; i++) {
		struct od_insn_memory *m = &ret->memory[ret->nmemory];

		if (op[i].type == IMM && (ret->call || ret->jump)) {
			ret->has_target = true;
			ret->target = (uint64_t)op[i].value;
		}
		if (op[i].type != MEM || ret->nmemory == OD_INSN_OPERANDS)
			continue;
		m->base = reg_name(a, op[i].base);
		m->index = reg_name(a, op[i].index);
		m->scale = op[i].shift < 4 ? (uint8_t)(1u << op[i].shift) : 1;
		m->displacement = op[i].value;
		m->width = a->arch == CS_ARCH_ARM ? 4 : 8;
		m->read = starts(insn->mnemonic, a->load);
		m->write = starts(insn->mnemonic, a->store);
		ret->nmemory++;
	}
}

static void take_trap(const struct arch *a, const struct operand *op, unsigned n, struct od_insn *ret)
{
	if (!(a->trap[0] && starts(insn->mnemonic, a->trap[0])) &&
	    !(a->trap[1] && starts(insn->mnemonic, a->trap[1])))
		return;
	ret->trap = a->arch == CS_ARCH_ARM64 ? OD_TRAP_BRK : OD_TRAP_OTHER;
	ret->trap_imm = n && op[0].type == IMM ? (uint32_t)op[0].value : 0;
}

bool od_capstone_decode(const char *name, const uint8_t *bytes, size_t len, struct od_insn *ret)
{
	struct operand op[MAX_OPERANDS];
	struct arch *a = find(name);
	const uint8_t *p = bytes;
	uint64_t addr = ret->addr;
	unsigned n;

	if (!a || a->state != READY || !lib.cs_disasm_iter(a->handle, &p, &len, &addr, insn))
		return false;
	ret->len = (uint8_t)insn->size;
	snprintf(ret->text, sizeof(ret->text), insn->op_str[0] ? "%s %.60s" : "%s%.60s", insn->mnemonic,
		 insn->op_str);
	ret->call = lib.cs_insn_group(a->handle, insn, CS_GRP_CALL);
	ret->ret = lib.cs_insn_group(a->handle, insn, CS_GRP_RET);
	ret->jump = !ret->call && lib.cs_insn_group(a->handle, insn, CS_GRP_JUMP);
	n = a->take(insn->detail, op);
	take_trap(a, op, n, ret);
	take_operands(a, op, n, ret);
	return true;
}
#else
bool od_capstone_built(void)
{
	return false;
}

bool od_capstone_load(void)
{
	return false;
}

const char *od_capstone_path(void)
{
	return NULL;
}

bool od_capstone_ready(const char *arch)
{
	(void)arch;
	return false;
}

bool od_capstone_decode(const char *arch, const uint8_t *bytes, size_t len, struct od_insn *ret)
{
	(void)arch, (void)bytes, (void)len, (void)ret;
	return false;
}
#endif
