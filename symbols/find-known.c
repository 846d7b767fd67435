/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What packed files of -s held when they were unpacked before: a package is not read again for a question that it
 * answered once, and which questions there are can be had without reading it. Whoever keeps the files is
 * trusted no more than any other debug file: each is looked at and judged as one of -s.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols/find-internal.h"

/* What stands for a whole compressed file, and for a word that is not known. */
static const char stream[] = "*", unknown[] = "?";

/* --- questions as text -------------------------------------------------------------------------- */

static const char *word(const char *s)
{
	return s ? s : unknown;
}

static void print_question(const struct od_wanted *w, char *ret)
{
	snprintf(ret, OD_QUESTION, "%s %s %s %d", word(w->module), word(w->release), word(w->build_id),
		 w->out_of_tree);
}

struct question {
	char room[OD_QUESTION];
	struct od_wanted wanted;
};

/* False: it is none; then nothing of q is of use. */
static bool parse_question(const char *text, struct question *q)
{
	const char *words[4];
	char *save = NULL, *p;
	char id[OD_HEX_ID] = "", again[OD_QUESTION];
	unsigned n = 0;

	if (strlen(text) >= sizeof(q->room))
		return false;
	memcpy(q->room, text, strlen(text) + 1);
	for (p = strtok_r(q->room, " ", &save); p && n < 4; p = strtok_r(NULL, " ", &save))
		words[n++] = p;
	if (n != 4 || p)
		return false;
	for (n = 0; n < 3; n++)
		words[n] = strcmp(words[n], unknown) != 0 ? words[n] : NULL;
	q->wanted = (struct od_wanted){ words[1], words[0], words[2], words[3][0] == '1' };
	if ((words[0] && !od_is_module_name(words[0])) || (words[1] && !od_is_release(words[1])) ||
	    (words[2] && (!od_take_build_id(words[2], id) || strcmp(words[2], id) != 0)))
		return false;
	/* One text for one question. */
	print_question(&q->wanted, again);
	return !strcmp(again, text);
}

bool od_question_is_valid(const char *text)
{
	struct question q;

	return !strcmp(text, stream) || parse_question(text, &q);
}

/* --- what is known -------------------------------------------------------------------------------- */

void od_find_know(struct od_find *find, const struct od_find_known *known, size_t n)
{
	find->known = known;
	find->nknown = n;
	find->known_entries = od_arena_alloc(&find->arena, n * sizeof(*find->known_entries) + 1);
}

void od_find_hold(struct od_find *find, od_find_wanted_fn *wanted, void *ctx)
{
	if (!find)
		return;
	find->wanted = wanted;
	find->wanted_ctx = ctx;
}

void od_find_look_known(struct od_find *find)
{
	for (size_t i = 0; i < find->nknown; i++) {
		const struct od_find_known *k = &find->known[i];
		struct od_find_entry *e = k->file ? od_find_look_at(find, k->file, false) : NULL;

		if (!e || e->facts.kind == OD_FILE_OTHER || e->facts.kind == OD_FILE_PACKED ||
		    e->facts.kind == OD_FILE_PACKAGE)
			continue;
		e->name = od_arena_strdup(&find->arena, k->name);
		find->known_entries[i] = e;
	}
}

static bool is_of(const struct od_find *find, size_t i, size_t nth)
{
	return !strcmp(find->known[i].packed, find->paths[nth]);
}

struct od_find_entry *od_find_known_stream(struct od_find *find, size_t nth)
{
	for (size_t i = 0; i < find->nknown; i++)
		if (is_of(find, i, nth) && !strcmp(find->known[i].question, stream))
			return find->known_entries[i];
	return NULL;
}

struct od_find_entry *od_find_known_member(const struct od_find *find, size_t nth, size_t *at)
{
	while (*at < find->nknown) {
		size_t i = (*at)++;

		if (find->known_entries[i] && is_of(find, i, nth))
			return find->known_entries[i];
	}
	return NULL;
}

bool od_find_spares(struct od_find *find, size_t nth, const struct od_wanted *wanted)
{
	char question[OD_QUESTION];

	if (!find->nknown && !find->wanted)
		return false;
	print_question(wanted, question);
	for (size_t i = 0; i < find->nknown; i++)
		/* A file that is gone or damaged by now is as if there had been no answer. */
		if (is_of(find, i, nth) && !strcmp(find->known[i].question, question) &&
		    (!find->known[i].file || find->known_entries[i]))
			return true;
	if (!find->wanted)
		return false;
	find->wanted(find->wanted_ctx, nth, question);
	return true;
}

bool od_find_spares_stream(struct od_find *find, size_t nth)
{
	const int fd = find->wanted ? open(find->paths[nth], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
	bool packed;

	if (fd < 0)
		return false;
	packed = od_unpack_probe(fd) == OD_PACK_STREAM;
	close(fd);
	if (packed)
		find->wanted(find->wanted_ctx, nth, stream);
	return packed;
}

/* --- unpacking for later -------------------------------------------------------------------------- */

static bool unpack_one(struct od_find *find, const char *question, struct od_unpacked *ret)
{
	const struct od_find_entry *e = find->given[0].entry;
	struct od_absent absent;
	struct od_debug *dbg;
	struct question q;

	if (!strcmp(question, stream)) {
		if (!e || e->broken || !e->memory_ino)
			return false;
		*ret = (struct od_unpacked){ e->memory_ino, e->name };
		return true;
	}
	if (!find->given[0].package || !parse_question(question, &q))
		return false;
	dbg = od_find_get(find, &q.wanted, &absent);
	for (uint32_t i = 0; dbg && i < find->nentries; i++)
		if (find->entries[i]->dbg == dbg)
			e = find->entries[i];
	if (dbg)
		*ret = (struct od_unpacked){ e->memory_ino, e->name };
	/* Nothing better can come: no matter what else of the package could not be read. */
	if (dbg && e->facts.lines)
		return true;
	return od_package_is_sound(find->given[0].package) && find->nopen < OD_FIND_FILES;
}

void od_find_unpack(struct od_find *find, const char *const *questions, size_t n, struct od_unpacked *ret,
		    bool *answered)
{
	struct question q;

	od_find_look(find);
	/* The package is then read once for all of them. */
	for (size_t i = 0; i < n; i++)
		if (strcmp(questions[i], stream) != 0 && parse_question(questions[i], &q))
			od_find_expect(find, q.wanted.module);
	for (size_t i = 0; i < n; i++) {
		ret[i] = (struct od_unpacked){ 0, NULL };
		answered[i] = find->npaths == 1 && unpack_one(find, questions[i], &ret[i]);
	}
}
