/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "text/gdb-internal.h"

/* A character literal of gdb is short; a longer "quote" was an apostrophe. */
enum { MAX_CHAR_LITERAL = 16 };

static bool opens_quote(const struct od_gdb_scan *s, char c)
{
	if (c == '"')
		return true;
	/* L'a', u'a', U'a'; but not can't */
	if (s->prev == 'L' || s->prev == 'u' || s->prev == 'U')
		return !od_is_alnum(s->prev2);
	return s->prev && strchr(" =,{(", s->prev);
}

void od_gdb_step(struct od_gdb_scan *s, char c)
{
	if (s->quote) {
		if (s->escaped)
			s->escaped = false;
		else if (c == '\\')
			s->escaped = true;
		else if (c == s->quote)
			s->quote = '\0';
		if (s->quote == '\'' && ++s->quoted > MAX_CHAR_LITERAL)
			s->quote = '\0';
	} else if (c == '(' || c == '{') {
		s->depth++;
	} else if (c == ')' || c == '}') {
		s->depth -= s->depth > 0;
	} else if ((c == '"' || c == '\'') && opens_quote(s, c)) {
		s->quote = c;
		s->quoted = 0;
		s->escaped = false;
	}
	s->prev2 = s->prev;
	s->prev = c;
}

void od_gdb_scan(struct od_gdb_scan *s, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		od_gdb_step(s, p[i]);
}

static bool has_prefix(const struct od_gdb_line *l, const char *lit)
{
	struct od_cursor c = od_cursor_init(l->text, l->len);

	return od_cur_lit(&c, lit);
}

/* "Thread 3 (Thread 0x7f.. (LWP 12) "name"):" and, without colon, nothing else. */
static bool is_thread(struct od_gdb_line *l)
{
	struct od_cursor c = od_cursor_init(l->text, l->len);
	static const char *const what[] = { "Thread ", "LWP ", "process " };

	if (!od_cur_lit(&c, "Thread ") || !od_cur_dec(&c, &l->number) || !od_cur_lit(&c, " ("))
		return false;
	if (l->len < 2 || memcmp(l->text + l->len - 2, "):", 2) != 0)
		return false;
	for (size_t i = 0; i < sizeof(what) / sizeof(*what); i++)
		if (od_cur_lit(&c, what[i]))
			return true;
	return false;
}

/* "Program received signal", "Program terminated with signal", "Thread 2 "x" received signal". */
static bool is_signal(struct od_gdb_line *l)
{
	struct od_cursor c = od_cursor_init(l->text, l->len);

	l->number = 0;
	if (od_cur_lit(&c, "Program received signal ") ||
	    od_cur_lit(&c, "Program terminated with signal "))
		return true;
	if (!od_cur_lit(&c, "Thread ") || !od_cur_dec(&c, &l->number) || !od_cur_lit(&c, " "))
		return false;
	if (od_cur_char(&c, '"') && !od_cur_past(&c, "\" "))
		return false;
	return od_cur_lit(&c, "received signal ");
}

static bool is_current(struct od_gdb_line *l)
{
	struct od_cursor c = od_cursor_init(l->text, l->len);

	return (od_cur_lit(&c, "[Switching to thread ") ||
		od_cur_lit(&c, "[Current thread is ")) && od_cur_dec(&c, &l->number);
}

/* What gdb prints of itself, inside of a session only: none of it opens a backtrace. */
static bool is_session(const struct od_gdb_line *l)
{
	static const char *const marks[] = {
		"warning: ", "[New ", "[Switching to ", "[Thread ", "[Inferior ", "[Detaching ",
		"Reading symbols ", "Using host libthread_db", "Downloading ", "Continuing.",
		"Starting program: ", "Missing separate debuginfo", "Try: ", "$_siginfo",
		"No arguments.", "Dwarf Error: ", "Breakpoint ", "Thread ", "Id   Target Id",
	};
	struct od_cursor c = od_cursor_init(l->text, l->len);
	uint64_t n;

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (has_prefix(l, marks[i]))
			return true;
	/* "93<tab>source text", and the place where it stopped, without a number before it */
	if (od_cur_dec(&c, &n) && od_cur_char(&c, '\t'))
		return true;
	c = od_cursor_init(l->text, l->len);
	if (od_cur_char(&c, '$') && od_cur_dec(&c, &n) && od_cur_lit(&c, " = "))
		return true;
	return od_cur_0x(&c, &n) && od_cur_lit(&c, " in ");
}

static bool is_name(const char *s, size_t len)
{
	if (!len || len > OD_GDB_MAX_VAR_NAME || !(od_is_alpha(*s) || *s == '_' || *s == '$' ||
						     (unsigned char)*s >= 0x80))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!od_is_alnum(s[i]) && !strchr("_$.:~@", s[i]) && (unsigned char)s[i] < 0x80)
			return false;
	return true;
}

