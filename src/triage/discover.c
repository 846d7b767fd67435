/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "triage/discover.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "front/openfile.h"

enum how { QUEUE, TICKET, MAILDIR };

/* A directory that has all of these names is what the row says. */
static const struct {
	const char *what, *names[3];
	enum how how;
} layouts[] = {
	{ "an unpacked sosreport (sos_commands)", { "sos_commands" }, TICKET },
	{ "an unpacked supportconfig (basic-environment.txt)", { "basic-environment.txt" }, TICKET },
	{ "a directory of kdump (vmcore, vmcore-dmesg.txt)", { "vmcore" }, TICKET },
	{ NULL, { "vmcore-dmesg.txt" }, TICKET },
	{ NULL, { "vmcore-incomplete" }, TICKET },
	{ NULL, { "vmcore-dmesg-incomplete.txt" }, TICKET },
	{ NULL, { "vmcore.flat" }, TICKET },
	{ "a problem directory of ABRT (analyzer, time)", { "analyzer", "time" }, TICKET },
	{ NULL, { "type", "time" }, TICKET },
	{ "a tree with var, etc and proc", { "var", "etc", "proc" }, TICKET },
	{ "a Maildir: each message is one", { "cur", "new" }, MAILDIR },
};

enum { LAYOUTS = sizeof(layouts) / sizeof(*layouts) };

const char *od_discover_layout(size_t n)
{
	for (size_t i = 0; i < LAYOUTS; i++)
		if (layouts[i].what && n-- == 0)
			return layouts[i].what;
	return NULL;
}

/* What stands beside a ticket and is none. */
static bool accompanies(const char *name)
{
	static const char *const ends[] = { ".md5", ".sha1", ".sha256", ".sha512", ".md5sum", ".sha1sum",
					    ".sha256sum", ".sha512sum", ".asc", ".sig", ".upload",
					    ".uploaded" };
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (len > strlen(ends[i]) && !strcmp(name + len - strlen(ends[i]), ends[i]))
			return true;
	/* kdump-tools keeps them beside its dumps. */
	return *name == '.' || !strcmp(name, "kexec_cmd") || !strcmp(name, "kdump_lock");
}

static bool has(struct dirent **names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i]->d_name, name))
			return true;
	return false;
}

static enum how judge(struct dirent **names, int n)
{
	for (size_t i = 0; i < LAYOUTS; i++) {
		bool all = true;

		for (size_t k = 0; k < 3 && layouts[i].names[k] && all; k++)
			all = has(names, n, layouts[i].names[k]);
		if (all)
			return layouts[i].how;
	}
	/* All that pstore holds is one crash after the other of one machine. */
	for (int i = 0; i < n; i++)
		if (od_is_part(names[i]->d_name) || od_is_packed_part(names[i]->d_name))
			return TICKET;
	return QUEUE;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* What the user calls it, and what it is. */
struct place {
	struct od_buf name, file;
};

static void place_below(struct place *ret, const struct place *above, const char *name)
{
	const char *const slash = strcmp(od_buf_str(&above->file), "/") != 0 ? "/" : "";

	*ret = (struct place){ OD_BUF_INIT, OD_BUF_INIT };
	od_buf_printf(&ret->name, "%s/%s", od_buf_str(&above->name), name);
	od_buf_printf(&ret->file, "%s%s%s", od_buf_str(&above->file), slash, name);
}

static void place_deinit(struct place *place)
{
	od_buf_deinit(&place->name);
	od_buf_deinit(&place->file);
}

static struct od_error *each_entry(const struct place *dir, bool files_only, bool look, od_ticket_fn *found,
				   void *ctx);

static void maildir(const struct place *dir, od_ticket_fn *found, void *ctx)
{
	static const char *const parts[] = { "cur", "new" };

	for (size_t i = 0; i < 2; i++) {
		struct place part;

		place_below(&part, dir, parts[i]);
		od_error_free(each_entry(&part, true, false, found, ctx));
		place_deinit(&part);
	}
}

/* In a queue, among tickets: by all three, since this decides about a directory that is a ticket else. */
static bool is_maildir(const struct place *dir)
{
	static const char *const parts[] = { "cur", "new", "tmp" };
	bool all = true;

	for (size_t i = 0; i < 3 && all; i++) {
		struct place part;
		struct stat st;

		place_below(&part, dir, parts[i]);
		all = lstat(od_buf_str(&part.file), &st) == 0 && S_ISDIR(st.st_mode);
		place_deinit(&part);
	}
	return all;
}

static void one_entry(const struct place *dir, const char *name, bool files_only, od_ticket_fn *found, void *ctx)
{
	struct place place;
	struct stat st;

	place_below(&place, dir, name);
	if (lstat(od_buf_str(&place.file), &st) < 0)
		st.st_mode = 0;
	if (S_ISDIR(st.st_mode) && !files_only && is_maildir(&place))
		maildir(&place, found, ctx);
	else if (S_ISREG(st.st_mode) || (S_ISDIR(st.st_mode) && !files_only))
		found(ctx, od_buf_str(&place.name), od_buf_str(&place.file));
	place_deinit(&place);
}

static struct od_error *each_entry(const struct place *dir, bool files_only, bool look, od_ticket_fn *found,
				   void *ctx)
{
	od_autoclose int fd = od_open_real(od_buf_str(&dir->file));
	struct dirent **names;
	int n = fd < 0 ? -1 : scandirat(fd, ".", &names, NULL, by_bytes);
	enum how how;

	if (n < 0)
		return od_error_new(OD_ERR_IO, "%s: %s", od_buf_str(&dir->name), strerror(errno));
	how = look ? judge(names, n) : QUEUE;
	if (how == TICKET)
		found(ctx, od_buf_str(&dir->name), od_buf_str(&dir->file));
	else if (how == MAILDIR)
		maildir(dir, found, ctx);
	for (int i = 0; i < n; i++) {
		if (how == QUEUE && !accompanies(names[i]->d_name))
			one_entry(dir, names[i]->d_name, files_only, found, ctx);
		free(names[i]);
	}
	free(names);
	return NULL;
}

struct od_error *od_discover(const char *path, od_ticket_fn *found, void *ctx)
{
	struct place place = { OD_BUF_INIT, OD_BUF_INIT };
	od_autofree char *real = realpath(path, NULL);
	struct od_error *err = NULL;
	struct stat st;

	od_buf_addstr(&place.name, path);
	while (place.name.len > 1 && place.name.data[place.name.len - 1] == '/')
		place.name.data[--place.name.len] = '\0';
	od_buf_addstr(&place.file, real ? real : "");
	if (!real || stat(real, &st) < 0)
		err = od_error_new(OD_ERR_IO, "%s: %s", path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		err = each_entry(&place, false, true, found, ctx);
	else
		found(ctx, od_buf_str(&place.name), real);
	place_deinit(&place);
	return err;
}
