/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "render/redact.h"

#include "base/escape.h"
#include "render/redact-internal.h"

enum { MAX_NAME = 64, MAX_HOST = 255, MIN_WORD = 3 };

struct scan {
	struct od_redact *r;
	const char *s;
	size_t len;
	struct od_buf *out;
	/* Where a person's name may have begun: after a delimiter and blanks. In s and in out. */
	size_t name_in, name_out;
};

static unsigned learn_host(struct od_redact *r, const char *s, size_t len, bool alias)
{
	const char *dot = memchr(s, '.', len);
	unsigned slot;

	od_private_find(r, OD_PRIVATE_HOST, s, len, true, &slot);
	/* "node1.example.com" is called "node1" elsewhere. */
	if (alias && dot && !od_private_is_no_host(s, (size_t)(dot - s)))
		od_private_alias(r, slot, s, (size_t)(dot - s));
	return slot;
}

void od_redact_host(struct od_redact *r, const char *host)
{
	size_t len = host ? strlen(host) : 0;
	enum od_private kind;

	if (!od_private_is_no_host(host, len) && od_private_address(host, len, 0, &kind) != len)
		learn_host(r, host, len, true);
}

static void put(struct scan *sc, enum od_private kind, size_t i, size_t end)
{
	unsigned slot;

	od_private_find(sc->r, kind, sc->s + i, end - i, true, &slot);
	od_private_print(sc->r, sc->out, kind, slot);
}

/* End of the name that starts at i: identifiers with single dots and dashes between them. */
static size_t name_end(const struct scan *sc, size_t i, const char *between, size_t most)
{
	const size_t stop = sc->len - i < most ? sc->len : i + most;

	while (i < stop && (od_is_word(sc->s[i]) || (sc->s[i] && strchr(between, sc->s[i]) &&
						     i + 1 < sc->len && od_is_word(sc->s[i + 1]))))
		i++;
	return i;
}

/* "Joe Smith <joe@example.com>": the name, of which only its letters and what it has written are
 * known. */
static void person(struct scan *sc, size_t i)
{
	size_t from = sc->name_in, end = i ? i - 1 : 0;
	bool letters = false;

	if (!i || sc->s[end] != '<')
		return;
	while (end > from && (od_is_blank(sc->s[end - 1]) || sc->s[end - 1] == '"'))
		end--;
	if (end <= from || end - from > MAX_NAME || od_private_is_ours(sc->s + from, end - from))
		return;
	for (size_t k = from; k < end; k++) {
		letters |= od_is_alpha(sc->s[k]);
		if (!od_is_alpha(sc->s[k]) && !(sc->s[k] & 0x80) && sc->s[k] &&
		    !strchr(" .'-", sc->s[k]))
			return;
	}
	if (!letters)
		return;
	sc->out->len = sc->name_out;
	put(sc, OD_PRIVATE_USER, from, end);
	od_buf_add(sc->out, sc->s + end, i - end);
}

/* "joe@example.com", "[joe@node1 ~]#", "(joe@node1)", "[joe at node1 ~]#". The end, 0: none of
 * these. */
static size_t mail(struct scan *sc, size_t i, size_t end)
{
	const char *s = sc->s;
	bool at = end + 4 < sc->len && !memcmp(s + end, " at ", 4);
	bool bracket = i && (s[i - 1] == '[' || s[i - 1] == '(');
	size_t local = at ? end : name_end(sc, end, "._-+%", MAX_NAME), host, stop;

	if (local - i > MAX_NAME || local + 1 >= sc->len || (!at && s[local] != '@') ||
	    (at && !bracket))
		return 0;
	host = local + (at ? 4 : 1);
	stop = name_end(sc, host, ".-", MAX_HOST + 1);
	if (stop == host || stop - host > MAX_HOST)
		return 0;
	if (!at && od_private_is_domain(s + host, stop - host, true)) {
		person(sc, i);
		put(sc, OD_PRIVATE_MAIL, i, stop);
		return stop;
	}
	if (!bracket && !(stop + 1 < sc->len && s[stop] == ':' && strchr("~/", s[stop + 1])))
		return 0;
	if (stop < sc->len && !strchr(" ):]", s[stop]))
		return 0;
	if (local - i == 4 && !memcmp(s + i, "root", 4))
		od_buf_add(sc->out, s + i, local - i);
	else
		put(sc, OD_PRIVATE_USER, i, local);
	od_buf_add(sc->out, s + local, host - local);
	if (od_private_is_no_host(s + host, stop - host) ||
	    od_private_is_ours(s + host, stop - host))
		od_buf_add(sc->out, s + host, stop - host);
	else
		put(sc, OD_PRIVATE_HOST, host, stop);
	return stop;
}