static bool is_local(const struct od_gdb_line *l, const struct od_gdb_around *around)
{
	const size_t most = l->len < OD_GDB_MAX_VAR_NAME + 2 ? l->len : OD_GDB_MAX_VAR_NAME + 2;
	const char *eq = od_find(l->text, most, " =");

	if (!eq || !is_name(l->text, (size_t)(eq - l->text)))
		return false;
	if (eq + 2 < l->text + l->len && eq[2] != ' ')
		return false;
	/* Behind prose or "No locals." it is a line of code, in a patch or a log. */
	if (!around->frame_open)
		return false;
	/* Blanks may have been lost on the way, but then it must follow its frame at once. */
	return around->in_frame ? l->indent > around->indent || *l->text != '$' :
				  l->indent == around->indent + 8;
}

static bool is_head(struct od_gdb_line *l, const struct od_gdb_around *around)
{
	struct od_cursor c = od_cursor_init(l->text, l->len);
	struct od_gdb_head head;

	if (l->indent > OD_GDB_MAX_INDENT || !od_gdb_number(&c, &l->number))
		return false;
	if (!od_gdb_head(l->text, l->len, true, &head))
		return false;
	if (head.marker || head.args || around->busy)
		return true;
	/* Cut before the arguments: long enough to have been folded, and no path (sanitizers). */
	if (!head.has_addr || memchr(l->text, '/', l->len))
		return false;
	/* Or with an address as only gdb pads it, before a single word. */
	return l->len >= 48 ||
	       (od_cur_0x(&c, &head.addr) && c.p - l->text >= 21 && head.fn_len &&
		l->text[c.p - l->text - 17] == 'x' && !memchr(head.fn, ' ', head.fn_len));
}

static void strip(const char *s, size_t len, struct od_gdb_line *l)
{
	uint32_t column = 0;

	while (len && (*s == ' ' || *s == '\t')) {
		column = *s == '\t' ? (column | 7) + 1 : column + 1;
		s++;
		len--;
	}
	while (len && (od_is_blank(s[len - 1]) || s[len - 1] == '\r' || s[len - 1] == '\n'))
		len--;
	*l = (struct od_gdb_line){ .text = s, .len = len, .indent = column };
}

/* The pager's prompt stays on the line when its answer is not echoed. */
static void strip_pager(struct od_gdb_line *l)
{
	static const char *const prompts[][2] = {
		{ "--Type <RET> for more", "paging--" },
		{ "---Type <return> to continue", "to quit---" },
	};
	struct od_cursor c = od_cursor_init(l->text, l->len);

	for (size_t i = 0; i < sizeof(prompts) / sizeof(*prompts); i++)
		if (od_cur_lit(&c, prompts[i][0]) && od_cur_past(&c, prompts[i][1]))
			strip(c.p, od_cur_left(&c), l);
}

/* gdb's prompt, once or more: the output of a script follows it on the same line. */
static bool strip_prompt(struct od_gdb_line *l)
{
	struct od_cursor c = od_cursor_init(l->text, l->len);

	while (od_cur_lit(&c, "(gdb)"))
		od_cur_blanks(&c);
	if (c.p == l->text)
		return false;
	strip(c.p, od_cur_left(&c), l);
	return true;
}

/* Literal lines; the first one that fits decides. */
static const struct {
	const char *literal;
	enum od_gdb_kind kind;
} rows[] = {
	{ "No locals.", OD_GDB_NO_LOCALS },
	{ "No symbol table info available.", OD_GDB_NO_SYMBOLS },
	{ "Core was generated by `", OD_GDB_CORE },
	{ "Backtrace stopped: ", OD_GDB_STOPPED },
	{ "(More stack frames follow...)", OD_GDB_MORE },
};

static enum od_gdb_kind kind_of(struct od_gdb_line *l, const struct od_gdb_around *around)
{
	if (!l->len)
		return OD_GDB_BLANK;
	if (*l->text == '#')
		return is_head(l, around) ? OD_GDB_HEAD : OD_GDB_FOREIGN;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (has_prefix(l, rows[i].literal))
			return rows[i].kind;
	if (is_thread(l))
		return OD_GDB_THREAD;
	if (is_signal(l))
		return OD_GDB_SIGNAL;
	if (!around->busy)
		return OD_GDB_FOREIGN;
	return is_current(l) ? OD_GDB_CURRENT : is_local(l, around) ? OD_GDB_LOCAL :
	       is_session(l) ? OD_GDB_SESSION : OD_GDB_FOREIGN;
}

void od_gdb_classify(const char *s, size_t len, const struct od_gdb_around *around,
		     struct od_gdb_line *l)
{
	bool prompt;

	strip(s, len, l);
	if (around->busy)
		strip_pager(l);
	prompt = strip_prompt(l);
	l->kind = kind_of(l, around);
	if (prompt && (l->kind == OD_GDB_FOREIGN || l->kind == OD_GDB_BLANK ||
		       l->kind == OD_GDB_LOCAL || l->kind == OD_GDB_SESSION))
		l->kind = OD_GDB_PROMPT;
}
