/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leaves the renderers, whatever stands in the report: hostile bytes, nothing, long names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "front/htmlcheck.h"
#include "front/jsoncheck.h"
#include "render/json-writer.h"
#include "render/page.h"
#include "render/render.h"

#define HOSTILE "a\033]0;x\007\r\t\n\x7f\xff\xc0\x80\xc2\x9b\xe2\x80\xae</script>\"\\%s%n,[]{}"
#define LOSSY "bytes that are not UTF-8 are shown as U+FFFD"

static const struct od_style plain = { .format = OD_FORMAT_TEXT, .width = 100 };

static struct od_lines at(uint32_t line)
{
	return (struct od_lines){ line, line };
}

static struct od_frame *add_frame(struct od_report *rep, struct od_stack *s, const char *symbol,
				  uint16_t flags)
{
	struct od_frame *f = od_stack_add_frame(rep, s);

	f->symbol = f->function = symbol;
	f->flags = flags;
	f->lines = at(100000 + s->nframes);
	return f;
}

static void add_var(struct od_report *rep, struct od_frame *f, const char *name, const char *value,
		    bool is_arg)
{
	struct od_var *v = od_frame_add_var(rep, f);

	v->name = name;
	v->value = value;
	v->is_arg = is_arg;
}

static void add_finding(struct od_report *rep, const char *s)
{
	static const uint32_t lines[] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct od_finding *f = od_push(&rep->arena, rep->findings, rep->nfindings, rep->findings_cap);
	struct od_evidence *e = od_push(&rep->arena, f->evidence, f->nevidence, f->evidence_cap);

	f->id = f->plugin = f->title = f->cause = s;
	f->score = 90;
	*od_push(&rep->arena, f->advice, f->nadvice, f->advice_cap) = s;
	*od_push(&rep->arena, f->advice, f->nadvice, f->advice_cap) = s;
	*od_push(&rep->arena, f->references, f->nreferences, f->references_cap) = s;
	e->text = s;
	e->lines = lines;
	e->nlines = sizeof(lines) / sizeof(*lines);
	e->stack = e->frame = -1;
	e->has_address = true;
}

static void add_stack(struct od_report *rep, const char *s, uint16_t flags)
{
	struct od_stack *stack = od_report_add_stack(rep, s);
	struct od_frame *f = add_frame(rep, stack, s, flags);

	f->demangled = f->suffix = f->module = f->build_id = f->file = s;
	f->line = 12;
	f->offset = 0x12;
	f->size = 0x20;
	f->addr = UINT64_MAX;
	add_var(rep, f, s, s, true);
	add_var(rep, f, s, s, false);
	add_frame(rep, stack, NULL, flags & (uint16_t)~OD_FRAME_HAS_OFFSET)->addr = 1;
}

/* Every string of a report is s. */
static struct od_report *filled(const char *s)
{
	struct od_report *rep = od_report_create();
	struct od_record rec = { .text = s, .len = (uint32_t)strlen(s), .ts_us = 1, .lineno = 3 };

	rep->subkind = rep->subject = rep->truncated = rep->wall_time = rep->host = s;
	rep->comm = rep->taint = rep->release = rep->arch = rep->hardware = s;
	rep->kernel_build_id = rep->workqueue = rep->bug_file = rep->fault_access = s;
	rep->title = rep->signature = rep->confidence_why = s;
	rep->guilty_function = rep->guilty_module = rep->guilty_why = s;
	rep->has_fault_address = rep->has_error_code = rep->has_kaslr_offset = true;
	rep->kaslr_offset = UINT64_MAX;
	rep->guilty_stack = rep->guilty_frame = 0;
	rep->lines = (struct od_lines){ 3, 99 };
	rep->count = 2;
	rep->code = od_arena_alloc(&rep->arena, OD_MAX_CODE);
	rep->ncode = OD_MAX_CODE;
	rep->code_trap = OD_MAX_CODE - 1;
	add_stack(rep, s, OD_FRAME_PC | OD_FRAME_HAS_OFFSET);
	add_stack(rep, s, OD_FRAME_NUMBERED | OD_FRAME_UNRELIABLE);
	add_finding(rep, s);
	add_finding(rep, s);
	od_report_add_register(rep, s, strlen(s), UINT64_MAX, 3);
	od_report_add_register(rep, "rax", 3, 0, 3);
	rep->registers[0].note = s;
	od_report_add_module(rep, s, strlen(s))->taint = s;
	rep->modules[0].build_id = s;
	od_report_add_link(rep, OD_KIND_KERNEL_BUG, s, strlen(s), 3);
	od_report_add_record(rep, &rec);
	od_report_detail_str(rep, s, s, strlen(s));
	od_report_note(rep, 3, "%s", s);
	return rep;
}