static bool host(struct scan *sc, size_t i, size_t end)
{
	const char *s = sc->s + i, *dot = memchr(s, '.', end - i);
	const size_t len = end - i;
	const bool calls = end < sc->len && (sc->s[end] == '+' || sc->s[end] == '(');
	unsigned slot;

	if (od_private_is_no_host(s, len))
		return false;
	if (od_private_is_host(sc->s, sc->len, i, end)) {
		/* A known one is for everybody to see. */
		if (dot && od_private_is_domain(s, len, true) &&
		    !od_private_is_domain(s, len, false) && od_private_after(sc->s, i, "://"))
			return false;
		slot = learn_host(sc->r, s, len, !od_private_after(sc->s, i, "://"));
		od_private_print(sc->r, sc->out, OD_PRIVATE_HOST, slot);
		return true;
	}
	if (!calls && (len >= MIN_WORD || len == sc->len) &&
	    od_private_find(sc->r, OD_PRIVATE_HOST, s, len, false, &slot)) {
		od_private_print(sc->r, sc->out, OD_PRIVATE_HOST, slot);
		return true;
	}
	if (!dot || calls || !od_private_is_domain(s, len, false))
		return false;
	/* The long form of a host whose short one came first. */
	if (od_private_find(sc->r, OD_PRIVATE_HOST, s, (size_t)(dot - s), false, &slot))
		od_private_print(sc->r, sc->out, OD_PRIVATE_HOST, slot);
	else
		put(sc, OD_PRIVATE_HOST, i, end);
	return true;
}

/* What is no name as a whole may have known hosts between dashes and dots. */
static void copy_parts(struct scan *sc, size_t i, size_t end)
{
	const size_t whole = end - i;

	while (i < end) {
		size_t from = i;
		unsigned slot;

		while (i < end && od_is_word(sc->s[i]))
			i++;
		if (i - from >= MIN_WORD && i - from < whole &&
		    od_private_find(sc->r, OD_PRIVATE_HOST, sc->s + from, i - from, false, &slot))
			od_private_print(sc->r, sc->out, OD_PRIVATE_HOST, slot);
		else
			od_buf_add(sc->out, sc->s + from, i - from);
		while (i < end && !od_is_word(sc->s[i]))
			od_buf_addch(sc->out, sc->s[i++]);
	}
}

/* An identifier starts at i: replace or copy it, and what belongs to it. The place after it. */
static size_t word(struct scan *sc, size_t i)
{
	size_t end = name_end(sc, i, ".-", SIZE_MAX), n;
	enum od_private kind;

	n = od_private_address(sc->s, sc->len, i, &kind);
	if (n) {
		put(sc, kind, i, i + n);
		return i + n;
	}
	if (od_private_is_ours(sc->s + i, end - i)) {
		od_buf_add(sc->out, sc->s + i, end - i);
		return end;
	}
	n = mail(sc, i, end);
	if (n)
		return n;
	if (od_private_is_user(sc->s, sc->len, i, end)) {
		put(sc, OD_PRIVATE_USER, i, end);
		return end;
	}
	if (host(sc, i, end))
		return end;
	copy_parts(sc, i, end);
	return end;
}

bool od_redact(struct od_redact *r, struct od_buf *out, const char *s, size_t len)
{
	struct scan sc = {.r = r, .s = s, .len = len, .out = out, .name_out = out->len};
	const size_t start = out->len;

	for (size_t i = 0; i < len;) {
		if (od_is_word(s[i]) && (!i || !od_is_word(s[i - 1]))) {
			i = word(&sc, i);
			continue;
		}
		od_buf_addch(out, s[i++]);
		if (s[i - 1] && strchr(",:;>(\"\n", s[i - 1])) {
			while (i < len && od_is_blank(s[i]))
				od_buf_addch(out, s[i++]);
			sc.name_in = i;
			sc.name_out = out->len;
		}
	}
	return out->len - start != len || memcmp(out->data + start, s, len) != 0;
}

/* --- as the filter of all that is escaped ------------------------------------------- */

static struct od_buf filtered;

static const char *filter(void *ctx, const char *s, size_t *len)
{
	od_buf_reset(&filtered);
	od_redact(ctx, &filtered, s, *len);
	*len = filtered.len;
	return od_buf_str(&filtered);
}

void od_redact_install(struct od_redact *r)
{
	od_escape_filter(r ? filter : NULL, r);
	if (r)
		od_private_keep(r);
	else
		od_buf_deinit(&filtered);
}
