/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All rows together. A record is looked at once, whatever the number of rows: two bytes of each
 * literal, in a bitmap, say where it is worth comparing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/arch.h"
#include "text/families.h"
#include "text/hw.h"
#include "text/iommu.h"

/* A detector that stands earlier wins over one that stands later. */
const struct od_family od_families[] = {
	{ od_hw_triggers, NULL, NULL },
	{ od_crash_tool_triggers, od_crash_tool_rules, od_crash_tool_frame },
	{ od_iommu_triggers, NULL, NULL },
	{ od_arm64_triggers, od_arm64_rules, NULL },
	{ od_arm_triggers, od_arm_rules, od_arm_frame },
	{ od_power_triggers, od_power_rules, od_power_frame },
	{ od_s390_triggers, od_s390_rules, od_s390_frame },
	{ NULL, od_riscv_rules, NULL },
	{ od_mips_triggers, od_mips_rules, NULL },
	{ NULL, od_loongarch_rules, NULL },
	{ NULL, od_i386_rules, NULL },
	{ od_arch_triggers, od_arch_rules, NULL },
	{ od_sanitizer_triggers, od_sanitizer_rules, od_sanitizer_frame },
	{ od_lockdep_triggers, od_lockdep_rules, od_lockdep_frame },
	{ od_task_triggers, od_task_rules, od_task_frame },
	{ od_stall_triggers, od_stall_rules, NULL },
	{ od_oops_triggers, od_x86_rules, NULL },
	{ od_slab_triggers, od_slab_rules, NULL },
	{ od_memory_triggers, od_memory_rules, NULL },
	{ od_filesystem_triggers, od_filesystem_rules, NULL },
	{ od_check_triggers, od_check_rules, od_check_frame },
	{ NULL, od_field_rules, NULL },
	{ NULL, NULL, NULL },
};

/* What shows a crash whose head is lost, or where one comes from. */
static const char *const more_markers[] = {
	"): Internal error ", "): Metadata corruption detected", "): Corruption of ",
	"): Metadata CRC error detected", "): Corruption detected", "I/O Error (0x", "I/O Error Detected",
	"): metadata I/O error", "shutdown(0x", "recovery failed: error", /* of XFS: check_xfs, check_xfs_after */
	"): checksum verify failed", "): csum failed ", /* of btrfs: check_btrfs_warning */

	"Call Trace", "+0x", "end trace", "RIP: ", "Linux version ", "#1 Part", "#2 Part",
	"<signal handler called>", " in ?? (", "#0  ", "#1  ", "#2  ", "received signal SIG",
	"terminated with signal ", "  COMMAND: \"", "PANIC: \"", "==== Test Assertion Failure ====", "# selftests: kvm",
};

enum { MAX_ROWS = 1024 };

struct row {
	const struct od_trigger *t;
	uint16_t len;
	uint16_t next; /* with the same two bytes: 1 + index, in the order of the tables */
};

static struct row rows[MAX_ROWS];
static uint16_t nrows;
static uint16_t first[65536];
static const char *markers[MAX_ROWS + sizeof(more_markers) / sizeof(*more_markers) + 1];

static unsigned pair(const char *s)
{
	return (unsigned)(unsigned char)s[0] << 8 | (unsigned char)s[1];
}

static void add_row(const struct od_trigger *t)
{
	uint16_t *at = &first[pair(t->literal)];

	if (nrows == MAX_ROWS)
		abort();
	rows[nrows] = (struct row){ t, (uint16_t)strlen(t->literal), 0 };
	while (*at)
		at = &rows[*at - 1].next;
	*at = ++nrows;
}

static void prepare(void)
{
	size_t n = 0;

	if (nrows)
		return;
	for (const struct od_family *f = od_families; f->triggers || f->rules; f++)
		for (const struct od_trigger *t = f->triggers; t && t->literal; t++)
			add_row(t);
	for (uint16_t i = 0; i < nrows; i++)
		if (!(rows[i].t->flags & OD_COMMON))
			markers[n++] = rows[i].t->literal;
	for (size_t i = 0; i < sizeof(more_markers) / sizeof(*more_markers); i++)
		markers[n++] = more_markers[i];
}

const char *const *od_trigger_markers(void)
{
	prepare();
	return markers;
}

const struct od_trigger *od_trigger_find(const struct od_record *rec, struct od_cursor *at)
{
	const char *end = rec->text + rec->len;
	uint16_t best = UINT16_MAX;

	prepare();
	for (const char *p = rec->text; p + 1 < end; p++) {
		for (uint16_t i = first[pair(p)]; i && i <= best; i = rows[i - 1].next) {
			const struct row *r = &rows[i - 1];
			struct od_cursor c = { p, end };

			if ((p != rec->text && !(r->t->flags & OD_ANYWHERE)) || i == best ||
			    !od_cur_lit_n(&c, r->t->literal, r->len) ||
			    (r->t->check && !r->t->check(rec, c)))
				continue;
			best = i;
			*at = c;
			break;
		}
	}
	return best == UINT16_MAX ? NULL : rows[best - 1].t;
}

/* --- field rules: by first byte, in the order of the tables ------------------------------ */

static struct rule_row {
	const struct od_rule *rule;
	uint16_t len, next;
} rule_rows[MAX_ROWS];
static uint16_t nrules;
static uint16_t first_rule[256];

static void prepare_rules(void)
{
	uint16_t last[256] = { 0 };

	for (const struct od_family *f = od_families; f->triggers || f->rules; f++) {
		for (const struct od_rule *r = f->rules; r && r->literal; r++) {
			unsigned char b = (unsigned char)*r->literal;

			if (nrules == MAX_ROWS)
				abort();
			rule_rows[nrules] = (struct rule_row){ r, (uint16_t)strlen(r->literal), 0 };
			nrules++;
			if (last[b])
				rule_rows[last[b] - 1].next = nrules;
			else
				first_rule[b] = nrules;
			last[b] = nrules;
		}
	}
}

static bool run_rules(struct od_incident *inc, const struct od_record *rec)
{
	if (!nrules)
		prepare_rules();
	for (uint16_t i = first_rule[(unsigned char)*rec->text]; i; i = rule_rows[i - 1].next) {
		struct od_cursor c = od_cursor_init(rec->text, rec->len);

		if (od_cur_lit_n(&c, rule_rows[i - 1].rule->literal, rule_rows[i - 1].len) &&
		    rule_rows[i - 1].rule->parse(inc, rec, c))
			return true;
	}
	return false;
}

bool od_incident_field(struct od_incident *inc, const struct od_record *rec)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len);
	bool was_in_modules = inc->in_modules;

	inc->in_modules = false;
	if (od_cur_end(&c))
		return false;
	if (od_hw_field(inc, rec) || od_section_line(inc, rec) || run_rules(inc, rec))
		return true;
	if (inc->in_raw_stack && od_raw_words(rec))
		return true;
	if (!inc->tail || inc->aside) {
		for (const struct od_family *f = od_families; f->triggers || f->rules; f++)
			if (f->frame && f->frame(inc, rec, c))
				return true;
		if (od_frame_line(inc, rec, c))
			return true;
	}
	return was_in_modules && od_module_words(inc, c, true);
}
