/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "talloc.h"

enum {
	TEXT_REACH = 64 * 1024,	 /* constants lie this close to code */
	LEAST_POINTER = 0x10000, /* below: numbers */
};

bool talloc_is_text(const struct model *m, uint64_t value)
{
	for (uint32_t i = 0; i < m->nframes; i++) {
		uint64_t pc = m->frames[i].pc;

		if (m->frames[i].function && pc && value - pc + TEXT_REACH < 2 * TEXT_REACH)
			return true;
	}
	return false;
}

static bool talloc_function(const char *fn)
{
	return starts(fn, "_tc_") || starts(fn, "tc_") || starts(fn, "_talloc_") ||
	       starts(fn, "talloc_");
}

static bool tevent_function(const char *fn)
{
	return starts(fn, "tevent_") || starts(fn, "_tevent_") || starts(fn, "std_event_loop") ||
	       starts(fn, "epoll_event_loop") || starts(fn, "poll_event_loop");
}

/*
 * Values that can be objects. What gdb prints with a string or a symbol behind it is a constant or a
 * buffer; stacks of threads lie near the top of user space.
 */
static bool may_be_object(const struct od_plugin_variable *v)
{
	if (!(v->flags & OD_VARIABLE_NUMBER) || v->number < LEAST_POINTER || v->number >> 47)
		return false;
	if (!starts(v->value, "0x") || strpbrk(v->value, "\"<{"))
		return false;
	return v->number < 0x7ff000000000ull;
}

static void read_frame(const struct ctx *c, struct model *m, uint32_t i)
{
	struct bt_frame *b = &m->frames[i];
	struct od_plugin_frame f;

	if (!frame_at(c, 0, i, &f))
		return;
	*b = (struct bt_frame){ .function = f.function, .file = f.file, .pc = f.address,
				.number = f.number, .line = f.line, .source_line = f.source_line,
				.first_hold = m->nholds };
	/* Without debug info the library's name is all there is of its static functions. */
	b->talloc = talloc_function(f.function) || starts(f.module, "libtalloc");
	b->tevent = tevent_function(f.function) || starts(f.module, "libtevent");
	for (uint32_t k = 0; k < f.variables && m->nholds < MAX_HOLDS; k++) {
		struct od_plugin_variable v = OD_PLUGIN_INIT(v);

		if (c->host->variable(c->rep, 0, i, k, &v) != OD_PLUGIN_OK)
			break;
		if (!may_be_object(&v))
			continue;
		m->holds[m->nholds++] = (struct hold){ i, v.line, v.number, v.name };
		b->nholds++;
	}
}

bool talloc_var(const struct model *m, uint32_t frame, const char *name, struct hold *ret)
{
	const struct bt_frame *b = &m->frames[frame];

	for (uint32_t i = 0; i < b->nholds; i++) {
		if (same(m->holds[b->first_hold + i].name, name)) {
			*ret = m->holds[b->first_hold + i];
			return true;
		}
	}
	return false;
}

const struct hold *talloc_holder(const struct model *m, uint64_t value, uint32_t from)
{
	for (uint32_t i = 0; i < m->nholds; i++) {
		const struct hold *h = &m->holds[i];

		if (h->frame >= from && h->value == value && !m->frames[h->frame].talloc)
			return h;
	}
	return NULL;
}

/* "0x.. \"../lib/x.c:12\"" -> ../lib/x.c:12 */
static void read_location(const struct ctx *c, uint32_t frame, char *buf, size_t size)
{
	struct od_plugin_variable v = OD_PLUGIN_INIT(v);

	buf[0] = '\0';
	for (uint32_t k = 0; k < 64 && c->host->variable(c->rep, 0, frame, k, &v) == OD_PLUGIN_OK; k++) {
		const char *open = strchr(v.value, '"'), *close;

		if (!same(v.name, "location") || !open)
			continue;
		close = strchr(open + 1, '"');
		if (close)
			snprintf(buf, size, "%.*s", (int)(close - open - 1), open + 1);
		return;
	}
}

static uint32_t outside_of_talloc(const struct model *m, uint32_t i)
{
	while (i < m->nframes && m->frames[i].talloc)
		i++;
	return i;
}

static void find_header(struct model *m)
{
	m->header = 0x60;
	for (uint32_t i = 0; i < m->nframes; i++) {
		struct hold ptr, tc;

		if (!m->frames[i].talloc || !talloc_var(m, i, "ptr", &ptr) || !talloc_var(m, i, "tc", &tc))
			continue;
		/* 0x50 up to talloc 2.0.7, 0x60 since 2.0.8 (64 bits). */
		if (ptr.value - tc.value == 0x50 || ptr.value - tc.value == 0x60) {
			m->header = ptr.value - tc.value;
			m->header_proven = true;
			return;
		}
	}
}

/* A frame of _tc_free_internal with its locals: all is said. */
static void add_free(const struct ctx *c, struct model *m, uint32_t i)
{
	struct active_free *f = &m->frees[m->nfrees];
	const struct bt_frame *callee = &m->frames[i - 1];
	struct hold h;

	*f = (struct active_free){ .frame = i, .initiator = outside_of_talloc(m, i) };
	if (talloc_var(m, i, "ptr", &h))
		f->object = h.value;
	else if (talloc_var(m, i, "tc", &h))
		f->object = h.value + m->header;
	else
		return;
	f->line = h.line;
	f->phase = callee->talloc ? PHASE_CHILDREN : PHASE_DESTRUCTOR;
	f->destructor = callee->talloc ? NULL : callee->function;
	read_location(c, i, f->location, sizeof(f->location));
	m->nfrees++;
}

/* talloc's frames without locals: the innermost calls a destructor, whose argument is the object. */
static void infer_free(struct model *m, uint32_t i)
{
	struct active_free *f = &m->frees[m->nfrees];
	const struct bt_frame *callee = &m->frames[i - 1];

	if (callee->talloc || callee->tevent || !callee->nholds || !callee->function)
		return;
	*f = (struct active_free){ .frame = i, .initiator = outside_of_talloc(m, i), .inferred = true,
				   .object = m->holds[callee->first_hold].value,
				   .line = m->holds[callee->first_hold].line,
				   .phase = PHASE_DESTRUCTOR, .destructor = callee->function };
	m->nfrees++;
}

void talloc_model(const struct ctx *c, struct model *m)
{
	struct od_plugin_stack stack = OD_PLUGIN_INIT(stack);

	memset(m, 0, sizeof(*m));
	if (c->host->stack(c->rep, 0, &stack) != OD_PLUGIN_OK)
		return;
	m->nframes = stack.frames < MAX_FRAMES ? stack.frames : MAX_FRAMES;
	for (uint32_t i = 0; i < m->nframes; i++)
		read_frame(c, m, i);
	find_header(m);
	for (uint32_t i = 1; i < m->nframes && m->nfrees < MAX_FREES; i++) {
		const struct bt_frame *b = &m->frames[i];

		if (starts(b->function, "_tc_free_internal") && b->nholds)
			add_free(c, m, i);
		else if (b->talloc && !b->nholds && (!b->function || has(b->function, "free")))
			infer_free(m, i);
	}
}
