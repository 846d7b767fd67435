/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "render/html-writer.h"

#include <string.h>

#include "base/cursor.h"
#include "base/escape.h"

static const char *entity(const char *s, size_t left, size_t *taken)
{
	*taken = 1;
	switch (*s) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\xef': /* U+FFFE and U+FFFF, which XML does not have */
		if (left < 3 || s[1] != '\xbf' || (unsigned char)s[2] < 0xbe)
			return NULL;
		*taken = 3;
		return "\xef\xbf\xbd";
	default:
		return NULL;
	}
}

void od_html_escaped(struct od_buf *buf, const char *s, size_t len)
{
	size_t from = 0, taken;

	for (size_t i = 0; i < len; i += taken) {
		const char *instead = entity(s + i, len - i, &taken);

		if (!instead)
			continue;
		od_buf_add(buf, s + from, i - from);
		od_buf_addstr(buf, instead);
		from = i + taken;
	}
	od_buf_add(buf, s + from, len - from);
}

static void put(struct od_buf *buf, const char *s, size_t len)
{
	struct od_buf text = OD_BUF_INIT;

	od_escape(&text, OD_ESCAPE_TEXT, s, len);
	od_html_escaped(buf, od_buf_str(&text), text.len);
	od_buf_deinit(&text);
}

void od_html_text(struct od_buf *buf, const char *s)
{
	if (s)
		put(buf, s, strlen(s));
}

void od_html_lines(struct od_buf *buf, const char *s)
{
	while (*s) {
		const size_t len = strcspn(s, "\n");

		put(buf, s, len);
		od_buf_addch(buf, '\n');
		s += len + (s[len] == '\n');
	}
}

/* An address of the web, as it is written: without blanks, control characters and what is not ASCII. */
static bool is_link(const char *url)
{
	if (!od_starts(url, "https://") && !od_starts(url, "http://"))
		return false;
	for (; *url; url++)
		if (*url <= ' ' || *url > '~')
			return false;
	return true;
}

void od_html_link(struct od_buf *buf, const char *url)
{
	if (!is_link(url)) {
		od_html_text(buf, url);
		return;
	}
	od_buf_addstr(buf, "<a rel=\"noreferrer\" href=\"");
	od_html_text(buf, url);
	od_buf_addstr(buf, "\">");
	od_html_text(buf, url);
	od_buf_addstr(buf, "</a>");
}

/* Colours of text have a contrast of at least 4.5 to what they stand on, in both schemes. */
static const char style[] =
	":root { color-scheme: light dark; --fg: #1a1a1a; --dim: #585858; --bg: #fff; --soft: #f4f4f6;\n"
	"  --line: #cfcfd6; --bad: #a80000; --warn: #8a4200; --link: #0b57a4; --mark: #fff0bf; --bar: #2f6fb0 }\n"
	"@media (prefers-color-scheme: dark) { :root { --fg: #e5e5e9; --dim: #a9a9b2; --bg: #15171b;\n"
	"  --soft: #202329; --line: #40454f; --bad: #ff9a90; --warn: #ffbd78; --link: #8fbcff; --mark: #453710;\n"
	"  --bar: #6fa8e8 } }\n"
	"body { font: 16px/1.5 sans-serif; margin: 0 auto; max-width: 76em; padding: 1em; color: var(--fg);\n"
	"  background: var(--bg) }\n"
	"h1 { font-size: 1.5em } h2 { font-size: 1.25em; margin: 1.6em 0 .4em } h3 { font-size: 1.05em;\n"
	"  margin: 1.4em 0 .3em } h1, h2, h3, p, dd, td, code { overflow-wrap: anywhere }\n"
	"a { color: var(--link) } .dim { color: var(--dim) } .n { text-align: right }\n"
	".critical, .high, .strong { color: var(--bad); font-weight: bold } .medium { color: var(--warn) }\n"
	"article, section { border-top: 1px solid var(--line); margin-top: 1.5em }\n"
	"dl { display: grid; grid-template-columns: minmax(7em, max-content) 1fr; gap: .15em 1em; margin: .5em 0 }\n"
	"dt { grid-column: 1; color: var(--dim) } dd { grid-column: 2; margin: 0; min-width: 0 }\n"
	"dd ol { margin: 0; padding-left: 1.4em }\n"
	"div.wide { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: .9em }\n"
	"caption { text-align: left; color: var(--dim) } td, th { text-align: left; vertical-align: top;\n"
	"  padding: .15em .6em; border-bottom: 1px solid var(--line); font-weight: normal }\n"
	"thead th { color: var(--dim); white-space: nowrap } tbody th { color: var(--dim) }\n"
	"th.n, td.n { text-align: right } th.n, td.n, td.t { white-space: nowrap } ul { margin: 0; padding-left: 1.4em }\n"
	"td.place code { overflow-wrap: normal }\n"
	".log td.shows { width: 35%; min-width: 16em }\n"
	"code, pre { font-family: monospace; font-size: .92em } td code { white-space: pre-wrap }\n"
	"pre { overflow-x: auto; background: var(--soft); padding: .7em }\n"
	".mark, tr.mark td, tr.mark th, .known { background: var(--mark); color: var(--fg) }\n"
	"tr:target td, tr:target th { outline: 2px solid var(--link) }\n"
	"summary { cursor: pointer; margin: .4em 0 } summary h3 { display: inline }\n"
	".columns { display: flex; flex-wrap: wrap; gap: 1em 2em } .columns > div { flex: 1 1 20em; min-width: 0 }\n"
	"svg { width: 100%; height: auto } rect { fill: var(--bar) } svg text { font-size: 13px; fill: var(--fg) }\n"
	"@media (max-width: 42em) { body { padding: .6em } dl { display: block } dd { margin: 0 0 .4em }\n"
	"  table.log, table.log tbody, table.log tr, table.log td, table.log th { display: block; border: 0;\n"
	"    padding: 0 .2em }\n"
	"  table.log caption { display: block } table.log thead { display: none }\n"
	"  table.log th { float: left; margin-right: .6em } .log td.shows { width: auto; min-width: 0 }\n"
	"  table.log td.t { display: none } svg text { font-size: 22px } }\n"
	"@media print { :root { --fg: #000; --dim: #333; --bg: #fff; --soft: #fff; --line: #999; --bad: #000;\n"
	"  --warn: #000; --link: #000; --mark: #eee; --bar: #444 } body { max-width: none; font-size: 10pt }\n"
	"  pre { white-space: pre-wrap; overflow-wrap: anywhere } tr, h2, h3, svg { break-inside: avoid }\n"
	"  h2, h3 { break-after: avoid } details::details-content { content-visibility: visible; height: auto } }\n";

void od_html_page_begin(struct od_buf *buf, const char *title)
{
	od_buf_addstr(buf,
		      "<!DOCTYPE html>\n"
		      "<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\"><head><meta charset=\"utf-8\"/>\n"
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
		      " style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\"/>\n"
		      "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
		      "<title>");
	od_html_text(buf, title);
	od_buf_addstr(buf, "</title>\n<style>\n");
	od_buf_addstr(buf, style);
	od_buf_addstr(buf, "</style></head>\n<body>\n");
}

void od_html_page_end(struct od_buf *buf)
{
	od_buf_addstr(buf, "</body></html>\n");
}
