/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "input/prefilter.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "input/prefilter-internal.h"

static uint32_t window_at(const char *p, size_t len)
{
	uint32_t v = 0;

	if (len >= sizeof(v))
		memcpy(&v, p, sizeof(v));
	else
		memcpy(&v, p, len);
	return v;
}

static void add_literal(struct od_prefilter *pf, const char *text, bool words)
{
	size_t len = strlen(text);
	struct od_literal *lit;
	unsigned window_len;
	uint16_t key;

	if (len < 2 || len > OD_MAX_LITERAL || pf->n >= OD_MAX_LITERALS)
		return;
	lit = &pf->lit[pf->n++];
	lit->text = od_strdup(text);
	lit->len = (uint8_t)len;
	lit->at = (uint8_t)od_window_place(text, lit->len, &window_len);
	lit->window = window_at(text + lit->at, window_len);
	lit->mask = window_at("\xff\xff\xff\xff", window_len);
	lit->word = words && od_is_alnum(*text);
	key = od_pair_at(text + lit->at);
	lit->next = pf->first[key];
	pf->first[key] = (uint16_t)pf->n;
	pf->hit[key] |= window_len > 2 ? (uint8_t)(1u << (text[lit->at + 2] & 7)) : UINT8_MAX;
	if (lit->at > pf->max_at)
		pf->max_at = lit->at;
}

struct od_prefilter *od_prefilter_create(const char *const *const *lists, size_t nlists, bool words)
{
	struct od_prefilter *pf = od_calloc(1, sizeof(*pf));

	for (size_t i = 0; i < nlists; i++)
		for (const char *const *l = lists[i]; l && *l; l++)
			add_literal(pf, *l, words);
	od_window_masks(pf->lit, pf->n, &pf->masks);
	pf->level = od_scan_best();
	return pf;
}

void od_prefilter_destroy(struct od_prefilter *pf)
{
	if (!pf)
		return;
	for (unsigned i = 0; i < pf->n; i++)
		free(pf->lit[i].text);
	free(pf);
}

/* The start of the longest way back to a literal in [from, end) whose window stands at p, or NULL.
 */
static const char *verify(const struct od_prefilter *pf, const char *s, const char *from,
			  const char *end, const char *p)
{
	const uint32_t window = window_at(p, (size_t)(end - p));
	const char *best = NULL;

	for (unsigned i = pf->first[od_pair_at(p)]; i; i = pf->lit[i - 1].next) {
		const struct od_literal *lit = &pf->lit[i - 1];
		const char *start;

		if ((window ^ lit->window) & lit->mask || p - from < lit->at ||
		    end - p < lit->len - lit->at)
			continue;
		start = p - lit->at;
		/* The last byte first: most of what shares a window with a literal differs there. */
		if ((!best || start < best) && start[lit->len - 1] == lit->text[lit->len - 1] &&
		    !memcmp(start, lit->text, lit->len) &&
		    (start == s || !lit->word || !od_is_alnum(start[-1])))
			best = start;
	}
	return best;
}

/* The first p in [p, stop) where a window may stand, or stop. The byte at stop can be read. */
static const char *find(const struct od_prefilter *pf, const char *p, const char *stop)
{
	const uint8_t *hit = pf->hit;

	if (od_scan_find(pf, &p, stop))
		return p;
	while (stop - p > 8) {
		if (hit[od_pair_at(p)] | hit[od_pair_at(p + 1)] | hit[od_pair_at(p + 2)] |
		    hit[od_pair_at(p + 3)] | hit[od_pair_at(p + 4)] | hit[od_pair_at(p + 5)] |
		    hit[od_pair_at(p + 6)] | hit[od_pair_at(p + 7)])
			for (unsigned i = 0; i < 8; i++)
				if (od_may_start(pf, p + i))
					return p + i;
		p += 8;
	}
	while (p < stop && !hit[od_pair_at(p)])
		p++;
	return p;
}

const char *od_prefilter_scan(const struct od_prefilter *pf, const char *s, size_t len, size_t from)
{
	const char *end = s + len, *best = NULL, *stop = end - 1;

	if (len < 2)
		return NULL;
	for (const char *p = s + from; p < stop; p++) {
		const char *found;

		p = find(pf, p, stop);
		found = p < stop ? verify(pf, s, s + from, end, p) : NULL;
		if (!found || (best && found >= best))
			continue;
		best = found;
		/* One that starts before it may have its window after it. */
		if (stop - best > (ptrdiff_t)pf->max_at)
			stop = best + pf->max_at;
	}
	return best;
}

size_t od_count_newlines(const char *s, size_t len)
{
	return od_scan_newlines(od_scan_best(), s, len);
}
