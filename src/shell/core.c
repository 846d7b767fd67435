/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/core.h"

#include <inttypes.h>
#include <string.h>

#include "analyze/analyze.h"
#include "base/escape.h"
#include "pipeline-core.h"
#include "render/json-writer.h"
#include "shell/memory-args.h"
#include "shell/session.h"
#include "symbols/cfi.h"

enum { MAX_WORD = 1024 };

bool od_session_has_core(const struct od_session *s)
{
	return s->target.core != NULL;
}

/* --- words ------------------------------------------------------------------------------------- */

static bool register_value(const struct od_core *core, const char *name, uint64_t *ret)
{
	const struct od_core_thread *t = od_core_nthreads(core) ? od_core_thread(core, 0) : NULL;
	struct od_cfi_machine machine;
	const char *reg;

	if (!t || !t->has_regs)
		return false;
	for (unsigned i = 0; (reg = od_core_register(core, t, i, ret)); i++)
		if (!strcmp(reg, name))
			return true;
	if (!strcmp(name, "pc")) {
		*ret = t->pc;
		return true;
	}
	if (strcmp(name, "sp") != 0 || !od_cfi_machine(od_core_facts(core)->machine, &machine))
		return false;
	*ret = t->regs.v[machine.sp];
	return true;
}

struct od_error *od_core_word(struct od_session *s, const char *word, uint64_t *ret)
{
	const size_t len = strcspn(word, "+");
	char name[MAX_WORD];
	uint64_t more = 0;

	if (len >= sizeof(name) || (word[len] && !od_parse_number(word + len + 1, &more)))
		return od_error_new(OD_ERR_USAGE, "'%.64s' is no NAME+NUMBER", word);
	memcpy(name, word, len);
	name[len] = '\0';
	if (*name == '$' ? register_value(s->target.core, name + 1, ret) :
	    od_pipeline_core_find(s->target.core, s->find, name, ret) || od_parse_address(name, ret)) {
		*ret += more;
		return NULL;
	}
	return od_error_new(OD_ERR_USAGE, "'%.64s' is neither an address, a register, nor a symbol of the process", word);
}

/* --- threads ------------------------------------------------------------------------------------- */

/* -1: there is none of that number or id. */
static int32_t find_thread(const struct od_core *core, const char *word)
{
	uint64_t n;

	if (!od_parse_number(word, &n))
		return -1;
	for (uint32_t i = 0; i < od_core_nthreads(core); i++)
		if (od_core_thread(core, i)->tid > 0 && (uint64_t)od_core_thread(core, i)->tid == n)
			return (int32_t)i;
	return n >= 1 && n <= od_core_nthreads(core) ? (int32_t)n - 1 : -1;
}

static void print_thread(struct od_session *s, uint32_t i, const struct od_style *style, struct od_buf *out)
{
	struct od_core *core = s->target.core;
	const struct od_core_thread *t = od_core_thread(core, i);
	struct od_report *rep = od_report_create();
	struct od_core_trace trace;
	struct od_stack *stack = od_report_add_stack(rep, "thread");

	od_buf_printf(out, "THREAD: %u  LWP: %d", i + 1, t->tid);
	if (t->signal)
		od_buf_printf(out, "  SIGNAL: %d", t->signal);
	od_buf_addch(out, '\n');
	rep->kind = OD_KIND_USER_CRASH;
	rep->guilty_stack = -1;
	od_core_unwind(core, t, s->find, &rep->arena, OD_MAX_FRAMES, &trace);
	od_pipeline_core_frames(core, s->find, &trace, rep, stack, style->variables ? UINT32_MAX : 0);
	od_analyze_names(rep);
	if (stack->nframes)
		stack->frames[0].flags |= OD_FRAME_PC;
	od_render_frames(out, rep, 0, style);
	if (!t->has_regs)
		od_buf_addstr(out, "  no trace: its registers are not in the core\n");
	else if (trace.end != OD_CORE_END_OUTERMOST)
		od_buf_printf(out, "  the trace ends here: %s\n", od_core_end_text(trace.end));
	od_report_destroy(rep);
}

/* Files of objects that frames lay in, and that were not found or have no lines. */
static void print_lacking(const struct od_core *core, struct od_buf *out)
{
	for (uint32_t i = 0; i < od_core_nobjects(core); i++) {
		const struct od_core_object *o = od_core_object(core, i);

		if (!o->looked || o->vdso || !o->why)
			continue;
		od_buf_addstr(out, "No source lines and variables of ");
		od_escape_str(out, OD_ESCAPE_TEXT, o->name);
		od_buf_addstr(out, ": ");
		od_escape_str(out, OD_ESCAPE_TEXT, o->why);
		od_buf_addch(out, '\n');
	}
}

struct od_error *od_core_bt(struct od_session *s, const struct od_args *args, struct od_style *style,
			    struct od_buf *out)
{
	const struct od_core *core = s->target.core;
	const bool all = od_args_has(args, 'a') || od_args_has(args, 'T');
	int32_t one = 0;

	if (od_args_has(args, 'd'))
		return od_error_new(OD_ERR_USAGE, "a core does not tell what threads waited for: -T prints all");
	if (args->argc > 1)
		one = find_thread(core, args->argv[1]);
	if (one < 0)
		return od_error_new(OD_ERR_USAGE, "there is no thread '%s'", args->argv[1]);
	if (!od_core_nthreads(core))
		return od_error_new(OD_ERR_USAGE, "no thread is in the core");
	for (uint32_t i = 0; i < od_core_nthreads(core) && !s->cancelled; i++) {
		if (!all && i != (uint32_t)one)
			continue;
		if (all && i)
			od_buf_addch(out, '\n');
		print_thread(s, i, style, out);
	}
	if (style->variables || od_args_has(args, 'l'))
		print_lacking(core, out);
	return NULL;
}

