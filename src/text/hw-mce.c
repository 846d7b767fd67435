/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Machine checks: arch/x86/kernel/cpu/mce/core.c (__print_mce, mce_panic) and
 * drivers/edac/mce_amd.c of Linux 3.10 to 6.12. Both print lines tagged "[Hardware Error]: ".
 */
#include <string.h>

#include "text/hw.h"

struct mce_line {
	uint64_t cpu, bank, mcg, status;
	bool has_mcg, amd;
};

/* "CPU 2: Machine Check[ Exception| Event]: 5 Bank 4: be00000000800400" */
static bool read_intel(struct od_cursor c, struct mce_line *ret)
{
	if (!od_cur_past(&c, "CPU ") || !od_cur_dec(&c, &ret->cpu) ||
	    !od_cur_lit(&c, ": Machine Check"))
		return false;
	if (!od_cur_lit(&c, " Exception"))
		od_cur_lit(&c, " Event");
	if (!od_cur_char(&c, ':'))
		return false;
	od_cur_blanks(&c);
	od_cur_lit(&c, "0x");
	if (!od_cur_hex(&c, &ret->mcg, NULL) || !od_cur_lit(&c, " Bank ") ||
	    !od_cur_dec(&c, &ret->bank) || !od_cur_lit(&c, ": "))
		return false;
	od_cur_lit(&c, "0x");
	ret->has_mcg = true;
	ret->amd = false;
	return od_cur_hex(&c, &ret->status, NULL);
}

/* "CPU:3 (17:31:0) MC15_STATUS[Over|CE|MiscV|AddrV|-|-]: 0xdc2040000000011b" */
static bool read_amd(struct od_cursor c, struct mce_line *ret)
{
	if (!od_cur_past(&c, "CPU:") || !od_cur_dec(&c, &ret->cpu))
		return false;
	/* "MC" may be in the words before: the number and _STATUS decide. */
	while (od_cur_past(&c, "MC")) {
		struct od_cursor t = c;

		if (!od_cur_dec(&t, &ret->bank) || !od_cur_lit(&t, "_STATUS[") ||
		    !od_cur_past(&t, "]: ") || !od_cur_0x(&t, &ret->status))
			continue;
		ret->has_mcg = false;
		ret->amd = true;
		return true;
	}
	return false;
}

static bool read_mce(const struct od_record *rec, struct mce_line *ret)
{
	const struct od_cursor c = od_cursor_init(rec->text, rec->len);

	return (read_intel(c, ret) || read_amd(c, ret)) && ret->cpu <= INT32_MAX &&
	       ret->bank <= INT32_MAX;
}

bool od_hw_is_mce(const struct od_record *rec)
{
	struct mce_line line;

	return read_mce(rec, &line);
}

void od_hw_mce(struct od_incident *inc, const struct od_record *rec)
{
	struct od_report *rep = inc->rep;
	struct od_hw_error *err = od_hw_last(rep, OD_HW_MCE);
	struct mce_line line;

	if (!read_mce(rec, &line))
		return;
	if (err && err->mci_status == line.status && err->bank == (int32_t)line.bank) {
		err->count++; /* on every processor that the bank belongs to, or again */
		return;
	}
	/* AMD's line of words stands before the one of numbers. */
	if (!err || err->mci_status || (err->has_grade && !line.amd))
		err = od_report_add_hw(rep, OD_HW_MCE, rec->lineno);
	if (!err)
		return;
	err->cpu = (int32_t)line.cpu;
	err->bank = (int32_t)line.bank;
	err->mci_status = line.status;
	err->mcg_status = line.mcg;
	err->has_mcg = line.has_mcg;
	if (line.amd)
		err->vendor = OD_HW_AMD;
	if (rep->cpu < 0)
		rep->cpu = err->cpu;
}

/* "TSC 1bc2 ADDR 3fe MISC 86 PPIN 2 SYND 4d IPID 96", in this order but not all of them. */
static void words_and_numbers(struct od_hw_error *err, struct od_cursor c)
{
	const struct {
		const char *word;
		uint64_t *value;
	} words[] = { { "ADDR ", &err->addr },
		      { "MISC ", &err->misc },
		      { "SYND ", &err->synd },
		      { "IPID ", &err->ipid } };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		struct od_cursor t = c;

		if (!od_cur_past(&t, words[i].word))
			continue;
		od_cur_lit(&t, "0x");
		od_cur_hex(&t, words[i].value, NULL);
	}
}

static void processor(struct od_hw_error *err, struct od_cursor c)
{
	uint64_t vendor, v;

	if (!od_cur_dec(&c, &vendor) || !od_cur_char(&c, ':'))
		return;
	od_cur_lit(&c, "0x");
	if (!od_cur_hex(&c, &v, NULL))
		return;
	err->cpuid = (uint32_t)v;
	err->vendor = vendor == 0		 ? OD_HW_INTEL :
		      vendor == 2 || vendor == 9 ? OD_HW_AMD :
						   OD_HW_UNKNOWN;
	if (od_cur_past(&c, "SOCKET ") && od_cur_dec(&c, &v) && v <= INT32_MAX)
		err->socket = (int32_t)v;
	if (od_cur_past(&c, "APIC ") && (od_cur_lit(&c, "0x"), od_cur_hex(&c, &v, NULL)))
		err->apic = (uint32_t)v;
	if (od_cur_past(&c, "microcode ") && od_cur_hex(&c, &v, NULL))
		err->microcode = (uint32_t)v;
}

bool od_hw_mce_registers(struct od_hw_error *err, struct od_cursor c)
{
	struct od_cursor t = c;

	if (od_cur_lit(&t, "TSC ") || od_cur_lit(&t, "ADDR ")) {
		words_and_numbers(err, c);
		return true;
	}
	if (od_cur_lit(&c, "PROCESSOR ")) {
		processor(err, c);
		return true;
	}
	return false;
}