static void render(struct od_buf *buf, const struct od_report *rep, const struct od_style *style,
		   const char *name)
{
	struct od_input *in = od_input_create(name);

	od_buf_reset(buf);
	od_render_report(buf, in, rep, style);
	if (style->format == OD_FORMAT_TEXT) {
		od_render_why(buf, rep, style);
		od_render_records(buf, rep, style);
	}
	od_input_destroy(in);
}

/* The bytes of "ESC [ digits and ; m" at s, or 0. */
static size_t sgr(const char *s)
{
	size_t n = 2;

	if (s[0] != '\033' || s[1] != '[')
		return 0;
	n += strspn(s + n, "0123456789;");
	return s[n] == 'm' ? n + 1 : 0;
}

/* Fails on any byte that a terminal would obey, but for the colours that are asked for. */
static void check_terminal(const struct od_buf *buf, bool colour)
{
	for (size_t i = 0; i < buf->len;) {
		uint32_t cp = 0;
		unsigned n = od_utf8_decode(buf->data + i, buf->len - i, &cp);
		size_t skip = colour ? sgr(buf->data + i) : 0;

		assert_int_not_equal(n, 0);
		if (!skip && cp != '\n' && cp != '\t')
			assert_false(cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x202e);
		i += skip ? skip : n;
	}
	assert_null(memchr(buf->data, '\0', buf->len));
}

/* A page would take it, and its own words are all that is in its tags. */
static void check_piece(const struct od_buf *buf)
{
	struct od_buf page = OD_BUF_INIT;

	assert_true(od_html_admit(&page, buf->data, buf->len, "p0-"));
	check_terminal(&page, false);
	assert_null(strstr(page.data, "(null)"));
	assert_null(strstr(page.data, "<script"));
	assert_null(strstr(page.data, "<img"));
	od_buf_deinit(&page);
}

static void test_html_is_harmless(void **state)
{
	static const char *const fills[] = {
		HOSTILE, "</script><script>alert(1)</script>", "</pre></code><img src=x onerror=alert(1)>", "\"><b id='x'>",
		"&#x3c;b&#x3e;", "\xef\xbf\xbe\xef\xbf\xbf", "\xf0\x9f", "-->]]><!--", "javascript:alert(1)",
		"https://example.org/\" onclick=\"x()", "https://example.org/a\tb", "\n\n\r\n\t", "", "\u2028\u200b",
	};
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(fills) / sizeof(*fills); i++) {
		struct od_style style = { .format = OD_FORMAT_HTML, .width = 100, .verbose = i & 1 };
		struct od_report *rep = filled(fills[i]);
		struct od_input *in = od_input_create(fills[i]);

		render(&buf, rep, &style, fills[i]);
		check_piece(&buf);
		assert_null(strstr(buf.data, "href=\"javascript"));
		od_buf_reset(&buf);
		od_render_input(&buf, in, &style);
		check_piece(&buf);
		od_input_destroy(in);
		od_report_destroy(rep);
	}
	od_buf_deinit(&buf);
}

