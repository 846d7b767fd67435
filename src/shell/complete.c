/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/complete.h"

#include <stdio.h>
#include <string.h>

#include "symbols/btf.h"
#include "symbols/symtab.h"
#include "target/kernel/globals.h"
#include "target/kernel/modules.h"
#include "target/kernel/slabs.h"
#include "target/kernel/tasks.h"

enum { MAX_LISTED = 500, MAX_NAME = 256, MAX_DEPTH = 8 };

/* What the names have in common, and those themselves while they are few. */
struct many {
	struct od_buf *words;
	const char *word;	/* what they begin with */
	const char *before;	/* what stands ahead of each in the word completed */
	char common[MAX_NAME];
	size_t len;
	uint32_t n;
	bool second;		/* the pass that looks at the byte behind what is common */
	bool next[256];
};

static bool add(struct many *m, const char *name)
{
	size_t same = 0;

	if (strncmp(name, m->word, strlen(m->word)) != 0 || strlen(name) >= MAX_NAME)
		return true;
	if (m->second) {
		m->next[(unsigned char)name[m->len]] = true;
		return true;
	}
	if (m->n++ == 0) {
		strcpy(m->common, name);
		m->len = strlen(name);
	}
	while (same < m->len && name[same] == m->common[same])
		same++;
	m->len = same;
	if (m->n <= MAX_LISTED)
		od_buf_printf(m->words, "%s%s\n", m->before, name);
	return true;
}

typedef void each_fn(void *ctx, struct many *m);

static void complete_many(struct od_buf *words, const char *before, const char *word, each_fn *each, void *ctx)
{
	struct many m = { .words = words, .word = word, .before = before };
	const size_t start = words->len;

	each(ctx, &m);
	if (m.n <= MAX_LISTED && !words->cut)
		return;
	words->len = start;
	words->cut = false;
	m.second = true;
	each(ctx, &m);
	for (int c = 0; c < 256; c++) {
		if (m.next[c])
			od_buf_printf(words, "%s%.*s%s\n", before, (int)m.len, m.common,
				      c ? (char[]){ (char)c, '\0' } : "");
	}
}

/* --- symbols --------------------------------------------------------------------------- */

static bool one_symbol(void *ctx, const struct od_symbol *sym)
{
	return add(ctx, sym->name);
}

static void each_symbol(void *ctx, struct many *m)
{
	od_symtab_each(ctx, m->word, one_symbol, m);
}

void od_complete_symbols(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	if (s->target.kernel && s->target.kernel->symtab)
		complete_many(words, "", od_args_word(args), each_symbol, s->target.kernel->symtab);
}

/* --- types and members ------------------------------------------------------------------- */

static bool one_type(void *ctx, const char *name, uint32_t id)
{
	(void)id;
	return add(ctx, name);
}

static void each_type(void *ctx, struct many *m)
{
	od_btf_each(ctx, m->word, one_type, m);
}

struct members {
	const struct od_btf *btf;
	uint32_t type;
};

/* Members of an anonymous one are named as if they were its own. */
static void add_members(const struct od_btf *btf, uint32_t id, unsigned depth, struct many *m)
{
	struct od_type type;

	if (depth == MAX_DEPTH || !od_btf_resolve(btf, id, &type) ||
	    (type.kind != OD_TYPE_STRUCT && type.kind != OD_TYPE_UNION))
		return;
	for (uint32_t i = 0; i < type.count && m->n < UINT16_MAX; i++) {
		struct od_member member;

		od_btf_nth_member(&type, i, &member);
		if (*member.name)
			add(m, member.name);
		else
			add_members(btf, member.type, depth + 1, m);
	}
}

static void each_member(void *ctx, struct many *m)
{
	const struct members *members = ctx;

	add_members(members->btf, members->type, 0, m);
}

/* "comm,se.vru": the last path is completed, in the struct that the ones ahead of it lead to. head stands before it all. */
static void complete_paths(const struct od_btf *btf, uint32_t type, const char *head, const char *paths,
			   struct od_buf *words)
{
	const char *comma = strrchr(paths, ','), *path = comma ? comma + 1 : paths;
	const char *dot = strrchr(path, '.'), *last = dot ? dot + 1 : path;
	char inner[MAX_NAME], before[2 * MAX_NAME];
	struct members members = { .btf = btf, .type = type };
	struct od_member member;

	if (!type || (size_t)(last - path) >= sizeof(inner) || strlen(head) + (size_t)(last - paths) >= sizeof(before))
		return;
	snprintf(inner, sizeof(inner), "%.*s", (int)(dot ? dot - path : 0), path);
	snprintf(before, sizeof(before), "%s%.*s", head, (int)(last - paths), paths);
	if (*inner && !od_btf_member(btf, type, inner, &member))
		return;
	if (*inner)
		members.type = member.type;
	complete_many(words, before, last, each_member, &members);
}

