/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <stdlib.h>

#include "talloc.h"

/* Bytes of a chunk's header in 64 bit builds, by version. */
static const uint64_t headers[] = {
	0x50, /* 2.0.0 to 2.0.7 */
	0x60, /* 2.0.8 and later */
};

/*
 * Functions of one library stand together. Beyond the known pcs only the page is taken as text: the
 * heap of a small program begins a few pages behind it.
 */
enum { TEXT_AROUND = 4096, TEXT_APART = 256 << 10 };

static bool is_talloc(const struct od_plugin_frame *f)
{
	static const char *const prefixes[] = {"_tc_", "tc_", "_talloc_", "talloc_", "__talloc"};

	for (size_t i = 0; f->function && i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (starts(f->function, prefixes[i]))
			return true;
	return starts(f->module, "libtalloc");
}

static void read_var(struct model *m, uint32_t frame, const struct od_plugin_variable *in)
{
	struct var *v = &m->vars[m->nvars++];
	const char *s = in->value ? in->value : "", *after;

	*v = (struct var){.name = in->name ? in->name : "",
			  .value = s,
			  .number = in->number,
			  .line = in->line,
			  .frame = frame,
			  .arg = in->flags & OD_VARIABLE_ARGUMENT};
	if (strstr(s, "<optimized out>") || strstr(s, "<error"))
		m->frames[frame].hidden = true;
	if (!(in->flags & OD_VARIABLE_NUMBER))
		return;
	if (*s == '(') {
		after = strstr(s, ") ");
		s = after ? after + 2 : s;
	}
	s += *s == '@';
	v->pointer = s[0] == '0' && s[1] == 'x' && v->number >= MIN_POINTER;
	after = s + strcspn(s, " ");
	v->symbol = starts(after, " <");
	v->string = starts(after, " \"");
}

static void read_frame(struct model *m, uint32_t index, const struct od_plugin_frame *in)
{
	struct frame *f = &m->frames[index];
	struct od_plugin_variable v = OD_PLUGIN_INIT(v);

	*f = (struct frame){.function = in->function,
			    .module = in->module,
			    .file = in->file,
			    .address = in->address,
			    .source_line = in->source_line,
			    .number = in->number,
			    .line = in->line,
			    .first_var = m->nvars,
			    .talloc = is_talloc(in)};
	for (uint32_t i = 0; i < in->variables && m->nvars < MAX_VARS; i++) {
		v = (struct od_plugin_variable)OD_PLUGIN_INIT(v);
		if (m->c->host->variable(m->c->rep, 0, index, i, &v) == OD_PLUGIN_OK)
			read_var(m, index, &v);
	}
	f->nvars = m->nvars - f->first_var;
	/* Without a source file there was no debug information: silence proves nothing. */
	f->hidden |= !in->file;
}

static int by_value(const void *a, const void *b, void *vars)
{
	const struct var *x = (const struct var *)vars + *(const uint32_t *)a;
	const struct var *y = (const struct var *)vars + *(const uint32_t *)b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int by_first(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static void find_text(struct model *m)
{
	uint32_t n = 0;

	/* Return addresses are text, with or without a name; the innermost one is in question. */
	for (uint32_t i = 0; i < m->nframes; i++)
		if (m->frames[i].address >= MIN_POINTER &&
		    (i || m->frames[i].function || m->frames[i].module))
			m->text[n++] = (struct range){m->frames[i].address, m->frames[i].address};
	qsort(m->text, n, sizeof(*m->text), by_first);
	for (uint32_t i = 0; i < n; i++) {
		if (m->ntext && m->text[i].first - m->text[m->ntext - 1].last < TEXT_APART)
			m->text[m->ntext - 1].last = m->text[i].first;
		else
			m->text[m->ntext++] = m->text[i];
	}
	for (uint32_t i = 0; i < m->ntext; i++) {
		m->text[i].first -= TEXT_AROUND;
		if (m->text[i].last <= UINT64_MAX - TEXT_AROUND)
			m->text[i].last += TEXT_AROUND;
	}
}

/* Where a frame shows both chunk and object, the distance is the header. */
static void find_header(struct model *m)
{
	for (uint32_t i = 0; i < m->nframes; i++) {
		const struct var *tc = model_var(m, i, "tc"), *ptr = model_var(m, i, "ptr");

		if (!m->frames[i].talloc || !tc || !ptr || !tc->pointer || !ptr->pointer)
			continue;
		for (size_t h = 0; h < sizeof(headers) / sizeof(*headers); h++) {
			if (ptr->number - tc->number != headers[h])
				continue;
			if (!m->header)
				m->header = headers[h];
			m->header_seen += m->header == headers[h];
		}
	}
}

bool model_read(struct model *m, const struct ctx *c)
{
	struct od_plugin_frame f;

	*m = (struct model){.c = c};
	m->frames = calloc(MAX_FRAMES, sizeof(*m->frames));
	m->vars = calloc(MAX_VARS, sizeof(*m->vars));
	m->by_value = calloc(MAX_VARS, sizeof(*m->by_value));
	m->text = calloc(MAX_FRAMES, sizeof(*m->text));
	if (!m->frames || !m->vars || !m->by_value || !m->text)
		return false;
	while (m->nframes < MAX_FRAMES && frame_at(c, 0, m->nframes, &f)) {
		read_frame(m, m->nframes, &f);
		m->nframes++;
	}
	for (uint32_t i = 0; i < m->nvars; i++)
		if (m->vars[i].pointer)
			m->by_value[m->npointers++] = i;
	qsort_r(m->by_value, m->npointers, sizeof(*m->by_value), by_value, m->vars);
	find_text(m);
	find_header(m);
	return m->nframes > 0;
}

void model_free(struct model *m)
{
	free(m->frames);
	free(m->vars);
	free(m->by_value);
	free(m->text);
}

uint32_t model_find(const struct model *m, uint64_t number, uint32_t *first)
{
	uint32_t lo = 0, hi = m->npointers;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (m->vars[m->by_value[mid]].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	*first = lo;
	while (hi < m->npointers && m->vars[m->by_value[hi]].number == number)
		hi++;
	return hi;
}

const struct var *model_var(const struct model *m, uint32_t frame, const char *name)
{
	const struct frame *f = &m->frames[frame];

	for (uint32_t i = 0; i < f->nvars; i++)
		if (!strcmp(m->vars[f->first_var + i].name, name))
			return &m->vars[f->first_var + i];
	return NULL;
}

const struct var *model_first_arg(const struct model *m, uint32_t frame)
{
	const struct frame *f = &m->frames[frame];
	const struct var *v = &m->vars[f->first_var];

	return f->nvars && v->arg && v->pointer ? v : NULL;
}

bool model_in_text(const struct model *m, uint64_t address)
{
	uint32_t lo = 0, hi = m->ntext;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (m->text[mid].last < address)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < m->ntext && m->text[lo].first <= address;
}

/* The top of user space on x86-64; with randomisation off libraries stand a little below. */
bool model_in_stack(uint64_t address)
{
	return address >= 0x7ffc00000000 && address < 0x800000000000 &&
	       !(address >= 0x7ffff0000000 && address < 0x7fffff000000);
}

bool model_is_object(const struct model *m, const struct var *v)
{
	return v->pointer && !v->symbol && !v->string && !(v->number & 7) &&
	       strcmp(v->name, "tc") != 0 && strcmp(v->name, "location") != 0 &&
	       !model_in_text(m, v->number) && !model_in_stack(v->number) &&
	       v->number < 0x800000000000;
}

const char *model_name(const struct frame *f)
{
	return f->function ? f->function : "??";
}
