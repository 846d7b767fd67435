/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search: where in the memory of a dump a value or a string is, with the options of crash. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "render/json-writer.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/memory-args.h"
#include "shell/session.h"
#include "target/kernel/search.h"

enum { MAX_HITS = 100000, FLUSH = 32 * 1024 };

struct job {
	struct od_session *s;
	struct od_kernel *k;
	struct od_search search;
	struct od_buf *out;
	struct od_json *json; /* NULL: text */
	const struct od_task *task; /* whose stack is looked at, until it was named */
	uint64_t hits;
};

/* Whoever waits for a search over all of memory sees what was found so far, and keeps it when he ends it. */
static void flush(struct job *j)
{
	if (j->json || !j->out->len)
		return;
	j->s->sink->output(j->s->sink->ctx, j->out->data, j->out->len);
	od_buf_reset(j->out);
}

static bool stop(void *ctx)
{
	struct job *j = ctx;

	flush(j);
	return od_session_must_stop(j->s);
}

static void hit_json(struct job *j, uint64_t addr, uint64_t value, const char *text, size_t len)
{
	char copy[OD_SEARCH_TEXT + 1];

	od_json_object(j->json, NULL, true);
	od_json_addr(j->json, "address", addr);
	if (text) {
		len = len < OD_SEARCH_TEXT ? len : OD_SEARCH_TEXT;
		memcpy(copy, text, len);
		copy[len] = '\0';
		od_json_str(j->json, "text", copy);
	} else {
		od_json_addr(j->json, "value", value);
	}
	if (j->task)
		od_json_int(j->json, "pid", j->task->pid);
	od_json_end(j->json);
}

static bool hit(void *ctx, uint64_t addr, uint64_t value, const char *text, size_t len)
{
	struct job *j = ctx;

	if (j->hits == MAX_HITS)
		return false;
	j->hits++;
	if (j->json) {
		hit_json(j, addr, value, text, len);
		return true;
	}
	if (j->task) {
		od_buf_printf(j->out, "PID: %d  TASK: %016" PRIx64 "  CPU: %d  COMMAND: \"", j->task->pid,
			      j->task->addr, j->task->cpu);
		od_escape_str(j->out, OD_ESCAPE_TEXT, j->task->comm);
		od_buf_addstr(j->out, "\"\n");
		j->task = NULL;
	}
	od_buf_printf(j->out, "%" PRIx64 ": ", addr);
	if (text)
		od_escape(j->out, OD_ESCAPE_TEXT, text, len);
	else
		od_buf_printf(j->out, "%0*" PRIx64, 2 * (int)j->search.width, value);
	od_buf_addch(j->out, '\n');
	if (j->out->len < FLUSH)
		return true;
	flush(j);
	return !od_session_must_stop(j->s);
}

/* --- words ----------------------------------------------------------------------- */

static struct od_error *needle(struct job *j, const struct od_args *args, const char *word)
{
	struct od_search *q = &j->search;
	uint64_t value;
	struct od_error *err;

	if (q->n == OD_MAX_NEEDLES)
		return od_error_new(OD_ERR_USAGE, "no more than %d at once", OD_MAX_NEEDLES);
	if (od_args_has(args, 'c')) {
		if (!*word || strlen(word) >= OD_MAX_NEEDLE)
			return od_error_new(OD_ERR_USAGE, "a string has 1 to %d bytes", OD_MAX_NEEDLE - 1);
		q->string[q->n++] = word;
		return NULL;
	}
	err = od_memory_address(j->k, word, &value);
	if (err)
		return err;
	if (q->width < 8 && value >> 8 * q->width)
		return od_error_new(OD_ERR_USAGE, "'%s' has more than %u bits", word, 8 * q->width);
	q->value[q->n++] = value;
	return NULL;
}

static struct od_error *address(struct job *j, const char *word, uint64_t *ret)
{
	if (j->search.space == OD_VIRT)
		return od_memory_address(j->k, word, ret);
	return od_parse_address(word, ret) ? NULL : od_error_new(OD_ERR_USAGE, "'%s' is no number", word);
}

/* -s, -e and -l; what is not given is all there is. */
static struct od_error *range(struct job *j, const struct od_args *args)
{
	const char *start = od_args_value(args, 's'), *end = od_args_value(args, 'e'), *len = od_args_value(args, 'l');
	struct od_search *q = &j->search;
	uint64_t bytes;
	bool all = od_search_all(j->k, q->space, &q->first, &q->last);
	struct od_error *err = NULL;

	if (!all && (!start || (!end && !len)))
		return od_error_new(OD_ERR_USAGE, "what is mapped is not known for this dump: say -s START and -l LENGTH");
	if (start)
		err = address(j, start, &q->first);
	if (!err && end)
		err = address(j, end, &q->last);
	if (!err && end && q->last)
		q->last--;
	if (!err && len && (!od_parse_number(len, &bytes) || !bytes))
		err = od_error_new(OD_ERR_USAGE, "'%s' is no length", len);
	if (!err && len)
		q->last = q->first + (bytes - 1) < q->first ? UINT64_MAX : q->first + (bytes - 1);
	if (!err && q->last < q->first)
		err = od_error_new(OD_ERR_USAGE, "the end is before the start");
	/* Values are looked for where they are aligned. */
	if (q->width)
		q->first &= ~(uint64_t)(q->width - 1);
	return err;
}