/* The part of a word up to and with its first dot. False: it has none, or is too long. */
static bool head_of(const char *word, char *head, size_t size)
{
	const size_t len = strcspn(word, ".") + 1;

	if (!word[len - 1] || len >= size)
		return false;
	snprintf(head, size, "%.*s", (int)len, word);
	return true;
}

/* "task_struct.comm,se.vru" */
static void complete_members(const struct od_btf *btf, const char *word, struct od_buf *words)
{
	char head[MAX_NAME], name[MAX_NAME];

	if (!head_of(word, head, sizeof(head)))
		return;
	snprintf(name, sizeof(name), "%.*s", (int)strlen(head) - 1, head);
	complete_paths(btf, od_btf_find(btf, name), head, word + strlen(head), words);
}

void od_complete_types(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	const char *word = od_args_word(args);
	const struct od_btf *btf = s->target.kernel ? od_kernel_types(s->target.kernel) : NULL;

	if (btf && strchr(word, '.'))
		complete_members(btf, word, words);
	else if (btf)
		complete_many(words, "", word, each_type, (void *)btf);
}

void od_complete_task_members(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	const struct od_btf *btf = s->target.kernel ? od_kernel_types(s->target.kernel) : NULL;

	if (btf)
		complete_paths(btf, od_btf_find(btf, "task_struct"), "", od_args_word(args), words);
}

void od_complete_variables(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	const char *word = od_args_word(args);
	char head[MAX_NAME], name[MAX_NAME];
	struct od_typed typed;

	if (!s->target.kernel || !head_of(word, head, sizeof(head))) {
		od_complete_symbols(s, args, words);
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(head, ".:"), head);
	if (od_kernel_variable(s->target.kernel, name, &typed))
		complete_paths(typed.btf, typed.type, head, word + strlen(head), words);
}

void od_complete_names(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	const size_t before = words->len;

	od_complete_types(s, args, words);
	if (words->len == before)
		od_complete_variables(s, args, words);
}

/* --- modules, caches --------------------------------------------------------------------- */

void od_complete_modules(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	const struct od_modules *mods = s->target.kernel ? od_kernel_modules(s->target.kernel) : NULL;

	for (uint32_t i = 0; mods && i < mods->n; i++)
		od_words_add(words, od_args_word(args), mods->module[i].name);
}

static bool one_cache(void *ctx, const struct od_slab_cache *cache)
{
	return add(ctx, cache->name);
}

static void each_cache(void *ctx, struct many *m)
{
	od_kernel_slabs(ctx, NULL, one_cache, m);
}

void od_complete_caches(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	if (s->target.kernel)
		complete_many(words, "", od_args_word(args), each_cache, s->target.kernel);
}

/* The word ahead of the one that is completed; NULL: there is none. */
static const char *word_before(const struct od_args *args)
{
	const int n = args->argc - (args->open ? 2 : 1);

	return n > 0 ? args->argv[n] : NULL;
}

bool od_complete_behind(const struct od_args *args, const char *options)
{
	const char *before = word_before(args);

	return before && before[0] == '-' && before[1] && strchr(options, before[strlen(before) - 1]);
}

void od_complete_start(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	if (od_complete_behind(args, "sorl") || strchr(od_args_word(args), '.'))
		od_complete_types(s, args, words);
	else
		od_complete_symbols(s, args, words);
}

void od_complete_type_at(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	int n = 0;

	for (int i = 1; i < args->argc - args->open; i++)
		n += args->argv[i][0] != '-';
	if (n)
		od_complete_symbols(s, args, words);
	else
		od_complete_types(s, args, words);
}

/* --- tasks ---------------------------------------------------------------------------------- */

static void each_pid(void *ctx, struct many *m)
{
	const struct od_tasks *tasks = ctx;
	char pid[16];

	for (uint32_t i = 0; i < tasks->n; i++) {
		snprintf(pid, sizeof(pid), "%d", tasks->task[i].pid);
		if (tasks->task[i].pid > 0)
			add(m, pid);
	}
}

static void each_comm(void *ctx, struct many *m)
{
	const struct od_tasks *tasks = ctx;

	for (uint32_t i = 0; i < tasks->n; i++)
		if (!strpbrk(tasks->task[i].comm, " \t\n"))
			add(m, tasks->task[i].comm);
}

void od_complete_tasks(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	const char *word = od_args_word(args);

	if (!s->target.kernel)
		return;
	complete_many(words, "", word, !*word || (*word >= '0' && *word <= '9') ? each_pid : each_comm,
		      (void *)od_kernel_tasks(s->target.kernel));
}

void od_complete_ids_and_tasks(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	od_session_complete_ids(s, args, words);
	od_complete_tasks(s, args, words);
}
