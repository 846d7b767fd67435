/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/debug-list.h"

#include "base/escape.h"
#include "render/json-writer.h"
#include "symbols/find.h"

static const char *state(const struct od_find_file *file)
{
	if (file->used)
		return file->lines ? "used" : "used, no lines";
	return file->why ? "not used" : "not needed";
}

static void put_json(const struct od_find_file *file, struct od_json *w)
{
	od_json_object(w, NULL, true);
	od_json_str(w, "name", file->name);
	od_json_str(w, "of", file->of);
	od_json_str(w, "release", file->release);
	od_json_str(w, "build_id", file->build_id);
	od_json_bool(w, "used", file->used);
	od_json_bool(w, "lines", file->lines);
	od_json_str(w, "why", file->why);
	od_json_end(w);
}

static void put_text(const struct od_find_file *file, struct od_buf *out)
{
	od_buf_printf(out, "%-14s ", state(file));
	od_escape_str(out, OD_ESCAPE_TEXT, file->path);
	if (file->release) {
		od_buf_addstr(out, "  ");
		od_escape_str(out, OD_ESCAPE_TEXT, file->release);
	}
	if (file->build_id)
		od_buf_printf(out, "  %s", file->build_id);
	if (file->why) {
		od_buf_addstr(out, "\n               ");
		od_escape_str(out, OD_ESCAPE_TEXT, file->why);
	}
	od_buf_addch(out, '\n');
}

void od_debug_list(struct od_session *s, bool json, struct od_buf *out)
{
	struct od_json w = { .buf = out };
	struct od_find_file file;
	size_t n = 0;

	od_find_look(s->find);
	if (json) {
		od_json_object(&w, NULL, false);
		od_json_array(&w, "debug_files", false);
	}
	for (; od_find_nth(s->find, n, &file); n++) {
		if (json)
			put_json(&file, &w);
		else
			put_text(&file, out);
	}
	if (json) {
		od_json_end(&w);
		od_json_end(&w);
		od_buf_addch(out, '\n');
	} else if (!n) {
		od_buf_addstr(out, "No debug file was found, or none was needed yet.\n");
	}
}
