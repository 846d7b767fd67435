/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Collects the faults of each device. The lines are read in iommu-lines.c. */
#include "text/iommu.h"

#include <string.h>

#include "base/alloc.h"

static bool is(const char *s, struct od_cursor c)
{
	if (!s || od_cur_end(&c))
		return !s && od_cur_end(&c);
	return strlen(s) == od_cur_left(&c) && !memcmp(s, c.p, od_cur_left(&c));
}

static const char *copy(struct od_report *rep, struct od_cursor c)
{
	return od_cur_end(&c) ? NULL : od_arena_strndup(&rep->arena, c.p, od_cur_left(&c));
}

/* Of no device: by its unit. */
static bool is_of(const struct od_iommu *io, const struct od_iommu_line *line)
{
	return io->source == line->source && is(io->device, line->device) &&
	       (!io->unit || od_cur_end(&line->unit) || is(io->unit, line->unit));
}

static void forget(struct od_iommu_set *set, unsigned i)
{
	if (set->last == set->dev[i].rep)
		set->last = NULL;
	memmove(&set->dev[i], &set->dev[i + 1], (set->n - i - 1) * sizeof(*set->dev));
	set->n--;
}

bool od_iommu_next(struct od_iommu_set *set, struct od_iommu_device *ret)
{
	if (!set->n)
		return false;
	*ret = set->dev[0];
	forget(set, 0);
	return true;
}

void od_iommu_clear(struct od_iommu_set *set)
{
	struct od_iommu_device d;

	while (od_iommu_next(set, &d))
		od_report_destroy(d.rep);
	*set = (struct od_iommu_set){ 0 };
}

static struct od_report *open_report(struct od_iommu_set *set, const struct od_record *rec,
				     const struct od_iommu_line *line, uint64_t opened,
				     struct od_iommu_device *full_ret)
{
	static const char *const subkinds[] = { "vt-d", "amd-vi", "smmu-v3", "smmu" };
	struct od_report *rep = od_report_create();
	unsigned oldest = 0;

	if (set->n == OD_IOMMU_DEVICES) {
		for (unsigned i = 1; i < set->n; i++)
			if (set->dev[i].turn < set->dev[oldest].turn)
				oldest = i;
		*full_ret = set->dev[oldest];
		forget(set, oldest);
	}
	set->dev[set->n++] = (struct od_iommu_device){ rep, opened, set->turn };
	rep->kind = OD_KIND_IOMMU_FAULT;
	rep->subkind = subkinds[line->source];
	rep->lines.first = set->first_line ? set->first_line : rec->lineno;
	rep->time_us = rec->ts_us;
	rep->wall_time = od_arena_strdup(&rep->arena, rec->wall);
	rep->host = od_arena_strdup(&rep->arena, rec->host);
	rep->subject = od_arena_strndup(&rep->arena, rec->text, rec->len);
	rep->iommu = od_arena_alloc(&rep->arena, sizeof(*rep->iommu));
	*rep->iommu = (struct od_iommu){ .source = line->source,
					  .device = copy(rep, line->device),
					  .unit = copy(rep, line->unit) };
	return rep;
}

static struct od_report *report_of(struct od_iommu_set *set, const struct od_record *rec,
				   const struct od_iommu_line *line, uint64_t opened,
				   struct od_iommu_device *full_ret)
{
	set->turn++;
	for (unsigned i = 0; i < set->n; i++) {
		if (!is_of(set->dev[i].rep->iommu, line))
			continue;
		set->dev[i].turn = set->turn;
		return set->dev[i].rep;
	}
	return open_report(set, rec, line, opened, full_ret);
}

static void keep(struct od_report *rep, const struct od_record *rec)
{
	if (rep->nrecords < OD_IOMMU_RECORDS)
		od_report_add_record(rep, rec);
	if (rec->lineno_last > rep->lines.last)
		rep->lines.last = rec->lineno_last;
	if (rec->lineno < rep->lines.first) /* parts of a dump that were put in order */
		rep->lines.first = rec->lineno;
}