static void test_text_is_harmless(void **state)
{
	struct od_report *rep = filled(HOSTILE);
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	for (unsigned bits = 0; bits < 8; bits++) {
		struct od_style style = plain;

		style.colour = bits & 1;
		style.explain = bits & 2;
		style.verbose = bits & 4;
		render(&buf, rep, &style, HOSTILE);
		check_terminal(&buf, style.colour);
		assert_non_null(strstr(buf.data, "\\x1b]0;x\\x07"));
		assert_non_null(strstr(buf.data, "\\u{202e}"));
	}
	od_buf_deinit(&buf);
	od_report_destroy(rep);
}

/* A colour that is switched on is switched off on every way out. */
static void test_colours_end(void **state)
{
	struct od_report *rep = filled("word");
	struct od_style style = plain;
	struct od_buf buf = OD_BUF_INIT;
	bool on = false;

	(void)state;
	style.colour = true;
	render(&buf, rep, &style, "-");
	for (const char *p = buf.data; (p = strchr(p, '\033')); p++) {
		bool off = !strncmp(p, "\033[0m", 4);

		assert_true(off == on);
		assert_false(off && p[-1] == '\n');
		on = !off;
	}
	assert_false(on);
	od_buf_deinit(&buf);
	od_report_destroy(rep);
}

static void test_line_has_its_cells(void **state)
{
	static const char *const fills[] = { HOSTILE, "\t\t\n", "", "x" };
	struct od_style style = { .format = OD_FORMAT_LINE, .width = 100 };
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(fills) / sizeof(*fills); i++) {
		struct od_report *rep = filled(fills[i]);
		unsigned tabs = 0;

		render(&buf, rep, &style, fills[i]);
		check_terminal(&buf, false);
		for (const char *p = buf.data; *p; p++)
			tabs += *p == '\t';
		assert_int_equal(tabs, 8);
		assert_ptr_equal(strchr(buf.data, '\n'), buf.data + buf.len - 1);
		assert_null(strstr(buf.data, "\t\t"));
		od_report_destroy(rep);
	}
	od_buf_deinit(&buf);
}

static void test_line_order(void **state)
{
	struct od_report *rep = filled("x");
	struct od_style style = { .format = OD_FORMAT_LINE, .width = 100 };
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	rep->id = 7;
	rep->kind = OD_KIND_SLUB;
	rep->title = "title";
	rep->signature = "sig";
	rep->guilty_module = "mod";
	rep->findings[0].id = "find/this";
	render(&buf, rep, &style, "name");
	assert_string_equal(buf.data, "7\tslub\ttitle\tsig\tmod\tlow\tfind/this\tname\t3\n");
	rep->guilty_module = NULL;
	rep->nfindings = 0;
	render(&buf, rep, &style, "name");
	assert_string_equal(buf.data, "7\tslub\ttitle\tsig\t-\tlow\t-\tname\t3\n");
	od_buf_deinit(&buf);
	od_report_destroy(rep);
}

static void test_json_is_json(void **state)
{
	static const char *const fills[] = { HOSTILE, "\xff", "\"", "\\", "", "\n\t\r", "\xc2\x9b" };
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(fills) / sizeof(*fills); i++) {
		struct od_report *rep = filled(fills[i]);
		struct od_style style = { .format = OD_FORMAT_JSON, .width = 100 };

		render(&buf, rep, &style, fills[i]);
		assert_true(od_json_check(buf.data, buf.len));
		style.format = OD_FORMAT_JSONL;
		render(&buf, rep, &style, fills[i]);
		assert_true(od_json_check(buf.data, buf.len));
		assert_ptr_equal(strchr(buf.data, '\n'), buf.data + buf.len - 1);
		od_report_destroy(rep);
	}
	od_buf_deinit(&buf);
}

