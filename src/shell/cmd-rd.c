/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rd: bytes of memory, in the style of crash. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/memory-args.h"
#include "shell/session.h"

enum { MAX_BYTES = 1 << 20, ROW = 16, MAX_STRING = 4096 };

/* What the words and options of a command line mean. */
struct what {
	enum od_space space;
	uint64_t addr, count;
	unsigned width; /* bytes of a number: 1, 2, 4, 8 */
	bool symbols, ascii, caches, plain, swap;
	char base; /* x, d (signed), u */
};

static const struct {
	const char *word;
	unsigned width;
} widths[] = { { "-8", 1 }, { "-16", 2 }, { "-32", 4 }, { "-64", 8 } };

/* -o: so many bytes further; -e: up to that address, unless a count was given. */
static struct od_error *set_range(const struct od_memory_view *k, const struct od_args *args, bool counted,
				  struct what *w)
{
	const char *offset = od_args_value(args, 'o'), *end = od_args_value(args, 'e');
	uint64_t bytes, last;
	struct od_error *err;

	if (offset && !od_parse_number(offset, &bytes))
		return od_error_new(OD_ERR_USAGE, "'%s' is no number", offset);
	if (offset)
		w->addr += bytes;
	if (!end || counted)
		return NULL;
	err = w->space == OD_VIRT ? od_view_address(k, end, &last) :
	      od_parse_address(end, &last) ? NULL : od_error_new(OD_ERR_USAGE, "'%s' is no number", end);
	if (!err && last <= w->addr)
		err = od_error_new(OD_ERR_USAGE, "the end is not behind the start");
	if (!err)
		w->count = (last - w->addr) / w->width + ((last - w->addr) % w->width != 0);
	return err;
}

static struct od_error *parse(const struct od_memory_view *k, const struct od_args *args, struct what *w)
{
	struct od_error *err = NULL;
	unsigned n = 0;

	*w = (struct what){ .space = od_args_has(args, 'p') ? OD_PHYS : OD_VIRT,
			    .count = 1,
			    .width = k->mem->pointer_size,
			    .symbols = od_args_has(args, 's'),
			    .caches = od_args_has(args, 'S'),
			    .plain = od_args_has(args, 'x'),
			    .swap = od_args_has(args, 'N'),
			    .base = od_args_has(args, 'd') ? 'd' : od_args_has(args, 'D') ? 'u' : 'x',
			    .ascii = od_args_has(args, 'a') };
	w->symbols |= w->caches;
	for (int i = 1; i < args->argc && !err; i++) {
		const char *word = args->argv[i];
		bool width = false;

		for (size_t j = 0; j < sizeof(widths) / sizeof(*widths); j++)
			if (!strcmp(word, widths[j].word)) {
				w->width = widths[j].width;
				width = true;
			}
		if (width)
			continue;
		if (n == 0 && w->space == OD_VIRT)
			err = od_view_address(k, word, &w->addr);
		else if (n == 0 ? !od_parse_address(word, &w->addr)
				: !od_parse_number(word, &w->count))
			err = od_error_new(OD_ERR_USAGE, "'%s' is no number", word);
		if (++n > 2)
			return od_error_new(OD_ERR_USAGE, "too many words");
	}
	if (!err && n == 0)
		err = od_error_new(OD_ERR_USAGE, "which address?");
	if (!err)
		err = set_range(k, args, n > 1, w);
	if (!err && w->count > MAX_BYTES / w->width)
		err = od_error_new(OD_ERR_USAGE, "at most %d bytes are printed", MAX_BYTES);
	return err;
}

/* A NUL-terminated string, or count bytes of text. */
static void print_string(const struct od_memory_view *k, const struct what *w, bool counted,
			 struct od_buf *out)
{
	size_t len = counted ? w->count : MAX_STRING, got = 0;
	char *text = od_malloc(len);
	enum od_mem_status status = k->mem->read(k->mem, w->space, w->addr, text, len, &got);
	const char *nul = memchr(text, '\0', got);

	od_buf_printf(out, "%016" PRIx64 ":  ", w->addr);
	od_escape(out, OD_ESCAPE_TEXT, text, !counted && nul ? (size_t)(nul - text) : got);
	if (status != OD_MEM_OK && (counted || !nul))
		od_buf_printf(out, "  (%s at 0x%" PRIx64 ")", od_mem_status_text(status),
			      w->addr + got);
	od_buf_addch(out, '\n');
	free(text);
}

