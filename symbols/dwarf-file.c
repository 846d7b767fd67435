/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of files and directories in line tables. */
#include <stdlib.h>

#include "base/alloc.h"
#include "symbols/dwarf-line.h"
#include "symbols/dwarf-path.h"

enum { MAX_NAMES = 1 << 18, MAX_PATH = 4096, MAX_FORMATS = 255, MAX_STRINGS = 64 << 20 };

struct list {
	struct od_line_file *files;
	uint32_t n, cap;
};

static bool add(struct od_dwarf *dw, struct list *list, const char *name, uint64_t dir)
{
	if (list->n >= MAX_NAMES || !od_dw_spend(dw, 1))
		return false;
	if (list->n == list->cap) {
		list->cap = list->cap ? list->cap * 2 : 64;
		list->files = od_realloc(list->files, list->cap * sizeof(*list->files));
	}
	list->files[list->n++] = (struct od_line_file){ .name = name ? name : "", .dir = dir };
	return true;
}

/* --- DWARF 2 to 4: strings, up to an empty one; the first has number 1 ------------ */

static void read_old(struct od_unit *unit, struct od_dw *r, struct list *list, bool files)
{
	bool more = add(unit->dw, list, "", 0);

	while (more && od_dw_left(r)) {
		const char *name = od_dw_string(r);
		uint64_t dir = 0;

		if (!name || !*name)
			return;
		if (files) {
			dir = od_dw_uleb(r);
			od_dw_uleb(r); /* time */
			od_dw_uleb(r); /* length */
		}
		more = add(unit->dw, list, name, dir);
	}
}

/* --- DWARF 5: a description of what an entry has, then entries -------------------- */

struct format {
	uint64_t type, form;
};

static unsigned read_formats(struct od_dw *r, struct format *ret)
{
	unsigned n = od_dw_u8(r);

	for (unsigned i = 0; i < n; i++) {
		ret[i].type = od_dw_uleb(r);
		ret[i].form = od_dw_uleb(r);
		if (ret[i].form > UINT16_MAX || ret[i].form == FORM_IMPLICIT_CONST)
			od_dw_fail(r);
	}
	return n;
}

static void read_new(struct od_unit *unit, struct od_dw *r, struct list *list)
{
	struct format formats[MAX_FORMATS];
	unsigned nformats = read_formats(r, formats);
	uint64_t n = od_dw_uleb(r);

	for (; n && nformats && !r->bad; n--) {
		const char *name = NULL;
		uint64_t dir = 0;

		for (unsigned i = 0; i < nformats; i++) {
			struct od_dw_value v;

			if (formats[i].type != LNCT_PATH &&
			    formats[i].type != LNCT_DIRECTORY_INDEX) {
				if (!od_form_skip(unit, r, (unsigned)formats[i].form))
					return;
				continue;
			}
			if (!od_form_read(unit, r, (unsigned)formats[i].form, 0, &v))
				return;
			if (formats[i].type == LNCT_PATH)
				name = v.text;
			else
				dir = v.n;
		}
		if (!od_dw_spend(unit->dw, nformats) || !add(unit->dw, list, name, dir))
			return;
	}
}

static void read_names(struct od_unit *unit)
{
	struct od_lines *l = unit->lines;
	struct list dirs = { 0 }, files = { 0 };
	struct od_unit view = *unit; /* the table may have offsets of its own size */
	struct od_dw r = l->tables;

	if (l->has_names)
		return;
	l->has_names = true;
	view.offset_size = l->offset_size;
	view.own = NULL; /* its strings live as long as the table, which is long enough */
	if (l->version >= 5) {
		read_new(&view, &r, &dirs);
		read_new(&view, &r, &files);
	} else {
		read_old(&view, &r, &dirs, false);
		read_old(&view, &r, &files, true);
	}
	l->dirs = od_malloc(dirs.n * sizeof(*l->dirs));
	for (uint32_t i = 0; i < dirs.n; i++)
		l->dirs[i] = dirs.files[i].name;
	free(dirs.files);
	l->ndirs = dirs.n;
	l->files = files.files;
	l->nfiles = files.n;
}

static struct od_line_file *file_at(struct od_unit *unit, uint64_t file)
{
	struct od_lines *l;

	if (!od_lines_open(unit))
		return NULL;
	l = unit->lines;
	read_names(unit);
	if (file < l->nfiles)
		return *l->files[file].name ? &l->files[file] : NULL;
	file -= l->nfiles;
	return file < l->nextra ? &l->extra[file] : NULL;
}

/* Directory 0 is the compile directory, whatever the table calls it. */
static const char *dir_of(const struct od_lines *l, const struct od_line_file *file)
{
	return file->dir && file->dir < l->ndirs ? l->dirs[file->dir] : "";
}

static const char *comp_dir(const struct od_unit *unit)
{
	if (*unit->comp_dir || !unit->lines->ndirs)
		return unit->comp_dir;
	return unit->lines->dirs[0];
}

const char *od_lines_file(struct od_unit *unit, uint64_t file)
{
	struct od_line_file *f = file_at(unit, file);
	char path[MAX_PATH];

	if (!f)
		return NULL;
	if (!f->path && od_dw_spend(unit->dw, 64) && unit->dw->strings->total < MAX_STRINGS &&
	    od_source_relative(od_dwarf_root(unit), comp_dir(unit), unit->name, dir_of(unit->lines, f),
			       f->name, path, sizeof(path)))
		f->path = od_arena_strdup(unit->dw->strings, path);
	return f->path;
}

bool od_lines_full(struct od_unit *unit, uint64_t file, char *buf, size_t size)
{
	const struct od_line_file *f = file_at(unit, file);

	return f && od_source_full(comp_dir(unit), dir_of(unit->lines, f), f->name, buf, size);
}
