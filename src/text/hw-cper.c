/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What firmware tells: drivers/acpi/apei/{ghes,bert}.c and drivers/firmware/efi/cper*.c of Linux
 * 3.10 to 6.12. A record is a severity, then sections; each section is an error of its own.
 */
#include <string.h>

#include "text/hw.h"

struct od_hw_error *od_hw_last(struct od_report *rep, enum od_hw_source source)
{
	struct od_hw_error *err = rep->nhw ? &rep->hw[rep->nhw - 1] : NULL;

	return err && err->source == source ? err : NULL;
}

const char *od_hw_words(struct od_report *rep, const char *s, const char *end)
{
	while (s < end && od_is_blank(*s))
		s++;
	while (end > s && (od_is_blank(end[-1]) || end[-1] == '.'))
		end--;
	return s < end ? od_arena_strndup(&rep->arena, s, (size_t)(end - s)) : NULL;
}

static void set_grade(struct od_report *rep, struct od_hw_error *err, struct od_cursor c)
{
	static const struct {
		const char *word;
		enum od_hw_grade grade;
	} words[] = { { "corrected", OD_HW_CORRECTED },
		      { "info", OD_HW_CORRECTED },
		      { "recoverable", OD_HW_UNCORRECTED },
		      { "fatal", OD_HW_FATAL } };

	err->grade_word = od_hw_words(rep, c.p, c.end);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		struct od_cursor t = c;

		if (!od_cur_lit(&t, words[i].word))
			continue;
		err->has_grade = true;
		err->grade = words[i].grade;
	}
}

static struct od_hw_error *new_error(struct od_incident *inc, const struct od_record *rec,
				     const struct od_hw_error *old)
{
	/* The list may move. */
	const bool previous_boot = old && old->previous_boot;
	struct od_hw_error *err = od_report_add_hw(inc->rep, OD_HW_CPER, rec->lineno);

	if (err)
		err->previous_boot = previous_boot;
	return err;
}

/* "slot:0 page:0x1f offset:0x0", "device_id: 0000:3b:00.0": one field, its value to the blank. */
static const char *value(struct od_report *rep, struct od_cursor c)
{
	const char *s = c.p;

	while (!od_cur_end(&c) && !od_is_blank(*c.p) && *c.p != ',')
		c.p++;
	return od_hw_words(rep, s, c.p);
}

/* "vendor_id: 0x8086, device_id: 0x2030" -> "8086:2030" */
static void pci_id(struct od_report *rep, struct od_hw_error *err, struct od_cursor c)
{
	uint64_t vendor, device;

	if (od_cur_0x(&c, &vendor) && od_cur_past(&c, "device_id: ") && od_cur_0x(&c, &device))
		err->pci_id = od_arena_printf(&rep->arena, "%04x:%04x", (unsigned)vendor & 0xffff,
					      (unsigned)device & 0xffff);
}

/* "2, single-bit ECC": a number, and its words. Bits have theirs on the next line. */
static void error_type(struct od_report *rep, struct od_hw_error *err, struct od_cursor c)
{
	if (od_cur_past(&c, ", "))
		err->what = od_hw_words(rep, c.p, c.end);
}

static void dimm_location(struct od_report *rep, struct od_hw_error *err, struct od_cursor c)
{
	err->dimm = od_hw_words(rep, c.p, c.end);
}

/* Some firmware puts the name of the memory module here. */
static void fru_text(struct od_report *rep, struct od_hw_error *err, struct od_cursor c)
{
	if (!err->dimm)
		err->dimm = od_hw_words(rep, c.p, c.end);
}

static void section_type(struct od_report *rep, struct od_hw_error *err, struct od_cursor c)
{
	err->section = od_hw_words(rep, c.p, c.end);
}

static void physical_address(struct od_report *rep, struct od_hw_error *err, struct od_cursor c)
{
	(void)rep;
	err->has_pa = od_cur_0x(&c, &err->physical_address);
}

static void device_id(struct od_report *rep, struct od_hw_error *err, struct od_cursor c)
{
	err->device = value(rep, c);
}

static void uncor_status(struct od_report *rep, struct od_hw_error *err, struct od_cursor c)
{
	uint64_t v;

	(void)rep;
	if (!od_cur_0x(&c, &v))
		return;
	err->aer_status = (uint32_t)v;
	err->has_aer = true;
	if (od_cur_past(&c, "_mask: ") && od_cur_0x(&c, &v))
		err->aer_mask = (uint32_t)v;
}

static void structure_type(struct od_report *rep, struct od_hw_error *err, struct od_cursor c)
{
	if (!err->what)
		err->what = od_hw_words(rep, c.p, c.end);
}

static void corrected(struct od_report *rep, struct od_hw_error *err, struct od_cursor c)
{
	(void)rep;
	(void)c;
	if (!err->has_grade) {
		err->has_grade = true;
		err->grade = OD_HW_CORRECTED;
	}
}

static const struct {
	const char *literal;
	void (*parse)(struct od_report *rep, struct od_hw_error *err, struct od_cursor c);
} fields[] = {
	{ "section_type: ", section_type },
	{ "fru_text: ", fru_text },
	{ "physical_address: ", physical_address },
	{ "error_type: ", error_type },
	{ "DIMM location: ", dimm_location },
	{ "device_id: ", device_id },
	{ "vendor_id: ", pci_id },
	{ "aer_uncor_status: ", uncor_status },
	{ "Error Structure Type: ", structure_type },
	{ "It has been corrected by h/w", corrected },
};

void od_hw_cper(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_hw_error *err = od_hw_last(rep, OD_HW_CPER);
	struct od_cursor t = c;
	uint64_t n;

	od_cur_blanks(&t);
	c = t;
	if (od_cur_lit(&t, "Hardware error from APEI")) {
		/* Of the machine that runs now, whatever was said of the boot before. */
		new_error(inc, rec, NULL);
		return;
	}
	if (od_cur_lit(&t, "event severity: ")) {
		if (!err || err->section || (err->has_grade && err->grade_word))
			err = new_error(inc, rec, err);
		if (err)
			set_grade(rep, err, t);
		return;
	}
	if (!err)
		return;
	if (od_cur_lit(&t, "Error ") && od_cur_dec(&t, &n) && od_cur_lit(&t, ", type: ")) {
		const bool has_grade = err->has_grade;
		const enum od_hw_grade grade = err->grade;

		if (err->section)
			err = new_error(inc, rec, err);
		if (!err)
			return;
		set_grade(rep, err, t);
		/* A section may be milder than the event: that it is there does not end the
		 * machine. */
		if (!err->has_grade) {
			err->has_grade = has_grade;
			err->grade = grade;
		}
		return;
	}
	t = c;
	if (od_cur_lit(&t, "node:") || od_cur_lit(&t, "card:")) {
		err->location = od_hw_words(rep, c.p, c.end);
		return;
	}
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		t = c;
		if (od_cur_lit(&t, fields[i].literal)) {
			fields[i].parse(rep, err, t);
			return;
		}
	}
}
