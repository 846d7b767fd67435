/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the plugins of this folder share; uses nothing but the installed interface. */
#ifndef PLUGIN_UTIL_H
#define PLUGIN_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "oopsdiag-plugin.h"

#define PLUGIN_EXPORT __attribute__((visibility("default")))

/* The report at hand and how to ask about it. */
struct ctx {
	const struct od_plugin_host *host;
	od_plugin_report *rep;
	struct od_plugin_report_info info;
};

/* Where a piece of evidence stands; what is not named is unknown. */
struct where {
	uint32_t lines[8]; /* ends at the first 0 */
	int32_t stack, frame; /* frame -1: none */
	uint64_t address;  /* 0: none */
};
#define NOWHERE ((struct where){ .stack = -1, .frame = -1 })
#define AT_LINE(n) ((struct where){ .lines = { (n) }, .stack = -1, .frame = -1 })

static inline bool ctx_init(struct ctx *c, const struct od_plugin_host *host,
			    od_plugin_report *rep)
{
	*c = (struct ctx){ .host = host, .rep = rep, .info = OD_PLUGIN_INIT(c->info) };
	return host->report(rep, &c->info) == OD_PLUGIN_OK;
}

__attribute__((format(printf, 4, 5)))
static inline void evidence(const struct ctx *c, const char *grade, struct where w,
			    const char *fmt, ...)
{
	struct od_plugin_evidence e = OD_PLUGIN_INIT(e);
	uint32_t n = 0;
	char text[1536];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	while (n < sizeof(w.lines) / sizeof(*w.lines) && w.lines[n])
		n++;
	e.grade = grade;
	e.text = text;
	e.lines = w.lines;
	e.nlines = n;
	e.stack = w.frame >= 0 ? w.stack : -1;
	e.frame = w.frame;
	if (w.address) {
		e.flags |= OD_EVIDENCE_ADDRESS;
		e.address = w.address;
	}
	c->host->evidence(c->rep, &e);
}

__attribute__((format(printf, 2, 3)))
static inline void advice(const struct ctx *c, const char *fmt, ...)
{
	char text[1536];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->host->advice(c->rep, text);
}

/* False if it was not taken: nothing that follows must be attached to it. */
static inline bool finding(const struct ctx *c, const char *id, const char *severity,
			   int score, const char *title, const char *cause)
{
	struct od_plugin_finding f = OD_PLUGIN_INIT(f);

	f.id = id;
	f.title = title;
	f.severity = severity;
	f.score = score < 0 ? 0 : score > 100 ? 100 : (uint32_t)score;
	f.cause = cause;
	return c->host->finding(c->rep, &f) == OD_PLUGIN_OK;
}

static inline bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

static inline bool starts(const char *s, const char *prefix)
{
	return s && !strncmp(s, prefix, strlen(prefix));
}

static inline bool has(const char *s, const char *part)
{
	return s && strstr(s, part);
}

static inline const char *or_unknown(const char *s)
{
	return s ? s : "unknown";
}

/* A register with its line; false if the report does not print it. */
static inline bool reg(const struct ctx *c, const char *name, struct od_plugin_register *ret)
{
	*ret = (struct od_plugin_register)OD_PLUGIN_INIT(*ret);
	return c->host->reg(c->rep, name, ret) == OD_PLUGIN_OK;
}

static inline bool frame_at(const struct ctx *c, uint32_t stack, uint32_t index,
			    struct od_plugin_frame *ret)
{
	*ret = (struct od_plugin_frame)OD_PLUGIN_INIT(*ret);
	return c->host->frame(c->rep, stack, index, ret) == OD_PLUGIN_OK;
}

static inline bool record_at(const struct ctx *c, uint32_t index, struct od_plugin_record *ret)
{
	*ret = (struct od_plugin_record)OD_PLUGIN_INIT(*ret);
	return c->host->record(c->rep, index, ret) == OD_PLUGIN_OK;
}

static inline struct od_plugin_pointer describe(const struct ctx *c, uint64_t value)
{
	struct od_plugin_pointer p = OD_PLUGIN_INIT(p);

	if (c->host->describe_pointer(c->rep, value, &p) != OD_PLUGIN_OK)
		p = (struct od_plugin_pointer)OD_PLUGIN_INIT(p);
	return p;
}

