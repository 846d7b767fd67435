/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diff: what two reports have in common, and what not, line by line as diff -u. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "shell/commands.h"
#include "shell/session.h"
#include "shell/wire.h"

enum { MAX_ALIGNED = 256 }; /* frames of each stack that are aligned: what is further out is counted */

static bool same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static void line(struct od_buf *out, char sign, const char *key, const char *value)
{
	od_buf_printf(out, "%c %-12s", sign, key);
	od_escape_str(out, OD_ESCAPE_TEXT, value && *value ? value : "unknown");
	od_buf_addch(out, '\n');
}

/* Nothing is said of what neither report has. */
static void field(struct od_buf *out, const char *key, const char *a, const char *b)
{
	if ((!a || !*a) && (!b || !*b))
		return;
	if (same(a, b)) {
		line(out, ' ', key, a);
		return;
	}
	line(out, '-', key, a);
	line(out, '+', key, b);
}

static void number(struct od_buf *out, const char *key, const char *format, bool has_a, uint64_t a, bool has_b,
		   uint64_t b)
{
	char text[2][24] = { "", "" };

	if (has_a)
		snprintf(text[0], sizeof(text[0]), format[0] == 'x' ? "0x%" PRIx64 : "%" PRIu64, a);
	if (has_b)
		snprintf(text[1], sizeof(text[1]), format[0] == 'x' ? "0x%" PRIx64 : "%" PRIu64, b);
	field(out, key, text[0], text[1]);
}

/* --- stacks ---------------------------------------------------------------------- */

static const char *frame_name(const struct od_frame *f)
{
	return f->function ? f->function : f->symbol ? f->symbol : "";
}

static bool same_frame(const struct od_frame *a, const struct od_frame *b)
{
	if (!*frame_name(a) && !*frame_name(b))
		return a->addr == b->addr && same(a->module, b->module);
	return same(frame_name(a), frame_name(b)) && same(a->module, b->module);
}

static void put_frame(struct od_buf *out, const struct od_frame *f)
{
	od_buf_addstr(out, f->flags & OD_FRAME_UNRELIABLE ? "? " : "");
	if (*frame_name(f))
		od_escape_str(out, OD_ESCAPE_TEXT, frame_name(f));
	else
		od_buf_printf(out, "0x%" PRIx64, f->addr);
	if (f->flags & OD_FRAME_HAS_OFFSET)
		od_buf_printf(out, "+0x%x/0x%x", f->offset, f->size);
	if (f->module) {
		od_buf_addstr(out, " [");
		od_escape_str(out, OD_ESCAPE_TEXT, f->module);
		od_buf_addch(out, ']');
	}
}

/* Of two frames of one function: alike, or at other places of it. */
static void put_both(struct od_buf *out, const struct od_frame *a, const struct od_frame *b)
{
	bool apart = a->flags & b->flags & OD_FRAME_HAS_OFFSET && (a->offset != b->offset || a->size != b->size);

	od_buf_addstr(out, apart ? "!   " : "    ");
	put_frame(out, a);
	if (apart)
		od_buf_printf(out, ", and +0x%x/0x%x", b->offset, b->size);
	od_buf_addch(out, '\n');
}

static void put_one(struct od_buf *out, char sign, const struct od_frame *f)
{
	od_buf_printf(out, "%c   ", sign);
	put_frame(out, f);
	od_buf_addch(out, '\n');
}

static uint32_t aligned(const struct od_stack *st)
{
	return st->nframes < MAX_ALIGNED ? st->nframes : MAX_ALIGNED;
}

/* The longest row of functions that both have; len[i][j]: that of what is from i and j on. */
static void align(struct od_buf *out, const struct od_stack *a, const struct od_stack *b)
{
	const uint32_t na = aligned(a), nb = aligned(b), width = nb + 1;
	uint16_t *len = od_calloc((size_t)(na + 1) * width, sizeof(*len));
	uint32_t i, j;

	for (i = na; i-- > 0;)
		for (j = nb; j-- > 0;) {
			uint16_t down = len[(i + 1) * width + j], right = len[i * width + j + 1];

			if (same_frame(&a->frames[i], &b->frames[j]))
				len[i * width + j] = (uint16_t)(len[(i + 1) * width + j + 1] + 1);
			else
				len[i * width + j] = down > right ? down : right;
		}
	for (i = j = 0; i < na || j < nb;) {
		if (i < na && j < nb && same_frame(&a->frames[i], &b->frames[j]))
			put_both(out, &a->frames[i++], &b->frames[j++]);
		else if (j == nb || (i < na && len[(i + 1) * width + j] >= len[i * width + j + 1]))
			put_one(out, '-', &a->frames[i++]);
		else
			put_one(out, '+', &b->frames[j++]);
	}
	free(len);
	if (a->nframes > na || b->nframes > nb)
		od_buf_printf(out, "    ... frames behind the first %d are not compared: %u and %u\n", MAX_ALIGNED,
			      a->nframes - na, b->nframes - nb);
}

