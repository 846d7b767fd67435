/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Errors of the hardware: which lines begin one, which belong to it, and where it ends. They are
 * printed at any time, and a corrected one must neither swallow the crash that comes after it nor
 * cut one in two that is being printed.
 */
#include <string.h>

#include "text/hw-lines.h"

/* "[Hardware Error]: ": tagged lines, most of which only go on with what another began. */
static bool check_tagged(const struct od_record *rec, struct od_cursor c)
{
	return od_hw_is_mce(rec) || od_hw_opens(c);
}

static bool check_mce(const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	return od_hw_is_mce(rec);
}

static void mce(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	od_hw_mce(inc, rec);
}

static void bert(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_hw_error *err = od_report_add_hw(inc->rep, OD_HW_CPER, rec->lineno);

	(void)c;
	if (err)
		err->previous_boot = true;
}

/* --- panics that only hardware causes ---------------------------------------------------- */

static bool check_machine_panic(const struct od_record *rec, struct od_cursor c)
{
	static const char *const words[] = { "achine check", "Machine Check", "MCE broadcast",
					     "Fatal hardware error", "Memory failure on page",
					     "Failed kernel mode recovery",
					     "Consecutive machine checks", "broadcast exception handler" };

	(void)rec;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (od_find(c.p, od_cur_left(&c), words[i]))
			return true;
	return false;
}

static bool check_nmi_panic(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), "NMI: Not continuing") ||
	       od_find(c.p, od_cur_left(&c), "NMI IOCK error: Not continuing") ||
	       od_find(c.p, od_cur_left(&c), "An NMI occurred");
}

static void panic_of(struct od_incident *inc, const struct od_record *rec, struct od_cursor c,
		     enum od_hw_source source)
{
	struct od_report *rep = inc->rep;
	struct od_hw_error *err = NULL;

	inc->panicked = true;
	if (!rep->subject)
		rep->subject = od_rest(rep, od_cursor_init(rec->text, rec->len));
	/* After another crash the machine's panic is only its end. */
	if (!rep->nhw && inc->named)
		return;
	for (uint32_t i = rep->nhw; i-- > 0 && !err;)
		if (od_hw_error_grade(&rep->hw[i]) >= OD_HW_UNCORRECTED)
			err = &rep->hw[i];
	if (!err)
		err = od_report_add_hw(rep, source, rec->lineno);
	if (!err)
		return;
	err->has_grade = true;
	err->grade = OD_HW_FATAL;
	if (!err->what && !err->mci_status && err->source != OD_HW_NMI)
		err->what = od_hw_words(rep, c.p, c.end);
}

static void machine_panic(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	panic_of(inc, rec, c, od_find(c.p, od_cur_left(&c), "Fatal hardware error") ? OD_HW_CPER :
			      OD_HW_MCE);
}

static void nmi_panic(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	panic_of(inc, rec, c, OD_HW_NMI);
}