/* AMD says how bad it is in words, before or after the numbers. */
static bool grade_of(struct od_cursor c, enum od_hw_grade *ret)
{
	static const struct {
		const char *text;
		enum od_hw_grade grade;
	} words[] = { { "Corrected error", OD_HW_CORRECTED },
		      { "Deferred error", OD_HW_DEFERRED },
		      { "Uncorrected, ", OD_HW_UNCORRECTED },
		      { "System Fatal error", OD_HW_FATAL } };

	od_cur_lit(&c, "Error Status: ");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		*ret = words[i].grade;
		if (od_cur_lit(&c, words[i].text))
			return true;
	}
	return false;
}

static bool amd_unit(struct od_cursor c)
{
	uint64_t n;

	return od_cur_lit(&c, "MC") && od_cur_dec(&c, &n) && od_cur_lit(&c, " Error");
}

bool od_hw_opens(struct od_cursor c)
{
	static const char *const starts[] = { "Machine check events logged",
					      "Hardware error from APEI", "event severity: " };
	enum od_hw_grade grade;

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		struct od_cursor t = c;

		if (od_cur_lit(&t, starts[i]))
			return true;
	}
	return grade_of(c, &grade) || amd_unit(c);
}

static void amd_grade(struct od_incident *inc, const struct od_record *rec, struct od_cursor c,
		      enum od_hw_grade grade)
{
	struct od_hw_error *err = od_hw_last(inc->rep, OD_HW_MCE);

	/* Since 4.3 it stands before the numbers, before that after the unit's own words. */
	if (!err || err->mci_status || err->has_grade)
		err = od_report_add_hw(inc->rep, OD_HW_MCE, rec->lineno);
	if (!err)
		return;
	err->vendor = OD_HW_AMD;
	err->has_grade = true;
	err->grade = grade;
	err->grade_word = od_hw_words(inc->rep, c.p, c.end);
}

static void amd_words(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_hw_error *err = od_hw_last(inc->rep, OD_HW_MCE);

	if (!err || err->what)
		err = od_report_add_hw(inc->rep, OD_HW_MCE, rec->lineno);
	if (!err)
		return;
	err->vendor = OD_HW_AMD;
	err->what = od_hw_words(inc->rep, c.p, c.end);
}

/* "!INEXACT! 10:<ffffffff8104bb42> {native_safe_halt+0x2/0x10}" */
static void mce_rip(struct od_incident *inc, struct od_hw_error *err, struct od_cursor c)
{
	struct od_cursor close;

	if (!od_cur_past(&c, "{"))
		return;
	close = c;
	if (od_cur_past(&close, "}"))
		err->ip = od_hw_words(inc->rep, c.p, close.p - 1);
}

/* "Load Store Unit Ext. Error Code: 0, An ECC error ..": the unit and the words. */
static bool smca_words(struct od_incident *inc, struct od_hw_error *err, struct od_cursor c)
{
	const char *start = c.p, *unit;
	uint64_t n;

	unit = od_find(c.p, od_cur_left(&c), " Ext. Error Code: ");
	if (!unit)
		unit = od_find(c.p, od_cur_left(&c), " Extended Error Code: ");
	if (!unit || !od_cur_past(&c, "Code: ") || !od_cur_dec(&c, &n))
		return false;
	if (!err->what && od_cur_lit(&c, ", "))
		err->what = od_arena_printf(&inc->rep->arena, "%.*s: %s", (int)(unit - start),
					    start, od_hw_words(inc->rep, c.p, c.end));
	return true;
}

static void tagged_mce(struct od_incident *inc, struct od_hw_error *err, struct od_cursor c)
{
	uint64_t v;

	if (od_hw_mce_registers(err, c))
		return;
	if (od_cur_lit(&c, "RIP")) {
		mce_rip(inc, err, c);
	} else if (od_cur_lit(&c, "Machine check: ")) {
		/* Printed only on the way to the panic. */
		err->has_grade = true;
		err->grade = OD_HW_FATAL;
		err->grade_word = od_hw_words(inc->rep, c.p, c.end);
	} else if (od_cur_lit(&c, "Error Addr: ")) {
		od_cur_0x(&c, &err->addr);
	} else if (od_cur_lit(&c, "IPID: ")) {
		od_cur_0x(&c, &err->ipid);
		if (od_cur_past(&c, "Syndrome: "))
			od_cur_0x(&c, &err->synd);
	} else if (smca_words(inc, err, c)) {
		return;
	} else if (od_cur_lit(&c, "MC") && od_cur_dec(&c, &v) && od_cur_lit(&c, "_ADDR: ")) {
		od_cur_0x(&c, &err->addr);
	}
}

void od_hw_tagged(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_hw_error *err = od_hw_last(rep, OD_HW_MCE);
	enum od_hw_grade grade;

	if (od_hw_is_mce(rec)) {
		od_hw_mce(inc, rec);
	} else if (od_cur_lit(&c, "Machine check events logged")) {
		if (err && !err->mci_status && err->has_grade && !err->what)
			err->count++;
		else
			err = od_report_add_hw(rep, OD_HW_MCE, rec->lineno);
		if (err && !err->has_grade) {
			err->has_grade = true;
			err->grade_word = "logged";
		}
	} else if (grade_of(c, &grade)) {
		amd_grade(inc, rec, c, grade);
	} else if (amd_unit(c)) {
		amd_words(inc, rec, c);
	} else if (err && !od_hw_opens(c)) {
		tagged_mce(inc, err, c);
	} else {
		od_hw_cper(inc, rec, c);
	}
}
