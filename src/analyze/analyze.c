/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/analyze.h"

#include <string.h>

#include "analyze/address.h"
#include "analyze/code.h"
#include "analyze/data.h"
#include "analyze/hang.h"
#include "analyze/hwerr.h"
#include "analyze/kvm.h"
#include "analyze/iommu.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "symbols/demangle.h"

/* Wrappers that every system call goes through: the call itself is the name. */
static const char *const wrappers[] = {
	"__x64_sys_", "__ia32_sys_", "__ia32_compat_sys_", "__arm64_sys_", "__arm64_compat_sys_",
	"__riscv_sys_", "__riscv_compat_sys_", "__s390x_sys_", "__s390_sys_", "__s390_compat_sys_", "__se_sys_", "__se_compat_sys_", "__do_sys_",
	"__do_compat_sys_", "__x32_compat_sys_", "SyS_", "SYSC_", "compat_SyS_", "C_SYSC_",
};

/*
 * "app::Store::get(unsigned int) const", as gdb has names of functions without debug information: where the name
 * ends. The whole, if there are no parameters at its end.
 */
static size_t without_parameters(const char *s, size_t len)
{
	static const char *const ends[] = { " const", " volatile", " &", " &&" };
	size_t end = len;
	int depth = 0;

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t n = strlen(ends[i]);

		if (end > n && !memcmp(s + end - n, ends[i], n)) {
			end -= n;
			i = SIZE_MAX;
		}
	}
	if (!end || s[end - 1] != ')')
		return len;
	for (size_t i = end; i > 0; i--) {
		depth += s[i - 1] == ')';
		if (s[i - 1] != '(' || --depth)
			continue;
		/* "operator()" has no parameters there, "(anonymous namespace)" no name before it. */
		return i > 1 && s[i - 2] != ':' && !(i > 8 && !memcmp(s + i - 9, "operator", 8)) ? i - 1 : len;
	}
	return len;
}

const char *od_canonical_name(struct od_report *rep, const char *symbol, const char **suffix_ret)
{
	struct od_buf buf = OD_BUF_INIT;
	struct od_name_parts parts;
	const char *base;
	size_t len;
	char *name;

	/* ".f" is the code of f, where f itself is a descriptor: big-endian powerpc. */
	if (symbol[0] == '.' && (od_is_alpha(symbol[1]) || symbol[1] == '_'))
		symbol++;
	od_name_split(symbol, strlen(symbol), &parts);
	if (suffix_ret && parts.suffix_len)
		*suffix_ret = od_arena_strndup(&rep->arena, parts.base + parts.base_len, parts.suffix_len);
	base = parts.base;
	len = parts.base_len;
	if (od_demangle_style(base, len, OD_DEMANGLE_FUNCTION, &buf)) {
		name = od_arena_strndup(&rep->arena, od_buf_str(&buf), buf.len);
		od_buf_deinit(&buf);
		return name;
	}
	/* A name that fails half way has left memory behind, though no text. */
	od_buf_deinit(&buf);
	if (od_kind_is_user(rep->kind))
		len = without_parameters(base, len);
	for (size_t i = 0; i < sizeof(wrappers) / sizeof(*wrappers); i++) {
		size_t n = strlen(wrappers[i]);

		if (len > n && !memcmp(base, wrappers[i], n))
			return od_arena_printf(&rep->arena, "sys_%.*s", (int)(len - n), base + n);
	}
	return od_arena_strndup(&rep->arena, base, len);
}

void od_analyze_names(struct od_report *rep)
{
	for (uint32_t s = 0; s < rep->nstacks; s++) {
		for (uint32_t i = 0; i < rep->stacks[s].nframes; i++) {
			struct od_frame *f = &rep->stacks[s].frames[i];
			struct od_buf buf = OD_BUF_INIT;

			/* Those of a dump come after those of its log, which are named by then. */
			if (!f->symbol || f->function || (f->flags & OD_FRAME_SIGNAL))
				continue;
			f->function = od_canonical_name(rep, f->symbol, &f->suffix);
			if (od_demangle(f->symbol, strlen(f->symbol), &buf))
				f->demangled = od_arena_strndup(&rep->arena, od_buf_str(&buf), buf.len);
			od_buf_deinit(&buf);
		}
	}
}

void od_analyze_registers(struct od_report *rep)
{
	static const char *const special[] = { "eflags", "cs", "ds", "es", "fs_base", "cr0", "cr3",
					       "cr4", "dr0", "dr1", "dr2", "dr3", "dr6", "dr7", "pkru",
					       "orig_rax", "rip", "pc", "nip", "eip", "epc", "era",
					       "psw_addr", "psw_mask", "pstate", "psr", "status", "cause" };
	struct od_buf buf = OD_BUF_INIT;

	for (uint32_t i = 0; i < rep->nregisters; i++) {
		struct od_register *reg = &rep->registers[i];
		bool skip = false;

		for (size_t k = 0; k < sizeof(special) / sizeof(*special); k++)
			skip |= !strcmp(reg->name, special[k]);
		if (skip || !reg->value)
			continue;
		od_buf_reset(&buf);
		od_address_describe(rep, reg->value, &buf);
		if (buf.len)
			reg->note = od_arena_strndup(&rep->arena, buf.data, buf.len);
	}
	od_buf_deinit(&buf);
}

/*
 * What the registers said comes first; then "3.10.0-1062.9.1.el7.x86_64"; then functions that only
 * one architecture has.
 */