/* The stack of the crash; more of a report are other CPUs, and what was unwound of a dump. */
static void stacks(struct od_buf *out, const struct od_report *a, const struct od_report *b)
{
	static const struct od_stack none = { .name = "" };
	const struct od_stack *sa = a->nstacks ? &a->stacks[0] : &none, *sb = b->nstacks ? &b->stacks[0] : &none;

	if (!sa->nframes && !sb->nframes)
		return;
	od_buf_addstr(out, "  stack\n");
	align(out, sa, sb);
}

/* --- registers, modules ------------------------------------------------------------ */

static void registers(struct od_buf *out, const struct od_report *a, const struct od_report *b)
{
	for (uint32_t i = 0; i < a->nregisters; i++) {
		const struct od_register *ra = &a->registers[i], *rb = od_report_register(b, ra->name);

		if (od_report_register(a, ra->name) == ra && rb && rb->value != ra->value) {
			od_buf_addstr(out, "! ");
			od_escape_str(out, OD_ESCAPE_TEXT, ra->name);
			od_buf_printf(out, "%*s%016" PRIx64 "  %016" PRIx64 "\n",
				      strlen(ra->name) < 12 ? 12 - (int)strlen(ra->name) : 1, "", ra->value, rb->value);
		}
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char **module_names(const struct od_report *rep)
{
	const char **names = od_calloc(rep->nmodules + 1, sizeof(*names));

	for (uint32_t i = 0; i < rep->nmodules; i++)
		names[i] = rep->modules[i].name;
	qsort(names, rep->nmodules, sizeof(*names), by_name);
	return names;
}

/* Names of the one that the other lacks; both are sorted. */
static void only_in(struct od_buf *out, char sign, const char **a, uint32_t na, const char **b, uint32_t nb)
{
	bool any = false;

	for (uint32_t i = 0, j = 0; i < na; i++) {
		while (j < nb && strcmp(b[j], a[i]) < 0)
			j++;
		if ((j < nb && !strcmp(b[j], a[i])) || (i && !strcmp(a[i - 1], a[i])))
			continue;
		if (!any)
			od_buf_printf(out, "%c modules    ", sign);
		any = true;
		od_buf_addch(out, ' ');
		od_escape_str(out, OD_ESCAPE_TEXT, a[i]);
	}
	if (any)
		od_buf_addch(out, '\n');
}

static void modules(struct od_buf *out, const struct od_report *a, const struct od_report *b)
{
	const char **na, **nb;

	/* A report that lists none says nothing of what was loaded. */
	if (!a->nmodules || !b->nmodules)
		return;
	na = module_names(a);
	nb = module_names(b);
	only_in(out, '-', na, a->nmodules, nb, b->nmodules);
	only_in(out, '+', nb, b->nmodules, na, a->nmodules);
	free(na);
	free(nb);
}

static void findings(struct od_buf *out, char sign, const struct od_report *a, const struct od_report *b)
{
	for (uint32_t i = 0; i < a->nfindings; i++) {
		bool both = false;

		for (uint32_t j = 0; j < b->nfindings && !both; j++)
			both = same(a->findings[i].id, b->findings[j].id);
		if (!both || sign == '-')
			line(out, both ? ' ' : sign, "finding", a->findings[i].id);
	}
}

/* input: NULL if both are of one. */
static void heading(struct od_buf *out, const char *sign, const struct od_report *rep, const char *input)
{
	od_buf_printf(out, "%s report %u", sign, rep->id);
	if (input) {
		od_buf_addstr(out, " of ");
		od_escape_str(out, OD_ESCAPE_TEXT, input);
	}
	od_buf_addstr(out, ": ");
	od_escape_str(out, OD_ESCAPE_TEXT, rep->title ? rep->title : "");
	od_buf_addch(out, '\n');
}

static void print(struct od_buf *out, const struct od_report *a, const struct od_report *b)
{
	field(out, "kind", od_kind_name(a->kind), od_kind_name(b->kind));
	field(out, "signature", a->signature, b->signature);
	field(out, "subject", a->subject, b->subject);
	field(out, "severity", od_severity_name(a->severity), od_severity_name(b->severity));
	field(out, "guilty", a->guilty_function, b->guilty_function);
	field(out, "module", a->guilty_module, b->guilty_module);
	field(out, "kernel", a->release, b->release);
	field(out, "build id", a->kernel_build_id, b->kernel_build_id);
	field(out, "hardware", a->hardware, b->hardware);
	field(out, "taint", a->taint, b->taint);
	field(out, "command", a->comm, b->comm);
	number(out, "pid", "d", a->pid >= 0, (uint64_t)a->pid, b->pid >= 0, (uint64_t)b->pid);
	number(out, "cpu", "d", a->cpu >= 0, (uint64_t)a->cpu, b->cpu >= 0, (uint64_t)b->cpu);
	number(out, "fault at", "x", a->has_fault_address, a->fault_address, b->has_fault_address, b->fault_address);
	findings(out, '-', a, b);
	findings(out, '+', b, a);
	stacks(out, a, b);
	registers(out, a, b);
	modules(out, a, b);
}

static struct od_error *with_itself(const struct od_report *rep)
{
	return od_error_new(OD_ERR_USAGE, "report %u is compared with itself: name another one", rep->id);
}

/* --- reports of two inputs ------------------------------------------------------------ */

/* The file that the front put together: what two engines wrote, which may be anything. */
static void read_all(struct od_session *s, struct od_buf *buf)
{
	char chunk[16384];
	ssize_t n;

	while (s->nfds && buf->len < 2 * OD_WIRE_MAX && (n = read(s->fds[0], chunk, sizeof(chunk))) > 0)
		od_buf_add(buf, chunk, (size_t)n);
}

static struct od_error *compare_wired(struct od_session *s, struct od_buf *out)
{
	struct od_buf bytes = OD_BUF_INIT;
	const char *first, *second;
	struct od_report *a, *b = NULL;
	struct od_error *err = NULL;
	size_t used = 0, rest;

	read_all(s, &bytes);
	a = od_wire_get(od_buf_str(&bytes), bytes.len, &used, &first);
	if (a)
		b = od_wire_get(bytes.data + used, bytes.len - used, &rest, &second);
	if (b && a->id != b->id) {
		heading(out, "---", a, first);
		heading(out, "+++", b, second);
		print(out, a, b);
	}
	if (!b)
		err = od_error_new(OD_ERR_IO, "the analysis of an input gave no report");
	else if (a->id == b->id)
		err = with_itself(a);
	od_report_destroy(a);
	od_report_destroy(b);
	od_buf_deinit(&bytes);
	return err;
}

/* --- the command ---------------------------------------------------------------------- */

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_report *a, *b;
	struct od_error *err;

	if (s->wire)
		return compare_wired(s, out);
	err = od_session_load(s);
	if (err)
		return err;
	s->no_crash = !s->in->nreports;
	if (s->no_crash)
		return NULL;
	err = od_session_report(s, args, 2, &a);
	/* diff N: the current one and N; diff N M: these two. */
	if (!err && args->argc > 2)
		err = od_session_report(s, &(struct od_args){ .argc = 2, .argv = { "", args->argv[1] } }, 1, &a);
	if (!err)
		err = od_session_report(s, args, args->argc > 2 ? 2 : 1, &b);
	if (err)
		return err;
	if (a == b)
		return with_itself(a);
	heading(out, "---", a, NULL);
	heading(out, "+++", b, NULL);
	print(out, a, b);
	return NULL;
}

const struct od_command od_cmd_diff = {
	.name = "diff",
	.options = "",
	.usage = "diff [N] M",
	.help = "Print what two reports have in common, and what not",
	.details = "Report N, or the current one, against M: lines with - are of the first, with + of the second, "
		   "with ! of both but not alike (places in a function, registers). Stacks are aligned by function "
		   "and module; modules are compared if both reports list theirs. They may be of different inputs: "
		   "numbers count over all of them.",
	/* No needs: what stands for an input may be two reports. */
	.min_args = 1,
	.max_args = 2,
	.complete = od_session_complete_ids,
	.exec = exec,
	.examples = "diff 0 2\twhat differs between two crashes\n"
		    "diff 1\tthe current report, and report 1\n",
};
