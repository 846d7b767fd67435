/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory that ran out, and pages in a bad state. Sources: mm/oom_kill.c, mm/page_alloc.c,
 * lib/show_mem.c, mm/debug.c, mm/page_owner.c, mm/memory.c, kernel/fork.c; 2.6.32 to 6.17.
 */
#include <string.h>

#include "text/families.h"

/* A word after key, up to one of the bytes in stop. */
static void word_after(struct od_report *rep, struct od_cursor c, const char *lit, const char *stop,
		       const char *key)
{
	const char *s;

	if (!od_cur_past(&c, lit))
		return;
	s = c.p;
	while (!od_cur_end(&c) && !strchr(stop, *c.p))
		c.p++;
	od_detail_str(rep, key, s, (size_t)(c.p - s));
}

/* "stress invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0" */
static void oom(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *end = od_find(rec->text, rec->len, " invoked oom-killer");
	uint64_t n;

	od_subject(inc, rec);
	if (end && end > rec->text)
		od_detail_str(rep, "invoked_by", rec->text, (size_t)(end - rec->text));
	if (end && !rep->comm)
		rep->comm = od_arena_strndup(&rep->arena, rec->text, (size_t)(end - rec->text));
	word_after(rep, c, "gfp_mask=", ",", "gfp_mask");
	if (od_past_dec(&c, "order=", &n))
		od_detail_num(rep, "order", n);
}

/* "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/x,task_memcg=/x,task=a,pid=5,uid=0" */
static bool oom_kill(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	uint64_t n;

	c = od_cursor_init(rec->text, rec->len);
	word_after(rep, c, "constraint=", ",", "constraint");
	word_after(rep, c, "oom_memcg=", ",", "memory_cgroup");
	word_after(rep, c, ",task=", ",", "victim");
	if (od_past_dec(&c, ",pid=", &n))
		od_detail_num(rep, "victim_pid", n);
	return true;
}

/* "Out of memory: Killed process 5 (a) total-vm:1kB, anon-rss:2kB, file-rss:0kB, ...", "Kill process" before 4.19 */
static void victim(struct od_report *rep, struct od_cursor c)
{
	uint64_t n;

	if (od_past_dec(&c, "process ", &n))
		od_detail_num(rep, "victim_pid", n);
	word_after(rep, c, "(", ")", "victim");
	word_after(rep, c, "total-vm:", ",", "victim_total_vm");
	word_after(rep, c, "anon-rss:", ",", "victim_anon_rss");
}

static bool killed(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	if (!od_kind_is(inc, OD_KIND_OOM))
		return false;
	victim(inc->rep, c);
	return od_rule_link(inc, rec, c);
}

static bool check_killed(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), "Kill") != NULL;
}

static void killed_first(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	od_subject(inc, rec);
	victim(inc->rep, c);
	if (*rec->text == 'M')
		od_detail_str(inc->rep, "constraint", "CONSTRAINT_MEMCG", 16);
}

/* Alone it is what grep left of a report. */
static void oom_constraint(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	od_subject(inc, rec);
	oom_kill(inc, rec, c);
}

/* Lines of the memory statistics and of the table of tasks. */
static bool in_oom(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)c;
	return od_kind_is(inc, OD_KIND_OOM) || od_kind_is(inc, OD_KIND_ALLOC_FAILURE) ||
	       od_kind_is(inc, OD_KIND_PANIC);
}

/* "[  123]     0   123     5000      100    4096        0             0 bash" */
static bool task_row(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t pid, v;

	(void)rec;
	if (!od_kind_is(inc, OD_KIND_OOM) && !od_kind_is(inc, OD_KIND_PANIC))
		return false;
	od_cur_blanks(&c);
	if (od_cur_lit(&c, "pid  ]") || od_cur_lit(&c, "pid ]"))
		return true;
	return od_cur_dec(&c, &pid) && od_cur_char(&c, ']') && od_cur_blanks(&c) && od_cur_dec(&c, &v);
}

/* "comm: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)" */
static void alloc_failure(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *colon = od_find(rec->text, rec->len, ": ");
	uint64_t n;

	od_subject(inc, rec);
	if (colon && !rep->comm)
		rep->comm = od_arena_strndup(&rep->arena, rec->text, (size_t)(colon - rec->text));
	if (od_past_dec(&c, "order:", &n) || od_past_dec(&c, "order ", &n))
		od_detail_num(rep, "order", n);
	word_after(rep, c, "mode:", ",", "gfp_mask");
}