static void find_arch(struct od_report *rep)
{
	static const struct {
		const char *end, *arch;
	} ends[] = { { ".x86_64", "x86_64" },  { "-amd64", "x86_64" },	  { ".aarch64", "arm64" },
		     { "-arm64", "arm64" },    { ".ppc64le", "powerpc" }, { ".ppc64", "powerpc" },
		     { "-powerpc64le", "powerpc" }, { ".s390x", "s390" }, { "-s390x", "s390" },
		     { ".i686", "i386" },      { ".i686.PAE", "i386" },	  { "-686", "i386" },
		     { "-686-pae", "i386" },   { ".armv7hl", "arm" },	  { "-armmp", "arm" },
		     { "-riscv64", "riscv" },  { ".riscv64", "riscv" },	  { "-loong64", "loongarch" },
		     { ".loongarch64", "loongarch" } };
	static const struct {
		const char *start, *arch;
	} functions[] = { { "el0_svc", "arm64" },	   { "el0t_64_", "arm64" },
			  { "el1h_64_", "arm64" },	   { "__arm64_sys_", "arm64" },
			  { "ret_fast_syscall", "arm" },   { "__irq_svc", "arm" },
			  { "__riscv_sys_", "riscv" },	   { "do_trap_ecall_u", "riscv" },
			  { "system_call_vectored_common", "powerpc" },
			  { "system_call_exception", "powerpc" }, { "__s390x_sys_", "s390" },
			  { "__s390_compat_sys_", "s390" } };

	for (size_t i = 0; !rep->arch && rep->release && i < sizeof(ends) / sizeof(*ends); i++) {
		size_t n = strlen(rep->release), m = strlen(ends[i].end);

		if (n > m && !strcmp(rep->release + n - m, ends[i].end))
			rep->arch = ends[i].arch;
	}
	for (uint32_t s = 0; !rep->arch && s < rep->nstacks; s++)
		for (uint32_t i = 0; !rep->arch && i < rep->stacks[s].nframes; i++)
			for (size_t k = 0; k < sizeof(functions) / sizeof(*functions); k++)
				if (rep->stacks[s].frames[i].symbol &&
				    od_starts(rep->stacks[s].frames[i].symbol, functions[k].start))
					rep->arch = functions[k].arch;
}

void od_analyze_report(struct od_report *rep, const char *kernel)
{
	od_data_init();
	if (!rep->release && kernel)
		rep->release = od_arena_strdup(&rep->arena, kernel);
	find_arch(rep);
	od_analyze_names(rep);
	od_analyze_infer(rep);
	rep->severity = rep->informational ? OD_SEV_INFO : od_data_kind(rep->kind, rep->subkind)->severity;
	od_analyze_guilty(rep);
	od_analyze_title(rep);
	od_analyze_signature(rep);
	od_analyze_confidence(rep);
	od_analyze_registers(rep);
	od_analyze_code(rep);
	od_analyze_hwerr(rep);
	od_analyze_kvm(rep);
	od_analyze_iommu(rep);
	if (rep->kind != OD_KIND_HUNG_TASK)
		od_hang_report(rep);
}

unsigned od_analyze_weight(const struct od_report *rep)
{
	unsigned w = rep->nregisters + rep->nmodules + rep->ncode + 4 * rep->nchain;

	for (uint32_t i = 0; i < rep->nstacks; i++)
		w += 4 * rep->stacks[i].nframes;
	return w;
}

static bool same_registers(const struct od_report *a, const struct od_report *b)
{
	uint32_t same = 0;

	for (uint32_t i = 0; i < a->nregisters; i++) {
		const struct od_register *r = od_report_register(b, a->registers[i].name);

		if (r && r->value != a->registers[i].value)
			return false;
		same += r != NULL;
	}
	return same >= 12;
}

static bool other_object(const struct od_report *a, const struct od_report *b)
{
	const struct od_detail *oa = od_report_detail(a, "object"), *ob = od_report_detail(b, "object");

	return oa && ob && oa->type == OD_DETAIL_ADDRESS && ob->type == OD_DETAIL_ADDRESS &&
	       oa->number != ob->number;
}

bool od_analyze_same(const struct od_report *a, const struct od_report *b)
{
	const struct od_detail *ea = od_report_detail(a, "end_trace");
	const struct od_detail *eb = od_report_detail(b, "end_trace");

	if (a->kind != b->kind || (a->pid >= 0 && b->pid >= 0 && a->pid != b->pid))
		return false;
	if (a->time_us != OD_TS_NONE && b->time_us != OD_TS_NONE && a->time_us != b->time_us)
		return false;
	if (od_iommu_differ(a, b))
		return false;
	/* Leaks are told in one breath: each is another object. */
	if (other_object(a, b))
		return false;
	if (ea && eb)
		return !strcmp(ea->string, eb->string);
	if (a->time_us != OD_TS_NONE && a->time_us == b->time_us)
		return !strcmp(a->signature, b->signature);
	if (od_kind_is_user(a->kind))
		return a->nstacks && b->nstacks && a->stacks[0].nframes && b->stacks[0].nframes &&
		       a->stacks[0].frames[0].addr &&
		       a->stacks[0].frames[0].addr == b->stacks[0].frames[0].addr &&
		       !strcmp(a->signature, b->signature) && !strcmp(a->stack_hash, b->stack_hash);
	return same_registers(a, b);
}