/* Where the input has memory: the text that lies at value, if it is one, and told does not have it. */
static inline void say_string(const struct ctx *c, struct where w, uint64_t value, const char *told)
{
	char text[128];
	size_t n = 0;

	if (!(c->host->flags & OD_HOST_MEMORY) ||
	    c->host->read_string(c->rep, value, text, sizeof(text)) != OD_PLUGIN_OK)
		return;
	while (text[n] >= ' ' && text[n] <= '~')
		n++;
	/* Two letters are chance; what goes on beyond the buffer is shown as far as it was read. */
	if (n < 3 || text[n] || has(told, text))
		return;
	w.address = value;
	evidence(c, "strong", w, "memory at 0x%llx holds the string \"%s\"",
		 (unsigned long long)value, text);
}

/* First record of the incident that holds text. */
static inline bool find_record(const struct ctx *c, const char *text, struct od_plugin_record *ret)
{
	for (uint32_t i = 0; i < c->info.records; i++)
		if (record_at(c, i, ret) && has(ret->text, text))
			return true;
	return false;
}

/*
 * Functions that free, allocate or report on behalf of their caller: none of them is to blame.
 * The lists are of names without compiler suffixes.
 */
static inline bool is_allocator(const char *fn)
{
	static const char *const names[] = {
		"kfree", "kvfree", "kzfree", "kfree_sensitive", "kfree_const", "kfree_bulk",
		"kfree_call_rcu", "kvfree_call_rcu", "vfree", "free_nonslab_page",
		"free_large_kmalloc", "___cache_free", "cache_from_obj", "virt_to_cache",
		"set_freepointer", "get_freepointer", "get_freepointer_safe", "do_slab_free",
		"slab_free", "free_to_partial_list", "free_debug_processing",
		"alloc_debug_processing", "free_consistency_checks", "alloc_consistency_checks",
		"check_object", "check_slab", "check_bytes_and_report", "on_freelist",
		"print_trailer", "object_err", "slab_err", "slab_fix", "slab_bug", "slab_pad_check",
		"slab_alloc_node", "allocate_slab", "new_slab", "discard_slab", "deactivate_slab",
		"put_cpu_partial", "unfreeze_partials", "flush_cpu_slab", "kmemdup", "kstrdup",
		"krealloc", "kcalloc", "kmalloc", "kzalloc", "validate_slab", "__kmem_cache_shutdown",
		"__do_kmalloc_node", "kmem_dump_obj",
	};
	static const char *const prefixes[] = {
		"kmem_cache_", "__kmem_cache_", "__slab_", "___slab_", "slab_", "__kmalloc",
		"kmalloc_", "__kfree", "__kvmalloc", "kvmalloc", "__cmpxchg_double_slab",
		"__unfreeze_partials", "__put_partials", "__free_slab",
	};

	for (size_t i = 0; fn && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(fn, names[i]))
			return true;
	for (size_t i = 0; fn && i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (starts(fn, prefixes[i]))
			return true;
	return false;
}

/* The machinery that stands between a trap or a report and the code that caused it. */
static inline bool is_machinery(const char *fn)
{
	static const char *const names[] = {
		"dump_stack", "dump_stack_lvl", "show_stack", "dump_trace", "__warn", "report_bug",
		"handle_bug", "die", "__die", "oops_end", "panic", "do_trap", "do_error_trap",
		"do_invalid_op", "invalid_op", "exc_invalid_op", "asm_exc_invalid_op", "fixup_bug",
		"warn_slowpath_fmt", "warn_slowpath_common", "warn_slowpath_null", "__warn_printk",
		"show_trace_log_lvl", "__show_regs", "show_regs", "bug_at", "report_addr",
	};

	for (size_t i = 0; fn && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(fn, names[i]))
			return true;
	return false;
}

/*
 * The first frame of the crashing stack that was not guessed and is not the allocator's: who
 * called it. from: where to begin, moved to the frame found.
 */
static inline bool find_caller(const struct ctx *c, uint32_t *from, struct od_plugin_frame *ret)
{
	for (uint32_t i = *from; i < 1024 && frame_at(c, 0, i, ret); i++) {
		if ((ret->flags & (OD_PFRAME_UNRELIABLE | OD_PFRAME_GUESSED)) || !ret->function)
			continue;
		if (is_allocator(ret->function) || is_machinery(ret->function))
			continue;
		*from = i;
		return true;
	}
	return false;
}

#endif
