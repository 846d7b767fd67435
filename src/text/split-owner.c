/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the incidents that are open a record belongs to. */
#include <string.h>

#include "text/split-internal.h"

bool od_split_speaks(const struct od_incident *inc, uint32_t caller)
{
	for (uint32_t i = 0; i < inc->ncallers; i++)
		if (inc->callers[i] == caller)
			return true;
	return false;
}

void od_split_add_caller(struct od_incident *inc, uint32_t caller)
{
	if (caller && !od_split_speaks(inc, caller) &&
	    inc->ncallers < sizeof(inc->callers) / sizeof(*inc->callers))
		inc->callers[inc->ncallers++] = caller;
}

struct od_incident *od_split_latest(struct od_split *s)
{
	struct od_incident *best = NULL;

	for (unsigned i = 0; i < s->nopen; i++)
		if (!best || s->open[i].turn > best->turn)
			best = &s->open[i];
	return best;
}

struct od_incident *od_split_owner(struct od_split *s, uint32_t caller)
{
	struct od_incident *last = od_split_latest(s);

	if (!last || !caller)
		return last;
	if (last->any_caller || od_split_speaks(last, caller))
		return last;
	for (unsigned i = s->nopen; i-- > 0;)
		if (od_split_speaks(&s->open[i], caller))
			return &s->open[i];
	return NULL;
}

/* Registers come before the trace: of an exception the trace is not due until they are read. */
static bool awaits_registers(const struct od_incident *inc)
{
	const struct od_report *rep = inc->rep;

	return od_incident_has_pc(inc) && rep->nregisters && !od_report_register(rep, "cr2") &&
	       rep->arch && !strcmp(rep->arch, "x86_64");
}

/* Lines that a report has but once: what they begin with, and whether inc still waits for it. */
static bool awaits_cpu_line(const struct od_incident *inc)
{
	return !inc->cpu_line;
}

static bool awaits_trace(const struct od_incident *inc)
{
	return !inc->any_trace && !awaits_registers(inc);
}

static bool awaits_pc(const struct od_incident *inc)
{
	return !od_incident_has_pc(inc) && inc->cpu_line;
}

static bool awaits_more_registers(const struct od_incident *inc)
{
	return awaits_registers(inc) || (od_incident_has_pc(inc) && !inc->rep->nregisters);
}

static const struct {
	const char *literal;
	bool (*awaited)(const struct od_incident *inc);
} once[] = {
	{ "CPU: ", awaits_cpu_line },	      { "Call Trace:", awaits_trace },
	{ "Call trace:", awaits_trace },      { "RIP: 0010:", awaits_pc },
	{ "RSP: 0018:", awaits_more_registers }, { "RAX: ", awaits_more_registers },
	{ "RDX: ", awaits_more_registers },   { "RBP: ", awaits_more_registers },
	{ "R10: ", awaits_more_registers },   { "R13: ", awaits_more_registers },
	{ "FS: ", awaits_more_registers },    { "CS: ", awaits_more_registers },
	{ "CR2: ", awaits_more_registers },
};

/* Is inc, just begun, one that a trace belongs to, and rec by one of its callers? */
static bool may_go_on(const struct od_incident *inc, const struct od_record *rec)
{
	switch (inc->rep->kind) {
	case OD_KIND_FS_ERROR:
	case OD_KIND_UNREGISTER_NETDEVICE:
	case OD_KIND_OOM:
	case OD_KIND_OTHER:
		return false;
	default:
		return !inc->info && inc->gap < 8 &&
		       (!rec->caller || inc->any_caller || od_split_speaks(inc, rec->caller));
	}
}

struct od_incident *od_split_by_grammar(struct od_split *s, const struct od_record *rec,
				      struct od_incident *inc)
{
	if (s->nopen < 2)
		return inc;
	for (size_t i = 0; i < sizeof(once) / sizeof(*once); i++) {
		if (rec->len < strlen(once[i].literal) || !od_starts(rec->text, once[i].literal))
			continue;
		for (unsigned k = 0; k < s->nopen; k++)
			if (may_go_on(&s->open[k], rec) && once[i].awaited(&s->open[k]))
				return &s->open[k];
	}
	return inc;
}