#define MC OD_KIND_MACHINE_CHECK
const struct od_trigger od_hw_triggers[] = {
	{ "[Hardware Error]: ", OD_ROLE_DETECT, OD_ANYWHERE, MC, "mce", check_tagged, od_hw_tagged },
	{ ": Machine Check", OD_ROLE_DETECT, OD_ANYWHERE, MC, "mce", check_mce, mce },
	{ "Uncorrected hardware memory error in user-access at ", OD_ROLE_DETECT, OD_ANYWHERE, MC, "mce", NULL, od_hw_user_access },
	{ "Memory failure: 0x", OD_ROLE_DETECT, 0, MC, "memory-failure", NULL, od_hw_memory_failure },
	{ "BERT: Error records from previous boot:", OD_ROLE_DETECT, OD_ANYWHERE, MC, "bert", NULL, bert },
	{ "PCIe Bus Error: severity=", OD_ROLE_DETECT, OD_ANYWHERE, MC, "pcie-aer", NULL, od_hw_aer_bus },
	{ "AER: ", OD_ROLE_DETECT, OD_ANYWHERE, MC, "pcie-aer", od_hw_check_aer, od_hw_aer_received },
	{ "EDAC MC", OD_ROLE_DETECT, 0, MC, "edac", od_hw_check_edac, od_hw_edac },
	{ "Uhhuh. NMI received for unknown reason ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_NMI, "unknown", NULL, od_hw_nmi },
	{ "NMI: PCI system error (SERR)", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_NMI, "serr", NULL, od_hw_nmi },
	{ "NMI: IOCK error", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_NMI, "iock", NULL, od_hw_nmi },
	{ "Kernel panic - not syncing: ", OD_ROLE_PANIC, OD_ANYWHERE, MC, "mce", check_machine_panic, machine_panic },
	{ "Kernel panic - not syncing: ", OD_ROLE_PANIC, OD_ANYWHERE, OD_KIND_NMI, "panic", check_nmi_panic, nmi_panic },
	{ NULL, OD_ROLE_DETECT, 0, OD_KIND_NONE, NULL, NULL, NULL },
};

enum { NTRIGGERS = sizeof(od_hw_triggers) / sizeof(*od_hw_triggers) - 1 };

/* --- lines that go on -------------------------------------------------------------------- */

/* "[Hardware Error]: ", "mce: [Hardware Error]: ", "{12}[Hardware Error]: " */
static bool tagged_field(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	c = od_cursor_init(rec->text, rec->len);
	if (!od_cur_past(&c, "[Hardware Error]: "))
		return false;
	od_cur_blanks(&c);
	od_hw_tagged(inc, rec, c);
	return true;
}

/* "EDAC skx MC0: TSC 0x1f ADDR 0x2f ..": what a driver was told */
static bool edac_field(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_hw_error *err = od_hw_last(inc->rep, OD_HW_MCE);

	(void)rec;
	if (err && od_cur_past(&c, ": "))
		od_hw_mce_registers(err, c);
	return true;
}

const struct od_rule od_hw_rules[] = {
	{ "[Hardware Error]: ", tagged_field },
	{ "mce: [Hardware Error]: ", tagged_field },
	{ "{", tagged_field },
	{ "EDAC ", edac_field },
	{ "mce: CPUs not responding to MCE broadcast", od_rule_accept },
	{ "Dazed and confused", od_rule_accept },
	{ "Do you have a strange power saving mode enabled?", od_rule_accept },
	{ "BERT: Total records found", od_rule_accept },
	{ NULL, NULL },
};

void od_hw_name(struct od_incident *inc)
{
	struct od_report *rep = inc->rep;
	const struct od_hw_error *err = od_report_worst_hw(rep);
	const char *subkind = err ? od_hw_error_subkind(err) : NULL;

	if (subkind && (rep->kind == OD_KIND_MACHINE_CHECK || rep->kind == OD_KIND_NMI)) {
		rep->kind = OD_KIND_MACHINE_CHECK;
		rep->subkind = subkind;
	}
}

bool od_hw_field(struct od_incident *inc, const struct od_record *rec)
{
	bool known = false;

	if (!inc->rep->nhw)
		return false;
	for (const struct od_rule *r = od_hw_rules; r->literal && !known; r++) {
		struct od_cursor c = od_cursor_init(rec->text, rec->len);

		known = od_cur_lit(&c, r->literal) && r->parse(inc, rec, c);
	}
	if (!known && !od_hw_line(inc, rec))
		return false;
	od_hw_name(inc);
	return true;
}

/* --- where it belongs -------------------------------------------------------------------- */

static enum od_severity worst(const struct od_report *rep)
{
	const struct od_hw_error *err = od_report_worst_hw(rep);

	return err ? od_hw_error_severity(err) : OD_SEV_INFO;
}

/* Would it, read alone, be more than a remark? */
static bool is_benign(const struct od_trigger *t, const struct od_record *rec, struct od_cursor at)
{
	struct od_incident scratch = { .rep = od_report_create() };
	bool benign;

	t->parse(&scratch, rec, at);
	benign = worst(scratch.rep) <= OD_SEV_LOW;
	od_report_destroy(scratch.rep);
	return benign;
}

enum od_hw_place od_hw_place(const struct od_incident *inc, const struct od_trigger *t,
			     const struct od_record *rec, struct od_cursor at)
{
	const bool hw = t >= od_hw_triggers && t < od_hw_triggers + NTRIGGERS;

	if (!inc)
		return OD_HW_ANY;
	if (!inc->rep->nhw) {
		if (!hw || t->role == OD_ROLE_PANIC || inc->tail)
			return OD_HW_ANY;
		return is_benign(t, rec, at) ? OD_HW_IGNORE : OD_HW_ANY;
	}
	if (hw) {
		const bool earlier = inc->rep->hw[0].previous_boot;

		if (inc->tail && t->role != OD_ROLE_PANIC)
			return OD_HW_OPEN;
		/* Of the boot before and of this one are two. */
		return (t->parse == bert) != earlier && (t->parse == bert || t->parse != od_hw_tagged ||
			od_find(at.p, od_cur_left(&at), "from APEI")) ? OD_HW_OPEN : OD_HW_JOIN;
	}
	if (t->role != OD_ROLE_PANIC)
		return OD_HW_OPEN;
	return worst(inc->rep) >= OD_SEV_HIGH ? OD_HW_JOIN : OD_HW_OPEN;
}