static struct od_error *parse(struct job *j, const struct od_args *args)
{
	struct od_search *q = &j->search;
	const char *mask = od_args_value(args, 'm');
	struct od_error *err = NULL;

	q->space = od_args_has(args, 'p') ? OD_PHYS : OD_VIRT;
	q->width = od_args_has(args, 'c') ? 0 : od_args_has(args, 'h') ? 2 : od_args_has(args, 'w') ? 4 :
		   j->k->mem->pointer_size;
	if (mask && (!od_parse_address(mask, &q->mask) || od_args_has(args, 'c')))
		return od_error_new(OD_ERR_USAGE, "-m takes a mask of bits, in hex, for values");
	for (int i = 1; i < args->argc && !err; i++)
		err = needle(j, args, args->argv[i]);
	return err ? err : range(j, args);
}

/* --- search -t --------------------------------------------------------------------- */

static void search_stacks(struct job *j, bool running, struct od_search_result *sum)
{
	const struct od_tasks *tasks = od_kernel_tasks(j->k);
	struct od_search_result one;

	*sum = (struct od_search_result){ 0 };
	for (uint32_t i = 0; i < tasks->n && !sum->is_stopped; i++) {
		const struct od_task *t = &tasks->task[i];

		if (!t->stack || (running && !t->running))
			continue;
		j->task = t;
		j->search.first = t->stack;
		j->search.last = t->stack + od_kernel_stack_size(j->k) - 1;
		od_kernel_search(j->k, &j->search, &one);
		sum->pages += one.pages;
		sum->missing += one.missing;
		sum->is_stopped = one.is_stopped;
		sum->stopped = one.stopped;
	}
}

static void say(struct job *j, const struct od_search_result *r)
{
	char text[160];
	int n = snprintf(text, sizeof(text), "%" PRIu64 " found in %" PRIu64 " pages", j->hits, r->pages);

	if (r->missing)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "; %" PRIu64 " are not in the dump", r->missing);
	if (r->is_stopped)
		snprintf(text + n, sizeof(text) - (size_t)n, "; %s at %016" PRIx64 ", go on there with -s",
			 j->hits == MAX_HITS ? "enough" : "stopped", r->stopped);
	j->s->sink->say(j->s->sink->ctx, r->is_stopped ? OD_SINK_WARNING : OD_SINK_NOTE, text);
}

static void end_json(struct job *j, const struct od_search_result *r)
{
	od_json_end(j->json);
	od_json_num(j->json, "pages", r->pages);
	od_json_num(j->json, "missing_pages", r->missing);
	if (r->is_stopped)
		od_json_addr(j->json, "stopped_at", r->stopped);
	else
		od_json_null(j->json, "stopped_at");
	od_json_end(j->json);
	od_buf_addch(j->out, '\n');
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_error *err;
	struct job j = { .s = s, .k = od_session_kernel(s, &err), .out = out };
	struct od_search_result result;
	struct od_json json = { .buf = out };

	if (!j.k)
		return err;
	j.search.hit = hit;
	j.search.stop = stop;
	j.search.ctx = &j;
	err = parse(&j, args);
	if (err)
		return err;
	if (od_args_has(args, 'j')) {
		j.json = &json;
		od_json_object(&json, NULL, false);
		od_json_array(&json, "hits", false);
	}
	if (od_args_has(args, 't') || od_args_has(args, 'T'))
		search_stacks(&j, od_args_has(args, 'T'), &result);
	else
		od_kernel_search(j.k, &j.search, &result);
	flush(&j);
	if (j.json)
		end_json(&j, &result);
	say(&j, &result);
	return NULL;
}

const struct od_command od_cmd_search = {
	.name = "search",
	.options = "ce:hjkl:m:ps:tTw",
	.usage = "search [-kp|-t|-T] [-j] [-s START] [-e END|-l LENGTH] [-m MASK] [-h|-w] VALUE... | search -c ... STRING...",
	.help = "Look for values or strings in the memory of a dump",
	.details = "All memory that the kernel has mapped (-k, what is meant without it), or from START to END or for "
		   "LENGTH bytes; -p: the physical memory; -t: the stacks of tasks, -T of those that run. VALUE is an "
		   "address, a symbol or a number in hex, of the width of a pointer, of 32 bits (-w) or 16 (-h), and "
		   "looked for where such are aligned; bits of MASK may be anything. -c: text. Pages that are not in "
		   "the dump are counted. -j prints JSON. Ctrl-C ends it with what was found by then.",
	.needs = OD_NEED_INPUT,
	.min_args = 1,
	.max_args = OD_MAX_NEEDLES,
	.complete = od_complete_symbols,
	.exec = exec,
	.examples = "search -t ffff888003c4a000\twhich task has a pointer on its stack\n"
		    "search -m fff ffff888003c4a000\tpointers into a page\n"
		    "search -c 'selinux'\ta string\n",
};