static bool same_word(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

void od_iommu_merge(struct od_iommu *io)
{
	struct od_iommu_fault *last = &io->faults[io->nfaults - 1];

	for (uint32_t i = 0; i + 1 < io->nfaults; i++) {
		struct od_iommu_fault *f = &io->faults[i];

		if (f->what != last->what || f->has_code != last->has_code || f->code != last->code ||
		    f->flags != last->flags || !same_word(f->access, last->access) ||
		    !same_word(f->name, last->name) || !same_word(f->text, last->text))
			continue;
		f->count += last->count;
		io->nfaults--;
		return;
	}
}

static void add_fault(struct od_report *rep, const struct od_record *rec, const struct od_record *first,
		      const struct od_iommu_line *line)
{
	struct od_iommu *io = rep->iommu;
	struct od_iommu_fault *f;

	io->total++;
	if (line->f.has_addr && !line->f.is_index) {
		io->low = !io->has_range || line->f.addr < io->low ? line->f.addr : io->low;
		io->high = !io->has_range || line->f.addr > io->high ? line->f.addr : io->high;
		io->has_range = true;
	}
	for (uint32_t i = 0; i < io->nfaults; i++) {
		f = &io->faults[i];
		if (f->what == line->f.what && f->has_code == line->f.has_code && f->code == line->f.code &&
		    f->flags == line->f.flags && same_word(f->access, line->f.access) && is(f->name, line->name) &&
		    is(f->text, line->text)) {
			f->count++;
			return;
		}
	}
	if (io->nfaults == OD_IOMMU_FAULTS) {
		io->left_out++;
		return;
	}
	f = &io->faults[io->nfaults++];
	*f = line->f;
	f->count = 1;
	f->lineno = rec->lineno;
	f->name = copy(rep, line->name);
	f->text = copy(rep, line->text);
	if (!f->name)
		f->name = "fault";
	od_report_add_link(rep, OD_KIND_IOMMU_FAULT, first->text, first->len, first->lineno);
}

static void fault(struct od_iommu_set *set, const struct od_record *rec, const struct od_iommu_line *line,
		  uint64_t opened, struct od_iommu_device *full_ret)
{
	struct od_record first = *rec;
	struct od_report *rep;
	struct od_iommu *io;

	/* Words alone tell nobody what they are. */
	if (line->f.has_words && set->begun && set->first_len) {
		first.text = set->first_text;
		first.len = set->first_len;
		first.lineno = set->first_line;
	}
	rep = report_of(set, &first, line, opened, full_ret);
	io = rep->iommu;
	add_fault(rep, rec, &first, line);
	keep(rep, rec);
	if (set->has_status && line->source == OD_IOMMU_VTD) {
		io->status |= set->status;
		io->has_status = true;
		set->has_status = false;
	}
	set->begun = false;
	set->first_line = 0;
	set->last = rep;
	set->since = 0;
}

void od_iommu_take(struct od_iommu_set *set, const struct od_trigger *t, const struct od_record *rec,
		   struct od_cursor at, uint64_t opened, struct od_iommu_device *full_ret)
{
	struct od_iommu_line line = { .f = { .count = 0 } };

	set->begun = false;
	if (od_iommu_read(set, (unsigned)(t - od_iommu_triggers), rec, at, &line))
		fault(set, rec, &line, opened, full_ret);
	else if ((set->begun || set->has_status) && !set->first_line)
		set->first_line = rec->lineno;
	if (set->begun) {
		set->first_len = rec->len < sizeof(set->first_text) ? rec->len : sizeof(set->first_text);
		memcpy(set->first_text, rec->text, set->first_len);
	}
	set->since = 0;
}

/* Whose lines are kept back nobody says: most likely of the one that has the most. */
static struct od_report *busiest(const struct od_iommu_set *set)
{
	struct od_report *best = set->last;

	for (unsigned i = 0; i < set->n; i++) {
		const struct od_iommu *io = set->dev[i].rep->iommu;

		if (io->source == best->iommu->source && io->total > best->iommu->total)
			best = set->dev[i].rep;
	}
	return best;
}

bool od_iommu_more(struct od_iommu_set *set, const struct od_record *rec, uint64_t opened,
		   struct od_iommu_device *full_ret)
{
	struct od_iommu_line line = { .f = { .count = 0 } };
	uint64_t n;

	if (!set->begun && !set->last && !set->has_status)
		return false;
	if (set->last && od_iommu_suppressed(rec, &n)) {
		struct od_report *rep = busiest(set);

		if (rep->iommu->suppressed < UINT64_C(1) << 52)
			rep->iommu->suppressed += n;
		keep(rep, rec);
		set->since = 0;
		return true;
	}
	if (set->since++ >= OD_IOMMU_FOLLOW) {
		set->begun = set->has_status = false;
		set->first_line = 0;
		return false;
	}
	if (set->begun) {
		const unsigned words = set->nwords;

		if (od_iommu_finish(set, rec, &line)) {
			fault(set, rec, &line, opened, full_ret);
			return true;
		}
		return set->nwords != words;
	}
	if (!set->last || !od_iommu_detail(set->last, rec))
		return false;
	keep(set->last, rec);
	return true;
}