/* The report says that bytes were replaced, once, and only if some were. */
static void test_lossy(void **state)
{
	static const struct {
		const char *fill;
		bool lossy;
	} rows[] = { { "clean \xc3\xa9", false }, { "\xff", true }, { "a\xed\xa0\x80", true } };
	struct od_style style = { .format = OD_FORMAT_JSONL, .width = 100 };
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct od_report *rep = filled(rows[i].fill);
		const char *note;

		rep->taint = NULL; /* read letter by letter: no UTF-8 in there */
		render(&buf, rep, &style, "-");
		note = strstr(buf.data, "{\"line\":null,\"text\":\"" LOSSY "\"}");
		assert_true(!!note == rows[i].lossy);
		assert_true(!note || !strstr(strstr(note, LOSSY) + 1, LOSSY));
		od_report_destroy(rep);
	}
	od_buf_deinit(&buf);
}

/* The keys of the object that follows `open` in compact JSON, separated by blanks. */
static const char *keys(struct od_buf *ret, const char *json, const char *open)
{
	unsigned depth = 1;
	const char *p = strstr(json, open);

	assert_non_null(p);
	od_buf_reset(ret);
	for (p += strlen(open); depth; p++) {
		const char *start = p + 1;

		assert_int_not_equal(*p, '\0');
		depth += *p == '{' || *p == '[';
		depth -= *p == '}' || *p == ']';
		if (*p != '"')
			continue;
		for (p++; *p != '"'; p++)
			p += *p == '\\';
		if (depth != 1 || p[1] != ':')
			continue;
		if (ret->len)
			od_buf_addch(ret, ' ');
		od_buf_add(ret, start, (size_t)(p - start));
	}
	return od_buf_str(ret);
}

static void test_key_order(void **state)
{
	static const struct {
		const char *open, *keys;
	} rows[] = {
		{ "{", "type id input kind subkind title signature stack_hash severity count related "
		       "truncated wall_time confidence lines time_us guilty pc kernel cpu pid comm "
		       "taint bug fault registers code stacks modules details chain findings notes" },
		{ "\"guilty\":{", "function symbol module stack frame why" },
		{ "\"pc\":{", "symbol offset size module address" },
		{ "\"kernel\":{", "release arch kaslr_offset hardware build_id" },
		{ "\"taint\":{", "letters flags" },
		{ "\"bug\":{", "file line" },
		{ "\"fault\":{", "address access error_code" },
		{ "\"code\":{", "bytes trap_index disassembly memory explanation" },
		{ "\"stacks\":[{", "name source frames" },
		{ "\"frames\":[{", "symbol demangled function module build_id address offset size pc "
				   "reliable guessed lines args locals registers file line inlined "
				   "number" },
		{ "\"args\":[{", "name value inlined confidence" },
		{ "\"locals\":[{", "name value inlined confidence" },
		{ "\"modules\":[{", "name taint build_id" },
		{ "\"chain\":[{", "kind text line" },
		{ "\"findings\":[{", "id plugin title severity score cause advice evidence "
				     "references" },
		{ "\"evidence\":[{", "grade text lines stack frame address" },
		{ "\"notes\":[{", "line text" },
	};
	struct od_report *rep = filled("x");
	struct od_style style = { .format = OD_FORMAT_JSONL, .width = 100 };
	struct od_buf buf = OD_BUF_INIT, found = OD_BUF_INIT;

	(void)state;
	render(&buf, rep, &style, "-");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(keys(&found, buf.data, rows[i].open), rows[i].keys);
	od_buf_deinit(&found);
	od_buf_deinit(&buf);
	od_report_destroy(rep);
}

