/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/plugin-internal.h"
#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/escape.h"

enum { MAX_FILES = 1024 };

void od_plugin_slot_free(struct od_plugin_slot *slot)
{
	if (!slot)
		return;
	if (slot->handle)
		dlclose(slot->handle);
	if (slot->fd >= 0)
		close(slot->fd);
	for (unsigned i = 0; slot->interest[i]; i++)
		free(slot->interest[i]);
	free(slot->path);
	free(slot->reason);
	free(slot);
}

const char *od_plugin_open_object(struct od_plugin_slot *slot, const char *proc)
{
	const struct od_plugin *raw;
	od_plugin_entry_fn *entry;
	struct od_plugin p;
	const char *reason;
	char path[64];

	/*
	 * By descriptor: this is the very file that was checked. The linker knows objects by name,
	 * so the descriptor stays open and no two objects ever share one.
	 */
	snprintf(path, sizeof(path), "/proc/%s/fd/%d", proc, slot->fd);
	slot->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!slot->handle) {
		const char *error = dlerror();

		return error ? error : "cannot be loaded";
	}
	*(void **)&entry = dlsym(slot->handle, "od_plugin_entry_1");
	if (!entry)
		return "no od_plugin_entry_1: not a plugin, or not for this interface";
	raw = entry(&od_plugin_host_table);
	reason = od_plugin_check(raw, slot);
	/* What version 1 did not have from its beginning; a plugin may end before it. */
	if (!reason && od_plugin_take(&p, sizeof(p), raw, OD_V1_PLUGIN))
		slot->ask = p.ask;
	return reason;
}

static void refuse(struct od_plugin_slot *slot, const char *reason, struct od_buf *messages)
{
	od_buf_addstr(messages, "plugin ");
	od_escape_str(messages, OD_ESCAPE_TEXT, slot->path);
	od_buf_addstr(messages, " refused: ");
	od_escape_str(messages, OD_ESCAPE_TEXT, reason);
	od_buf_addch(messages, '\n');
	slot->reason = od_strdup(reason);
}

static const char *name_taken(const struct od_plugins *plugins, const struct od_plugin_slot *slot)
{
	for (unsigned i = 0; i < plugins->nslots; i++)
		if (!plugins->slots[i]->reason && !strcmp(plugins->slots[i]->name, slot->name))
			return "a plugin of that name is already loaded";
	return NULL;
}

static void load_file(struct od_plugins *plugins, int dir, const char *path, const char *file,
		      struct od_buf *messages)
{
	struct od_plugin_slot *slot = od_calloc(1, sizeof(*slot));
	struct od_buf text = OD_BUF_INIT;
	const char *reason = NULL;
	char said[512];

	od_buf_printf(&text, "%s/%s", path, file);
	slot->path = od_strdup(od_buf_str(&text));
	od_buf_reset(&text);
	slot->fd = od_plugin_open_file(dir, file, &text);
	if (slot->fd < 0)
		reason = od_buf_str(&text);
	if (!reason)
		reason = od_plugin_trial(slot, plugins->load_ms, said, sizeof(said));
	if (!reason)
		reason = od_plugin_open_object(slot, "self");
	if (!reason)
		reason = name_taken(plugins, slot);
	if (reason)
		refuse(slot, reason, messages);
	plugins->slots[plugins->nslots++] = slot;
	od_buf_deinit(&text);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names that end in .so, sorted; the caller frees each and the list. */
static char **list_files(int dir, unsigned *nret)
{
	char **names = od_calloc(MAX_FILES, sizeof(*names));
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	unsigned n = 0;

	if (!d && fd >= 0)
		close(fd);
	for (struct dirent *e; d && n < MAX_FILES && (e = readdir(d));) {
		size_t len = strlen(e->d_name);

		if (len > 3 && !strcmp(e->d_name + len - 3, ".so"))
			names[n++] = od_strdup(e->d_name);
	}
	if (d)
		closedir(d);
	qsort(names, n, sizeof(*names), by_name);
	*nret = n;
	return names;
}

static void say_path(const char *path, const char *full, struct od_buf *messages)
{
	od_buf_addstr(messages, "plugin path ");
	od_escape_str(messages, OD_ESCAPE_TEXT, path);
	od_buf_addstr(messages, " is ");
	od_escape_str(messages, OD_ESCAPE_TEXT, full);
	od_buf_addch(messages, '\n');
}

void od_plugins_load_dir(struct od_plugins *plugins, const char *path, bool must_exist,
			 struct od_buf *messages)
{
	struct od_buf reason = OD_BUF_INIT;
	od_autofree char *full = realpath(path, NULL);
	od_autoclose int dir = -1;
	char **names;
	unsigned n;

	if (!full)
		od_buf_addstr(&reason, strerror(errno));
	else if (*path != '/')
		say_path(path, full, messages);
	if (full)
		dir = od_plugin_open_dir(full, &reason);
	if (dir < 0) {
		od_buf_addstr(messages, must_exist ? "plugin path " : "no plugins: ");
		od_escape_str(messages, OD_ESCAPE_TEXT, path);
		od_buf_addstr(messages, must_exist ? " refused: " : ": ");
		od_escape_str(messages, OD_ESCAPE_TEXT, od_buf_str(&reason));
		od_buf_addch(messages, '\n');
		od_buf_deinit(&reason);
		return;
	}
	names = list_files(dir, &n);
	for (unsigned i = 0; i < n; i++) {
		if (plugins->nslots < OD_MAX_PLUGINS)
			load_file(plugins, dir, full, names[i], messages);
		else if (plugins->nslots == OD_MAX_PLUGINS && i)
			od_buf_printf(messages, "more than %d plugins: the rest is left out\n",
				      OD_MAX_PLUGINS);
		free(names[i]);
	}
	free(names);
	od_buf_deinit(&reason);
}
