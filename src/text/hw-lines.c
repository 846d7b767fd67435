/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hardware errors that are a line or a few: PCI Express (drivers/pci/pcie/aer.c), memory
 * controllers (drivers/edac/edac_mc.c), bad pages (mm/memory-failure.c), NMIs
 * (arch/x86/kernel/nmi.c).
 */
#include <string.h>

#include "text/hw-lines.h"

/* "pcieport 0000:00:1c.0: ..": the device before the colon; NULL if there is none. */
static const char *pci_device(struct od_report *rep, const char *s, const char *end)
{
	for (const char *p = s; end - p >= 12; p++) {
		bool fits = true;

		for (unsigned i = 0; fits && i < 12; i++)
			fits = i == 4 || i == 7 ? p[i] == ':' :
			       i == 10		? p[i] == '.' :
						  od_is_hex(p[i]);
		if (fits && (p == s || !od_is_alnum(p[-1])))
			return od_arena_strndup(&rep->arena, p, 12);
	}
	return NULL;
}

static enum od_hw_grade aer_grade(const char *s, size_t len)
{
	if (od_find(s, len, "Non-Fatal") || od_find(s, len, "non-fatal") ||
	    od_find(s, len, "Non-fatal"))
		return OD_HW_UNCORRECTED;
	if (od_find(s, len, "Fatal") || od_find(s, len, "fatal"))
		return OD_HW_FATAL;
	return od_find(s, len, "ncorrect") ? OD_HW_UNCORRECTED : OD_HW_CORRECTED;
}

static const char *aer_word(enum od_hw_grade grade)
{
	return grade == OD_HW_FATAL	  ? "fatal" :
	       grade == OD_HW_UNCORRECTED ? "non-fatal" :
					    "corrected";
}

static bool same_text(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* The error before this one tells of the same device and says the same: one, more often. */
static void fold(struct od_report *rep)
{
	struct od_hw_error *last = &rep->hw[rep->nhw - 1], *old = last - 1;

	if (rep->nhw < 2 || old->source != last->source || old->grade != last->grade ||
	    !same_text(old->device, last->device) || !old->has_aer || !last->has_aer ||
	    old->aer_status != last->aer_status)
		return;
	old->count += last->count;
	rep->nhw--;
}

bool od_hw_check_aer(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), "error received") ||
	       od_find(c.p, od_cur_left(&c), "error message received");
}

/* "pcieport 0000:00:1c.0: AER: Corrected error received: 0000:00:1c.0" */
void od_hw_aer_received(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_hw_error *err = od_report_add_hw(inc->rep, OD_HW_AER, rec->lineno);

	if (!err)
		return;
	err->has_grade = true;
	err->grade = aer_grade(c.p, od_cur_left(&c));
	err->grade_word = aer_word(err->grade);
	err->device = pci_device(inc->rep, c.p, c.end);
	if (!err->device)
		err->device = pci_device(inc->rep, rec->text, c.p);
}

/* "..: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer, (Requester ID)" */
void od_hw_aer_bus(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_hw_error *err = od_hw_last(rep, OD_HW_AER);
	const char *comma = memchr(c.p, ',', od_cur_left(&c)), *s;
	struct od_cursor t = c;

	if (!err || err->layer)
		err = od_report_add_hw(rep, OD_HW_AER, rec->lineno);
	if (!err)
		return;
	err->has_grade = true;
	err->grade = aer_grade(c.p, comma ? (size_t)(comma - c.p) : od_cur_left(&c));
	err->grade_word = aer_word(err->grade);
	s = pci_device(rep, rec->text, c.p);
	if (s)
		err->device = s;
	err->layer = "unknown";
	if (od_cur_past(&t, "type=")) {
		s = t.p;
		while (!od_cur_end(&t) && *t.p != ',')
			t.p++;
		err->layer = od_hw_words(rep, s, t.p);
	}
	/* "(Requester ID)", before 4.18 "id=00e0(Requester ID)" */
	if (od_cur_past(&t, "(")) {
		s = t.p;
		if (od_cur_past(&t, ")"))
			err->agent = od_hw_words(rep, s, t.p - 1);
	}
}

/* What follows it: any driver's name stands before. */
static bool aer_detail(struct od_report *rep, struct od_hw_error *err, const struct od_record *rec)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len), t = c;
	uint64_t status, mask;
	const char *s;

	if (od_cur_past(&t, " device [")) {
		s = t.p;
		if (od_cur_past(&t, "]"))
			err->pci_id = od_hw_words(rep, s, t.p - 1);
	}
	if (od_cur_past(&t, "error status/mask=") && od_cur_hex(&t, &status, NULL) &&
	    od_cur_char(&t, '/') && od_cur_hex(&t, &mask, NULL)) {
		err->aer_status = (uint32_t)status;
		err->aer_mask = (uint32_t)mask;
		err->has_aer = true;
		fold(rep);
		return true;
	}
	t = c;
	if (od_cur_past(&t, "aer_status: ") && od_cur_0x(&t, &status)) {
		err->aer_status = (uint32_t)status;
		err->has_aer = true;
		if (od_cur_past(&t, "aer_mask: ") && od_cur_0x(&t, &mask))
			err->aer_mask = (uint32_t)mask;
		return true;
	}
	return od_find(c.p, od_cur_left(&c), "TLP Header: ") ||
	       od_find(c.p, od_cur_left(&c), "Error of this Agent") ||
	       od_find(c.p, od_cur_left(&c), "aer_layer=") ||
	       od_find(c.p, od_cur_left(&c), "aer_uncor_severity: ") ||
	       (od_cur_past(&c, ":    [") && (od_cur_blanks(&c), od_is_digit(od_cur_peek(&c))));
}