static void test_json_values(void **state)
{
	static const char *const parts[] = {
		"\"registers\":{\"x\":\"0xffffffffffffffff\",\"rax\":\"0x0\"}",
		"\"taint\":{\"letters\":\"GOE?\",\"flags\":[",
		"\"flags\":[\"oot-module\",\"unsigned-module\",\"unknown-?\"]}",
		"\"lines\":[3,99]",
		"\"time_us\":9007199254740991", /* 2^53 - 1: larger ones are not exact in a number */
		"\"args\":[{\"name\":\"x\",\"value\":\"x\",\"inlined\":null,\"confidence\":null}]",
		"\"lines\":[5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]", /* at most 16 */
		"\"cpu\":null,\"pid\":null",
	};
	struct od_report *rep = filled("x");
	struct od_style style = { .format = OD_FORMAT_JSONL, .width = 100 };
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	rep->taint = "GOE?";
	rep->time_us = UINT64_MAX - 1;
	rep->stacks[0].frames[1].lines = (struct od_lines){ 5, UINT32_MAX };
	od_report_add_register(rep, "rax", 3, 5, 4); /* the first one stays */
	od_report_detail_str(rep, "x", "second", 6);
	render(&buf, rep, &style, "-");
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		assert_non_null(strstr(buf.data, parts[i]));
	assert_null(strstr(buf.data, "second"));
	od_buf_deinit(&buf);
	od_report_destroy(rep);
}

/* What is unknown is null in JSON, "-" in a line, and not printed as text. */
static void test_empty_report(void **state)
{
	struct od_report *rep = od_report_create();
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	for (int format = OD_FORMAT_TEXT; format <= OD_FORMAT_HTML; format++) {
		struct od_style style = { .format = (enum od_format)format, .width = 100,
					  .explain = true, .verbose = true };

		render(&buf, rep, &style, "-");
		assert_int_not_equal(buf.len, 0);
		check_terminal(&buf, false);
		assert_null(strstr(buf.data, "(null)"));
		if (format == OD_FORMAT_JSON || format == OD_FORMAT_JSONL)
			assert_true(od_json_check(buf.data, buf.len));
		if (format == OD_FORMAT_HTML)
			check_piece(&buf);
	}
	od_buf_reset(&buf);
	od_render_stack(&buf, rep, 0, &plain);
	od_render_registers(&buf, rep, &plain);
	od_render_code(&buf, rep, &plain);
	od_render_modules(&buf, rep, &plain);
	od_render_findings(&buf, rep, &plain);
	assert_int_equal(buf.len, 0);
	od_buf_deinit(&buf);
	od_report_destroy(rep);
}

/* Lists that are there, with elements of which nothing is known. */
static void test_hollow_report(void **state)
{
	struct od_report *rep = filled("x");
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	rep->stacks[0].name = NULL;
	rep->stacks[0].frames[0] = (struct od_frame){ 0 };
	rep->findings[0] = (struct od_finding){ .id = "a/b", .plugin = "a" };
	rep->guilty_why = rep->confidence_why = NULL;
	for (int format = OD_FORMAT_TEXT; format <= OD_FORMAT_HTML; format++) {
		struct od_style style = { .format = (enum od_format)format, .width = 100,
					  .explain = true };

		render(&buf, rep, &style, "-");
		assert_null(strstr(buf.data, "(null)"));
	}
	od_buf_deinit(&buf);
	od_report_destroy(rep);
}

static void test_input_object(void **state)
{
	struct od_input *in = od_input_create(HOSTILE);
	struct od_style style = { .format = OD_FORMAT_JSONL, .width = 100 };
	struct od_buf buf = OD_BUF_INIT, found = OD_BUF_INIT;

	(void)state;
	in->error = in->release = in->hostname = in->cmdline = HOSTILE;
	od_input_note(in, 0, "whole");
	od_render_input(&buf, in, &style);
	assert_true(od_json_check(buf.data, buf.len));
	assert_string_equal(keys(&found, buf.data, "{"),
			    "name kind status error system missing timeline notes");
	assert_string_equal(keys(&found, buf.data, "\"system\":{"),
			    "release hostname uptime_s cmdline memory_bytes panic_cpu");
	assert_non_null(strstr(buf.data, "{\"line\":null,\"text\":\"whole\"}"));
	assert_non_null(strstr(buf.data, LOSSY));
	od_buf_reset(&buf);
	style.format = OD_FORMAT_TEXT;
	od_render_input(&buf, in, &style);
	assert_int_equal(buf.len, 0);
	od_buf_deinit(&found);
	od_buf_deinit(&buf);
	od_input_destroy(in);
}

