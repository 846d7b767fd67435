/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/kvm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cursor.h"

/* major * 1000 + minor; 0 if it is not known. */
static unsigned version_of(const char *release)
{
	unsigned major, minor;

	if (!release || sscanf(release, "%3u.%3u", &major, &minor) != 2)
		return 0;
	return major * 1000 + minor;
}

/* Between 6.8 and 6.12 the list grew; in which release was not verified: both may hold. */
static const struct {
	unsigned from, to;
	const char *when;
	const char *names[7];
} generations[] = {
	{ 0, 5017, "up to 5.17", { "RETRY", "EMULATE", "INVALID", "FIXED", "SPURIOUS" } },
	{ 5018, 6011, "5.18 to 6.8", { "CONTINUE", "RETRY", "EMULATE", "INVALID", "FIXED", "SPURIOUS" } },
	{ 6009, UINT32_MAX, "6.12 and later",
	  { "CONTINUE", "RETRY", "EMULATE", "WRITE_PROTECTED", "INVALID", "FIXED", "SPURIOUS" } },
};

void od_kvm_ret_pf(const char *release, uint64_t value, struct od_buf *out)
{
	const unsigned v = version_of(release);
	const size_t n = sizeof(generations) / sizeof(*generations);
	unsigned fit = 0, said = 0;

	for (size_t i = 0; i < n; i++)
		fit += !v || (v >= generations[i].from && v <= generations[i].to);
	for (size_t i = 0; i < n; i++) {
		const char *name = value < 7 ? generations[i].names[value] : NULL;

		if ((v && (v < generations[i].from || v > generations[i].to)) || !name)
			continue;
		od_buf_printf(out, "%s%s", said++ ? ", " : "", name);
		if (fit > 1)
			od_buf_printf(out, " (%s)", generations[i].when);
	}
	if (!said)
		od_buf_addstr(out, value >= UINT64_MAX - 4095 ? "an error of the kernel" : "not a known result");
}

static const struct {
	uint32_t bit;
	const char *set;
} role_flags[] = {
	{ 12, "efer.nx" },	     { 13, "cr0.wp" },	   { 14, "smep and not wp" },
	{ 15, "smap and not wp" }, { 16, "no accessed and dirty bits" },
};

static void role_access(uint32_t access, struct od_buf *out)
{
	/* ACC_EXEC_MASK 1, ACC_WRITE_MASK 2, ACC_USER_MASK 4: with two-dimensional paging, read. */
	od_buf_printf(out, ", access %c%c%c", access & 4 ? 'r' : '-', access & 2 ? 'w' : '-',
		      access & 1 ? 'x' : '-');
}

void od_kvm_role(const char *release, uint32_t role, struct od_buf *out)
{
	const unsigned v = version_of(release), level = role & 15;
	const bool old = v && v <= 5015;
	uint32_t known = 0xff01ffff;

	od_buf_printf(out, "level %u%s", level, level < 1 || level > 5 ? " (there is no such level)" : "");
	if (old)
		od_buf_addstr(out, role >> 4 & 1 ? ", 8-byte guest entries" : ", 4-byte guest entries");
	else if (role >> 4 & 1)
		od_buf_addstr(out, v >= 5019 ? ", 4-byte guest entries" :
				       ", 4-byte guest entries (up to 5.15: 8-byte ones)");
	if (role >> 5 & 3)
		od_buf_printf(out, ", quadrant %u", role >> 5 & 3);
	od_buf_addstr(out, role >> 7 & 1 ? ", direct" : ", shadows a guest table");
	role_access(role >> 8 & 7, out);
	od_buf_addstr(out, role >> 11 & 1 ? ", INVALID" : ", valid");
	for (size_t i = 0; i < sizeof(role_flags) / sizeof(*role_flags); i++)
		if (role >> role_flags[i].bit & 1)
			od_buf_printf(out, ", %s", role_flags[i].set);
	od_buf_addstr(out, role >> 17 & 1 ? ", of a nested guest" : ", not nested");
	known |= 1u << 17;
	if (!old) {
		known |= 1u << 18;
		if (role >> 18 & 1)
			od_buf_addstr(out, ", passthrough");
	}
	if (!v || v >= 6013) {
		known |= 1u << 19;
		if (role >> 19 & 1)
			od_buf_addstr(out, ", mirror");
	}
	if (role >> 24)
		od_buf_addstr(out, ", in SMM");
	if (role & ~known)
		od_buf_printf(out, ", unknown bits 0x%x", role & ~known);
}

/* "4 x 5" -> "4 x 5: FIXED" */
static void name_returns(struct od_report *rep, const char *key)
{
	const struct od_detail *d = od_report_detail(rep, key);
	const bool faultin = !strcmp(key, "faultin_returns");

	if (!d || d->type != OD_DETAIL_LIST)
		return;
	for (uint32_t i = 0; i < d->nitems; i++) {
		struct od_cursor c = od_cursor_init(d->items[i], strlen(d->items[i]));
		struct od_buf text = OD_BUF_INIT;
		uint64_t value;

		if (!od_cur_dec(&c, &value))
			continue;
		/* Before 5.18 kvm_faultin_pfn() said whether its caller shall return: 0 is "go on", too. */
		if (faultin && !version_of(rep->release) && value == 0)
			od_buf_addstr(&text, "CONTINUE");
		else if (faultin && version_of(rep->release) && version_of(rep->release) < 5018)
			od_buf_addstr(&text, value ? "return at once" : "go on");
		else
			od_kvm_ret_pf(rep->release, value, &text);
		d->items[i] = od_arena_printf(&rep->arena, "%s: %s", d->items[i], od_buf_str(&text));
		od_buf_deinit(&text);
	}
}

void od_analyze_kvm(struct od_report *rep)
{
	const struct od_detail *role = od_report_detail(rep, "mmu_role");
	struct od_buf text = OD_BUF_INIT;

	if (rep->kind != OD_KIND_KVM_STALL && rep->kind != OD_KIND_KVM_PROGRESS)
		return;
	name_returns(rep, "faultin_returns");
	name_returns(rep, "map_returns");
	if (role) {
		od_kvm_role(rep->release, (uint32_t)role->number, &text);
		od_report_detail_str(rep, "mmu_role_text", od_buf_str(&text), text.len);
	}
	od_buf_deinit(&text);
}

void od_kvm_confidence(struct od_report *rep)
{
	const struct od_detail *probes = od_report_detail(rep, "map_probes");
	const struct od_detail *defect = od_report_detail(rep, "kvm_defect");

	if (defect) {
		const bool proven = !strcmp(defect->string, "affected");

		rep->confidence = proven ? OD_CONF_HIGH : OD_CONF_MEDIUM;
		rep->confidence_why = proven ? "the count is read from memory, and the kernel has the defect" :
					       "the count is read from memory; whether the kernel has the defect is not proven";
		return;
	}
	if (rep->subkind && !strcmp(rep->subkind, "undecided")) {
		rep->confidence = OD_CONF_LOW;
		rep->confidence_why = "the events do not decide it";
	} else if (rep->kind == OD_KIND_KVM_STALL && probes && !strcmp(probes->string, "not seen")) {
		rep->confidence = OD_CONF_MEDIUM;
		rep->confidence_why = "no line shows that the probes of the functions that map worked";
	} else {
		rep->confidence = OD_CONF_HIGH;
		rep->confidence_why = "the events of the thread decide it";
	}
}