/* "BUG: Bad page state in process comm  pfn:12345", "BUG: Bad page map in process comm  pte:.. pmd:.." */
static void bad_page(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *end;
	uint64_t v;

	od_subject(inc, rec);
	/* What was matched may reach to the name: the whole line again. */
	c = od_cursor_init(rec->text, rec->len);
	if (od_cur_past(&c, "in process ")) {
		end = od_find(c.p, od_cur_left(&c), "  ");
		if (!end)
			end = od_find(c.p, od_cur_left(&c), " pfn:");
		if (od_cur_char(&c, '\'')) /* in quotes, before 2.6.28 */
			end = memchr(c.p, '\'', od_cur_left(&c));
		if (end && !rep->comm)
			rep->comm = od_arena_strndup(&rep->arena, c.p, (size_t)(end - c.p));
	}
	if (od_cur_past(&c, "pfn:") && od_cur_hex(&c, &v, NULL))
		od_detail_addr(rep, "pfn", v);
	if (od_cur_past(&c, "pte:") && od_cur_hex(&c, &v, NULL))
		od_detail_addr(rep, "pte", v);
}

static bool dumped_because(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	od_detail_str(inc->rep, "page_dumped_because", c.p, od_cur_left(&c));
	return od_rule_link(inc, rec, c);
}

static bool page_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	od_detail_str(inc->rep, "page", rec->text, rec->len);
	return true;
}

/* "page last allocated via order 0, migratetype Unmovable, gfp_mask 0x..(..), pid 5, tgid 5 (a), ts 1, free_ts 2" */
static bool page_owner(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	(void)rec;
	if (od_past_dec(&c, "pid ", &n))
		od_detail_num(inc->rep, "allocated_pid", n);
	return true;
}

const struct od_trigger od_memory_triggers[] = {
	{ " invoked oom-killer: ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_OOM, NULL, NULL, oom },
	{ "Out of memory: ", OD_ROLE_CARRIER, 0, OD_KIND_OOM, NULL, check_killed, killed_first },
	{ "Memory cgroup out of memory: ", OD_ROLE_CARRIER, 0, OD_KIND_OOM, NULL, check_killed, killed_first },
	{ "oom-kill:constraint=", OD_ROLE_MESSAGE, OD_INSIDE, OD_KIND_OOM, NULL, NULL, oom_constraint },
	{ ": page allocation failure", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_ALLOC_FAILURE, NULL, NULL, alloc_failure },
	{ ": page allocation stalls for ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_ALLOC_FAILURE, "stall", NULL, alloc_failure },
	{ ": vmalloc error: size ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_ALLOC_FAILURE, "vmalloc", NULL, alloc_failure },
	{ ": vmalloc: allocation failure", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_ALLOC_FAILURE, "vmalloc", NULL, alloc_failure },
	{ "BUG: Bad page state in process ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_BAD_PAGE, "state", NULL, bad_page },
	{ "Bad page state in process '", OD_ROLE_DETECT, 0, OD_KIND_BAD_PAGE, "state", NULL, bad_page }, /* to 2.6.27 */
	{ "Bad page state at ", OD_ROLE_DETECT, 0, OD_KIND_BAD_PAGE, "state", NULL, bad_page },
	{ "BUG: Bad page map in process ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_BAD_PAGE, "map", NULL, bad_page },
	{ "BUG: Bad page map: ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_BAD_PAGE, "map", NULL, bad_page },
	{ "BUG: Bad page cache in process ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_BAD_PAGE, "cache", NULL, bad_page },
	{ "BUG: Bad rss-counter state ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_BAD_PAGE, "rss-counter", NULL, od_parse_subject },
	{ "BUG: non-zero pgtables_bytes on freeing mm", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_BAD_PAGE, "pgtables", NULL, od_parse_subject },
	{ "BUG: non-zero nr_ptes on freeing mm", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_BAD_PAGE, "pgtables", NULL, od_parse_subject },
	{ 0 },
};

const struct od_rule od_memory_rules[] = {
	{ "oom-kill:", oom_kill },
	{ "Out of memory: ", killed },
	{ "Memory cgroup out of memory: ", killed },
	{ "Killed process ", killed },
	{ "Out of memory and no killable processes", od_rule_link },
	{ "Mem-Info:", in_oom },
	{ "active_anon:", in_oom },
	{ "active_file:", in_oom },
	{ "Node ", in_oom },
	{ "lowmem_reserve[]:", in_oom },
	{ "DMA", in_oom },
	{ "Normal", in_oom },
	{ "HighMem", in_oom },
	{ "CPU  ", in_oom },
	{ "Tasks state (memory values in pages):", in_oom },
	{ "memory: usage ", in_oom },
	{ "swap: usage ", in_oom },
	{ "Memory cgroup stats for ", in_oom },
	{ "Total swap = ", in_oom },
	{ "Free swap ", in_oom },
	{ "[", task_row },
	{ "page:", page_line },
	{ "page: refcount:", page_line },
	{ "page dumped because: ", dumped_because },
	{ "page last allocated via order", page_owner },
	{ "page allocated via order", page_owner },
	{ "page_owner ", od_rule_accept },
	{ "raw: ", od_rule_accept },
	{ "flags: ", od_rule_accept },
	{ "aops:", od_rule_accept },
	{ "head: ", od_rule_accept },
	{ NULL, NULL },
};