/* No line is wider than the page, but for one that is a single word. */
static void check_width(const struct od_buf *buf, unsigned width)
{
	for (const char *p = buf->data, *end; p && *p; p = end + 1) {
		const char *word = p + strspn(p, " ");

		end = strchr(p, '\n');
		assert_non_null(end);
		if (od_page_width(p, (size_t)(end - p)) > width)
			assert_null(memchr(word, ' ', (size_t)(end - word)));
		/* Nobody sees blanks at the end of a line, but a diff does. */
		assert_true(end == p || end[-1] != ' ');
	}
}

static struct od_report *ordinary(void)
{
	static const char long_name[] = "gpfsMkdir(gpfsVfsData_t*, cxiNode_t*, cxiNode_t*, char*, "
					"int, int, int, unsigned long, ext_cred_t*, unsigned int)";
	struct od_report *rep = filled("some words of no great length that say what happened here");
	struct od_stack *s = &rep->stacks[0];

	rep->taint = "GOE";
	rep->registers[0].name = "kernel_gs_base";
	s->nframes = 0;
	for (uint16_t numbered = 0; numbered < 2; numbered++) {
		struct od_frame *f = add_frame(rep, s, "_Z9gpfsMkdirP13gpfsVfsData_t",
					       OD_FRAME_HAS_OFFSET | (numbered ? OD_FRAME_NUMBERED : 0));

		f->function = "gpfsMkdir";
		f->demangled = long_name;
		f->module = "mmfs26";
		f->offset = 0x46a;
		f->size = 0x7e0;
		f->number = 12345;
		for (int i = 0; i < 8; i++)
			add_var(rep, f, "argument", "0x2b5462179450", true);
		f = add_frame(rep, s, "dcerpc_dnssrv_reload_dns_zones_r_done",
			      OD_FRAME_UNRELIABLE | (numbered ? OD_FRAME_NUMBERED : 0));
		f->file = "default/source4/librpc/gen_ndr/ndr_irpc_c.c";
		f->line = 1890;
		f = add_frame(rep, s, "rest", numbered ? OD_FRAME_NUMBERED : 0);
		f->vars = s->frames[0].vars;
		f->nvars = 3;
	}
	rep->stacks[1].nframes = 0;
	return rep;
}

static void test_width(void **state)
{
	struct od_report *rep = ordinary();
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	for (unsigned width = 80; width <= 200; width++) {
		struct od_style style = { .format = OD_FORMAT_TEXT, .width = width, .verbose = true };

		od_buf_reset(&buf);
		od_render_registers(&buf, rep, &style);
		od_render_code(&buf, rep, &style);
		od_render_modules(&buf, rep, &style);
		od_render_findings(&buf, rep, &style);
		od_render_stack(&buf, rep, 0, &style);
		check_width(&buf, width);
	}
	od_buf_deinit(&buf);
	od_report_destroy(rep);
}

/* Deeper than the writer can count is still well formed. */
static void test_writer_depth(void **state)
{
	struct od_buf buf = OD_BUF_INIT;
	struct od_json w = { .buf = &buf, .compact = true };

	(void)state;
	od_json_object(&w, NULL, false);
	for (int i = 1; i < OD_JSON_DEPTH; i++)
		od_json_array(&w, i == 1 ? "a" : NULL, true);
	od_json_num(&w, NULL, UINT64_MAX);
	for (int i = 0; i < OD_JSON_DEPTH; i++)
		od_json_end(&w);
	od_json_end(&w); /* one too many does nothing */
	assert_true(od_json_check(buf.data, buf.len));
	assert_non_null(strstr(buf.data, "[9007199254740991]"));
	od_buf_deinit(&buf);
}

