/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "triage/stack.h"

#include <string.h>

/* Weights are integers, so that all machines agree. */
enum { TOP = 1 << 16, HALF_AT = 6, MOVED_HALF = 4 };

static uint64_t hash_of(const char *s, size_t len)
{
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
	return h;
}

void od_frames_parse(const char *text, struct od_frames *ret)
{
	ret->n = 0;
	while (*text && ret->n < OD_FRAMES_MAX) {
		const size_t len = strcspn(text, "\n");

		ret->hash[ret->n] = hash_of(text, len);
		ret->name[ret->n++] = text;
		text += len + (text[len] == '\n');
	}
}

static uint64_t weight(unsigned depth)
{
	return (uint64_t)TOP * HALF_AT / (HALF_AT + depth);
}

static uint64_t total(const struct od_frames *f)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < f->n; i++)
		sum += weight(i);
	return sum;
}

/* What the pair counts, in both stacks together. */
static uint64_t pair(const struct od_frames *a, unsigned i, const struct od_frames *b, unsigned j)
{
	const unsigned moved = i > j ? i - j : j - i;

	if (a->hash[i] != b->hash[j])
		return 0;
	return (weight(i) + weight(j)) * MOVED_HALF / (MOVED_HALF + moved);
}

struct od_likeness od_frames_compare(const struct od_frames *a, const struct od_frames *b)
{
	uint64_t best[OD_FRAMES_MAX + 1][OD_FRAMES_MAX + 1];
	const uint64_t all = total(a) + total(b);
	struct od_likeness ret = { .first = a->n };
	bool matched[OD_FRAMES_MAX] = { false };
	unsigned i, j;

	if (!all)
		return ret;
	/* best[i][j]: of the frames from i and from j on. */
	for (i = a->n + 1; i-- > 0;) {
		for (j = b->n + 1; j-- > 0;) {
			uint64_t count, with;

			best[i][j] = 0;
			if (i == a->n || j == b->n)
				continue;
			count = best[i + 1][j] > best[i][j + 1] ? best[i + 1][j] : best[i][j + 1];
			with = pair(a, i, b, j);
			if (with && with + best[i + 1][j + 1] > count)
				count = with + best[i + 1][j + 1];
			best[i][j] = count;
		}
	}
	for (i = 0, j = 0; i < a->n && j < b->n;) {
		const uint64_t with = pair(a, i, b, j);

		if (with && best[i][j] == with + best[i + 1][j + 1]) {
			matched[i++] = true;
			j++;
			ret.same++;
		} else if (best[i][j] == best[i + 1][j]) {
			i++;
		} else {
			j++;
		}
	}
	for (ret.first = 0; ret.first < a->n && matched[ret.first];)
		ret.first++;
	ret.percent = (unsigned)(best[0][0] * 100 / all);
	return ret;
}
