/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports of the slab allocators' own checks. Sources: mm/slub.c, mm/slab_common.c, mm/slab.h; 2.6.32 to 6.17. */
#include <string.h>

#include "text/families.h"

/* "BUG kmalloc-64 (Tainted: G  B): Object already free" */
static bool check_slub(const struct od_record *rec, struct od_cursor c)
{
	const char *paren = memchr(c.p, '(', od_cur_left(&c));

	(void)rec;
	return paren && (od_find(paren, (size_t)(c.end - paren), "ainted")) &&
	       od_find(paren, (size_t)(c.end - paren), "): ") &&
	       !od_find(paren, (size_t)(c.end - paren), "kasan: bad access detected");
}

static void slub(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *paren = memchr(c.p, '(', od_cur_left(&c));
	struct od_cursor why = c;
	size_t n = 0;

	od_subject(inc, rec);
	if (paren && paren > c.p + 1)
		od_detail_str(rep, "cache", c.p, (size_t)(paren - 1 - c.p));
	if (!od_cur_past(&why, "): "))
		return;
	od_detail_str(rep, "reason", why.p, od_cur_left(&why));
	/* The reason's words, without its numbers: "Padding overwritten. 0x...-0x..." */
	while (n < od_cur_left(&why) && n < 40 && why.p[n] != '.' && why.p[n] != '(' &&
	       !(why.p[n] == '0' && n + 1 < od_cur_left(&why) && why.p[n + 1] == 'x') &&
	       !od_is_digit(why.p[n]))
		n++;
	/* "Objects remaining in CACHE on __kmem_cache_shutdown()" names the cache again. */
	if (od_find(why.p, n, "remaining"))
		n = 17;
	rep->subkind = od_kebab(rep, why.p, n, "");
}

/* "0xffff..-0xffff.. @offset=64. First byte 0xcc instead of 0x6b": what was found damaged. */
static bool damage(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	if (!od_kind_is(inc, OD_KIND_SLUB))
		return false;
	if (od_cur_past(&c, "First byte "))
		od_detail_str(inc->rep, "first_byte", c.p, od_cur_left(&c));
	return od_rule_link(inc, rec, c);
}

/* "Allocated in f+0x1/0x2 age=5 cpu=1 pid=9": the section is opened; the line names its first frame. */
static bool track(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const bool freed = *rec->text == 'F' || od_find(rec->text, rec->len > 12 ? 12 : rec->len, "Freed");
	struct od_frame frame;
	uint64_t v;

	od_rule_link(inc, rec, c);
	if (od_frame_location(inc->rep, &c, &frame) && frame.symbol)
		od_stack_push(inc, rec, &frame);
	if (od_past_dec(&c, "pid=", &v))
		od_detail_num(inc->rep, freed ? "freed_pid" : "allocated_pid", v);
	inc->bare = true;
	return true;
}

static bool object(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	if (!od_kind_is(inc, OD_KIND_SLUB))
		return false;
	if (od_cur_hex(&c, &v, NULL))
		od_detail_addr(inc->rep, "object", v);
	return od_rule_link(inc, rec, c);
}

static bool slab_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	/* What follows the tracks is no trace of theirs. */
	if (inc->section)
		od_section_close(inc);
	return od_rule_link(inc, rec, c);
}

/* "Redzone  ffff...: bb bb": rows of bytes. */
static bool bytes(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)c;
	return od_kind_is(inc, OD_KIND_SLUB);
}

const struct od_trigger od_slab_triggers[] = {
	{ "Wrong slab cache. ", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_SLUB, "wrong-cache", NULL, od_parse_subject },
	{ "Object is not a Slab page!", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_SLUB, "not-a-slab-page", NULL, od_parse_subject },
	{ "BUG ", OD_ROLE_DETECT, 0, OD_KIND_SLUB, NULL, check_slub, slub },
	{ 0 },
};

const struct od_rule od_slab_rules[] = {
	{ "INFO: Allocated in ", track },
	{ "Allocated in ", track },
	{ "INFO: Freed in ", track },
	{ "Freed in ", track },
	{ "INFO: Slab 0x", slab_line },
	{ "Slab 0x", slab_line },
	{ "INFO: Object 0x", object },
	{ "Object 0x", object },
	{ "INFO: 0x", damage },
	{ "0x", damage },
	{ "[0x", damage },
	{ "object pointer: 0x", od_rule_link },
	{ "FIX ", od_rule_link },
	{ "Redzone ", bytes },
	{ "Object ", bytes },
	{ "Padding ", bytes },
	{ "Bytes b4 ", bytes },
	{ "BUG ", od_rule_link },
	{ NULL, NULL },
};