/* The columns of a trace line hold whatever is in it. */
static void test_trace_width(void **state)
{
	static const char *const fills[] = { HOSTILE HOSTILE HOSTILE HOSTILE HOSTILE, "\xe6\xbc\xa2"
		"\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2"
		"\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2", "" };
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(fills) / sizeof(*fills); i++) {
		struct od_report *rep = filled(fills[i]);

		for (unsigned width = 40; width <= 200; width++) {
			struct od_style style = { .format = OD_FORMAT_TEXT, .width = width };
			const char *p, *end;

			od_buf_reset(&buf);
			od_render_stack(&buf, rep, 0, &style);
			od_render_stack(&buf, rep, 1, &style);
			for (p = strstr(buf.data, "\n => "); (end = strchr(p + 1, '\n')); p = end)
				/* not the rest of a heading, which is indented by two */
				if (strncmp(p, "\n  ", 3) || p[3] == ' ')
					assert_true(od_page_width(p + 1, (size_t)(end - p - 1)) <= width);
		}
		od_report_destroy(rep);
	}
	od_buf_deinit(&buf);
}

/* Folders and parameters give way before names do, and arguments are there as far as they fit. */
static void test_trace_fits(void **state)
{
	struct od_report *rep = ordinary();
	struct od_buf buf = OD_BUF_INIT;
	struct od_frame *f;

	(void)state;
	rep->guilty_stack = rep->guilty_frame = -1;
	f = add_frame(rep, &rep->stacks[0], "dns_notify_dnssrv_done", OD_FRAME_NUMBERED);
	f->file = "../source4/dsdb/samdb/ldb_modules/dns_notify.c";
	f->line = 72;
	od_render_stack(&buf, rep, 0, &plain);
	assert_non_null(strstr(buf.data, "dns_notify_dnssrv_done at ../source4/dsdb/samdb/"
					 "ldb_modules/dns_notify.c:72 "));
	assert_non_null(strstr(buf.data, "\n      0   gpfsMkdir(…) (argument=0x2b5462179450, …)"
					 "+0x46a/0x7e0 [mmfs26] "));
	assert_non_null(strstr(buf.data, "\n    #0   ? dcerpc_dnssrv_reload_dns_zones_r_done at "
					 "…/ndr_irpc_c.c:1890 "));
	assert_non_null(strstr(buf.data, "\n    #0     rest (argument=0x2b5462179450, "
					 "argument=0x2b5462179450, …) "));
	od_buf_deinit(&buf);
	od_report_destroy(rep);
}

/* Traces that are left out are counted. */
static void test_traces_left_out(void **state)
{
	struct od_report *rep = filled("x");
	struct od_style style = plain;
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	for (int i = 0; i < 5; i++)
		od_report_add_stack(rep, "y");
	render(&buf, rep, &style, "-");
	assert_non_null(strstr(buf.data, "\n4 more traces: "));
	style.verbose = true;
	render(&buf, rep, &style, "-");
	assert_null(strstr(buf.data, "more trace"));
	od_buf_deinit(&buf);
	od_report_destroy(rep);
}

static void test_formats(void **state)
{
	enum od_format format = OD_FORMAT_TEXT;

	(void)state;
	assert_true(od_format_by_name("json", &format));
	assert_int_equal(format, OD_FORMAT_JSON);
	assert_true(od_format_by_name("line", &format));
	assert_false(od_format_by_name("", &format));
	assert_false(od_format_by_name("JSON", &format));
	assert_int_equal(format, OD_FORMAT_LINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_html_is_harmless),
		cmocka_unit_test(test_text_is_harmless), cmocka_unit_test(test_colours_end),
		cmocka_unit_test(test_line_has_its_cells), cmocka_unit_test(test_line_order),
		cmocka_unit_test(test_json_is_json), cmocka_unit_test(test_lossy),
		cmocka_unit_test(test_key_order), cmocka_unit_test(test_json_values),
		cmocka_unit_test(test_empty_report), cmocka_unit_test(test_hollow_report),
		cmocka_unit_test(test_input_object), cmocka_unit_test(test_writer_depth),
		cmocka_unit_test(test_width), cmocka_unit_test(test_trace_width),
		cmocka_unit_test(test_trace_fits), cmocka_unit_test(test_traces_left_out),
		cmocka_unit_test(test_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