struct od_error *od_core_ps(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_core *core = s->target.core;
	struct od_json w = { .buf = out };
	const bool json = od_args_has(args, 'j');

	if (json) {
		od_json_object(&w, NULL, false);
		od_json_array(&w, "threads", false);
	} else {
		od_buf_addstr(out, "  THREAD      LWP  SIGNAL  PC                AT\n");
	}
	for (uint32_t i = 0; i < od_core_nthreads(core) && !s->cancelled; i++) {
		const struct od_core_thread *t = od_core_thread(core, i);
		struct od_buf at = OD_BUF_INIT;

		if (t->has_regs)
			od_pipeline_core_symbol(core, s->find, t->pc, &at);
		if (json) {
			od_json_object(&w, NULL, true);
			od_json_num(&w, "thread", i + 1);
			od_json_int(&w, "lwp", t->tid);
			od_json_num(&w, "signal", (uint64_t)t->signal);
			od_json_addr(&w, "pc", t->pc);
			od_json_str(&w, "at", at.len ? od_buf_str(&at) : NULL);
			od_json_end(&w);
		} else {
			od_buf_printf(out, "%c %6u  %7d  %6d  %016" PRIx64 "  ", i ? ' ' : '>', i + 1, t->tid,
				      t->signal, t->pc);
			od_escape_str(out, OD_ESCAPE_TEXT, od_buf_str(&at));
			od_buf_addch(out, '\n');
		}
		od_buf_deinit(&at);
	}
	if (json) {
		od_json_end(&w);
		od_json_end(&w);
		od_buf_addch(out, '\n');
	}
	return NULL;
}

/* --- objects --------------------------------------------------------------------------------------- */

struct od_error *od_core_mod(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const struct od_core *core = s->target.core;
	struct od_json w = { .buf = out };
	const bool json = od_args_has(args, 'j');

	if (json) {
		od_json_object(&w, NULL, false);
		od_json_array(&w, "objects", false);
	} else {
		od_buf_addstr(out, "START             END               FILE  NAME  BUILD ID\n");
	}
	for (uint32_t i = 0; i < od_core_nobjects(core) && !s->cancelled; i++) {
		struct od_core_object *o = od_core_object(core, i);

		od_core_files(o, s->find);
		if (json) {
			od_json_object(&w, NULL, true);
			od_json_addr(&w, "start", o->start);
			od_json_addr(&w, "end", o->end);
			od_json_str(&w, "name", o->name);
			od_json_str(&w, "build_id", o->build_id);
			od_json_bool(&w, "program", o->program);
			od_json_bool(&w, "code", o->code != NULL);
			od_json_bool(&w, "lines", o->debug && od_debug_has_lines(o->debug));
			od_json_str(&w, "why", o->why);
			od_json_end(&w);
			continue;
		}
		/* c: its file is there; s: symbols; l: lines */
		od_buf_printf(out, "%016" PRIx64 "  %016" PRIx64 "  %c%c%c   ", o->start, o->end, o->code ? 'c' : '-',
			      o->debug && od_debug_has_symbols(o->debug) ? 's' : '-',
			      o->debug && od_debug_has_lines(o->debug) ? 'l' : '-');
		od_escape_str(out, OD_ESCAPE_TEXT, *o->name ? o->name : "?");
		od_buf_printf(out, "  %s\n", o->build_id ? o->build_id : "-");
	}
	if (json) {
		od_json_end(&w);
		od_json_end(&w);
		od_buf_addch(out, '\n');
	}
	return NULL;
}

/* --- symbols ---------------------------------------------------------------------------------------- */

struct od_error *od_core_sym(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const char *word = args->argc > 1 ? args->argv[1] : "";
	struct od_place places[OD_MAX_PLACES];
	struct od_error *err;
	struct od_buf name = OD_BUF_INIT;
	uint64_t addr;
	size_t n;

	if (od_args_has(args, 'l') || od_args_has(args, 'p') || od_args_has(args, 'j'))
		return od_error_new(OD_ERR_USAGE, "of a core only an address or a name is told: sym WORD");
	err = od_core_word(s, word, &addr);
	if (err)
		return err;
	if (!od_pipeline_core_symbol(s->target.core, s->find, addr, &name)) {
		od_buf_deinit(&name);
		return od_error_new(OD_ERR_USAGE, "0x%" PRIx64 " is in no object of the process", addr);
	}
	od_buf_printf(out, "%016" PRIx64 " ", addr);
	od_escape_str(out, OD_ESCAPE_TEXT, od_buf_str(&name));
	od_buf_addch(out, '\n');
	od_buf_deinit(&name);
	n = od_pipeline_core_places(s->target.core, s->find, addr - od_args_has(args, 'r'), places, OD_MAX_PLACES);
	for (size_t i = 0; i < n; i++) {
		od_buf_addstr(out, i + 1 < n ? "  inlined " : "  ");
		od_escape_str(out, OD_ESCAPE_TEXT, places[i].function ? places[i].function : "?");
		if (places[i].file) {
			od_buf_addstr(out, " at ");
			od_escape_str(out, OD_ESCAPE_TEXT, places[i].file);
			od_buf_printf(out, ":%u", places[i].line);
		}
		od_buf_addch(out, '\n');
	}
	return NULL;
}