bool od_hw_line(struct od_incident *inc, const struct od_record *rec)
{
	struct od_hw_error *err = inc->rep->nhw ? &inc->rep->hw[inc->rep->nhw - 1] : NULL;

	if (!err)
		return false;
	return (err->source == OD_HW_AER || err->source == OD_HW_CPER) &&
	       aer_detail(inc->rep, err, rec);
}

/* "EDAC MC0: 1 CE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0 (channel:1 page:0x1f ..)" */
bool od_hw_check_edac(const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	(void)rec;
	return od_cur_dec(&c, &n) && od_cur_lit(&c, ": ") && od_cur_dec(&c, &n) &&
	       (od_cur_lit(&c, " CE ") || od_cur_lit(&c, " UE "));
}

void od_hw_edac(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_hw_error *err = od_hw_last(rep, OD_HW_EDAC), new = { 0 };
	uint64_t n = 0, count = 1, page, offset = 0;
	const char *s;

	od_cur_dec(&c, &n);
	od_cur_lit(&c, ": ");
	od_cur_dec(&c, &count);
	new.grade = od_cur_lit(&c, " UE ") ? OD_HW_UNCORRECTED : OD_HW_CORRECTED;
	if (new.grade == OD_HW_CORRECTED)
		od_cur_lit(&c, " CE ");
	s = c.p;
	if (od_cur_lit(&c, "on ") || od_cur_past(&c, " on "))
		new.what = od_hw_words(rep, s, c.p - 3);
	s = c.p;
	if (od_cur_past(&c, " (")) {
		new.dimm = od_hw_words(rep, s, c.p - 2);
		s = c.p;
		if (od_cur_past(&c, "page:"))
			new.location = od_hw_words(rep, s, c.p - 5);
		if (new.location && od_cur_0x(&c, &page)) {
			if (od_cur_lit(&c, " offset:"))
				od_cur_0x(&c, &offset);
			new.physical_address = page << 12 | (offset & 0xfff);
			new.has_pa = true;
		}
	}
	count = count && count < UINT32_MAX ? count : 1;
	if (err && err->grade == new.grade &&same_text(err->dimm, new.dimm) &&
	    err->count < UINT32_MAX - (uint32_t)count) {
		err->count += (uint32_t)count;
		return;
	}
	err = od_report_add_hw(rep, OD_HW_EDAC, rec->lineno);
	if (!err)
		return;
	err->count = (uint32_t)count;
	err->has_grade = true;
	err->grade = new.grade;
	err->grade_word = new.grade == OD_HW_CORRECTED ? "corrected" : "uncorrected";
	err->what = new.what;
	err->dimm = new.dimm;
	err->location = new.location;
	err->physical_address = new.physical_address;
	err->has_pa = new.has_pa;
}

/* "1f2: recovery action for dirty LRU page: Recovered", of the page with that number */
void od_hw_memory_failure(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_hw_error *err = od_hw_last(inc->rep, OD_HW_MEMORY);
	uint64_t pfn;

	if (!od_cur_hex(&c, &pfn, NULL) || !od_cur_lit(&c, ": ") || pfn >> 52)
		return;
	if (!err || err->physical_address != pfn << 12)
		err = od_report_add_hw(inc->rep, OD_HW_MEMORY, rec->lineno);
	if (!err)
		return;
	err->has_grade = err->has_pa = true;
	err->grade = OD_HW_UNCORRECTED;
	err->physical_address = pfn << 12;
	err->what = od_hw_words(inc->rep, c.p, c.end);
}

/* "12345" after "Uncorrected hardware memory error in user-access at " */
void od_hw_user_access(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_hw_error *err = od_report_add_hw(inc->rep, OD_HW_MCE, rec->lineno);

	if (!err)
		return;
	err->has_grade = true;
	err->grade = OD_HW_UNCORRECTED;
	err->what = "memory error in data of a program";
	err->has_pa = od_cur_hex(&c, &err->physical_address, NULL);
}

/* "2c on CPU 0." */
void od_hw_nmi(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_hw_error *err = od_report_add_hw(inc->rep, OD_HW_NMI, rec->lineno);
	uint64_t v;

	if (!err)
		return;
	if (!od_cur_lit(&c, " (debug interrupt?) for reason "))
		od_cur_lit(&c, " for reason ");
	if (od_cur_hex(&c, &v, NULL) && v <= UINT8_MAX) {
		err->nmi_reason = (uint8_t)v;
		err->has_nmi = true;
	}
	if (od_cur_lit(&c, " on CPU ") && od_cur_dec(&c, &v) && v <= INT32_MAX)
		err->cpu = (int32_t)v;
	if (inc->rep->cpu < 0)
		inc->rep->cpu = err->cpu;
	if (inc->rep->nhw > 1 && err[-1].source == OD_HW_NMI &&
	    err[-1].nmi_reason == err->nmi_reason) {
		err[-1].count++;
		inc->rep->nhw--;
	}
}
