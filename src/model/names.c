/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of doc/json.md for the enumerations of the model. */
#include <string.h>

#include "model/report.h"

static const char *const kinds[] = {
#define OD_KIND(id, name) name,
#include "model/kinds.def"
#undef OD_KIND
};

static const char *const severities[] = { "info", "low", "medium", "high", "critical" };
static const char *const confidences[] = { "low", "medium", "high" };
static const char *const grades[] = { "weak", "medium", "strong" };

const char *od_kind_name(enum od_kind kind)
{
	return (unsigned)kind < OD_KIND_COUNT ? kinds[kind] : "other";
}

enum od_kind od_kind_by_name(const char *name)
{
	for (unsigned i = 0; i < OD_KIND_COUNT; i++)
		if (!strcmp(kinds[i], name))
			return (enum od_kind)i;
	return OD_KIND_NONE;
}

bool od_kind_is_user(enum od_kind kind)
{
	return kind == OD_KIND_USER_CRASH || kind == OD_KIND_USER_ABORT || kind == OD_KIND_KVM_SELFTEST;
}

const char *od_severity_name(enum od_severity severity)
{
	return severities[severity];
}

bool od_severity_by_name(const char *name, enum od_severity *ret)
{
	for (unsigned i = 0; i < sizeof(severities) / sizeof(*severities); i++) {
		if (!strcmp(severities[i], name)) {
			*ret = (enum od_severity)i;
			return true;
		}
	}
	return false;
}

const char *od_confidence_name(enum od_confidence confidence)
{
	return confidences[confidence];
}

const char *od_grade_name(enum od_grade grade)
{
	return grades[grade];
}