/* Columns of a number: the longest one, with its sign. */
static int digits(const struct what *w)
{
	static const int longest[] = { [1] = 4, [2] = 6, [4] = 11, [8] = 20 };

	return w->base == 'x' ? 2 * (int)w->width : longest[w->width];
}

static void print_number(const struct od_memory_view *k, const struct what *w, const uint8_t *p,
			 struct od_buf *out)
{
	uint64_t value = od_mem_number(k->mem, p, w->width);
	struct od_buf name = OD_BUF_INIT;

	if (w->swap)
		value = __builtin_bswap64(value) >> (64 - 8 * w->width);
	if (w->symbols && w->width == k->mem->pointer_size &&
	    (od_view_symbol(k, value, &name) || (w->caches && k->kernel && od_memory_cache(k->kernel, value, &name)))) {
		od_buf_printf(out, " %-*s", 2 * (int)w->width, od_buf_str(&name));
		od_buf_deinit(&name);
		return;
	}
	od_buf_deinit(&name);
	if (w->base == 'd')
		od_buf_printf(out, " %*" PRId64, digits(w), (int64_t)(value << (64 - 8 * w->width)) >> (64 - 8 * w->width));
	else if (w->base == 'u')
		od_buf_printf(out, " %*" PRIu64, digits(w), value);
	else
		od_buf_printf(out, " %0*" PRIx64, digits(w), value);
}

static void print_row(const struct od_memory_view *k, const struct what *w, uint64_t addr, const uint8_t *p,
		      size_t len, struct od_buf *out)
{
	od_buf_printf(out, "%016" PRIx64 ": ", addr);
	for (size_t i = 0; i + w->width <= len; i += w->width)
		print_number(k, w, p + i, out);
	if (!w->symbols && !w->plain) {
		od_buf_fill(out, ' ', (ROW - len) / w->width * (size_t)(digits(w) + 1) + 3);
		for (size_t i = 0; i < len; i++)
			od_buf_addch(out, p[i] >= 0x20 && p[i] < 0x7f ? (char)p[i] : '.');
	}
	od_buf_addch(out, '\n');
}

static void print_numbers(const struct od_memory_view *k, const struct what *w, struct od_buf *out)
{
	size_t len = w->count * w->width, got = 0;
	uint8_t *bytes = od_malloc(len);
	enum od_mem_status status = k->mem->read(k->mem, w->space, w->addr, bytes, len, &got);
	size_t row = w->symbols ? 2 * w->width : ROW;

	for (size_t at = 0; at + w->width <= got; at += row)
		print_row(k, w, w->addr + at, bytes + at,
			  (got - at < row ? got - at : row) / w->width * w->width, out);
	if (status != OD_MEM_OK)
		od_buf_printf(out, "%016" PRIx64 ":  %s\n", w->addr + got,
			      od_mem_status_text(status));
	free(bytes);
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_memory_view view;
	struct od_error *err = od_memory_view(s, &view);
	struct what w;

	if (!err)
		err = parse(&view, args, &w);
	if (err)
		return err;
	if (w.ascii)
		print_string(&view, &w, w.count > 1, out);
	else
		print_numbers(&view, &w, out);
	return NULL;
}

const struct od_command od_cmd_rd = {
	.name = "rd",
	.options = "adDe:No:psSx",
	.usage = "rd [-p] [-a|-s|-S|-d|-D] [-Nx] [-8|-16|-32|-64] [-o OFFSET] [-e END] ADDRESS|SYMBOL [COUNT]",
	.help = "Read the memory of a dump, or of a core",
	.details = "COUNT numbers of the given bits, the width of a pointer if none is "
		   "given. -a: the string there, or COUNT bytes as text; -s: symbols instead "
		   "of the numbers that are addresses of some; -p: the address is a physical "
		   "one; -d and -D: decimal with and without a sign; -x: no text beside the numbers; -N: the other "
		   "byte order; -S: as -s, and the caches of slab objects; -o: so many bytes behind ADDRESS; -e: up to "
		   "END. SYMBOL may have +OFFSET or, per-cpu, :CPU; of a core also $REGISTER.",
	.needs = OD_NEED_INPUT,
	.min_args = 1,
	.max_args = 4,
	.complete = od_complete_symbols,
	.exec = exec,
	.examples = "rd -s jiffies\tmemory at a symbol\n"
		    "rd ffff888003c4a000 16\t16 words\n",
};
